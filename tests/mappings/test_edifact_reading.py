"""EDIFACT as bytes: separators, characters, envelopes; written and read again with any legal marks; damaged files."""

import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from canonical.failures import Malformed, Misconfigured
from mappings.codecs.base import Source
from mappings.codecs.edifact import Edifact
from mappings.translation import OWN_SPECS, Settings, Translations
from tests.support.examples import examples

SAMPLES = Path(__file__).parents[1] / "samples" / "edifact"
ORDER = "UNH+1+ORDERS:D:96A:UN'BGM+220+PO-1+9'LIN+1++4711:SA'IMD+F++:::1?+1 ?: 2?' ??'QTY+21:2,5:PCE'UNT+6+1'"
HEADER, TRAILER = "UNB+UNOC:3+A+B+261120:0915+7'", "UNZ+1+7'"
WHOLE = HEADER + ORDER + TRAILER


def read(body: bytes | str) -> list[Source]:
    return list(Edifact().read(body if isinstance(body, bytes) else body.encode()))


def line(body: bytes | str) -> dict[str, Any]:
    return dict(read(body)[0].tree["LIN"][0])


def refusal(body: bytes | str) -> tuple[str, str]:
    with pytest.raises(Malformed) as caught:
        read(body)
    (problem,) = caught.value.problems
    return problem.code, problem.path


def codes(body: bytes | str) -> list[str]:
    return [problem.code for source in read(body) for problem in source.problems]


def with_marks(text: str, component: str, element: str, release: str, segment: str) -> str:
    """The message with other marks for : + ? and '. It holds none of them as data."""
    return text.translate(str.maketrans({":": component, "+": element, "?": release, "'": segment}))


@pytest.mark.parametrize(
    "advice",
    ["", "UNA:+.? '", "UNA:+,? '", "UNA:+.?*'", "UNA:+.?'", "UNA:+.? '\r\n", "\ufeffUNA:+.? '", "\r\n UNA:+.? '", "UNA:+.? '  "],
)
def test_the_service_string_advice_may_be_there_in_any_form(advice: str) -> None:
    found = line(advice + WHOLE)
    assert found["IMD"] == [{"01": "F", "03_4": "1+1 : 2' ?"}]
    assert found["QTY"] == [{"01": "21", "01_2": "2.5", "01_3": "PCE"}]


@pytest.mark.parametrize("marks", [":+!'", "|*\\~", ">^?\n", "\x1f\x1d\x07\x1c", ":+?~"])
def test_other_marks_are_read(marks: str) -> None:
    component, element, release, segment = marks
    if release == "\x07":
        release = "\\"
    body = f"UNA{component}{element}.{release} {segment}" + with_marks(WHOLE, component, element, release, segment)
    assert line(body)["QTY"] == [{"01": "21", "01_2": "2.5", "01_3": "PCE"}]


def test_without_a_release_character_marks_are_only_marks() -> None:
    body = "UNA:+.  '" + HEADER + "UNH+1+ORDERS:D:96A:UN'BGM+220+WHAT?'LIN+1'UNT+4+1'" + TRAILER
    assert read(body)[0].tree["BGM"]["02"] == "WHAT?"


def test_repetitions_of_version_four_are_kept() -> None:
    body = "UNA:+.?*'UNB+UNOC:4+A+B+20261120:0915+7'UNH+1+ORDERS:D:96A:UN'BGM+220+1'LIN+1'PIA+5+A:SA*B:IN+C:MF'UNT+5+1'UNZ+1+7'"
    (pia,) = line(body)["PIA"]
    assert pia["items"] == [{"1": "A", "2": "SA"}, {"1": "B", "2": "IN"}, {"1": "C", "2": "MF"}]
    assert pia["repeats"] == {"02": [["B", "IN"]]}


