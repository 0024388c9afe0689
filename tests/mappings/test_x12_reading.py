"""Reading X12: separators, envelopes, what is refused alone and what takes its neighbours with it."""

import tracemalloc
from typing import Any

import pytest

from canonical.failures import Malformed
from mappings.codecs.base import Source
from mappings.codecs.x12 import X12

ISA = "ISA*00*          *00*          *ZZ*BUYER          *ZZ*HUB            *261120*0930*U*00401*000000101*0*P*>~"
GS = "GS*PO*BUYERAPP*HUBAPP*20261120*0930*7*X*004010~"
ORDER = "ST*850*{no}~BEG*00*SA*PO-{no}**20261120~PO1*1*2*EA*10.50**VN*SKU-1~CTT*1~SE*5*{no}~"


def order(no: str) -> str:
    return ORDER.format(no=no)


def interchange(*sets: str, ge: str | None = None, iea: str = "IEA*1*000000101~") -> bytes:
    return (ISA + GS + "".join(sets) + (f"GE*{len(sets)}*7~" if ge is None else ge) + iea).encode()


WHOLE = len(interchange(order("0001")))


def documents(body: bytes) -> list[Source]:
    return [source for source in X12().read(body) if source.acknowledge is None]


def codes(source: Source) -> list[str]:
    return [problem.code for problem in source.problems]


def refused(body: bytes) -> tuple[str, str]:
    with pytest.raises(Malformed) as caught:
        list(X12().read(body))
    (problem,) = caught.value.problems
    return problem.code, problem.path


def test_a_set_becomes_a_tree_of_segments_and_loops() -> None:
    one = (
        "ST*850*0001~BEG*00*SA*PO-1**20261120~N1*BY*Clinic*UL*4012345000009~N3*Street 1~N4*Town*BE*10115*DE~N1*ST*Ward*92*W7~"
        "PO1*1*2*EA*10.50**VN*SKU-1~PID*F****Stent~SCH*2*EA***002*20261201~PO1*2*1*BX~N1*ST*Theatre~CTT*2~AMT*TT*21~SE*14*0001~"
    )
    (source,) = documents(interchange(one))
    tree = source.tree
    assert (source.reference, source.document, source.problems) == ("ST[1]", "850", ())
    assert tree["GS"] == {"01": "PO", "02": "BUYERAPP", "03": "HUBAPP", "04": "20261120", "05": "0930", "06": "7", "07": "X",
                          "08": "004010"}  # fmt: skip
    assert tree["BEG"] == {"01": "00", "02": "SA", "03": "PO-1", "05": "20261120"}
    assert tree["N1"] == [
        {
            "N1": {"01": "BY", "02": "Clinic", "03": "UL", "04": "4012345000009"},
            "N3": [{"01": "Street 1"}],
            "N4": {"01": "Town", "02": "BE", "03": "10115", "04": "DE"},
        },
        {"N1": {"01": "ST", "02": "Ward", "03": "92", "04": "W7"}},
    ]
    assert [list(line) for line in tree["PO1"]] == [["PO1", "PID", "SCH"], ["PO1", "N1"]]
    assert tree["CTT"] == [{"CTT": {"01": "2"}, "AMT": [{"01": "TT", "02": "21"}]}]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (("BEG", "03"), "ST[1]/BEG-03 (segment 2)"),
        (("PO1", 0, "PO1", "04"), "ST[1]/PO1[1]-04 (segment 3)"),
        (("PO1", 0, "SCH", 1, "06"), "ST[1]/PO1[1]/SCH[2]-06 (segment 5)"),
        (("PO1", 0), "ST[1]/PO1[1] (segment 3)"),
        (("PO1",), "ST[1]/PO1"),
        (("PO1", 0, "PO1", "07", 1), "ST[1]/PO1[1]-07-2 (segment 3)"),
        ((), "ST[1]"),
    ],
)
def test_a_path_is_told_as_the_sender_counts(path: tuple[Any, ...], told: str) -> None:
    one = "ST*850*0001~BEG*00*SA*PO-1**20261120~PO1*1*2*EA~SCH*1*EA***002*20261201~SCH*1*EA***002*20261202~SE*6*0001~"
    (source,) = documents(interchange(one))
    assert source.locate(path) == told


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda text: text, id="as it is"),
        pytest.param(lambda text: "\ufeff" + text, id="byte order mark"),
        pytest.param(lambda text: text.replace("~", "~\r\n"), id="line ends after the terminator"),
        pytest.param(lambda text: "\n  " + text.replace("~", "~\n    "), id="blank and indented lines"),
        pytest.param(lambda text: text.replace("~", "\r\n"), id="carriage return as terminator"),
        pytest.param(lambda text: text.replace("~", "\n"), id="line feed as terminator"),
        pytest.param(lambda text: text.replace("~", "}").replace("*", "~"), id="tilde between elements"),
        pytest.param(lambda text: text.replace("*", "^").replace(">", "|"), id="caret between elements"),
        pytest.param(lambda text: text[:-1], id="no terminator at the end"),
        pytest.param(lambda text: text + "\x1a\x00\x00", id="padded with control characters"),
    ],
)
def test_separators_and_line_ends_of_every_kind_give_the_same_order(write: Any) -> None:
    expected = documents(interchange(order("0001")))[0]
    (found,) = documents(write(interchange(order("0001")).decode()).encode())
    assert found.problems == ()
    assert {k: v for k, v in found.tree.items() if k != "ISA"} == {k: v for k, v in expected.tree.items() if k != "ISA"}


