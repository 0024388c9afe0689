"""`orderlane conformance`: what becomes of folders of documents, and why what is refused is refused."""

import re
from pathlib import Path

import pytest

from canonical.problems import Problem
from connectors.table import CONNECTORS
from demo.partners import ROOT
from mappings.translation import OWN_SPECS, Translations
from orderlane import conformance
from orderlane.conformance import look
from tests.orderlane.conftest import Orderlane

STRIPE = (ROOT / "tests" / "samples" / "stripe" / "refund.updated--succeeded.in.json").read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for kind in ("stripe_events", "fax"):
        (tmp_path / "documents" / kind).mkdir(parents=True)
    events = tmp_path / "documents" / "stripe_events"
    (events / "good.json").write_bytes(STRIPE)
    (events / "waits.json").write_bytes(STRIPE.replace(b'"succeeded"', b'"pending"'))
    (events / "garbage.json").write_bytes(b"{")
    (events / "good.headers.json").write_text('{"Stripe-Signature": "t=1,v1=0"}')
    (tmp_path / "documents" / "fax" / "page.tif").write_bytes(b"II*")
    return tmp_path / "documents"


def test_each_kind_is_counted_and_each_refusal_has_its_reason(orderlane: Orderlane, folder: Path) -> None:
    ran = orderlane("conformance", folder)
    assert (ran.returncode, ran.stderr) == (0, "")
    rows = [line.split() for line in ran.stdout.splitlines()]
    assert ["stripe_events", "stripe", "3", "1", "0", "2", "1"] in rows
    assert ["fax", "no", "connector", "1", "-", "-", "-", "-"] in rows
    assert re.search(r"^stripe_events/garbage\.json refused\n  E_JSON", ran.stdout, re.MULTILINE)
    assert "waits.json refused\n  W_SKIPPED: the refund is on its way" in ran.stdout


def test_every_bundled_document_becomes_messages_or_has_a_reason(orderlane: Orderlane) -> None:
    ran = orderlane("conformance", ROOT / "tests" / "samples")
    assert ran.returncode == 0, ran.stdout
    assert "CRASH" not in ran.stdout and "HALF" not in ran.stdout


@pytest.mark.parametrize(("fault", "told"), [("crash", "CRASH KeyError: 'x'"), ("vanish", "HALF 1 parts")])
def test_a_crash_and_a_part_that_vanishes_are_the_hubs_fault(
    folder: Path, monkeypatch: pytest.MonkeyPatch, fault: str, told: str
) -> None:
    def parts_of(*_: object) -> list[conformance.Part]:
        if fault == "crash":
            raise KeyError("x")
        return [conformance.Part("ST[1]", (), (Problem("E_X", "", "expected y"),)), conformance.Part("ST[2]", ())]

    monkeypatch.setattr(conformance, "parts_of", parts_of)
    seen = look(folder / "stripe_events" / "good.json", [CONNECTORS["stripe"]], Translations.load(OWN_SPECS / "stripe"), {})
    assert seen.broken
    assert seen.told()[0].startswith(told)
