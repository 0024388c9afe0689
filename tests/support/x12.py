"""Interchanges for tests: what stands between ST and SE, put into envelopes whose counts are right."""


def interchange(kind: str, *segments: str, version: str = "004010", group: str = "PO") -> bytes:
    """One transaction set in one group from SUPPLIER to HUB."""
    rows = [f"ST*{kind}*0001", *segments, f"SE*{len(segments) + 2}*0001"]
    isa = f"ISA*00*          *00*          *ZZ*SUPPLIER       *ZZ*HUB            *261120*0930*U*{version[:5]}*000000101*0*P*>"
    gs = f"GS*{group}*SUPAPP*HUBAPP*20261120*0930*101*X*{version}"
    return "".join(f"{row}~\n" for row in (isa, gs, *rows, "GE*1*101", "IEA*1*000000101")).encode()