def test_a_terminator_outside_ascii_is_read_from_the_isa() -> None:
    (source,) = documents(interchange(order("0001")).decode().replace("~", "\x85").encode("latin-1"))
    assert source.tree["BEG"]["03"] == "PO-0001"


def test_an_id_padded_one_short_does_not_move_the_separators() -> None:
    (source,) = documents(interchange(order("0001")).replace(b"BUYER          ", b"BUYER         "))
    assert (source.problems, source.tree["ISA"]["06"], source.tree["GS"]["08"]) == ((), "BUYER", "004010")


@pytest.mark.parametrize("version", [b"*U*00401", b"*^*00501", b"*^*00601"])
@pytest.mark.parametrize("text", ["A^B", "A>B"])
def test_the_marks_of_components_and_repetitions_are_text_where_the_standard_has_neither(text: str, version: bytes) -> None:
    (source,) = documents(interchange(order("0001").replace("SKU-1", text)).replace(b"*U*00401", version))
    assert source.tree["PO1"][0]["PO1"]["07"] == text


def test_components_of_a_composite_element_become_a_list() -> None:
    (source,) = documents(interchange(order("0001").replace("CTT*1", "REF*DP*1**X9>7")))
    assert source.tree["PO1"][0]["REF"][0]["04"] == ["X9", "7"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", ("E_X12_NO_ISA", "character 1")),
        (b" \r\n", ("E_X12_NO_ISA", "character 1")),
        (b'{"order": 1}', ("E_X12_NO_ISA", "character 1")),
        (b"SA*00*          *00*", ("E_X12_NO_ISA", "character 1")),
        (b"ISA", ("E_X12_ISA", "character 1")),
        (ISA[:60].encode(), ("E_X12_ISA", "character 1")),
        (ISA[:-1].encode(), ("E_X12_ISA", "character 1")),
        (ISA.replace("*00401*", "*").encode() + GS.encode(), ("E_X12_ISA", "character 1")),
        (ISA.replace("~", "*").encode() + GS.encode(), ("E_X12_ISA", "character 1")),
        (ISA.replace("BUYER ", "BUYER~").encode() + GS.encode(), ("E_X12_ISA", "character 1")),
        (interchange(order("0001")) + b"\r\nsome text", ("E_X12_NO_ISA", f"character {WHOLE + 3}")),
        (interchange(order("0001")) + ISA[:50].encode(), ("E_X12_ISA", f"character {WHOLE + 1}")),
        (interchange(order("0001").replace("SKU-1", "S\x00")), ("E_X12_CHARACTER", "character 216")),
    ],
)
def test_what_is_no_interchange_is_refused_whole_with_its_position(body: bytes, problem: tuple[str, str]) -> None:
    assert refused(body) == problem


@pytest.mark.parametrize(
    ("second", "code", "path"),
    [
        (order("0002").replace("SE*5", "SE*6"), "E_X12_SE_COUNT", "ST[2]/SE-01 (segment 5)"),
        (order("0002").replace("SE*5*0002", "SE*5*0003"), "E_X12_SE_CONTROL", "ST[2]/SE-02 (segment 5)"),
        (order("0002").replace("SE*5*0002~", ""), "E_X12_SE_MISSING", "ST[2]/SE"),
        (order("0001"), "E_X12_ST_DUPLICATE", "ST[2]/ST-02 (segment 1)"),
        (order("0002").replace("BEG*00*SA*PO-0002**20261120~", "").replace("SE*5", "SE*4"), "E_X12_SEGMENT_MISSING",
         "ST[2]/BEG (segment 4)"),
        (order("0002").replace("PO1*1", "BEG*00*SA*PO-9~PO1*1").replace("SE*5", "SE*6"), "E_X12_SEGMENT_REPEATED",
         "ST[2]/BEG (segment 3)"),
    ],
)  # fmt: skip
def test_a_bad_set_is_refused_alone(second: str, code: str, path: str) -> None:
    first, bad, third = documents(interchange(order("0001"), second, order("0003")))
    assert (first.problems, third.problems) == ((), ())
    assert [(problem.code, problem.path) for problem in bad.problems] == [(code, path)]


