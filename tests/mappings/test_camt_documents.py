"""Bank statements through the whole translation: payments received, everything else told."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from canonical.failures import Malformed
from mappings.translation import OWN_SPECS, Part, Settings, Translations

SAMPLES = Path(__file__).parents[1] / "samples" / "camt"
SETTINGS = Settings(endpoint="bank")


@pytest.fixture(scope="module")
def translations() -> Translations:
    return Translations.load(OWN_SPECS / "camt")


def parts(translations: Translations, name: str, settings: Settings = SETTINGS) -> list[Part]:
    document = f"camt.{name[:3]}"
    return list(translations.translate("camt", document, (SAMPLES / name).read_bytes(), settings))


@pytest.mark.parametrize(
    "name",
    [
        "053.v8-everything.xml",
        "053.v4-postfinance.xml",
        "053.v2-two-statements.xml",
        "054.v2-finnish.xml",
        "054.v4-batch-debit.xml",
    ],
)
def test_a_statement_becomes_its_payments(translations: Translations, name: str) -> None:
    expected = json.loads((SAMPLES / name).with_suffix(".out.json").read_text())
    found = []
    for part in parts(translations, name):
        for document in part.documents:
            payment = json.loads(document.body())
            del payment["extensions"]
            found.append({"reference": part.reference, **payment})
    assert found == expected


def test_every_part_of_a_statement_has_a_document_a_problem_or_a_reason(translations: Translations) -> None:
    found = parts(translations, "053.v8-everything.xml")
    assert [(len(part.documents), len(part.problems), bool(part.skipped)) for part in found] == [
        (0, 0, True), (1, 0, False), (1, 0, False), (1, 0, False), (0, 0, True), (1, 0, False),
        (0, 0, True), (0, 0, True), (0, 0, True), (0, 0, True), (0, 0, True), (0, 3, False),
    ]  # fmt: skip


def test_what_has_no_place_of_its_own_is_kept(translations: Translations) -> None:
    payment = parts(translations, "053.v8-everything.xml")[1].documents[0]
    assert sorted(payment.extensions) == ["GrpHdr.MsgId", "Ntry", "Stmt.Acct", "Stmt.Id", "TxDtls"]
    assert payment.extensions["Stmt.Acct"] == {"Id": {"IBAN": "DE89370400440532013000"}, "Ccy": "EUR"}


@pytest.mark.parametrize(
    ("old", "new", "code", "path", "value"),
    [
        ('<c:Amt Ccy="EUR">20.00', '<c:Amt Ccy="EUR">20,00', "E_SCHEMA", "Ntry[3]/Amt", "20,00"),
        ('<c:Amt Ccy="EUR">20.00', '<c:Amt Ccy="EUX">20.00', "E_CURRENCY", "Ntry[3]/Amt/@Ccy", "EUX"),
        ("2026-11-20T10:00:00", "20.11.2026", "E_DATE", "Ntry[3]/ValDt/DtTm", "20.11.2026"),
        ("2026-11-20T09:15:00+01:00", "2026-11-20T09:15:00", "E_TIME_NAIVE", "Ntry[1]/BookgDt/DtTm", "2026-11-20T09:15:00"),
        ('<c:Amt Ccy="EUR">100.00</c:Amt>', "", "E_SCHEMA", "Ntry[2]/NtryDtls[1]/TxDtls[1]/Amt", None),
    ],
)
def test_a_wrong_value_is_told_at_its_place_and_spoils_no_other_payment(
    translations: Translations, old: str, new: str, code: str, path: str, value: str | None
) -> None:
    body = (SAMPLES / "053.v8-everything.xml").read_text()
    assert body.count(old) == 1
    found = list(translations.translate("camt", "camt.053", body.replace(old, new).encode(), SETTINGS))
    bad = [problem for part in found[:-1] for problem in part.problems]
    assert [(problem.code, problem.path, problem.value) for problem in bad] == [
        (code, f"/Document/BkToCstmrStmt/Stmt[1]/{path}", value),
    ]
    assert sum(len(part.documents) for part in found) == 3


def test_a_local_time_is_read_in_the_zone_of_the_endpoint(translations: Translations) -> None:
    body = (SAMPLES / "053.v8-everything.xml").read_text().replace("2026-11-20T09:15:00+01:00", "2026-11-20T09:15:00")
    settings = Settings(endpoint="bank", time_zone="Europe/Vienna")
    part = list(translations.translate("camt", "camt.053", body.encode(), settings))[1]
    assert json.loads(part.documents[0].body())["received_at"] == "2026-11-20T08:15:00Z"


@pytest.mark.parametrize(("message", "name", "document"), [
    ("BkToCstmrAcctRpt", "Rpt", "camt.052"), ("BkToCstmrStmt", "Stmt", "camt.053"), ("BkToCstmrDbtCdtNtfctn", "Ntfctn", "camt.054"),
])  # fmt: skip
def test_report_statement_and_notification_are_read_alike(
    translations: Translations, message: str, name: str, document: str
) -> None:
    body = (SAMPLES / "053.v8-everything.xml").read_text().replace("BkToCstmrStmt", message).replace("c:Stmt>", f"c:{name}>")
    found = list(translations.translate("camt", document, body.encode(), SETTINGS))
    assert [part.documents[0].subject() for part in found if part.documents] == [
        "BANK-0001", "BATCH-9/A-1", "BATCH-9/2", "ST-324/3",
    ]  # fmt: skip


def test_another_message_of_the_bank_is_refused(translations: Translations) -> None:
    with pytest.raises(Malformed):
        list(translations.translate("camt", "camt.053", b"<Document><CstmrPmtStsRpt/></Document>", SETTINGS))


def entry(direction: str, more: str = "", details: str = "", version: str = "02") -> bytes:
    """A notification with one entry of 100 EUR."""
    status = "<Sts>BOOK</Sts>" if version < "08" else "<Sts><Cd>BOOK</Cd></Sts>"
    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.{version}"><BkToCstmrDbtCdtNtfctn><Ntfctn><Id>N</Id><Ntry>'
        f'<Amt Ccy="EUR">100.00</Amt><CdtDbtInd>{direction}</CdtDbtInd>{more}{status}<ValDt><Dt>2026-03-02</Dt></ValDt>'
        f"<AcctSvcrRef>B-1</AcctSvcrRef><NtryDtls><TxDtls>{details}</TxDtls></NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    ).encode()


def documents(translations: Translations, body: bytes) -> list[Any]:
    found = list(translations.translate("camt", "camt.054", body, SETTINGS))
    assert [problem for part in found for problem in part.problems] == []
    return [document for part in found for document in part.documents]


RETURN = (
    "<Refs><EndToEndId>INV-7</EndToEndId><MndtId>M-1</MndtId></Refs><RltdPties><Dbtr>{name}</Dbtr></RltdPties>"
    "<RtrInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>account closed</AddtlInf></RtrInf>"
)


@pytest.mark.parametrize(
    ("version", "name"), [("02", "<Nm>Clinic</Nm>"), ("08", "<Pty><Nm>Clinic</Nm></Pty>"), ("13", "<Pty><Nm>Clinic</Nm></Pty>")]
)
def test_a_payment_that_is_returned_to_its_payer_is_reversed(translations: Translations, version: str, name: str) -> None:
    (found,) = documents(translations, entry("DBIT", details=RETURN.format(name=name), version=version))
    assert (found.message_type, found.refund_ref, found.original_ref, found.reason) == ("payment.reversed", "B-1", "INV-7", "AC04")
    assert (found.amount.amount, found.amount.currency, found.payer.name) == (Decimal("100.00"), "EUR", "Clinic")
    assert found.references == {"bank": "B-1", "reason": "account closed", "mandate": "M-1"}


def test_a_credit_that_was_booked_wrongly_is_reversed_without_a_reason_of_its_own(translations: Translations) -> None:
    (found,) = documents(translations, entry("DBIT", "<RvslInd>true</RvslInd>", "<Refs><TxId>T-9</TxId></Refs>"))
    assert (found.message_type, found.original_ref, found.reason) == ("payment.reversed", "T-9", "reversal")


def test_a_debit_for_the_purpose_of_a_refund_is_one(translations: Translations) -> None:
    details = (
        "<Refs><EndToEndId>INV-7</EndToEndId></Refs><RltdPties><Cdtr><Nm>Clinic</Nm></Cdtr><CdtrAcct><Id><IBAN>DE1</IBAN></Id></CdtrAcct>"
        "</RltdPties><Purp><Cd>REFU</Cd></Purp>"
    )
    (found,) = documents(translations, entry("DBIT", details=details))
    assert (found.message_type, found.original_ref, found.payer.name, found.payer.account) == (
        "payment.refunded", "INV-7", "Clinic", "DE1",
    )  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [entry("DBIT"), entry("CRDT", "<RvslInd>true</RvslInd>"), entry("CRDT", details=RETURN.format(name="<Nm>x</Nm>"))],
    ids=["what we paid", "a debit taken back", "our payment returned to us"],
)
def test_what_concerns_our_own_payments_is_no_payment_of_a_customer(translations: Translations, body: bytes) -> None:
    assert documents(translations, body) == []


def test_an_entry_of_several_transactions_is_told_one_by_one(translations: Translations) -> None:
    one = '<Refs><EndToEndId>{n}</EndToEndId></Refs><Amt Ccy="EUR">{n}.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
    body = entry("CRDT", details=one.format(n=60)).replace(
        b"</TxDtls>", b"</TxDtls><TxDtls>" + one.format(n=40).encode() + b"</TxDtls>", 1
    )
    found = documents(translations, body)
    assert [(one.payment_ref, one.amount.amount) for one in found] == [("B-1/60", Decimal("60.00")), ("B-1/40", Decimal("40.00"))]


def test_an_amount_below_zero_is_no_payment_and_told(translations: Translations) -> None:
    details = "<AmtDtls><TxAmt><Amt Ccy='SEK'>-500.00</Amt></TxAmt></AmtDtls>"
    found = [part for part in translations.translate("camt", "camt.054", entry("CRDT", details=details), SETTINGS) if part.problems]
    assert [(one.code, one.value) for part in found for one in part.problems] == [("E_CAMT_AMOUNT", "-500.00")]
    assert [part.documents for part in found] == [()]
