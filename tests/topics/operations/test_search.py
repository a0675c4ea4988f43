"""Jobs by filters: what a page holds, that none is lost between two, and that a million cost what a thousand cost."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis

import clock
import errors
import models
import queues
from jobs import scrape
from models import JobStatus
from state.engine import history, limits, owned
from state.store import connection, keys, transport
from tests.topics.operations.test_jobs import job_in, work
from tests.topics.scraping import site as sites
from tests.topics.scraping.inline_work import Work
from topics.operations import jobs, search
from topics.operations.search import Wanted
from topics.scraping import crawl
from worker import inline


def every(wanted: Wanted, limit: int) -> list[str]:
    """Ids of all pages, one after the other."""
    found: list[str] = []
    cursor = ""
    while True:
        page = search.page(wanted, limit, cursor)
        assert len(page.jobs) <= limit
        found += [job.id for job in page.jobs]
        cursor = page.cursor
        if not cursor:
            return found


def submitted(number: int, **more: Any) -> list[str]:
    return [made.job_id for made in queues.submit_many(models.Call(work, ("",), **more) for _ in range(number))]


def test_each_state_is_found_by_its_name_and_all_of_them_without_one() -> None:
    first = (JobStatus.FAILED, JobStatus.RETRY, JobStatus.PARKED, JobStatus.SCHEDULED, JobStatus.COMPLETED, JobStatus.CANCELLED)
    made = {state: job_in(state) for state in first}
    made[JobStatus.RUNNING] = job_in(JobStatus.RUNNING)
    made[JobStatus.PENDING] = job_in(JobStatus.PENDING)
    for state, job_id in made.items():
        assert every(Wanted(frozenset({state})), 5) == [job_id], state
    for limit in (1, 3, 100):
        found = every(Wanted(), limit)
        assert sorted(found) == sorted(made.values()) and found[:2] == [made[JobStatus.RUNNING], made[JobStatus.PENDING]]


def test_waiting_jobs_come_newest_first() -> None:
    ids = submitted(5)
    assert every(Wanted(), 2) == ids[::-1]


@pytest.mark.parametrize(
    ("filters", "number"),
    [
        ({"host": "a.com"}, 0),
        ({"tag": "t", "project": "p"}, 1),
        ({"kind": "test"}, None),
        ({"kind": "serp"}, -1),
        ({"queue": "high"}, 2),
        ({"category": "network"}, 3),
        ({"category": "data"}, 4),
        ({"host": "b.com"}, 5),
        ({"host": "B.Com"}, 5),
        ({"host": "https://b.com/any?page#there"}, 5),
        ({"host": "nobody"}, -1),
    ],
)
def test_every_filter_lets_through_what_it_names_and_nothing_else(filters: dict[str, str], number: int | None) -> None:
    made = [
        *submitted(1, labels={"host": "a.com"}),
        *submitted(1, labels={"tag": "t", "project": "p"}),
        *submitted(1, queue="high", delay_s=60),
        job_in(JobStatus.RETRY),
        job_in(JobStatus.FAILED),
    ]
    made += submitted(1, labels={"host": "b.com"})
    queues.cancel(made[5])
    expected = made if number is None else [] if number == -1 else [made[number]]
    assert sorted(every(Wanted(**filters), 2)) == sorted(expected)  # type: ignore[arg-type]


def test_ages_bound_ended_jobs_by_their_end_and_others_by_their_beginning() -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with clock.frozen(noon):
        old = submitted(2)
        queues.cancel(old[0])
        clock.advance(timedelta(hours=2))
        new = submitted(2)
        queues.cancel(new[0])
        middle = noon + timedelta(hours=1)
        assert sorted(every(Wanted(since=middle), 1)) == sorted(new)
        assert sorted(every(Wanted(until=middle), 1)) == sorted(old)


def test_a_job_is_neither_lost_nor_told_twice_while_others_come_go_and_are_cancelled() -> None:
    ids = submitted(20)
    first = search.page(Wanted(), 5)
    submitted(7)  # newer ones, before the page
    queues.cancel(ids[16])  # one that was told
    store = connection.client()
    store.lpop(keys.queue("low"))  # a worker takes the oldest
    found = [job.id for job in first.jobs]
    cursor = first.cursor
    while cursor:
        page = search.page(Wanted(), 5, cursor)
        found += [job.id for job in page.jobs if job.status is JobStatus.PENDING]
        cursor = page.cursor
    assert found == ids[:0:-1]


def test_the_job_behind_which_a_list_goes_on_may_be_gone() -> None:
    ids = submitted(10)
    first = search.page(Wanted(), 4)
    queues.cancel(first.jobs[-1].id)
    rest = [job.id for job in search.page(Wanted(frozenset(JobStatus)), 100, first.cursor).jobs]
    assert set(rest) >= set(ids[:5])


@pytest.mark.parametrize("cursor", ["x", "....", "bm90aGluZw", "W10", "WyJhIiwwLDAsIiJd", "é", "A" * 5000])
def test_a_cursor_that_is_none_is_refused(cursor: str) -> None:
    with pytest.raises(errors.ArgumentError, match="cursor"):
        search.page(Wanted(), 10, cursor)


def test_a_cursor_belongs_to_its_filters_but_time_may_move_on() -> None:
    submitted(5)
    now = clock.now()
    cursor = search.page(Wanted(since=now - timedelta(hours=2)), 2).cursor
    assert len(search.page(Wanted(since=now - timedelta(hours=1)), 10, cursor).jobs) == 3
    with pytest.raises(errors.ArgumentError, match="same filters"):
        search.page(Wanted(kind="test"), 2, cursor)


def test_a_crawl_is_one_running_job_until_it_is_over(polite: None, site: sites.Site, work_off: Work, store: Any) -> None:
    site.pages |= {"/": sites.page("Home", "/a"), "/a": sites.page("A")}
    made = crawl.submit_crawl(scrape.crawl_site, f"{site.url}/").job_id
    work_off(1)
    store.delete(keys.job(made))  # RQ has forgotten its first job
    running = search.page(Wanted(frozenset({JobStatus.RUNNING}), parts=False), 10).jobs
    assert [(job.id, job.status) for job in running] == [(made, JobStatus.RUNNING)]
    assert jobs.find(made).status is JobStatus.RUNNING  # type: ignore[union-attr]
    work_off()
    assert search.page(Wanted(frozenset({JobStatus.RUNNING})), 10).jobs == []


def test_the_jobs_that_fetch_its_pages_are_left_out_on_request(polite: None, site: sites.Site, work_off: Work) -> None:
    site.pages |= {"/": sites.page("Home", "/a"), "/a": sites.page("A")}
    made = crawl.submit_crawl(scrape.crawl_site, f"{site.url}/").job_id
    work_off(1)
    lanes = search.page(Wanted(frozenset({JobStatus.PENDING})), 10).jobs
    assert lanes and all(job.id.startswith(made) for job in lanes)
    assert search.page(Wanted(frozenset({JobStatus.PENDING}), parts=False), 10).jobs == []


def test_one_owners_list_holds_its_own_jobs_only() -> None:
    with queues.owned_by("a"):
        mine = submitted(3)
    submitted(3)
    queues.cancel(mine[0])
    assert sorted(every(Wanted(owner="a"), 2)) == sorted(mine)


@queues.job(queue="low", kind="rare")
@queues.listed
def rare() -> str:
    """One that people look for among many."""
    return ""


def test_jobs_of_a_listed_kind_are_found_among_many_without_a_look_at_these(store: Any, asked: Counter[str]) -> None:
    limits.announce(queues.kinds())  # as each worker does
    at, ids = clock.now(), []
    with queues.owned_by("a"):
        mine = queues.submit(rare).job_id
    for second in range(1, 4):
        with clock.frozen(at + timedelta(seconds=second)):
            ids.append(queues.submit(rare).job_id)
    over, waiting = ids[0], [*ids[:0:-1], mine]
    queues.cancel(over)
    many(store, search.MOST_READ + 500, wanted=False)
    asked.clear()
    assert [job.id for job in search.page(Wanted(kind="rare"), 2).jobs] == waiting[:2] and asked["commands"] < 40
    for limit in (1, 2, 100):
        assert every(Wanted(kind="rare"), limit) == [*waiting, over], "what is over comes with the history, once"
    assert every(Wanted(kind="rare", owner="a"), 5) == [mine] and every(Wanted(kind="rare", owner="b"), 5) == []
    assert every(Wanted(frozenset({JobStatus.PENDING}), kind="rare"), 5) == waiting
    assert owned.prune() == 1 and every(Wanted(kind="rare"), 5) == [*waiting, over]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts what Redis is asked: commands, and round trips."""
    counted: Counter[str] = Counter()
    one, several, sent = redis.Redis.execute_command, redis.client.Pipeline.execute, transport.ask

    def execute(client: Any, *args: Any, **options: Any) -> Any:
        counted.update(commands=1, round_trips=1)
        return one(client, *args, **options)

    def execute_all(pipe: Any, raise_on_error: bool = True) -> Any:
        counted.update(commands=len(pipe.command_stack), round_trips=1)
        return several(pipe, raise_on_error)

    def ask(commands: Any) -> Any:
        counted.update(commands=len(commands), round_trips=1)
        return sent(commands)

    monkeypatch.setattr(redis.Redis, "execute_command", execute)
    monkeypatch.setattr(redis.client.Pipeline, "execute", execute_all)
    monkeypatch.setattr(transport, "ask", ask)
    return counted


