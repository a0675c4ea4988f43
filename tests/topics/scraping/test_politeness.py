"""A page's turn: robots.txt is obeyed and waited for, redirects have turns of their own, parked jobs are called in time."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

import clock
import config
import queues
from engine import context
from errors import BlockedError, DataError, NetworkError, NoSuchHost, NotAllowed, NotNow, RobotsUnreachable
from state.engine import parked
from state.scraping import gates, hosts, keys, rates
from state.store import connection
from tests.state import NOON
from topics.scraping import politeness, robots_rules
from topics.scraping.manners import MOST_CRAWL_DELAY_S, Manners
from topics.scraping.robots_rules import Answer
from worker import inline

URL = "https://shop.example/a"
RULES = b"User-agent: *\nDisallow: /private\nCrawl-delay: 4\n"

asked: list[str] = []
Fetch = Callable[[str], Answer]


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The clock stands at noon, waiting moves it on, and this process has read no robots.txt yet."""
    robots_rules.kept.clear()
    monkeypatch.setattr(clock, "wait", lambda seconds: clock.advance(timedelta(seconds=seconds)))
    with clock.frozen(NOON):
        yield


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    asked.clear()


def answers(status: int, body: bytes = b"") -> Fetch:
    def fetch(url: str) -> Answer:
        asked.append(url)
        return Answer(status, body, 0.0)

    return fetch


def step(seconds: float) -> None:
    clock.advance(timedelta(seconds=seconds))


def visit(url: str = URL, fetch: Fetch | None = None, holder: str = "direct-1", **manners: Any) -> None:
    with politeness.turn(url, Manners(**manners), holder, fetch) as turn:
        turn.outcome("ok", sent_ago_s=0.0)


def later(url: str = URL, fetch: Fetch | None = None, holder: str = "direct-1", **manners: Any) -> NotNow:
    with pytest.raises(NotNow) as raised:
        visit(url, fetch, holder, **manners)
    return raised.value


def test_a_page_that_must_wait_says_until_when_and_for_what() -> None:
    visit()
    error = later(holder="direct-2")
    assert str(error) == "waits for its turn at host shop.example" and 0 < (error.until - NOON).total_seconds() < 1
    clock.advance(error.until - clock.now())
    visit(holder="direct-2")
    assert hosts.state("shop.example").outcomes == {"ok": 2}


def test_robots_is_fetched_once_in_a_turn_of_its_own_and_obeyed() -> None:
    fetch = answers(200, RULES)
    later(fetch=fetch)
    step(4)
    visit(fetch=fetch)
    with pytest.raises(NotAllowed, match="OBEY_ROBOTS"):
        visit("https://shop.example/private/x", fetch)
    assert asked == ["https://shop.example/robots.txt"]
    assert (later(fetch=fetch).until - clock.now()).total_seconds() > 3.8, "its Crawl-delay"
    robots_rules.kept.clear()
    step(4)
    visit(fetch=fetch)
    assert len(asked) == 1, "another process takes it from Redis"


def test_robots_is_read_again_after_a_day() -> None:
    fetch = answers(404)
    later(fetch=fetch)
    step(86_401)
    robots_rules.kept.clear()
    later(fetch=fetch)
    assert len(asked) == 2


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 410, 451])
def test_a_missing_robots_allows_everything(status: int) -> None:
    later(fetch=answers(status))
    step(1)
    visit("https://shop.example/private", answers(status))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_unreachable_robots_is_waited_for_with_back_off_and_then_its_pages_fail(status: int) -> None:
    waits = []
    for _ in range(robots_rules.MOST_TRIES - 1):
        error = later(fetch=answers(status))
        assert str(error) == "robots.txt of host shop.example cannot be reached"
        waits.append((error.until - clock.now()).total_seconds())
        clock.advance(error.until - clock.now() + timedelta(seconds=1))
        hosts.reset("shop.example")
    assert waits == [30, 60, 120]
    for _ in range(3):  # nobody waits for a host that is gone, and nobody asks it more often for that
        with pytest.raises(RobotsUnreachable, match="try later"):
            visit(fetch=answers(status))
    assert len(asked) == robots_rules.MOST_TRIES
    step(3600)
    hosts.reset("shop.example")
    later(fetch=answers(404))  # it is back
    step(1)
    visit(fetch=answers(404))


