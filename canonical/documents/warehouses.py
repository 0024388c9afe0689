"""Places goods lie at."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from canonical.documents.master import Master
from canonical.values import Address, Code


class WarehouseMaster(Master):
    """A place goods lie at. `consigned`: at a customer's (`customer_no`), our goods; `lead_days` from release to the door."""

    message_type: ClassVar[str] = "warehouse.master"

    location: Code
    name: str
    owner: Literal["own", "consigned"] = "own"
    customer_no: Code | None = None
    region: str | None = None
    address: Address | None = None
    cold_chain: bool = False
    lead_days: Annotated[int, Field(ge=0)] = 0
    active: bool = True

    def key(self) -> str:
        return self.location
