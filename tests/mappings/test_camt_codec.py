"""Bank statements cut into transactions: what is a payment, what is skipped and why, and how each is named."""

from pathlib import Path

import pytest

from canonical.failures import Malformed
from mappings.codecs.base import Source
from mappings.codecs.camt import Camt

SAMPLES = Path(__file__).parents[1] / "samples" / "camt"


def sources(name: str) -> list[Source]:
    return list(Camt().read((SAMPLES / name).read_bytes()))


def test_every_part_of_a_statement_is_a_payment_or_says_why_not() -> None:
    assert [(one.reference, one.skipped) for one in sources("053.v8-everything.xml")] == [
        ("Stmt[1]", "1 balances and 11 transactions on the statement"),
        ("Stmt[1]/Ntry[1]/NtryDtls[1]/TxDtls[1]", ""),
        ("Stmt[1]/Ntry[2]/NtryDtls[1]/TxDtls[1]", ""),
        ("Stmt[1]/Ntry[2]/NtryDtls[1]/TxDtls[2]", ""),
        ("Stmt[1]/Ntry[2]/NtryDtls[1]/TxDtls[3]", "a debit, no payment received"),
        ("Stmt[1]/Ntry[3]", ""),
        ("Stmt[1]/Ntry[4]", "an entry of status PDNG, not booked, no payment received"),
        ("Stmt[1]/Ntry[5]", "a reversal, no payment received"),
        ("Stmt[1]/Ntry[6]/NtryDtls[1]/TxDtls[1]", "a payment returned, no payment received"),
        ("Stmt[1]/Ntry[7]", "a debit, no payment received"),
        ("Stmt[1]/Ntry[8]", "an amount of zero, no payment received"),
        ("Stmt[1]/Ntry[9]", ""),
    ]


def test_an_entry_that_does_not_say_what_it_is_has_problems() -> None:
    last = sources("053.v8-everything.xml")[-1]
    assert [(problem.code, problem.path, problem.value) for problem in last.problems] == [
        ("E_SCHEMA", "/Document/BkToCstmrStmt/Stmt[1]/Ntry[9]/CdtDbtInd", "CREDIT"),
        ("E_SCHEMA", "/Document/BkToCstmrStmt/Stmt[1]/Ntry[9]/Sts", None),
    ]


def test_a_payment_is_told_with_its_places_in_the_whole_document() -> None:
    first = sources("053.v8-everything.xml")[1]
    assert first.document == "camt.053"
    assert first.tree["payment"] == {
        "kind": "received",
        "reference": "BANK-0001",
        "original": "E2E-77",
        "amount": {"@Ccy": "EUR", "#text": "1394.42"},
        "refs": ["RF18539007547034", "INV-1", "INV-2", "E2E-77"],
        "text": "Order SO-1 thank you",
        "value_date": "2026-11-21",
    }
    entry = "/Document/BkToCstmrStmt/Stmt[1]/Ntry[1]"
    details = f"{entry}/NtryDtls[1]/TxDtls[1]"
    assert first.locate(("payment", "reference")) == f"{entry}/AcctSvcrRef"
    assert first.locate(("payment", "amount", "@Ccy")) == f"{details}/Amt/@Ccy"
    assert first.locate(("payment", "refs", 2)) == f"{details}/RmtInf[1]/Strd[1]/RfrdDocInf[2]/Nb"
    assert first.locate(("payment", "text")) == f"{details}/RmtInf[1]/Ustrd[1]"
    assert first.locate(("payment", "value_date")) == f"{entry}/ValDt/Dt"
    assert first.locate(("TxDtls", "RltdPties", "Dbtr")) == f"{details}/RltdPties/Dbtr"
    assert first.locate(("Ntry", "BookgDt", "DtTm")) == f"{entry}/BookgDt/DtTm"
    assert first.locate(("Stmt", "Acct")) == "/Document/BkToCstmrStmt/Stmt[1]/Acct"


@pytest.mark.parametrize(
    ("name", "references"),
    [
        ("053.v8-everything.xml", ["BANK-0001", "BATCH-9/A-1", "BATCH-9/2", "ST-324/3", "ST-324/9"]),
        ("053.v4-postfinance.xml", ["0758103031480900", "07582000303F0C7U", "07582000303KBMSU/014295803",
                                    "07582000303KBMSU/CH7730000001250094239"]),
        ("053.v2-two-statements.xml", ["253EURNL26VAYB8060476890/000000001"]),
        ("054.v2-finnish.xml", ["D091029N987654321S001", "D091029N987654321S002", "D091029N987654321S211",
                                "D091029N987654321S212", "D091029N123456789S001", "D091029N123456789S002"]),
        ("054.v4-batch-debit.xml", []),
    ],
)  # fmt: skip
def test_every_payment_has_a_reference_of_its_own(name: str, references: list[str]) -> None:
    payments = [one for one in sources(name) if not one.skipped]
    assert [one.tree["payment"]["reference"] for one in payments] == references


def test_the_second_transaction_of_a_batch_has_its_own_amount_or_none() -> None:
    body = (SAMPLES / "053.v8-everything.xml").read_text()
    without = body.replace('<c:Amt Ccy="EUR">100.00</c:Amt><c:CdtDbtInd>', "<c:CdtDbtInd>")
    first, second = [one for one in Camt().read(without.encode()) if one.reference.startswith("Stmt[1]/Ntry[2]")][:2]
    assert "amount" not in first.tree["payment"]
    assert second.tree["payment"]["amount"] == {"@Ccy": "EUR", "#text": "300.00"}


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        (b"<Document/>", "E_CAMT_MESSAGE", "/Document"),
        (b"<Document><CstmrCdtTrfInitn/></Document>", "E_CAMT_MESSAGE", "/Document"),
        (b"<Order><BkToCstmrStmt/></Order>", "E_CAMT_MESSAGE", "/Order"),
        (b"<Document><BkToCstmrStmt><GrpHdr/></BkToCstmrStmt></Document>", "E_SCHEMA", "/Document/BkToCstmrStmt/Stmt"),
        (b"<Document><BkToCstmrAcctRpt>x</BkToCstmrAcctRpt></Document>", "E_SCHEMA", "/Document/BkToCstmrAcctRpt/Rpt"),
        (b"<!DOCTYPE x><Document/>", "E_XML_DOCTYPE", "line 1, column 1"),
    ],
)
def test_what_is_no_bank_statement_is_refused(body: bytes, code: str, path: str) -> None:
    with pytest.raises(Malformed) as caught:
        list(Camt().read(body))
    assert [(problem.code, problem.path) for problem in caught.value.problems] == [(code, path)]


@pytest.mark.parametrize("inner", ["", "text", "<Ntry/>", "<Ntry>text</Ntry>", "<Ntry><NtryDtls>x</NtryDtls></Ntry>", "<Bal/>",
                                   "<Ntry><NtryDtls><TxDtls>x</TxDtls></NtryDtls></Ntry>"])  # fmt: skip
def test_odd_statements_are_told_never_a_crash(inner: str) -> None:
    body = f"<Document><BkToCstmrStmt><Stmt>{inner}</Stmt></BkToCstmrStmt></Document>"
    (source,) = [one for one in Camt().read(body.encode()) if "Bal" not in inner or one.skipped]
    assert source.skipped or source.problems