@pytest.mark.parametrize(
    ("ge", "code"),
    [("GE*3*7~", "E_X12_GE_COUNT"), ("GE*2*8~", "E_X12_GE_CONTROL"), ("", "E_X12_GE_MISSING")],
)
def test_a_bad_group_refuses_all_its_sets(ge: str, code: str) -> None:
    assert [codes(source) for source in documents(interchange(order("0001"), order("0002"), ge=ge))] == [[code], [code]]


def test_leading_zeros_in_trailers_are_no_difference() -> None:
    body = interchange(order("0001"), ge="GE*01*0007~", iea="IEA*1*101~")
    assert codes(documents(body)[0]) == []


@pytest.mark.parametrize(
    ("iea", "code"),
    [("IEA*2*000000101~", "E_X12_IEA_COUNT"), ("IEA*1*000000102~", "E_X12_IEA_CONTROL"), ("", "E_X12_IEA_MISSING")],
)
def test_a_bad_interchange_refuses_everything_in_it(iea: str, code: str) -> None:
    assert [codes(source) for source in documents(interchange(order("0001"), order("0002"), iea=iea))] == [[code], [code]]


def test_a_file_cut_off_anywhere_never_gives_an_order() -> None:
    body = interchange(order("0001"), order("0002"))
    for length in range(len(body) - 2):
        try:
            found = documents(body[:length])
        except Malformed:
            continue
        assert found and all(source.problems for source in found), length


def test_segments_outside_a_set_refuse_the_interchange() -> None:
    (source,) = documents(interchange(order("0001")).replace(b"GE*1*7~", b"REF*ZZ*1~GE*1*7~"))
    assert [(problem.code, problem.path) for problem in source.problems] == [("E_X12_STRUCTURE", "ISA[1]/REF (character 237)")]


def test_an_interchange_without_sets_is_told_too() -> None:
    (source,) = documents((ISA + "IEA*1*000000101~").encode())
    assert (source.reference, codes(source)) == ("ISA[1]", ["E_X12_IEA_COUNT"])


def test_an_interchange_control_number_counts_once_in_a_file() -> None:
    other = interchange(order("0001")).replace(b"000000101", b"000000102")
    found = documents(interchange(order("0001")) + b"\r\n" + interchange(order("0002")) + other)
    assert [(source.reference, codes(source)) for source in found] == [
        ("ST[1]", []), ("ST[2]", ["E_X12_ISA_DUPLICATE"]), ("ST[3]", []),
    ]  # fmt: skip


def test_a_missing_iea_does_not_swallow_the_next_interchange() -> None:
    second = interchange(order("0002")).replace(b"000000101", b"000000102")
    found = documents(interchange(order("0001"), iea="") + second)
    assert [codes(source) for source in found] == [["E_X12_IEA_MISSING"], []]


def test_acknowledgements_are_documents_and_are_not_answered() -> None:
    one = "ST*997*0001~AK1*PR*12~AK9*A*1*1*1~SE*4*0001~"
    (source,) = X12().read(interchange(one).replace(b"GS*PO", b"GS*FA"))
    assert (source.document, source.tree["AK1"], source.acknowledge) == ("997", {"01": "PR", "02": "12"}, None)


def test_an_interchange_that_only_holds_a_ta1_is_that_document() -> None:
    (source,) = X12().read((ISA + "TA1*000000009*261120*0900*A*000~IEA*0*000000101~").encode())
    assert (source.document, source.reference, source.tree["TA1"]["01"]) == ("TA1", "ISA[1]/TA1[1]", "000000009")
    assert source.locate(("TA1", "04")) == "ISA[1]/TA1[1]-04"


@pytest.mark.parametrize("mark", ["U", " ", "-", ".", "/"])
def test_a_mark_in_isa11_that_partners_write_in_data_repeats_nothing(mark: str) -> None:
    body = interchange(order("0001")).replace(b"*U*00401*", f"*{mark}*00501*".encode()).replace(b"PO-0001", f"PO{mark}1".encode())
    (source,) = documents(body)
    assert source.tree["BEG"]["03"] == f"PO{mark}1"


def test_only_one_set_at_a_time_is_in_memory() -> None:
    body = interchange(*(order(f"{n:04d}") for n in range(1, 3001)))
    sources = X12().read(body)
    next(sources)
    tracemalloc.start()
    count = sum(1 for _ in sources)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 3000
    assert most < 1_000_000, "the trees of all sets would take twenty times as much"
