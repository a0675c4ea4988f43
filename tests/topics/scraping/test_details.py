"""Details of visits and lanes: what a mutation of one line breaks, and no other test sees."""

from dataclasses import replace

import pytest

import clock
import config as settings
import errors
from clients import fetch
from state.scraping import frontier, gates, hosts
from state.store import constants
from tests.topics.scraping.site import Site, sends_to
from topics.scraping import config as configs
from topics.scraping import lanes, outcomes, visits
from topics.scraping.config import ScrapingConfig

pytestmark = pytest.mark.usefixtures("polite")


def given(attempts: int) -> frontier.Page:
    return frontier.Page(1, 0, attempts, "https://shop.example/", "token", False, False)


@pytest.mark.parametrize(("attempts", "delay_ms"), [(0, 10_000), (1, 20_000), (2, 40_000)])
def test_each_try_of_a_page_comes_twice_as_late_as_the_one_before(attempts: int, delay_ms: int) -> None:
    config = ScrapingConfig(max_retries=3, retry_delay=10)
    assert outcomes.failed(errors.NetworkError("late"), given(attempts), config).delay_ms == delay_ms
    assert outcomes.failed(errors.NetworkError("late"), given(3), config).outcome == "failed:network"


def test_a_job_waits_in_its_thread_for_so_long_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(clock, "wait", waited.append)
    left = lanes._await(frontier.Wait(0.2), "why", 0.5)
    assert left == pytest.approx(0.3) and lanes._await(frontier.Wait(0.0), "why", left) == pytest.approx(0.29)
    with pytest.raises(errors.NotNow, match="why"):
        lanes._await(frontier.Wait(0.31), "why", left)
    assert waited == [0.2, 0.0]


def test_a_robots_txt_without_end_forbids_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows what it says."""

    def endless(*_: object, **__: object) -> fetch.Reply:
        raise errors.PageTooLarge("larger than 500 KB")

    monkeypatch.setattr(fetch, "get", endless)
    assert visits.fetch_robots("https://shop.example/robots.txt").status >= 500


def test_without_verified_certificates_robots_txt_and_the_page_are_asked_alike(
    monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    asked: list[fetch.Request] = []
    get = fetch.get
    monkeypatch.setattr(fetch, "get", lambda request, *rest, **more: asked.append(request) or get(request, *rest, **more))
    with settings.overridden(fetch_allow_unverified_tls=True):
        config = configs.of({"verify_tls": False, "delay_between_requests": 0})
    visits.end(visits.go(f"{site.url}/", config, "direct-1"))
    assert [request.url.removeprefix(site.url) for request in asked] == ["/robots.txt", "/"]
    assert not any(request.verify_tls for request in asked)
    with pytest.raises(errors.ArgumentError, match="FETCH_ALLOW_UNVERIFIED_TLS=true"):
        configs.of({"verify_tls": False})


def test_a_page_that_sends_round_in_circles_says_nothing_against_its_host(site: Site) -> None:
    site.pages |= {"/a": sends_to("/b"), "/b": sends_to("/a")}
    config = ScrapingConfig(delay_between_requests=0, obey_robots=False)
    for number in range(constants.BREAKER_VOLUME):
        visit = visits.go(f"{site.url}/a", config, f"direct-{number}")
        visits.end(visit)
        assert isinstance(visit.error, errors.TooManyRedirects)
    assert hosts.state("127.0.0.1").breaker == "closed"


def test_a_lane_that_goes_on_at_another_host_leaves_the_line_of_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else that host waited for a page that nobody brings."""
    first, second = (replace(given(0), url=f"https://{name}.example/", token=name) for name in ("a", "b"))
    answers = [(first, None), (second, None), (frontier.End("over"), None)]
    came = [lanes.Came(frontier.Told("wait", delay_ms=60_000), in_line=True), lanes.Came(frontier.Told("done"))]
    left: list[tuple[str, str]] = []
    monkeypatch.setattr(lanes, "_course", lambda ledger_id: lanes.NOTHING)
    monkeypatch.setattr(lanes, "_step", lambda *_: answers.pop(0))
    monkeypatch.setattr(lanes, "_page", lambda *_: came.pop(0))
    monkeypatch.setattr(lanes, "_pack", lambda *_, **__: None)
    monkeypatch.setattr(gates, "withdraw", lambda host, holder: left.append((host, holder)))
    assert lanes.run("abc-1-2") == {"pages": 1, "ended": "over"} and left == [("a.example", "abc-1-2")]


@pytest.mark.parametrize(
    ("attempts", "wait_s", "retry_delay", "kind", "outcome"),
    [
        (0, 15.0, 1, gates.BreakerOpen, None),  # it was never tried: it waits
        (1, 15.0, 1, errors.NotNow, None),  # it waits for its turn
        (1, 15.0, None, gates.BreakerOpen, None),  # the breaker closes before the page would be tried again
        (1, 15.0, 1, gates.BreakerOpen, "retry"),
        (3, 15.0, 1, gates.BreakerOpen, "failed:network"),
    ],
)
def test_a_page_that_failed_waits_for_the_breaker_no_longer_than_for_its_next_try(
    attempts: int, wait_s: float, retry_delay: int | None, kind: type[errors.NotNow], outcome: str | None
) -> None:
    config = ScrapingConfig(max_retries=3, retry_delay=retry_delay)
    told = outcomes.still_failing(kind(clock.now(), "the breaker is open"), wait_s, given(attempts), config)
    assert (told and told.outcome) == outcome
