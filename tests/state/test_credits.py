"""What the provider's account held when it was asked last."""

from typing import Any

import clock
from clients.serp.api import ProviderHealth
from state.store import keys
from state.tracking import credits
from tests.state import NOON
from topics.tracking import account


class Provider:
    """Answers as an account with credits."""

    name = "scrapedo"

    def probe(self) -> ProviderHealth:
        return ProviderHealth(True, 10, 9, 250_000.0, 1500.0, 10.0)


def test_an_answer_of_the_provider_is_kept_with_its_time() -> None:
    assert credits.latest() is None
    with clock.frozen(NOON):
        account.verify(Provider())  # type: ignore[arg-type]

    assert credits.latest() == credits.Credits("scrapedo", 1500.0, 250_000.0, 10.0, NOON)


def test_a_broken_record_is_none(store: Any) -> None:
    for text in ("x", "[]", '{"provider": "p"}', '{"provider": 1, "remaining": 2, "monthly": 3, "page": 4, "at": "never"}'):
        store.set(keys.CREDITS, text, ex=60)
        assert credits.latest() is None
    store.delete(keys.CREDITS)
    store.lpush(keys.CREDITS, "x")
    store.expire(keys.CREDITS, 60)
    assert credits.latest() is None


def test_the_share_that_is_left_needs_a_month() -> None:
    assert credits.Credits("p", 50.0, 200.0, 1.0, NOON).share_left == 0.25
    assert credits.Credits("p", 50.0, 0.0, 1.0, NOON).share_left is None
