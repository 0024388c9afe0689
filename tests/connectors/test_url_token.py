"""The secret in the URL of platforms that sign nothing."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from canonical.failures import Misconfigured, Unauthenticated
from connectors.base import Endpoint, RawMessage
from connectors.url_token import check_token, with_token

ENDPOINT = Endpoint("test", "partner", "magento", (b"newest-token", b"token-before"))
RAW = RawMessage("test", {}, b"{}", datetime(2026, 3, 2, tzinfo=UTC))


def test_the_newest_and_the_token_before_are_good():
    assert with_token(RAW, ENDPOINT).query == {"token": "newest-token"}
    check_token(with_token(RAW, ENDPOINT), ENDPOINT)
    check_token(replace(RAW, query={"token": "token-before"}), ENDPOINT)


@pytest.mark.parametrize("query", [{}, {"token": ""}, {"token": "newest-toke"}, {"token": "néwest"}, {"Token": "newest-token"}])
def test_another_token_or_none_is_refused(query):
    with pytest.raises(Unauthenticated, match="not authentic"):
        check_token(replace(RAW, query=query), ENDPOINT)


@pytest.mark.parametrize("secrets", [(), (b"",), (b"\xff\xfe",)])
def test_an_endpoint_without_a_usable_token_lets_nobody_in(secrets):
    with pytest.raises(Misconfigured):
        check_token(replace(RAW, query={"token": "x"}), replace(ENDPOINT, secrets=secrets))
