"""What routing rules cost: both CEL engines on 50 rules, and `Rules.channels` as the hub calls it.

Run: .venv/bin/python benchmarks/rules.py   (the Rust engine is compared where `common-expression-language` is installed)
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from canonical.documents.orders import OrderLine, OrderPlaced, Totals
from canonical.documents.stock import StockItem, StockLevel
from canonical.envelope import Message, first_message
from canonical.light import whole
from canonical.values import Address, Party, Quantity
from routing.rules.decide import Rules
from routing.rules.engine import activation, compile_program, verdict

CONDITIONS = [
    'body.channel == "edi"', "has(body.totals) && body.totals.payable > {n}00.0", "body.priority < {m}",
    'body.lines.exists(l, l.sku == "SKU-{n}")', 'body.sold_to.party_id == "DEALER-{n}"',
    'body.ship_to.address.country in ["DE", "FR", "NL"] && body.priority != {m}', 'message.source.startsWith("dealer-{n}")',
    "body.lines.all(l, l.qty.value < {n}.5)", "!body.allow_partial || size(body.lines) > {n}",
    'has(body.contract_no) && body.contract_no.matches("^C-{n}[0-9]+$")',
]  # fmt: skip
FIFTY = [template.format(n=n + 1, m=n % 5 + 1) for n in range(5) for template in CONDITIONS]
CHANNELS = [f"channel-{n}" for n in range(len(FIFTY))]
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def an_order() -> Message:
    lines = tuple(
        OrderLine(
            line_no=str(n), sku=f"SKU-{n}", qty=Quantity(value=Decimal(n)), unit_price=Decimal("129.50"),
            line_amount=Decimal("129.50") * n,
        )
        for n in (1, 2, 3)
    )  # fmt: skip
    dealer = Party(party_id="DEALER-3", name="Acme Medical", address=Address(city="Bonn", country="DE"))
    amount = Decimal("777.00")
    document = OrderPlaced(
        order_no="SO-1", channel="edi", sold_to=dealer, ship_to=dealer, currency="EUR", price_date=date(2026, 3, 2),
        contract_no="C-31", lines=lines,
        totals=Totals(lines=amount, tax_exclusive=amount, tax=Decimal(0), tax_inclusive=amount, payable=amount),
    )  # fmt: skip
    return first_message(document, source="dealer-3", raw_id="raw", now=NOW)


def micros(call: Callable[[], object], times: int) -> float:
    """Microseconds a call, the median of five rounds."""
    rounds = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(times):
            call()
        rounds.append((time.perf_counter() - start) / times * 1e6)
    return statistics.median(rounds)


def rules_of(conditions: list[str]) -> Rules:
    """Rules for order.placed with these conditions, and one without for stock.level, through a file as in production."""
    text = [f"- {{name: r{n}, type: order.placed, to: [{CHANNELS[n]}], when: '{when}'}}" for n, when in enumerate(conditions)]
    text.append(f"- {{name: stock, type: stock.level, to: [{CHANNELS[0]}]}}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rules.yaml")
        path.write_text("\n".join(text), encoding="utf-8")
        return Rules.load(path, channels=CHANNELS)


def both_variables(message: Message) -> dict[str, Any]:
    """The whole document with amounts as numbers, as both engines can read it."""
    body = whole(message.document).model_dump(mode="python", exclude_none=True)
    return {"message": {"source": message.source}, "body": _plain(body)}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return {Decimal: float, date: str}.get(type(value), lambda same: same)(value)


def engine_rows(values: dict[str, Any]) -> list[tuple[str, float]]:
    programs = [compile_program(text).compiled for text in FIFTY]

    def shared() -> list[bool | str]:
        one = activation(values)
        return [verdict(program, one) for program in programs]

    rows = [
        ("C++ (cel-expr-python), 50 rules, one activation", micros(shared, 400)),
        ("C++, 50 rules, an activation for each", micros(lambda: [verdict(p, activation(values)) for p in programs], 50)),
        ("C++, compile one rule", micros(lambda: compile_program(FIFTY[1]), 100)),
    ]
    try:
        import cel as rust  # noqa: PLC0415 - an optional candidate, not a dependency
    except ImportError:
        return [*rows, ("Rust (common-expression-language): not installed", float("nan"))]
    compiled = [rust.compile(text) for text in FIFTY]

    def shared_in_rust() -> list[object]:
        context = rust.Context(variables=values)
        return [program.execute(context) for program in compiled]

    assert shared_in_rust() == shared(), "the engines disagree"
    return [
        *rows,
        ("Rust (common-expression-language), 50 rules, one context", micros(shared_in_rust, 200)),
        ("Rust, 50 rules, a dict for each", micros(lambda: [p.execute(values) for p in compiled], 5)),
        ("Rust, compile one rule", micros(lambda: rust.compile(FIFTY[1]), 100)),
    ]


def routing_rows(message: Message) -> list[tuple[str, float]]:
    one, five, fifty = rules_of(FIFTY[:1]), rules_of(FIFTY[:5]), rules_of(FIFTY)
    level = StockLevel(
        location="WH1", as_of=NOW, mode="snapshot", reference="R1", items=(StockItem(item="SKU-1", on_hand=Decimal(1)),)
    )  # fmt: skip
    report = first_message(level, source="warehouse-main", raw_id="raw", now=NOW)
    return [
        ("Rules.channels, type without conditions", micros(lambda: five.channels(report), 20000)),
        ("Rules.channels, order.placed, 1 of 1 rule", micros(lambda: one.channels(message), 4000)),
        ("Rules.channels, order.placed, 5 rules", micros(lambda: five.channels(message), 2000)),
        ("Rules.channels, order.placed, 50 rules", micros(lambda: fifty.channels(message), 300)),
        ("Rules.explain, order.placed, 5 rules", micros(lambda: five.explain(message), 500)),
        ("Rules.load, 51 rules, ms", micros(lambda: rules_of(FIFTY), 1) / 1000),
    ]


def main() -> None:
    message = an_order()
    for title, figure in engine_rows(both_variables(message)) + routing_rows(message):
        print(f"{title:<60} {figure:10.1f}")


if __name__ == "__main__":
    main()
