"""What a peer's service declares of Shopify's order webhook: the fields it uses, checked by pydantic, and the message it queues."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Money = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Address(Frozen):
    name: Text
    company: str | None = None
    address1: Text
    address2: str | None = None
    zip: Text
    city: Text
    country_code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class Amount(Frozen):
    amount: Money
    currency_code: Currency


class PriceSet(Frozen):
    shop_money: Amount


class LineItem(Frozen):
    id: int
    sku: Text
    title: Text
    quantity: Annotated[int, Field(ge=1)]
    price: Money


class ShopifyOrder(Frozen):
    """The webhook's body. Its sums must agree."""

    id: int
    name: Text
    created_at: datetime
    currency: Currency
    email: Text
    financial_status: Text
    line_items: Annotated[tuple[LineItem, ...], Field(min_length=1)]
    shipping_address: Address
    subtotal_price: Money
    total_discounts: Money
    total_tax: Money
    total_price: Money
    total_shipping_price_set: PriceSet

    @model_validator(mode="after")
    def sums_agree(self) -> Self:
        lines = sum((line.price * line.quantity for line in self.line_items), Decimal(0))
        if lines - self.total_discounts != self.subtotal_price:
            raise ValueError(f"lines come to {lines - self.total_discounts}, subtotal_price is {self.subtotal_price}")
        total = self.subtotal_price + self.total_tax + self.total_shipping_price_set.shop_money.amount
        if total != self.total_price:
            raise ValueError(f"parts come to {total}, total_price is {self.total_price}")
        return self


class OrderLine(Frozen):
    line_no: Annotated[int, Field(ge=1)]
    sku: Text
    title: Text
    quantity: Annotated[int, Field(ge=1)]
    price: Money


class PlaceOrder(Frozen):
    """The message on the queue: what the worker needs of the order."""

    order_no: Text
    webhook_id: Text
    placed_at: datetime
    currency: Currency
    email: Text
    ship_to: Address
    total: Money
    tax: Money
    lines: Annotated[tuple[OrderLine, ...], Field(min_length=1)]


def place_order(order: ShopifyOrder, webhook_id: str) -> PlaceOrder:
    """The message for a validated webhook."""
    return PlaceOrder(
        order_no=order.name,
        webhook_id=webhook_id,
        placed_at=order.created_at,
        currency=order.currency,
        email=order.email,
        ship_to=order.shipping_address,
        total=order.total_price,
        tax=order.total_tax,
        lines=tuple(
            OrderLine(line_no=at, sku=item.sku, title=item.title, quantity=item.quantity, price=item.price)
            for at, item in enumerate(order.line_items, start=1)
        ),
    )
