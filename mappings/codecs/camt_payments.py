"""What a bank transaction says about the payment behind it: its reference, amount, day, what it is for.

Every part comes with its place, a path in the whole document.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mappings.codecs import xml
from mappings.codecs.base import Path

NOT_PROVIDED = "NOTPROVIDED"
"""What a bank writes where the payer gave no end-to-end id."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """An entry, one of its details or none ({}), and the way to both in the whole document."""

    entry: Mapping[str, Any]
    entry_path: Path
    details: Mapping[str, Any]
    details_path: Path
    alone: bool

    @property
    def reference(self) -> str:
        """`Stmt[1]/Ntry[2]/NtryDtls[1]/TxDtls[3]`."""
        return xml.locate(self.details_path[2:] or ()).lstrip("/")


def amount_of(transaction: Transaction) -> tuple[Any, Path]:
    """The transaction's own amount; the entry's where the entry is one transaction."""
    at = transaction.details_path
    for way in (("Amt",), ("AmtDtls", "TxAmt", "Amt")):
        if (amount := _at(transaction.details, way)) is not None:
            return amount, (*at, *way)
    if transaction.alone:
        return transaction.entry.get("Amt"), (*transaction.entry_path, "Amt")
    return None, (*at, "Amt")


def reasons(transaction: Transaction) -> tuple[list[str], list[Path]]:
    """What the payer says the money is for: creditor references, document numbers, the end-to-end id; each once."""
    found: dict[str, Path] = {}
    for j, remittance in enumerate(rows(transaction.details, "RmtInf")):
        for k, structured in enumerate(rows(remittance, "Strd")):
            at = (*transaction.details_path, "RmtInf", j, "Strd", k)
            found.setdefault(text_of(_at(structured, ("CdtrRefInf", "Ref"))), (*at, "CdtrRefInf", "Ref"))
            for m, referred in enumerate(rows(structured, "RfrdDocInf")):
                found.setdefault(text_of(_at(referred, ("Nb",))), (*at, "RfrdDocInf", m, "Nb"))
    found.setdefault(_end_to_end(transaction), (*transaction.details_path, "Refs", "EndToEndId"))
    found.pop("", None)
    return list(found), list(found.values())


def original(
    transaction: Transaction, refs: list[str], ref_paths: list[Path], reference: str, reference_path: Path
) -> tuple[str, Path]:
    """What names the payment that is taken back or refunded: the payer's or the first bank's id, else what it was for; where
    nothing does, the transaction's own reference."""
    at = (*transaction.details_path, "Refs")
    names = (name for name in ("TxId", "InstrId", "UETR") if text_of(_at(transaction.details, ("Refs", name))))
    if end_to_end := _end_to_end(transaction):
        return end_to_end, (*at, "EndToEndId")
    if name := next(names, None):
        return text_of(_at(transaction.details, ("Refs", name))), (*at, name)
    return (refs[0], ref_paths[0]) if refs else (reference, reference_path)


def remittance_text(transaction: Transaction) -> tuple[str, Path]:
    """Everything said in free text, most specific first; the path is that of its first part."""
    parts: list[tuple[str, Path]] = []
    for j, remittance in enumerate(rows(transaction.details, "RmtInf")):
        at = (*transaction.details_path, "RmtInf", j)
        parts += [(text_of(line), (*at, "Ustrd", k)) for k, line in enumerate(rows(remittance, "Ustrd"))]
        for k, structured in enumerate(rows(remittance, "Strd")):
            parts += [(text_of(line), (*at, "Strd", k, "AddtlRmtInf")) for line in rows(structured, "AddtlRmtInf")]
    parts.append((text_of(transaction.details.get("AddtlTxInf")), (*transaction.details_path, "AddtlTxInf")))
    parts.append((text_of(transaction.entry.get("AddtlNtryInf")), (*transaction.entry_path, "AddtlNtryInf")))
    said = [(text, place) for text, place in parts if text]
    return " ".join(text for text, _ in said), said[0][1] if said else parts[-1][1]


