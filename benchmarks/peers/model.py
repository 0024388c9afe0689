"""The peers' tables as SQLAlchemy ORM classes, one set for both: orders, lines, stock, reservations, outbox."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Numeric, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from benchmarks.peers.documents import PlaceOrder


class OutOfStock(Exception):
    """Fewer pieces free than asked for."""


class Base(DeclarativeBase):
    type_annotation_map = {datetime: DateTime(timezone=True), Decimal: Numeric(14, 2), dict[str, Any]: JSONB}  # noqa: RUF012


class Stock(Base):
    __tablename__ = "stock"
    __table_args__ = (CheckConstraint("reserved >= 0 AND reserved <= on_hand", name="stock_never_below_zero"),)

    sku: Mapped[str] = mapped_column(primary_key=True)
    on_hand: Mapped[int]
    reserved: Mapped[int] = mapped_column(default=0)

    def reserve(self, quantity: int) -> None:
        """Take so many pieces of what is free; OutOfStock when there are not enough."""
        if self.on_hand - self.reserved < quantity:
            raise OutOfStock(self.sku)
        self.reserved += quantity


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_no: Mapped[str] = mapped_column(unique=True)
    webhook_id: Mapped[str] = mapped_column(unique=True)
    placed_at: Mapped[datetime]
    currency: Mapped[str]
    email: Mapped[str]
    ship_to: Mapped[dict[str, Any]]
    total: Mapped[Decimal]
    tax: Mapped[Decimal]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    lines: Mapped[list["OrderLine"]] = relationship(back_populates="order")


class OrderLine(Base):
    __tablename__ = "order_lines"
    __table_args__ = (UniqueConstraint("order_id", "line_no"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    line_no: Mapped[int]
    sku: Mapped[str]
    title: Mapped[str]
    quantity: Mapped[int]
    price: Mapped[Decimal]
    order: Mapped[Order] = relationship(back_populates="lines")
    reservation: Mapped["Reservation"] = relationship(back_populates="line")


class Reservation(Base):
    __tablename__ = "reservations"

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"), unique=True)
    sku: Mapped[str] = mapped_column(ForeignKey("stock.sku"))
    quantity: Mapped[int]
    line: Mapped[OrderLine] = relationship(back_populates="reservation")


class OutboxEvent(Base):
    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str]
    key: Mapped[str]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


def order_of(message: PlaceOrder) -> Order:
    """The order with its lines and their reservations, not yet in a session."""
    lines = [
        OrderLine(
            line_no=line.line_no,
            sku=line.sku,
            title=line.title,
            quantity=line.quantity,
            price=line.price,
            reservation=Reservation(sku=line.sku, quantity=line.quantity),
        )
        for line in message.lines
    ]
    return Order(
        order_no=message.order_no,
        webhook_id=message.webhook_id,
        placed_at=message.placed_at,
        currency=message.currency,
        email=message.email,
        ship_to=message.ship_to.model_dump(mode="json"),
        total=message.total,
        tax=message.tax,
        lines=lines,
    )


def stock_reserved(message: PlaceOrder) -> OutboxEvent:
    """The event that tells others of the reservation."""
    lines = [{"line_no": line.line_no, "sku": line.sku, "quantity": line.quantity} for line in message.lines]
    return OutboxEvent(topic="stock.reserved", key=message.order_no, payload={"order_no": message.order_no, "lines": lines})
