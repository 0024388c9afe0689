"""R4: which customer an order is from: by a number of its own, by likeness, for a person to say, or a new one."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from canonical.documents.customers import CustomerMaster, ExternalId
from canonical.documents.orders import OrderPlaced
from canonical.lean import lean
from canonical.uscc import compact, is_uscc
from canonical.values import OrgType, Party
from handlers.catalogue import Catalogue
from handlers.lookup.customers import Candidate, Match
from handlers.order.policies.base import Case, Decision
from handlers.order.policies.settings import CustomerSettings, Policies

customer_master, external_id = lean(CustomerMaster), lean(ExternalId)

NAME = "customer"
FIRST = datetime(1970, 1, 1, tzinfo=UTC)
"""As of when a customer that the hub makes by itself is: whatever a person says of it is newer."""
TIERS: dict[int, OrgType] = {1: "dealer_t1", 2: "dealer_t2", 3: "dealer_t3"}


def decide(cases: Sequence[Case], catalogue: Catalogue, settings: Policies) -> None:
    """Fill in the customer. E_USCC, M_CUSTOMER_REVIEW and M_CUSTOMER_BLOCKED hold; a new customer passes, pending."""
    if not catalogue.knows("customers"):
        for case in cases:
            case.decide(Decision(NAME, "unchecked", text="no customers are loaded"))
        return
    for case in cases:
        private = case.order.channel in settings.customer.private_channels
        match = catalogue.find_customers(case.order.sold_to, case.origin, alike=not private)
        _check_uscc(case)
        _decide(case, match, private, settings.customer)


def _decide(case: Case, match: Match, private: bool, settings: CustomerSettings) -> None:
    linked = match.customer or _alike_enough(match, settings)
    considered = tuple([_shown(candidate) for candidate in match.candidates]) if match.candidates else ()
    if linked is not None:
        _take(case, linked, match, considered)
        return
    likely = [c for c in match.candidates if c.score >= _thousandths(settings.review) and not c.uscc_conflict]
    if likely or (match.candidates and match.how != "likeness"):
        why = "several customers have this number" if match.how != "likeness" else "it may be one of these customers"
        case.decide(Decision(NAME, "hold", "M_CUSTOMER_REVIEW", text=why, inputs=_inputs(case, match), considered=considered))
    elif private:
        case.private_buyer = True
        case.decide(Decision(NAME, "pass", text="a private buyer", inputs=_inputs(case, match)))
    else:
        case.customer = case.new_customer = _pending(case.order, case.origin)
        inputs = _inputs(case, match, case.customer)
        text = "nobody is known by these numbers or like this"
        case.decide(Decision(NAME, "pass", text=text, inputs=inputs, considered=considered))


def _take(case: Case, customer: CustomerMaster, match: Match, considered: tuple[Mapping[str, Any], ...]) -> None:
    case.customer = customer
    inputs = _inputs(case, match, customer)
    if customer.status == "blocked":
        case.decide(Decision(NAME, "hold", "M_CUSTOMER_BLOCKED", text=f"{customer.name} is blocked", inputs=inputs))
    else:
        case.decisions.append(Decision(NAME, "pass", None, None, "", inputs, considered))


def _alike_enough(match: Match, settings: CustomerSettings) -> CustomerMaster | None:
    """The one customer that is like enough, in the same region and of no other social credit code; None for two of them."""
    if match.how != "likeness":
        return None
    least = _thousandths(settings.link)
    found = [c for c in match.candidates if c.score >= least and c.same_region and not c.uscc_conflict]
    return found[0].customer if len(found) == 1 else None


def _check_uscc(case: Case) -> None:
    given = case.order.sold_to.uscc
    if given is not None and not is_uscc(compact(given)):
        text = "the buyer's social credit code has a wrong check character or form"
        case.decide(Decision(NAME, "hold", "E_USCC", text=text, inputs={"uscc": given}))


def _pending(order: OrderPlaced, origin: str) -> CustomerMaster:
    """A new customer, pending until a person has looked; whoever names the same party gives the same number."""
    party = order.sold_to
    uscc = compact(party.uscc) if party.uscc is not None and is_uscc(compact(party.uscc)) else None
    return customer_master(
        as_of=FIRST,
        customer_no=_new_number(party, origin, uscc),
        name=party.name or party.party_id,
        status="pending",
        org_type=party.org_type or TIERS.get(order.dealer_tier or 0),
        tier=order.dealer_tier,
        region=party.region,
        uscc=uscc,
        gln=party.gln,
        lei=party.lei,
        external_ids=(external_id(source=origin, id=party.party_id),),
        address=party.address,
        phone=party.phone,
        email=party.email,
    )


def _new_number(party: Party, origin: str, uscc: str | None) -> str:
    known_by = uscc or party.gln or f"{origin}\n{party.party_id}"
    return f"NEW-{hashlib.sha256(known_by.encode()).hexdigest()[:10].upper()}"


def _inputs(case: Case, match: Match, customer: CustomerMaster | None = None) -> dict[str, Any]:
    party = case.order.sold_to
    given = {"party_id": party.party_id, "source": case.origin}
    if party.name is not None:
        given["name"] = party.name
    if party.uscc is not None:
        given["uscc"] = party.uscc
    if party.gln is not None:
        given["gln"] = party.gln
    given["by"] = match.how
    if customer is not None:
        given["customer_no"] = customer.customer_no
    return given


def _shown(candidate: Candidate) -> dict[str, Any]:
    alike = candidate.likeness
    parts = {"name": alike.name, "address": alike.address, "phone": alike.phone}
    return {
        "customer_no": candidate.customer.customer_no,
        "name": candidate.customer.name,
        "score": _decimal(candidate.score),
        "parts": {part: _decimal(value) for part, value in parts.items() if value is not None},
        "same_region": candidate.same_region,
        "uscc_conflict": candidate.uscc_conflict,
    }


def _thousandths(share: Decimal) -> int:
    return int(share * 1000)


def _decimal(thousandths: int) -> str:
    return str(Decimal(thousandths).scaleb(-3))