def test_a_page_of_a_host_that_does_not_exist_fails_at_once() -> None:
    def fails(url: str) -> Answer:
        raise NoSuchHost("shop.example has no address: check the spelling of the host")

    with pytest.raises(NoSuchHost):
        visit(fetch=fails)
    step(1)
    with pytest.raises(NoSuchHost):  # nor does the next one wait for it
        visit(fetch=fails)


def test_after_thirty_days_an_unreachable_robots_counts_as_missing() -> None:
    def fails(url: str) -> Answer:
        raise NetworkError("down")

    for _ in range(30):
        step(86_400)
        hosts.reset("shop.example") if asked else None
        asked.append("again")
        with pytest.raises((NotNow, RobotsUnreachable)):
            visit(fetch=fails)
    step(86_400)
    hosts.reset("shop.example")
    later(fetch=fails)  # its turn went to robots.txt
    step(1)
    visit(fetch=fails)


def test_one_process_fetches_robots_and_the_others_wait_a_moment() -> None:
    def fetch(url: str) -> Answer:
        asked.append(url)
        robots_rules.kept.clear()
        errors = [later(fetch=answers(500), holder=f"direct-{number}") for number in range(2, 6)]
        assert {str(error) for error in errors} == {"robots.txt of host shop.example is being fetched"}
        assert len({error.until for error in errors}) == 4
        return Answer(404, b"")

    later(fetch=fetch)
    assert len(asked) == 1


def test_robots_can_be_left_alone_by_request_and_by_setting() -> None:
    visit(fetch=answers(500), obey_robots=False)
    with config.overridden(obey_robots=False):
        step(1)
        visit(fetch=answers(500))
    assert not asked


def test_a_mad_crawl_delay_is_bounded() -> None:
    fetch = answers(200, b"User-agent: *\nCrawl-delay: 3000\n")
    later(fetch=fetch)
    step(1)
    assert (later(fetch=fetch).until - NOON).total_seconds() <= MOST_CRAWL_DELAY_S


def test_a_huge_robots_is_cut() -> None:
    later(fetch=answers(200, b"#" * 50_000_000))
    assert connection.client().memory_usage is not None
    body = connection.client().hget(keys.ROBOTS + "https://shop.example", "body")
    assert len(body) < 10_000


@pytest.mark.parametrize("broken", [b"", b"x" * 100, b"x\x9c"])
def test_a_broken_text_in_redis_counts_as_empty(broken: bytes) -> None:
    later(fetch=answers(200, RULES))
    connection.client().hset(keys.ROBOTS + "https://shop.example", "body", broken)
    robots_rules.kept.clear()
    step(5)
    visit("https://shop.example/private", answers(500))


@pytest.mark.parametrize(
    ("error", "outcome"), [(NetworkError("x"), "network_error"), (BlockedError("x"), "blocked"), (ValueError("x"), None)]
)
def test_an_error_ends_the_turn_and_says_how(error: Exception, outcome: str | None) -> None:
    with pytest.raises(type(error)), politeness.turn(URL, Manners(), "direct-1"):
        raise error
    seen = hosts.state("shop.example")
    assert seen.outcomes == ({outcome: 1} if outcome else {}) and seen.in_flight == 0


def test_what_is_no_address_is_refused_before_redis_is_touched(store: Any) -> None:
    with pytest.raises(DataError):
        visit("ftp://shop.example/")
    assert not list(store.scan_iter("trawl:gate:*"))


def test_a_redirect_to_another_host_has_a_turn_there() -> None:
    with politeness.turn(URL, Manners(), "direct-1") as turn:
        turn.follow("https://other.example/b")
        turn.outcome("ok", sent_ago_s=0.0)
    assert [hosts.state(name).outcomes for name in ("shop.example", "other.example")] == [{"ok": 1}, {"ok": 1}]


def test_a_redirect_on_the_same_host_waits_for_the_delay_inside_the_job() -> None:
    begun = clock.now()
    with politeness.turn(URL, Manners(), "direct-1") as turn:
        turn.follow("https://shop.example/b")
        turn.outcome("ok", sent_ago_s=0.0)
    assert 1.0 <= (clock.now() - begun).total_seconds() < 1.2


def test_a_redirect_on_a_busy_host_does_not_wait_at_the_end_of_its_line() -> None:
    begun = clock.now()
    with politeness.turn(URL, Manners(), "direct-1") as turn:
        for number in range(500):
            later(holder=f"direct-{number + 2}")
        turn.follow("https://shop.example/b")
        turn.outcome("ok", sent_ago_s=0.0)
    assert (clock.now() - begun).total_seconds() < 3
    assert later(holder="direct-900").until > clock.now(), "and the next one keeps its distance"


