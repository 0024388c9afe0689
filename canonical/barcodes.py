"""One door for whatever stands on a device's label."""

from canonical.udi import Element, Udi, unread, without_prefix
from canonical.udi_hibc import read_hibc

MA = "MA."
"""Codes of the Zhongguancun agency (MA.156...); carried whole."""


def read_udi(text: str) -> Udi:
    """What a scan or a printed label says. Never raises: what cannot be read is E_UDI_PARSE among its problems."""
    code = without_prefix(text)
    if code.lstrip().strip("*").startswith("+"):
        return read_hibc(code.lstrip())
    if code.startswith(MA):
        return Udi("MA", code.strip(), elements=(Element("MA", code.strip(), "device identifier, whole"),))
    if not code.strip():
        return unread("-", "expected a code", text)
    from canonical.udi_gs1 import read_gs1  # loads every application identifier there is: only where a GS1 code comes

    return read_gs1(code)
