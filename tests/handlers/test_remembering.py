"""What the order handler remembers of documents it has read: never another one, and behind a backlog what is asked for next."""

import pytest

from canonical.documents.orders import OrderPlaced
from handlers.order import remembering
from handlers.order.remembering import Documents
from handlers.order.terms import terms_of
from tests.handlers import golden


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Documents:
    monkeypatch.setattr(remembering, "MOST", 2)
    return Documents()


def of_number(order_no: str) -> OrderPlaced:
    return golden.placed().model_copy(update={"order_no": order_no})


def test_a_forgotten_document_is_read_again_without_pushing_out_those_that_are_asked_for_next(few: Documents) -> None:
    first, second, third = (of_number(no) for no in ("SO-1", "SO-2", "SO-3"))
    for document in (first, second, third):
        few.keep(document.body().decode(), terms_of(document))
    assert few.of("SO-1", first.body().decode()).document == first
    assert few.of("SO-2", second.body().decode()).document is second
    assert few.of("SO-3", third.body().decode()).document is third


def test_an_order_with_another_text_is_another_document(few: Documents) -> None:
    before = of_number("SO-1")
    after = before.model_copy(update={"remarks": "by the back door"})
    few.keep(before.body().decode(), terms_of(before))
    assert few.of("SO-1", after.body().decode()).document == after
    assert few.of("SO-1", before.body().decode()).document == before
