"""Which loops and segments each X12 transaction set has that this hub reads, in versions 004010 to 008010."""

from collections.abc import Mapping
from dataclasses import replace

from mappings.codecs.edi_loops import Loop, tags

PARTY = Loop(tags("N4"), tags("N2 N3 NX2 REF PER SI FOB TD1 TD3 TD4 TD5 PKG MSG"))
ADDRESS = Loop(tags("N4"), tags("N2 N3 REF PER FOB"))
MESSAGE = Loop(many=tags("DTM MEA PWK EFI MSG MTX"))
SUBLINE = Loop(many=tags("MSG SI PID PO3 TC2 ADV DTM CTP PAM PO4 TAX SAC REF"))
TOTAL = Loop(many=tags("AMT"))
LINE_DETAIL = """LIN SI CUR CN1 PO3 CTP PAM MEA PID PWK PO4 REF PER SAC IT8 CSH ITD DIS INC TAX FOB SDQ IT3 DTM TC2 TD1 TD3
    TD4 TD5 PCT MAN MSG SPI TXI CTB QTY SCH PKG LS LE LDT AMT"""
HEADING = "REF PER TAX FOB CTP PAM CSH ITD DIS INC DTM LIN SI PID MEA PWK PKG TD1 TD3 TD4 TD5 MAN PCT CTB TXI SAC MSG LDT"
LEVEL = """SLN PO4 PID MEA PWK PKG TD1 TD3 TD4 TD5 TSD REF PER LH1 MAN DTM PAL FOB SAC CUR SDQ ETD ITD SPI EFI"""


def _ordering(beginning: str, line: str, also: str = "") -> Loop:
    """A set about an order: its heading, its parties, its lines, their totals."""
    detail = Loop(frozenset(), tags(f"{LINE_DETAIL} {also}"), {"N9": MESSAGE, "N1": PARTY, "SLN": SUBLINE})
    loops = {"N9": MESSAGE, "N1": PARTY, line: detail, "CTT": TOTAL}
    return Loop(tags(f"ST SE CUR {beginning}"), tags(HEADING), loops, (beginning,))


def _acknowledging(segment: str, element: str, verdict: str) -> Loop:
    """A set about a group: for each set of it the segments and elements in error."""
    note = Loop(many=tags("CTX"), loops={element: Loop(many=tags("CTX"))})
    return Loop(tags("ST SE AK1 AK9"), loops={"AK2": Loop(tags(verdict), loops={segment: note})}, required=("AK1", "AK9"))


INVOICE_LINE = Loop(
    many=tags("CRC QTY CUR IT3 TXI CTP PAM MEA PID PWK PKG PO4 ITD REF YNQ PER SDQ DTM CAD L7 SR SAC FOB TD5 ISS MAN"),
    loops={"SLN": SUBLINE, "N1": ADDRESS},
)
INVENTORY = Loop(many=tags("UIT MEA DTM REF LDT MAN CS"))
ACTIVITY = Loop(many=tags("CTP PID MEA PO4 AMT N9 REF DTM PRF UIT CUR G95 MAN QTY TD5"),
                loops={"ZA": Loop(many=tags("SDQ DTM CTP MEA PCT UIT AMT REF N9 PO4"))})  # fmt: skip
RECEIVED = Loop(tags("LIN SN1 PRF"), tags("CUR PID PO4 REF PER MEA PWK PKG TD1 TD3 TD5 MAN DTM SAC CUR TAX FOB QTY"),
                {"N1": ADDRESS, "SLN": SUBLINE})  # fmt: skip
SOLD = Loop(tags("LIN"), tags("PO3 PO4 UIT AMT ITA PID MEA DTM REF MAN FOB PAM PKG"))

TRANSACTION_SETS: Mapping[str, Loop] = {
    "810": Loop(
        tags("ST SE BIG CUR TDS"),
        tags("NTE REF YNQ PER ITD DTM FOB PID MEA PWK PKG L7 BAL INC PAM CRC TXI CAD AMT SAC ISS"),
        {"N1": ADDRESS, "IT1": INVOICE_LINE, "CTT": Loop()},
        ("BIG", "IT1", "TDS"),
    ),
    "846": Loop(
        tags("ST SE BIA CUR"),
        tags("DTM REF PER MEA PID PWK"),
        {"N1": ADDRESS, "LIN": Loop(many=tags("PID MEA PKG PO4 DTM CTP CUR SAC REF PER SDQ MAN UIT"),
                                    loops={"QTY": INVENTORY, "N1": ADDRESS}), "CTT": Loop()},
        ("BIA", "LIN"),
    ),
    "850": replace(_ordering("BEG", "PO1"), required=("BEG", "PO1")),
    "852": Loop(
        tags("ST SE XQ"),
        tags("XPO N9 PER DTM G62 REF"),
        {"N1": replace(ADDRESS, loops={"LIN": ACTIVITY}), "LIN": ACTIVITY, "CTT": Loop()},
        ("XQ",),
    ),
    "855": _ordering("BAK", "PO1", "ACK"),
    "856": Loop(
        tags("ST SE BSN"),
        tags("DTM"),
        {"HL": Loop(tags("LIN SN1 PRF"), tags(LEVEL), {"CLD": Loop(many=tags("REF DTP")), "N1": ADDRESS}), "CTT": Loop()},
        ("BSN", "HL"),
    ),
    "860": _ordering("BCH", "POC"),
    "861": Loop(
        tags("ST SE BRA PRF"),
        tags("DTM REF PER TD1 TD3 TD5 FOB PWK MEA CUR MAN"),
        {"N1": ADDRESS, "RCD": RECEIVED, "CTT": Loop()},
        ("BRA", "RCD"),
    ),
    "867": Loop(
        tags("ST SE BPT CUR"),
        tags("DTM REF PER MEA PSA SII"),
        {"N1": ADDRESS, "PTD": Loop(many=tags("DTM REF PRF PWK MAN"), loops={"N1": ADDRESS, "QTY": SOLD}), "CTT": TOTAL},
        ("BPT", "PTD"),
    ),
    "997": _acknowledging("AK3", "AK4", "AK5"),
    "999": _acknowledging("IK3", "IK4", "IK5"),
}  # fmt: skip
TAKEN_BACK = replace(TRANSACTION_SETS["850"], required=("BEG",))
"""An 850 that cancels its order (BEG01 = 01): it need not repeat what was ordered."""
ANY_SET = Loop(tags("ST SE"))
