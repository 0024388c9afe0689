"""Sample documents and exactly what they become: canonical JSON lines, or problems.

A sample is `<spec file>--<case>.in.json`; beside it stands `.out.jsonl` (one canonical body a line) or `.problems.jsonl`.
"""

import json
from pathlib import Path

import pytest

from mappings.translation import OWN_SPECS, Part, Settings, Translations

SAMPLES = Path(__file__).parents[1] / "samples"
CONNECTORS = ("shopify", "easypost", "stripe")
TRANSLATIONS = Translations.load(*(OWN_SPECS / connector for connector in CONNECTORS))
DOCUMENTS = {(spec.connector, spec.file.stem): spec.document for spec in TRANSLATIONS.documents.values()}


def beside(file: Path, ending: str) -> Path:
    return file.with_name(file.name.replace(".in.json", ending))


INPUTS = [file for connector in CONNECTORS for file in sorted((SAMPLES / connector).glob("*.in.json"))]
GOOD = [file for file in INPUTS if beside(file, ".out.jsonl").exists()]
BAD = [file for file in INPUTS if beside(file, ".problems.jsonl").exists()]


def parts_of(file: Path) -> list[Part]:
    document = DOCUMENTS[file.parent.name, file.name.split("--")[0]]
    return list(TRANSLATIONS.translate(file.parent.name, document, file.read_bytes(), Settings(endpoint="test")))


def test_every_sample_has_exactly_one_expected_result():
    assert len(INPUTS) == 20
    assert sorted([*GOOD, *BAD]) == sorted(INPUTS)


@pytest.mark.parametrize("file", GOOD, ids=lambda file: file.name)
def test_a_good_sample_becomes_exactly_these_documents(file: Path):
    parts = parts_of(file)
    assert [problem for part in parts for problem in part.problems] == []
    made = [document.body() for part in parts for document in part.documents]
    assert made == beside(file, ".out.jsonl").read_bytes().splitlines()


@pytest.mark.parametrize("file", BAD, ids=lambda file: file.name)
def test_a_bad_sample_makes_nothing_and_tells_exactly_these_problems(file: Path):
    parts = parts_of(file)
    assert [document for part in parts for document in part.documents] == []
    told = [problem.as_json() for part in parts for problem in part.problems]
    assert told == [json.loads(line) for line in beside(file, ".problems.jsonl").read_text().splitlines()]
