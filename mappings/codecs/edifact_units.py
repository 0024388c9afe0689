"""Units of measure in EDIFACT messages (6411): UN/ECE Recommendation 20, and the older codes partners still write.

Packages stand in Recommendation 20 under an X before their code of Recommendation 21; many partners write them without.
"""

PLAIN = """
EA C62 H87 SET KT PR PA DZN CEN MIL NPR NMP KGM GRM MGM TNE LBR ONZ LTR MLT CLT HLT DLT DMQ MTQ CMQ MTR CMT MMT KMT DMT
FOT INH YRD MTK CMK MMK SEC MIN HUR DAY WEE MON ANN QAN NAR NRL NCL ZP RM ST TST E48 KWH MC UI IU D63 XBX XBG XBO XCT
XCS XPK XPX XRO XTU XVI XCX XCR XPC XBJ XPA XSA XAM XTB XDR XJR XCA XKI XST XSW XDH XAV P1
"""
PACKAGES = "BX BG BO CT CS PK RO TU VI CX CR BJ SA AM DR JR AV PX"
OLDER = {
    "PCE": "H87", "PCS": "H87", "ST": "H87", "STK": "H87", "UN": "C62", "UNT": "C62", "PL": "XPX", "PF": "XPX", "CA": "XCS",
    "PC": "XPC", "PAK": "XPK", "CAR": "XCT", "KAR": "XCT", "BOX": "XBX", "DZ": "DZN", "RL": "XRO", "VL": "XVI", "KIT": "KT",
    "BLL": "XBA", "TB": "XTU", "PCK": "XPK", "BT": "XBO", "RO": "XRO",
}  # fmt: skip
FROM_EDIFACT = {
    **{code: code for code in PLAIN.split()},
    **{code: f"X{code}" for code in PACKAGES.split()},
    **OLDER,
}
"""A partner's code to ours."""
TO_EDIFACT = {"H87": "PCE", **{f"X{code}": code for code in ("BX", "BG", "BO", "CT", "CS", "PK", "RO", "TU", "VI", "CX", "PX")}}
"""Our code to that of code list 6411 as it stands in EANCOM; the others are the same."""