@pytest.mark.parametrize(
    ("syntax", "encoding"),
    [
        ("UNOC", "iso-8859-1"),
        ("UNOC", "utf-8"),
        ("UNOE", "iso-8859-5"),
        ("UNOY", "utf-8"),
        ("UNOA", "utf-8"),
        ("UNOD", "iso-8859-2"),
    ],
)
def test_characters_are_those_of_the_set_or_utf_8(syntax: str, encoding: str) -> None:
    text = {"UNOE": "Больница", "UNOD": "Łódź"}.get(syntax, "Krankenhaus Köln")
    body = WHOLE.replace("UNOC", syntax).replace("1?+1 ?: 2?' ??", text)
    assert line(body.encode(encoding))["IMD"][0]["03_4"] == text


def test_a_byte_outside_the_named_set_is_told() -> None:
    assert refusal(WHOLE.replace("UNOC", "UNOA").encode().replace(b"PO-1", b"K\xf6ln")) == ("E_EDIFACT_CHARACTER", "character 61")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "E_EDIFACT_NO_UNB"), ("hello", "E_EDIFACT_NO_UNB"), ("UNA:+.? 'BGM+220'", "E_EDIFACT_NO_UNB"),
        ("UNA", "E_EDIFACT_UNA"),
        ("UNA:::::'UNB+", "E_EDIFACT_UNA"), ("UNAabcdefUNB+", "E_EDIFACT_UNA"), ("ISA*00*", "E_EDIFACT_NO_UNB"),
        (WHOLE + "rest", "E_EDIFACT_NO_UNB"), (WHOLE.replace("PO-1", "P\x00O"), "E_EDIFACT_CHARACTER"),
        (WHOLE.replace("'", "’"), "E_EDIFACT_TERMINATOR"), ("UNA:+.? ’" + WHOLE.replace("'", "’"), "E_EDIFACT_UNA"),
        (WHOLE.replace("BGM+220+PO-1+9'", "BGM+220+PO-1+9’"), "E_EDIFACT_TERMINATOR"),
    ],
)  # fmt: skip
def test_what_is_no_interchange_is_refused_with_its_place(body: str, code: str) -> None:
    found, path = refusal(body)
    assert (found, path.startswith("character ")) == (code, True)