def value_date(transaction: Transaction) -> tuple[str, Path]:
    """The day the money counts from, else the day it was booked, as the bank's own calendar has it."""
    for way in (("ValDt", "Dt"), ("ValDt", "DtTm"), ("BookgDt", "Dt"), ("BookgDt", "DtTm")):
        if day := text_of(_at(transaction.entry, way)):
            return day[:10], (*transaction.entry_path, *way)
    return "", (*transaction.entry_path, "ValDt")


def reference_each(transactions: list[Transaction], statement_id: str) -> list[tuple[str, Path]]:
    """A reference of its own for every transaction of a statement, the same whenever the statement comes again.

    The bank's reference where it is used once, or the payer's within the statement where the bank gave none; where several
    transactions share it, with the payer's end-to-end id, the transaction id or the entry's reference after it; where that
    does not tell them apart either, with a count.
    """
    bases = [_bank_reference(transaction, statement_id) for transaction in transactions]
    shared = Counter(base for base, _ in bases)
    named = [f"{base}/{_own_name(one)}" for (base, _), one in zip(bases, transactions, strict=True)]
    shared_names = Counter(named)
    counts: Counter[str] = Counter()
    made = []
    for (base, path), name in zip(bases, named, strict=True):
        counts[base] += 1
        unique = shared_names[name] == 1 and not name.endswith("/")
        made.append((base if shared[base] == 1 else name if unique else f"{base}/{counts[base]}", path))
    return made


def _bank_reference(transaction: Transaction, statement_id: str) -> tuple[str, Path]:
    at, entry_at = transaction.details_path, transaction.entry_path
    choices = (
        (text_of(_at(transaction.details, ("Refs", "AcctSvcrRef"))), (*at, "Refs", "AcctSvcrRef")),
        (text_of(transaction.entry.get("AcctSvcrRef")), (*entry_at, "AcctSvcrRef")),
        (text_of(_at(transaction.details, ("Refs", "TxId"))), (*at, "Refs", "TxId")),
        (text_of(_at(transaction.details, ("Refs", "UETR"))), (*at, "Refs", "UETR")),
        (_of_statement(_end_to_end(transaction), statement_id), (*at, "Refs", "EndToEndId")),
        (_of_statement(text_of(transaction.entry.get("NtryRef")), statement_id), (*entry_at, "NtryRef")),
    )
    return next(
        (choice for choice in choices if choice[0]),
        (_of_statement(_entry_number(transaction), statement_id), (*entry_at[:4], "Id")),
    )


def _of_statement(name: str, statement_id: str) -> str:
    """A name that is only unique within its statement, or for its payer, as one that is unique for the bank."""
    return f"{statement_id}/{name}" if name else ""


def _entry_number(transaction: Transaction) -> str:
    """Which entry of its statement this is, counted from 1; an entry's path ends in its index."""
    return str(int(transaction.entry_path[-1]) + 1)


def _own_name(transaction: Transaction) -> str:
    details = transaction.details
    return (
        _end_to_end(transaction) or text_of(_at(details, ("Refs", "TxId"))) or text_of(_at(details, ("Refs", "InstrId")))
        or text_of(transaction.entry.get("NtryRef"))
    )  # fmt: skip


def _end_to_end(transaction: Transaction) -> str:
    name = text_of(_at(transaction.details, ("Refs", "EndToEndId")))
    return "" if name == NOT_PROVIDED else name


def rows(node: Any, name: str) -> list[Any]:
    """The children of that name, a single one as a list of one."""
    value = node.get(name) if isinstance(node, dict) else None
    return value if isinstance(value, list) else [] if value is None else [value]


def _at(node: Any, way: tuple[str, ...]) -> Any:
    """What stands at the end of the way, taking the first where an element repeats; None where the way ends early."""
    for name in way:
        found = rows(node, name)
        if not found:
            return None
        node = found[0]
    return node


def text_of(node: Any) -> str:
    """The text of an element, with attributes or without."""
    return str(node.get("#text", "")) if isinstance(node, dict) else str(node or "")
