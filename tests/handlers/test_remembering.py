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
        few.keep(f"M-{document.order_no}", terms_of(document))
    assert few.known("SO-1", "M-SO-1") is None
    assert few.read("SO-1", "M-SO-1", first.body().decode()).document == first
    assert few.known("SO-1", "M-SO-1") is None
    for remembered in (second, third):
        terms = few.known(remembered.order_no, f"M-{remembered.order_no}")
        assert terms is not None
        assert terms.document is remembered


def test_an_order_with_another_text_is_another_document(few: Documents) -> None:
    before = of_number("SO-1")
    after = before.model_copy(update={"remarks": "by the back door"})
    text = after.body().decode()
    few.keep("M-1", terms_of(before))
    assert few.known("SO-1", text) is None
    assert few.read("SO-1", text, text).document == after
    assert few.known("SO-1", text) is not None
    assert few.known("SO-1", "M-1") is None


def test_a_document_that_is_forgotten_makes_room_for_another(few: Documents) -> None:
    first, second, third = (of_number(no) for no in ("SO-1", "SO-2", "SO-3"))
    few.keep("M-1", terms_of(first))
    few.keep("M-2", terms_of(second))
    few.forget("SO-2")
    few.forget("SO-2")
    few.keep("M-3", terms_of(third))
    assert [few.known(f"SO-{n}", f"M-{n}") is None for n in (1, 2, 3)] == [False, True, False]
