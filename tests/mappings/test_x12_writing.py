"""Writing X12: what is written reads back the same, with any separators, and no value becomes structure."""

import string
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical.failures import Misconfigured
from mappings.codecs.x12 import X12
from tests.support.examples import examples

ENVELOPES = {
    "ISA": {"05": "ZZ", "06": "HUB", "07": "ZZ", "08": "BUYER", "09": "261120", "10": "0930", "13": "101"},
    "GS": {"01": "PR", "02": "HUB", "03": "BUYER", "04": "20261120", "05": "0930", "06": "101", "07": "X", "08": "004010"},
}
PLAIN = string.ascii_letters + string.digits + " .-"
MARKS = "*~>^|}!:+'\x1c\x1d\x85\n\t"


def tree(**segments: Any) -> dict[str, Any]:
    return {
        **ENVELOPES,
        "ST": {"01": "855", "02": "0001"},
        "BAK": {"01": "00", "02": "AD", "03": "PO-1", "04": "20261120"},
        **segments,
    }


def read_back(body: bytes) -> Any:
    source = next(X12().read(body))
    assert source.problems == ()
    return source.tree


def test_envelopes_get_their_widths_counts_and_control_numbers() -> None:
    body = X12().write(tree(PO1=[{"PO1": {"01": "1", "02": Decimal("2.50"), "03": "EA"}, "ACK": [{"01": "IA"}]}], CTT={"01": 1}))
    assert body.decode().split("\n") == [
        "ISA*00*          *00*          *ZZ*HUB            *ZZ*BUYER          *261120*0930*U*00401*000000101*0*P*>~",
        "GS*PR*HUB*BUYER*20261120*0930*101*X*004010~",
        "ST*855*0001~",
        "BAK*00*AD*PO-1*20261120~",
        "PO1*1*2.50*EA~",
        "ACK*IA~",
        "CTT*1~",
        "SE*6*0001~",
        "GE*1*101~",
        "IEA*1*000000101~",
        "",
    ]


def test_the_loop_begins_with_its_own_segment_whatever_the_order_of_the_tree() -> None:
    body = X12().write(tree(N1=[{"N4": {"01": "Town"}, "N1": {"01": "BY"}}]))
    assert b"N1*BY~\nN4*Town~" in body


def test_several_sets_share_a_group() -> None:
    sets = [{"ST": {"01": "997", "02": "0001"}, "AK9": {"01": "A"}}, {"ST": {"01": "997", "02": "0002"}, "AK9": {"01": "R"}}]
    lines = X12().write({**ENVELOPES, "sets": sets}).decode().splitlines()
    assert lines[-2:] == ["GE*2*101~", "IEA*1*000000101~"]
    assert [line for line in lines if line.startswith("SE")] == ["SE*3*0001~", "SE*3*0002~"]


def test_a_value_cannot_become_structure() -> None:
    body = X12().write(tree(N1=[{"N1": {"01": "BY", "02": "A*B~C>D\r\nE"}}]))
    assert b"N1*BY*A B C D  E~" in body
    assert read_back(body)["N1"] == [{"N1": {"01": "BY", "02": "A B C D  E"}}]


def test_empty_elements_at_the_end_are_left_out_and_inside_kept() -> None:
    assert b"\nREF*ZZ**x~\n" in X12().write(tree(REF=[{"01": "ZZ", "02": "", "03": "x", "04": None, "05": "  "}]))


@pytest.mark.parametrize(
    "change",
    [
        {"ISA": {**ENVELOPES["ISA"], "06": "A SENDER TOO LONG"}},
        {"ISA": {**ENVELOPES["ISA"], "13": "1234567890"}},
        {"separators": {"element": "A"}},
        {"separators": {"element": "*", "segment": "*"}},
        {"separators": {"segment": "~~"}},
    ],
)
def test_what_does_not_fit_an_envelope_is_our_own_mistake(change: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        X12().write({**tree(), **change})


separators = st.permutations(list(MARKS)).map(
    lambda c: dict(zip(("element", "segment", "component", "repetition"), c, strict=False))
)
texts = st.text(PLAIN, min_size=1, max_size=20).map(str.strip).filter(bool)
hostile = st.text(PLAIN + MARKS + "é中", max_size=20)
segments = st.dictionaries(st.sampled_from([f"{n:02d}" for n in range(1, 12)]), texts, min_size=1, max_size=6)
repeated = st.lists(segments, min_size=1, max_size=3)
lines = st.lists(
    st.fixed_dictionaries({"PO1": segments, "PID": repeated, "ACK": repeated}), min_size=1, max_size=4
)  # fmt: skip
parties = st.lists(st.fixed_dictionaries({"N1": segments, "N3": repeated, "N4": segments}), max_size=3)


@examples(60)
@given(separators, st.sampled_from(["00401", "00501"]), parties, lines)
def test_any_tree_with_any_separators_reads_back_as_it_was_written(
    marks: dict[str, str], version: str, n1: list[Any], po1: list[Any]
) -> None:
    if version == "00401":
        marks = {**marks, "repetition": ""}
    written = {**tree(**({"N1": n1} if n1 else {}), PO1=po1), "separators": marks}
    written["ISA"] = {**ENVELOPES["ISA"], "12": version}
    found = read_back(X12().write(written))
    for line in found["PO1"]:
        for segment in (line["PO1"], *line["ACK"]):
            segment.pop("pairs", None)
    assert {key: found[key] for key in written if key not in {"ISA", "separators"}} == {
        key: value for key, value in written.items() if key not in {"ISA", "separators"}
    }


@examples(60)
@given(separators, st.lists(hostile, min_size=1, max_size=5))
def test_no_text_changes_the_structure(marks: dict[str, str], values: list[str]) -> None:
    rows = [{"01": "ZZ", "02": value, "03": "end"} for value in values]
    found = read_back(X12().write({**tree(REF=rows), "separators": {**marks, "repetition": ""}}))
    assert [(row["01"], row["03"]) for row in found["REF"]] == [("ZZ", "end")] * len(values)
