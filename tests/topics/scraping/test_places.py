"""Jobs that wait for their turns in a thread leave threads to others."""

from collections.abc import Callable
from contextlib import ExitStack

import pytest

import config
import errors
import queues
from jobs import scrape
from tests.topics.scraping.conftest import QUICK
from tests.topics.scraping.inline_work import Work
from tests.topics.scraping.site import Site, page
from topics.scraping import crawl, places

pytestmark = pytest.mark.usefixtures("polite")


def a_map(site: Site) -> None:
    queues.submit(scrape.map_site, f"{site.url}/", QUICK)


def a_crawl(site: Site) -> None:
    crawl.submit_crawl(scrape.crawl_site, f"{site.url}/", QUICK)


@pytest.mark.parametrize("submit", [a_map, a_crawl])
def test_few_of_one_host_wait_at_a_time_and_the_next_has_fetched_nothing(
    submit: Callable[[Site], None], site: Site, work_off: Work
) -> None:
    site.pages |= {"/": page("Home")}
    submit(site)
    with ExitStack() as stack:
        for _ in range(places.OF_ONE_HOST):
            stack.enter_context(places.place(f"{site.url}/else"))
        [ended] = work_off(1)
        assert isinstance(ended, errors.NotNow) and site.times("/") == 0
        with places.place("https://example.com/"):  # another host has places of its own
            pass
    results = work_off()
    assert results and not [one for one in results if isinstance(one, Exception)] and site.times("/") == 1


def test_half_of_the_threads_are_left_whatever_the_hosts() -> None:
    with ExitStack() as stack:
        for number in range(config.settings().worker_threads // 2):
            stack.enter_context(places.place(f"https://{number}.example/"))
        with pytest.raises(errors.NotNow), places.place("https://one-more.example/"):
            pass
    with places.place("https://one-more.example/"):
        pass
