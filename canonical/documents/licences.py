"""Who may sell what, and where: licences of customers, authorisations of dealers."""

from datetime import date
from typing import ClassVar, Literal

from canonical.documents.base import refuse
from canonical.documents.master import Master
from canonical.documents.orders import SalesChannel
from canonical.master_checks import licence_problems, period_problems
from canonical.values import Code


class LicenceUpdated(Master):
    """A licence of a customer: operating licence (class III), filing (class II), or of a medical institution. `scope` lists
    category codes; empty is all."""

    message_type: ClassVar[str] = "licence.updated"

    licence_no: Code
    customer_no: Code
    kind: Literal["operating_licence", "operating_filing", "medical_institution", "other"]
    scope: tuple[Code, ...] = ()
    status: Literal["active", "suspended", "revoked"] = "active"
    valid_from: date | None = None
    valid_to: date | None = None

    def key(self) -> str:
        return self.licence_no

    def check(self) -> None:
        refuse(list(licence_problems(self)))


class AuthorisationUpdated(Master):
    """A dealer may sell product lines (or SKUs) in regions, through channels, to hospitals; empty is all,
    `hospitals_denied` none."""

    message_type: ClassVar[str] = "authorisation.updated"

    authorisation_no: Code
    dealer: Code
    product_lines: tuple[Code, ...] = ()
    skus: tuple[Code, ...] = ()
    regions: tuple[Code, ...] = ()
    hospitals_allowed: tuple[Code, ...] = ()
    hospitals_denied: tuple[Code, ...] = ()
    channels: tuple[SalesChannel, ...] = ()
    status: Literal["active", "suspended", "revoked"] = "active"
    valid_from: date | None = None
    valid_to: date | None = None

    def key(self) -> str:
        return self.authorisation_no

    def check(self) -> None:
        refuse(list(period_problems(self.valid_from, self.valid_to, "")))
