"""Sample documents and exactly what they become: canonical JSON lines, or problems.

A sample is `<spec file>--<case>.in.<ending>`; beside it stands `.out.jsonl` (one canonical body a line), `.problems.jsonl`, or both
where parts of it are refused; `.settings.json` has what the endpoint says.
"""

import json
from pathlib import Path

import pytest

from mappings.translation import OWN_SPECS, Part, Settings, Translations

SAMPLES = Path(__file__).parents[1] / "samples"
CONNECTORS = (
    "shopify", "woocommerce", "magento", "amazon", "easypost", "fedex", "ups", "dhl", "aftership", "track17", "kuaidi100",
    "sf", "taobao", "jd", "pinduoduo", "youzan", "stripe", "paypal", "dealer_json", "dealer_soap",
)  # fmt: skip
TRANSLATIONS = Translations.load(*(OWN_SPECS / connector for connector in CONNECTORS))
DOCUMENTS = {(spec.connector, spec.file.stem): spec.document for spec in TRANSLATIONS.documents.values()}


def beside(file: Path, ending: str) -> Path:
    return file.with_name(file.name.partition(".in.")[0] + ending)


INPUTS = [file for connector in CONNECTORS for file in sorted((SAMPLES / connector).glob("*.in.*"))]
GOOD = [file for file in INPUTS if beside(file, ".out.jsonl").exists()]
BAD = [file for file in INPUTS if beside(file, ".problems.jsonl").exists()]


def parts_of(file: Path) -> list[Part]:
    document = DOCUMENTS[file.parent.name, file.name.split("--")[0]]
    stated = beside(file, ".settings.json")
    settings = Settings(endpoint="test", **(json.loads(stated.read_bytes()) if stated.exists() else {}))
    return list(TRANSLATIONS.translate(file.parent.name, document, file.read_bytes(), settings))


def test_every_sample_has_an_expected_result_and_every_result_its_sample():
    assert len(INPUTS) >= 20
    assert [file.name for file in INPUTS if file not in GOOD and file not in BAD] == []
    folders = [SAMPLES / connector for connector in CONNECTORS]
    results = [file for folder in folders for kind in ("out", "problems") for file in folder.glob(f"*--*.{kind}.jsonl")]
    cases = {(file.parent, file.name.partition(".in.")[0]) for file in INPUTS}
    assert [file.name for file in results if (file.parent, file.name.rsplit(".", 2)[0]) not in cases] == []


@pytest.mark.parametrize("file", INPUTS, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_a_sample_becomes_exactly_these_documents_and_tells_exactly_these_problems(file: Path):
    parts = parts_of(file)
    made = [document.body() for part in parts for document in part.documents]
    told = [problem.as_json() for part in parts for problem in part.problems]
    assert made == expected(file, ".out.jsonl")
    assert told == [json.loads(line) for line in expected(file, ".problems.jsonl")]


def expected(file: Path, ending: str) -> list[bytes]:
    result = beside(file, ending)
    return result.read_bytes().splitlines() if result.exists() else []
