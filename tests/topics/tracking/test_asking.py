"""Checks asked for out of turn: one job a keyword, and the pages of the key that asks."""

from typing import Any

import pytest

import queues
from jobs import serp
from state.access import quotas
from state.tracking import keywords
from tests import fakes
from tests.state import tracked
from topics.access import api_keys
from topics.tracking import asking, projects
from worker import inline

#: What a provider answers, and the pages that the key has paid in the end. The project looks at 30 results.
PAID: dict[str, Any] = {
    "ranked on the first page": (fakes.serp(["https://example.com/", *fakes.others(9)]), 1),
    "found nowhere": (lambda text, start: fakes.page_of_others(start), 3),
    "captcha": (fakes.CAPTCHA, 0),
}


def spent(key_id: str) -> tuple[int, int]:
    """Pages fetched and pages reserved."""
    used = quotas.usage(key_id, quotas.months()[0])
    return used.fetched, used.reserved


@pytest.mark.parametrize("name", PAID)
def test_a_key_pays_for_the_pages_that_were_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answer, paid = PAID[name]
    fakes.use(monkeypatch, answer)
    key, _ = api_keys.add("shop", "operator")
    [word] = tracked()
    projects.change("p", {"depth": 30})
    with queues.owned_by(key.id):
        made = asking.check_now(serp.track_keyword, [keywords.get(word)])
    assert made["pages_at_most"] == 3 and spent(key.id) == (0, 3)

    inline.run_until_idle()
    queues.settle_pages(key.id)
    assert spent(key.id) == (paid, 0)


def test_a_check_that_fetches_nothing_costs_nothing() -> None:
    key, _ = api_keys.add("shop", "operator")
    [word] = tracked()
    keyword = keywords.get(word)
    with queues.owned_by(key.id):
        asking.check_now(serp.track_keyword, [keyword])
    keywords.remove("p", [word])
    inline.run_until_idle()

    assert spent(key.id) == (0, 0)


def test_a_keyword_in_hand_is_not_paid_for_twice() -> None:
    key, _ = api_keys.add("shop", "operator")
    [word] = tracked()
    with queues.owned_by(key.id):
        first = asking.check_now(serp.track_keyword, [keywords.get(word)])
        again = asking.check_now(serp.track_keyword, [keywords.get(word)])

    assert again["checks"][0]["duplicate_of"] == first["checks"][0]["job_id"] and spent(key.id) == (0, 1)
