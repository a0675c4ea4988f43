"""A site on loopback that may be fetched, and jobs that are run in this process, one after the other."""

from collections.abc import Iterator

import pytest

import config
from tests.topics.scraping import inline_work
from tests.topics.scraping import site as sites
from tests.topics.scraping.inline_work import Work
from topics.scraping import lanes, robots_rules, stored

#: Nothing waits: what a test says of time, it says by a frozen clock.
QUICK = {"delay_between_requests": 0, "retry_delay": 0}


@pytest.fixture
def polite(settings: config.Settings) -> Iterator[None]:
    """Loopback may be fetched, without delay; nothing of another test is remembered."""
    lanes._course.cache_clear()
    stored.store.cache_clear()
    robots_rules.kept.clear()
    with config.overridden(fetch_allow_networks="127.0.0.0/8", request_delay=0.0, host_concurrency=100, max_workers=3):
        yield
    stored.store.cache_clear()


@pytest.fixture
def site() -> Iterator[sites.Site]:
    """An empty site."""
    with sites.served() as served:
        yield served


@pytest.fixture
def work_off() -> Work:
    """Runs the jobs of all queues until none is left, or so many; returns their results, errors among them."""
    return inline_work.off
