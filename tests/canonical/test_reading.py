"""What is read again without validation is what the class reads."""

import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest

from canonical.documents.base import Document, is_a
from canonical.documents.order_changes import OrderChanged
from canonical.documents.orders import OrderPlaced
from canonical.documents.products import ProductMaster
from canonical.documents.registry import DOCUMENTS
from canonical.reading import read
from canonical.structs import WRITER, as_json
from tests.canonical.test_writing import ORDER, canonical_documents

ROOT = Path(__file__).parents[2]


def order(**more: Any) -> bytes:
    return OrderPlaced.model_validate_json(orjson.dumps(ORDER | more)).body()


def test_every_golden_sample_is_read_as_its_class_reads_it() -> None:
    kinds = set()
    for document in canonical_documents():
        body = document.body()
        again, validated = read(type(document), body), type(document).model_validate_json(body)
        assert again == validated == document and again == read(type(document), body)
        assert again.body() == body and again.content() == validated.content() and again.fact() == validated.fact()
        assert as_json(again) == as_json(validated) == validated.model_dump(mode="json", exclude_none=True)
        for asked in ("subject", "identity", "partition_key", "occurred_at", "known_as"):
            assert getattr(again, asked)() == getattr(validated, asked)()
        kinds.add(document.message_type)
    assert len(kinds) > 8


@pytest.mark.parametrize("kind", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_nothing_is_no_document_of_any_kind_that_asks_for_something(kind: type[Document]) -> None:
    with pytest.raises(msgspec.DecodeError):
        read(kind, b"{}")


def test_what_is_absent_is_what_the_class_says() -> None:
    body = ProductMaster(sku="S", name="Syringe", as_of="2026-01-01T00:00:00Z").body()  # type: ignore[arg-type]
    assert read(ProductMaster, body) == ProductMaster.model_validate_json(body)


def test_numbers_of_any_length_in_extensions_stay_exact() -> None:
    body = order(extensions={"id": 2**63, "rate": 0.1, "deep": {"list": [1, None, True]}})
    long = body.replace(b"9223372036854775808", b"123456789012345678901234567890")
    assert read(OrderPlaced, long) == OrderPlaced.model_validate_json(long)
    assert read(OrderPlaced, long).body() == long


def test_what_a_class_makes_anew_is_not_shared() -> None:
    one, other = (read(OrderPlaced, order()) for _ in range(2))
    assert one.references == {} and one.references is not other.references
    assert one.lines[0].ids is not other.lines[0].ids


def test_a_copy_with_other_values_leaves_the_first_as_it_was() -> None:
    one, whole = read(OrderPlaced, order()), OrderPlaced.model_validate_json(order())
    assert one.but(order_no="B") == whole.but(order_no="B") and one.but(order_no="B").order_no == "B"
    assert one.order_no == "A" and one == whole
    with pytest.raises(TypeError):
        one.but(colour="blue")


def test_a_copy_is_written_without_what_equals_a_default_again() -> None:
    line = read(OrderPlaced, order()).lines[0].but(price_base_qty=Decimal(2))
    again = line.but(price_base_qty=Decimal("1.0"), unit_price=None)
    assert again.price_base_qty == 1 and b"price_base_qty" not in WRITER.encode(again)


def test_what_is_read_cannot_be_changed() -> None:
    one = read(OrderPlaced, order())
    for part, name in ((one, "order_no"), (one.lines[0], "qty"), (one.sold_to, "name")):
        with pytest.raises(AttributeError):
            setattr(part, name, None)


def test_a_struct_says_of_which_class_it_was_made() -> None:
    one = read(OrderPlaced, order())
    assert is_a(one, OrderPlaced) and is_a(OrderPlaced.model_validate_json(order()), OrderPlaced)
    assert not is_a(one, OrderChanged) and not is_a(None, OrderPlaced)


@pytest.mark.parametrize("more", [{"colour": "blue"}, {"priority": "high"}, {"channel": "pigeon"}])
def test_what_cannot_be_a_document_of_ours_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(msgspec.DecodeError):
        read(OrderPlaced, orjson.dumps(ORDER | more))


READ_AT_ONCE = """
import sys, threading
from canonical import reading, structs
from tests.canonical.test_writing import canonical_documents

bodies = list({type(document): document.body() for document in canonical_documents()}.items())
done = []

def read(start, first):
    start.wait()
    for kind, body in bodies[first:] + bodies[:first]:
        reading.read(kind, body)
        done.append(kind)

def all_at_once():
    for cache in (reading._reader, structs.struct_of):
        cache.cache_clear()
    start = threading.Barrier(8)
    threads = [threading.Thread(target=read, args=(start, first)) for first in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

sys.setswitchinterval(1e-6)
for _ in range(ROUNDS):
    all_at_once()
print(len(bodies), len(done))
"""
ROUNDS = 25


@pytest.mark.slow
def test_threads_that_read_for_the_first_time_at_once_do_not_get_in_each_others_way() -> None:
    """In a process of its own, which would die of it."""
    program = READ_AT_ONCE.replace("ROUNDS", str(ROUNDS))
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    kinds, done = map(int, ran.stdout.split())
    assert (kinds > 8, done) == (True, 8 * ROUNDS * kinds)
