"""Products: units, storage, registration certificates, smallest quantities."""

from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from canonical.documents.base import refuse
from canonical.documents.master import Master, Period
from canonical.master_checks import product_problems
from canonical.values import Amount, Code, Party, Percent, Qty, Value


class Unit(Value):
    """One unit of a product: `numerator / denominator` base units, exact; `gtin` of that pack level."""

    uom: Code
    numerator: Annotated[int, Field(gt=0)]
    denominator: Annotated[int, Field(gt=0)] = 1
    gtin: Code | None = None


class Storage(Value):
    """Celsius; `cold_chain`: only on shipments with a temperature logger."""

    min_c: Amount | None = None
    max_c: Amount | None = None
    cold_chain: bool = False


class Certificate(Period):
    """A registration certificate (注册证) or filing of a product."""

    number: Code


class ProductMaster(Master):
    """A product. Quantities (`moq`, `multiple`, `max_qty`) in base units; `units` lists the others it is sold in."""

    message_type: ClassVar[str] = "product.master"

    sku: Code
    name: str
    names: dict[str, str] = Field(default_factory=dict)
    status: Literal["active", "stop_sale", "discontinued"] = "active"
    product_line: Code | None = None
    category_code: Code | None = None
    device_class: Literal["I", "II", "III"] | None = None
    mpn: Code | None = None
    gtin: Code | None = None
    udi_di: Code | None = None
    issuing_agency: Literal["GS1", "MA", "AHM", "HIBCC", "ICCBBA"] | None = None
    ids: dict[str, Code] = Field(default_factory=dict)
    spec_model: str | None = None
    manufacturer: Party | None = None
    certificates: tuple[Certificate, ...] = ()
    base_uom: Code = "EA"
    units: tuple[Unit, ...] = ()
    moq: Qty = Decimal(1)
    multiple: Qty = Decimal(1)
    max_qty: Qty | None = None
    lot_controlled: bool = False
    serial_controlled: bool = False
    shelf_life_days: Annotated[int, Field(gt=0)] | None = None
    min_remaining_shelf_days: Annotated[int, Field(ge=0)] | None = None
    storage: Storage = Storage()
    home_use: bool = False
    tax_rate_pct: Percent | None = None

    def key(self) -> str:
        return self.sku

    def check(self) -> None:
        refuse(list(product_problems(self)))
