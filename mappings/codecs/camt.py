"""Bank statements (ISO 20022 camt.052, .053, .054, every version) cut into their transactions.

One source per transaction: per TxDtls where the entry has details, per Ntry where it has none. Its tree is

    {"GrpHdr": ..., "Stmt": ..., "Ntry": ..., "TxDtls": ...,
     "payment": {"kind", "reference", "original", "amount", "refs", "text", "value_date"}}

with the statement (Stmt, Rpt or Ntfctn) without its entries, the entry without its details, and under "payment" what takes more
than one place of the statement to tell. Paths are told as in the whole document.

A booked credit is a payment `received`. A booked debit is one `reversed` where it takes a credit back (RvslInd) or returns a
payment (RtrInf), `refunded` where its purpose is a refund (REFU). Other debits, pending entries, reversals of debits, returns of
what we sent ourselves, and the balances are sources with `skipped`, so that nothing of a statement goes by unseen.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from canonical.failures import Malformed
from canonical.problems import Problem, shown
from mappings.codecs import xml
from mappings.codecs.base import Path, Source
from mappings.codecs.camt_payments import (
    Transaction,
    amount_of,
    original,
    reasons,
    reference_each,
    remittance_text,
    rows,
    text_of,
    value_date,
)

STATEMENTS = {
    "BkToCstmrAcctRpt": ("Rpt", "camt.052"),
    "BkToCstmrStmt": ("Stmt", "camt.053"),
    "BkToCstmrDbtCdtNtfctn": ("Ntfctn", "camt.054"),
}
"""The message element: the element of one statement in it, the document it is."""
BOOKED = "BOOK"
REFUND = "REFU"


class Camt:
    """Reads bank statements; a hub writes none."""

    def read(self, body: bytes) -> Iterator[Source]:
        """One source per transaction and per skipped part. Malformed when it is no camt.052, .053 or .054."""
        tree = xml.tree_of(xml.parsed(body))
        message, content = _message(tree)
        name, document = STATEMENTS[message]
        statements = rows(content, name)
        if not statements:
            raise Malformed([Problem("E_SCHEMA", f"/Document/{message}/{name}", f"expected a {name} element")])
        for number, statement in enumerate(statements):
            yield from _statement(content, ("Document", message, name, number), statement, document)

    def write(self, tree: Any) -> bytes:
        return xml.Xml().write(tree)


def _message(tree: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    document = tree.get("Document")
    for name in STATEMENTS:
        if isinstance(document, dict) and name in document:
            content = document[name]
            return name, content if isinstance(content, dict) else {}
    expected = "expected a bank statement, one of " + ", ".join(f"/Document/{name}" for name in STATEMENTS)
    found = next((name for name in document if not name.startswith("@")), None) if isinstance(document, dict) else None
    raise Malformed([Problem("E_CAMT_MESSAGE", f"/{next(iter(tree))}", expected, shown(found))])


def _statement(message: Mapping[str, Any], path: Path, statement: Any, document: str) -> Iterator[Source]:
    statement = statement if isinstance(statement, dict) else {}
    transactions = list(_transactions(statement, path))
    references = reference_each(transactions, str(statement.get("Id", "")))
    balances = len(rows(statement, "Bal"))
    if balances or not transactions:
        yield Source(statement, xml.locate, xml.locate(path[2:]).lstrip("/"), document,
                     skipped=f"{balances} balances and {len(transactions)} transactions on the statement")  # fmt: skip
    heading = {"GrpHdr": message.get("GrpHdr", {}), "Stmt": {k: v for k, v in statement.items() if k != "Ntry"}}
    for transaction, (reference, reference_path) in zip(transactions, references, strict=True):
        yield _source(transaction, heading, path, document, reference, reference_path)


def _transactions(statement: Mapping[str, Any], path: Path) -> Iterator[Transaction]:
    for i, entry in enumerate(rows(statement, "Ntry")):
        entry_path = (*path, "Ntry", i)
        if not isinstance(entry, dict):
            yield Transaction({}, entry_path, {}, entry_path, alone=True)
            continue
        found = [
            (details, (*entry_path, "NtryDtls", j, "TxDtls", k))
            for j, group in enumerate(rows(entry, "NtryDtls"))
            for k, details in enumerate(rows(group, "TxDtls"))
        ]
        for details, details_path in found or [({}, entry_path)]:
            yield Transaction(entry, entry_path, details if isinstance(details, dict) else {}, details_path, len(found) < 2)


def _source(
    transaction: Transaction, heading: Mapping[str, Any], path: Path, document: str, reference: str, reference_path: Path
) -> Source:
    amount, amount_path = amount_of(transaction)
    refs, ref_paths = reasons(transaction)
    text, text_path = remittance_text(transaction)
    day, day_path = value_date(transaction)
    first, first_path = original(transaction, refs, ref_paths, reference, reference_path)
    payment = {
        "kind": _kind(transaction), "reference": reference, "original": first, "amount": amount, "refs": refs, "text": text,
        "value_date": day,
    }  # fmt: skip
    tree = {
        **heading,
        "Ntry": {key: value for key, value in transaction.entry.items() if key != "NtryDtls"},
        "TxDtls": transaction.details,
        "payment": {key: value for key, value in payment.items() if value},
    }
    places: dict[Path, Path] = {
        ("GrpHdr",): (*path[:2], "GrpHdr"), ("Stmt",): path,
        ("Ntry",): transaction.entry_path, ("TxDtls",): transaction.details_path,
        ("payment",): transaction.details_path, ("payment", "reference"): reference_path, ("payment", "amount"): amount_path,
        ("payment", "original"): first_path,
        ("payment", "refs"): transaction.details_path, ("payment", "text"): text_path, ("payment", "value_date"): day_path,
        **{("payment", "refs", n): place for n, place in enumerate(ref_paths)},
    }  # fmt: skip
    problems = _problems(transaction)
    skipped = "" if problems else _skipped(transaction)
    return Source(tree, _locator(places), transaction.reference, document, problems, skipped)


def _locator(places: Mapping[Path, Path]) -> Callable[[Path], str]:
    def locate(path: Path) -> str:
        known = next((n for n in range(len(path), 0, -1) if path[:n] in places), 0)
        return xml.locate((*places[path[:known]], *path[known:]) if known else path)

    return locate


def _problems(transaction: Transaction) -> tuple[Problem, ...]:
    """Without direction and status nobody can tell whether this is a payment; nor may its amount tell another direction."""
    direction, status = transaction.entry.get("CdtDbtInd"), _code(transaction.entry.get("Sts"))
    found = []
    if direction not in {"CRDT", "DBIT"}:
        place = xml.locate((*transaction.entry_path, "CdtDbtInd"))
        found.append(Problem("E_SCHEMA", place, "expected CRDT or DBIT", shown(direction)))
    amount, path = amount_of(transaction)
    if text_of(amount).startswith("-"):
        told = "expected an amount that is not below zero: CdtDbtInd tells which way the money went"
        found.append(Problem("E_CAMT_AMOUNT", xml.locate(path), told, shown(text_of(amount))))
    if not status:
        found.append(Problem("E_SCHEMA", xml.locate((*transaction.entry_path, "Sts")), "expected the status of the entry"))
    return tuple(found)


def _kind(transaction: Transaction) -> str:
    """What a booked transaction is to us; empty for one that is none of our payments."""
    entry, details = transaction.entry, transaction.details
    takes_back = entry.get("RvslInd") in {"true", "1"} or "RtrInf" in details
    if entry.get("CdtDbtInd") == "DBIT" or details.get("CdtDbtInd") == "DBIT":
        refunds = _code(details.get("Purp")) == REFUND
        return "reversed" if takes_back else "refunded" if refunds else ""
    return "" if takes_back else "received"


def _skipped(transaction: Transaction) -> str:
    entry, details = transaction.entry, transaction.details
    status, kind = _code(entry.get("Sts")), _kind(transaction)
    checks = (
        (not kind and (entry.get("CdtDbtInd") == "DBIT" or details.get("CdtDbtInd") == "DBIT"), "a debit"),
        (status not in {"", BOOKED}, f"an entry of status {status}, not booked"),
        (not kind and entry.get("RvslInd") in {"true", "1"}, "a reversal"),
        (not kind, "a payment returned"),
        (_is_zero(text_of(amount_of(transaction)[0])), "an amount of zero"),
    )
    reason = next((name for applies, name in checks if applies), "")
    return f"{reason}, no payment received" if reason else ""


def _is_zero(amount: str) -> bool:
    return re.fullmatch(r"[+-]?0*\.?0*", amount) is not None and "0" in amount


def _code(status: Any) -> str:
    """The status as text: version 8 and later put it in a Cd element."""
    return str(status.get("Cd", "")) if isinstance(status, dict) else str(status or "")