def test_line_breaks_inside_segments_are_no_data() -> None:
    wrapped = "\r\n".join(WHOLE[at : at + 40] for at in range(0, len(WHOLE), 40))
    assert read(wrapped)[0].tree == read(WHOLE)[0].tree


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("UNT+6+1", "UNT+7+1", ["E_EDIFACT_UNT_COUNT"]), ("UNT+6+1", "UNT+6+2", ["E_EDIFACT_UNT_REFERENCE"]),
        ("UNT+6+1'", "", ["E_EDIFACT_UNT_MISSING"]), ("BGM+220+PO-1+9'", "", ["E_EDIFACT_UNT_COUNT", "E_EDIFACT_SEGMENT_MISSING"]),
        ("LIN+1++4711:SA'", "BGM+220+PO-1+9'", ["E_EDIFACT_SEGMENT_MISSING", "E_EDIFACT_SEGMENT_REPEATED"]),
        ("UNZ+1+7", "UNZ+2+7", ["E_EDIFACT_UNZ_COUNT"]), ("UNZ+1+7'", "", []), ("UNZ+1+7", "UNZ+0001+0007", []),
        (HEADER, HEADER + "FTX+AAI'", ["E_EDIFACT_STRUCTURE"]), ("+A+B", "++B", ["E_EDIFACT_UNB"]), ("UNT+6+1", "UNT+06+1", []),
        ("UNH+1+ORDERS:D:96A:UN", "UNH++ORDERS:D:96A:UN", ["E_EDIFACT_UNH", "E_EDIFACT_UNT_REFERENCE"]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_envelope_is_told(old: str, new: str, found: list[str]) -> None:
    assert sorted(codes(WHOLE.replace(old, new))) == sorted(found)


@pytest.mark.parametrize(
    ("group", "found"),
    [
        (("UNG+ORDERS+A+B+261120:0915+5+UN+D:96A'", "UNE+1+5'"), []),
        (("UNG+ORDERS+A+B+261120:0915+5+UN+D:96A'", "UNE+2+5'"), ["E_EDIFACT_UNE_COUNT"]),
        (("UNG+ORDERS+A+B+261120:0915+5+UN+D:96A'", "UNE+1+6'"), ["E_EDIFACT_UNE_REFERENCE"]),
        (("UNG+ORDERS+A+B+261120:0915+5+UN+D:96A'", ""), ["E_EDIFACT_UNE_MISSING"]),
    ],
)
def test_groups_have_their_own_controls(group: tuple[str, str], found: list[str]) -> None:
    assert codes(HEADER + group[0] + ORDER + group[1] + TRAILER) == found


def test_several_interchanges_each_with_their_own_marks() -> None:
    second = "UNA:+.! '" + WHOLE.replace("?", "!").replace("+7'", "+8'").replace("1!+1 !: 2!' !!", "why?")
    found = [source for source in read(WHOLE + "\r\n" + second) if not source.acknowledge]
    assert [source.tree["LIN"][0]["IMD"][0]["03_4"] for source in found] == ["1+1 : 2' ?", "why?"]


def test_the_same_interchange_twice_in_a_file_counts_once() -> None:
    found = read(WHOLE + WHOLE)
    assert [[problem.code for problem in source.problems] for source in found] == [[], [], ["E_EDIFACT_UNB_DUPLICATE"]]
    assert [source.acknowledge is not None for source in found] == [False, True, False]


def test_messages_without_an_interchange_are_read_and_not_answered() -> None:
    (order,) = read(ORDER)
    assert (order.tree["BGM"]["02"], order.problems) == ("PO-1", ())


def test_a_summary_is_told_from_the_last_line() -> None:
    body = HEADER + "UNH+1+INVOIC:D:96A:UN'BGM+380+1'LIN+1'MOA+203:5'TAX+7+VAT'MOA+124:1'UNS+S'CNT+2:1'MOA+77:6'UNT+10+1'" + TRAILER
    tree = read(body)[0].tree
    assert tree["LIN"][0]["TAX"][0]["MOA"] == [{"01": "124", "01_2": "1"}]
    assert tree["UNS"][0]["MOA"] == [{"01": "77", "01_2": "6"}]


# Any legal marks, any text

MARKS = st.lists(st.sampled_from("!\"#$%&'()*+,./:;<=>?@[\\]^_`{|}~\x1c\x1d\x1e\x1f"), min_size=5, max_size=5, unique=True)
VALUES = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs"), exclude_characters="\ufeff") | st.just(" "),
    min_size=1, max_size=40,
).map(str.strip).filter(bool)  # fmt: skip


def is_utf8_by_chance(text: str) -> bool:
    """Whether its bytes in Latin-1 are UTF-8 of another text: interchanges labelled UNOC that are valid UTF-8 are read as UTF-8."""
    try:
        return text.encode("latin-1").decode() != text
    except UnicodeError:
        return False


@examples(200)
@given(MARKS, VALUES, VALUES, st.sampled_from(["UNOB", "UNOC", "UNOY"]), st.booleans())
def test_what_is_written_reads_back_with_any_marks_and_characters(
    marks: list[str], number: str, text: str, syntax: str, repeats: bool
) -> None:
    assume(syntax == "UNOY" or not (is_utf8_by_chance(number) or is_utf8_by_chance(text)))
    component, element, release, segment, repetition = marks
    tree = {
        "UNB": {"01": syntax, "01_2": "3", "02": "A", "03": "B", "04": "261120", "04_2": "0915", "05": "7"},
        "separators": {
            "component": component, "element": element, "release": release, "segment": segment,
            "repetition": repetition if repeats else "",
        },
        "UNH": {"01": "1", "02": "ORDERS"},
        "BGM": {"01": "220", "02": number},
        "LIN": [{"LIN": {"01": "1"}, "IMD": [{"01": "F", "03_4": text}]}],
    }  # fmt: skip
    order, _ = read(Edifact().write(tree))
    assert order.problems == ()
    assert order.tree["BGM"]["02"] == number
    assert order.tree["LIN"][0]["IMD"] == [{"01": "F", "03_4": text}]


