"""What is read again without validation is what the class reads."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest

from canonical.documents.base import Document
from canonical.documents.orders import OrderPlaced
from canonical.documents.products import ProductMaster
from canonical.documents.registry import DOCUMENTS
from canonical.reading import read
from tests.canonical.test_writing import ORDER, canonical_documents

ROOT = Path(__file__).parents[2]


def order(**more: Any) -> bytes:
    return OrderPlaced.model_validate_json(orjson.dumps(ORDER | more)).body()


def test_every_golden_sample_is_read_as_its_class_reads_it() -> None:
    kinds = set()
    for document in canonical_documents():
        body = document.body()
        again, validated = read(type(document), body), type(document).model_validate_json(body)
        assert again == validated == document
        assert list(again.__dict__) == list(validated.__dict__)
        assert again.body() == body and repr(again) == repr(validated)
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


def test_small_values_that_are_alike_are_read_once() -> None:
    one, other = (read(OrderPlaced, order(order_no=number)) for number in ("A", "B"))
    assert one.lines[0].qty is other.lines[0].qty


def test_a_party_that_is_named_again_is_read_once() -> None:
    one = read(OrderPlaced, order(bill_to=ORDER["ship_to"]))
    assert one.bill_to is one.ship_to
    assert read(OrderPlaced, order(order_no="B")).ship_to is one.ship_to


def test_a_copy_with_other_values_leaves_the_first_as_it_was() -> None:
    one = read(OrderPlaced, order())
    assert one.model_copy(update={"order_no": "B"}).order_no == "B"
    assert one.order_no == "A" and one == OrderPlaced.model_validate_json(order())


@pytest.mark.parametrize("more", [{"colour": "blue"}, {"priority": "high"}, {"channel": "pigeon"}])
def test_what_cannot_be_a_document_of_ours_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(msgspec.DecodeError):
        read(OrderPlaced, orjson.dumps(ORDER | more))


READ_AT_ONCE = """
import sys, threading
from canonical import reading
from tests.canonical.test_writing import canonical_documents

bodies = list({type(document): document.body() for document in canonical_documents()}.items())
done = []

def read(start, first):
    start.wait()
    for kind, body in bodies[first:] + bodies[:first]:
        reading.read(kind, body)
        done.append(kind)

def all_at_once():
    for cache in (reading._reader, reading._form, reading._maker):
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