def many(store: Any, number: int, *, wanted: bool) -> None:
    """So many waiting jobs, as a submit would leave them, and as many packed ends of others."""
    with store.pipeline(transaction=False) as pipe:
        for n in range(number):
            fields = {"status": "queued", "origin": "low", "kind": "bulk", "host": "found.com" if wanted else "other.com"}
            pipe.hset(keys.job(f"job{number}-{n}"), mapping=fields)
            pipe.rpush(keys.queue("low"), f"job{number}-{n}")
        pipe.execute()


PARKED = {"statuses": frozenset({JobStatus.PARKED})}


@pytest.mark.real_redis  # the in-memory one takes long for so much
@pytest.mark.parametrize("filters", [{}, {"host": "found.com"}, {"host": "nobody.com"}, PARKED])
def test_a_page_costs_the_same_with_many_jobs_as_with_few(store: Any, asked: Counter[str], filters: dict[str, Any]) -> None:
    """S4-10 with a million jobs: what Redis is asked does not grow with what is stored."""
    told = []
    for number in (5_000, 20_000):
        many(store, number, wanted=number == 20_000)
        asked.clear()
        page = search.page(Wanted(**filters), 100)
        told.append((asked["commands"], asked["round_trips"]))
        further = search.page(Wanted(**filters), 100, page.cursor) if page.cursor else page
        assert page.cursor or filters == PARKED
        assert not {job.id for job in page.jobs} & {job.id for job in further.jobs} or page is further
    assert told[1] <= told[0] and told[0][0] <= 2 * search.MOST_READ and told[0][1] <= 50


def test_a_page_without_a_hit_goes_on_where_it_stopped(store: Any) -> None:
    submitted(1, labels={"host": "found.com"})
    many(store, search.MOST_READ + 500, wanted=False)
    first = search.page(Wanted(host="found.com"), 10)
    assert first.jobs == [] and first.cursor
    assert len(every(Wanted(host="found.com"), 10)) == 1


def test_the_history_of_many_jobs_is_paged_by_its_segments(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "SEGMENT", 50)
    for host in ("a.com", "b.com"):
        submitted(120, labels={"host": host})
        inline.run_until_idle()
    history.pack(keep_s=-1)
    assert len(every(Wanted(frozenset({JobStatus.COMPLETED}), host="a.com"), 7)) == 120
    assert every(Wanted(frozenset({JobStatus.FAILED})), 7) == []