@pytest.mark.parametrize("separators", [{"element": "A"}, {"element": ":"}, {"component": "-"}, {"segment": "’"}, {"release": " "}])
def test_marks_that_could_be_data_are_not_written(separators: dict[str, str]) -> None:
    with pytest.raises(Misconfigured, match="separators"):
        Edifact().write({"UNB": {"05": "1"}, "UNH": {"01": "1"}, "separators": separators})


# Damage

TRANSLATIONS = Translations.load(OWN_SPECS / "edifact")
ZONED = Settings(endpoint="e", currency="EUR", time_zone="UTC")
PIECES = st.sampled_from(
    [b"'", b"+", b":", b"?", b"\n", b"0", b"9", b"-", b"A", b"\x00", b"\xff", b"", b"UNH+", b"UNZ'", b"1e9", b","]
)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), PIECES), min_size=1, max_size=4)
NAMES = sorted(file.name for file in SAMPLES.glob("*.edi"))


def translated(body: bytes) -> None:
    """Every part is whole, or the body is refused with a place."""
    try:
        parts = list(TRANSLATIONS.translate("edifact", "ORDERS", body, ZONED))
    except Malformed as refusal:
        assert all(problem.code and problem.path for problem in refusal.problems)
        return
    for part in parts:
        assert bool(part.documents) + bool(part.problems) == 1, part
        if part.is_acknowledgement:
            received = part.documents[0]
            assert received.subject()


@examples(200)
@given(EDITS, st.sampled_from(NAMES))
def test_a_damaged_interchange_is_told(edits: list[tuple[float, int, bytes]], name: str) -> None:
    body = (SAMPLES / name).read_bytes()
    for place, length, instead in edits:
        at = int(place * len(body))
        body = body[:at] + instead + body[at + length :]
    translated(body)


TAGS = "UNH UNT UNZ UNG UNE UNS BGM LIN PIA QTY ALC PCD MOA PRI TAX NAD RFF DTM CPS PAC PCI GIN UCI UCM UCS"
SEGMENTS = [
    *(f"{tag}+1+2:3:4'" for tag in TAGS.split()), *(f"UNH+1+{kind}'" for kind in ("ORDERS", "DESADV", "INVOIC", "CONTRL")),
    "UNA:+.? '", "UNB+UNOC:3+A+B+1:2+3'", "GIN+BJ+1'", "ALC+A+++1'", "CPS+1+1'", "DTM+137:24:102'",
]  # fmt: skip


@examples(150)
@given(st.lists(st.sampled_from(SEGMENTS), max_size=25).map("".join))
def test_segments_in_any_order_are_told(body: str) -> None:
    translated(body.encode())


@examples(150)
@given(st.binary(max_size=60) | st.text(string.printable, max_size=60).map(str.encode))
def test_any_bytes_are_told(body: bytes) -> None:
    translated(body)
    translated(b"UNA" + body)
    translated(HEADER.encode() + body)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_cut_off_at_any_place_gives_only_whole_messages(name: str) -> None:
    body = (SAMPLES / name).read_bytes()
    for length in range(0, len(body) - 2, 23):
        translated(body[:length])


def test_a_segment_that_has_no_place_in_its_message_does_no_harm() -> None:
    translated(f"{HEADER}UNH+1+CONTRL:4:1:UN'UCI+7+A+B+7'BGM+220+1+1'UNT+4+1'{TRAILER}".encode())
