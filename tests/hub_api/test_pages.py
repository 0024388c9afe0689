"""What a browser shows first, and that all of it comes from the hub itself."""

import re
from typing import cast

from fastapi.testclient import TestClient

from hub_api.app import create_app
from hub_api.intake import IntakeDoor
from hub_api.queries import router


class Shut:
    """A door nobody goes through: pages stand beside it."""


def test_the_first_page_is_the_description_of_the_api_and_needs_nothing_from_elsewhere() -> None:
    client = TestClient(create_app(cast(IntakeDoor, Shut()), [router]))
    page = client.get("/")
    assert (page.status_code, page.url.path) == (200, "/docs")
    assert "://" not in page.text
    needed = re.findall(r"""(?:src|href)=["']([^"']+)["']|url: '([^']+)'""", page.text)
    assert len(needed) >= 4, page.text
    for src, url in needed:
        assert client.get(src or url).status_code == 200, (src, url)


def test_the_description_says_of_every_question_what_it_answers() -> None:
    described = create_app(cast(IntakeDoor, Shut()), [router]).openapi()
    assert "/in/{endpoint}" in described["info"]["description"]
    assert described["paths"]["/orders/{order_no}/timeline"]["get"]["summary"].startswith("The journey of an order")