def test_a_redirect_obeys_a_delay_that_was_set_by_hand() -> None:
    rates.put("host:shop.example", rates.Rate(delay_s=5.0))
    begun = clock.now()
    with politeness.turn(URL, Manners(), "direct-1") as turn:
        turn.follow("https://shop.example/b")
        turn.outcome("ok", sent_ago_s=0.0)
    assert (clock.now() - begun).total_seconds() >= 4.9


def test_a_redirect_that_would_wait_for_long_parks_the_job() -> None:
    visit("https://other.example/a", delay_s=60)
    with pytest.raises(NotNow), politeness.turn(URL, Manners(delay_s=60), "direct-1") as turn:
        turn.follow("https://other.example/b")
    assert hosts.state("shop.example").in_flight == 0


def test_a_redirect_on_the_same_host_is_never_parked_as_its_job_would_begin_anew() -> None:
    begun = clock.now()
    with politeness.turn(URL, Manners(delay_s=60), "direct-1") as turn:
        turn.follow("https://shop.example/b")
        turn.outcome("ok", sent_ago_s=0.0)
    assert 60 <= (clock.now() - begun).total_seconds() < 63
    with pytest.raises(DataError, match="name that address"):
        step(3600)
        with politeness.turn(URL, Manners(delay_s=3600), "direct-1") as turn:
            turn.follow("https://shop.example/b")
    assert hosts.state("shop.example").in_flight == 0


def test_a_redirect_to_what_robots_forbids_is_not_followed() -> None:
    fetch = answers(200, b"User-agent: *\nDisallow: /private\n")
    later(fetch=fetch)
    step(1)
    with pytest.raises(NotAllowed), politeness.turn(URL, Manners(), "direct-1", fetch) as turn:
        turn.follow("https://shop.example/private")


def test_a_turn_ends_in_one_round_trip_with_the_record_of_its_page(monkeypatch: pytest.MonkeyPatch) -> None:
    other = gates.enter_call(gates.Ask("else.example", "direct-9", 0), "t")
    with politeness.turn(URL, Manners(), "direct-1") as turn:
        turn.outcome("ok", sent_ago_s=0.0)
        assert turn.leave(other) == [[b"granted", b"0"]]
    assert hosts.state("shop.example").outcomes == {"ok": 1}


# --- as jobs -------------------------------------------------------------------------------------------------------

fetched: list[int] = []


@queues.job(retries=0)
def fetch_page(number: int) -> None:
    """Fetch a page in its turn."""
    with politeness.turn(URL, Manners(), context.current_job_id() or "") as turn:
        fetched.append(number)
        turn.outcome("ok", sent_ago_s=0.0)


def test_jobs_of_one_host_are_parked_once_for_one_reason_and_run_in_order() -> None:
    fetched.clear()
    for number in range(5):
        queues.submit(fetch_page, number)
    inline.run_until_idle()
    assert fetched == [0] and parked.counts() == {"waits for its turn at host shop.example": 4}
    for expected in range(2, 6):
        step(1.0)
        inline.run_until_idle()
        assert fetched == list(range(expected))


def test_a_cancelled_job_does_not_keep_the_others_waiting() -> None:
    fetched.clear()
    ids = [queues.submit(fetch_page, number).job_id for number in range(12)]
    inline.run_until_idle()
    for job_id in ids[1:11]:
        queues.cancel(job_id)
    step(1.2)
    visit(holder="direct-x")  # any page that ends calls who is first in the line by now
    step(1.0)
    inline.run_until_idle()
    assert fetched == [0, 11], "eleven seconds early"


def test_who_must_not_be_parked_waits_as_long_as_a_crawl_delay_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(clock, "wait", waits.append)
    answers = iter([1.0, MOST_CRAWL_DELAY_S, None, politeness.PATIENCE_S + 1])

    def ask() -> str:
        wait_s = next(answers)
        if wait_s is not None:
            raise NotNow(clock.now() + timedelta(seconds=wait_s), "its turn comes")
        return "page"

    assert politeness.patiently(ask) == "page"
    assert waits == [pytest.approx(1, abs=0.5), pytest.approx(MOST_CRAWL_DELAY_S, abs=0.5)]
    with pytest.raises(NotNow, match="its turn comes"):
        politeness.patiently(ask)
    assert len(waits) == 2
