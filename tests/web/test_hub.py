"""The hub: one reader of Redis for all that wait; no end is missed, nobody slow holds up the others, an outage is survived."""

import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import queues
from engine.context import progress
from state.engine import cancelling, event_reader, events
from state.engine import keys as own_keys
from state.scraping import ledgers
from state.store import connection, keys
from tests import patience
from tests.local.real import until
from web import hub as hubs
from web import subscription
from web.hub import Hub
from web.subscription import LOST, Event
from worker import inline


@queues.job(queue="low", kind="told", retries=0)
def work(what: str = "") -> str:
    """Says how far it is, and ends."""
    progress(1, 2, what)
    return what


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub whose reader ends with the test."""
    monkeypatch.setattr(hubs, "BLOCK_MS", 50)
    made = Hub()
    yield made
    made.stop()
    until(lambda: not any(thread.name == "hub" for thread in threading.enumerate()))


class Background:
    """A call in a thread of its own; `result` waits for it."""

    def __init__(self, call: Any, *args: Any) -> None:
        self._found: list[Any] = []
        self.thread = threading.Thread(target=lambda: self._found.append(call(*args)), daemon=True)
        self.thread.start()

    def result(self) -> Any:
        self.thread.join(patience.HANG_S)
        assert self._found, "it hangs"
        return self._found[0]


def waits(hub: Hub) -> None:
    until(lambda: hub.counts()[1] > 0)


def taken(events_: Iterator[Event], name: str) -> Event:
    """The next event of this name."""
    return next(event for event in events_ if event.name == name)


def test_a_wait_ends_with_the_job(hub: Hub) -> None:
    job = queues.submit(work, "a").job_id
    waiting = Background(hub.wait, job, patience.HANG_S)
    waits(hub)
    inline.run_until_idle()
    assert waiting.result() is True
    assert hub.counts() == (0, 0)


def test_a_job_that_ended_before_the_wait_is_over_at_once(hub: Hub) -> None:
    job = queues.submit(work, "a").job_id
    inline.run_until_idle()
    assert hub.wait(job, 0) is True


def test_an_id_without_a_record_is_not_waited_for(hub: Hub) -> None:
    assert hub.wait("nobody", patience.HANG_S) is True


def test_a_wait_says_when_its_time_is_over(hub: Hub) -> None:
    job = queues.submit(work, "a").job_id
    assert hub.wait(job, 0.05) is False


def test_a_cancelled_job_has_ended(hub: Hub) -> None:
    job = queues.submit(work, "a").job_id
    waiting = Background(hub.wait, job, patience.HANG_S)
    waits(hub)
    cancelling.cancel(job)
    assert waiting.result() is True


def test_a_batch_is_over_with_its_ledger_and_not_with_the_job_that_opens_it(hub: Hub) -> None:
    job = queues.submit(work, "a").job_id
    ledgers.open_new(job, {"kind": "batch", "state": "opening", "lanes": 1, "queue": "low"})
    waiting = Background(hub.wait, job, patience.HANG_S)
    waits(hub)
    inline.run_until_idle()
    until(lambda: events.latest(10))
    assert hub.wait(job, 0.05) is False
    ledgers.stop(job, "enough")
    assert waiting.result() is True


def test_an_end_between_the_look_and_the_wait_is_not_missed(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    job = queues.submit(work, "a").job_id
    look = hubs.endings.is_over

    def ends_after_the_look(id_: str) -> bool:
        found = look(id_)
        monkeypatch.setattr(hubs.endings, "is_over", look)
        inline.run_until_idle()
        return found

    monkeypatch.setattr(hubs.endings, "is_over", ends_after_the_look)
    far_s = 10 * patience.HANG_S  # else a look at the end of the time would find it
    monkeypatch.setattr(hubs, "RECHECK_S", far_s)
    assert Background(hub.wait, job, far_s).result() is True


def test_a_stream_tells_submit_start_progress_and_end_in_order(hub: Hub) -> None:
    with hub.subscribe(lambda change: True, quiet_s=patience.HANG_S) as stream:
        job = queues.submit(work, "half").job_id
        inline.run_until_idle()
        told = iter(stream)
        found = [next(told) for _ in range(4)]
    assert [event.name for event in found] == ["submitted", "started", "progress", "finished"]
    assert {event.change.job_id for event in found if event.change} == {job}
    assert '"message": "half"' in found[2].progress
    assert [bool(event.id) for event in found] == [True, False, False, True]


def test_a_stream_is_told_what_it_takes_and_nothing_else(hub: Hub) -> None:
    with hub.subscribe(lambda change: change.outcome == "finished", quiet_s=patience.HANG_S) as stream:
        queues.submit(work, "a")
        inline.run_until_idle()
        assert next(iter(stream)).name == "finished"


def test_nothing_is_written_for_a_moment_where_nobody_follows(store: Any) -> None:
    queues.submit(work, "a")
    inline.run_until_idle()
    assert not store.exists(own_keys.LIVE)
    assert [change.outcome for change in events.latest(10)] == ["finished"]


def test_a_stream_goes_on_after_the_last_event_it_saw(hub: Hub) -> None:
    with hub.subscribe(lambda change: change.outcome == "finished", quiet_s=patience.HANG_S) as stream:
        jobs = [queues.submit(work, text).job_id for text in "abc"]
        inline.run_until_idle()
        first = next(iter(stream))
    with hub.subscribe(lambda change: change.outcome == "finished", after=first.id, quiet_s=patience.HANG_S) as stream:
        queues.submit(work, "d")
        inline.run_until_idle()
        told = iter(stream)
        found = [next(told) for _ in range(3)]
    assert [event.change.job_id for event in found if event.change][:2] == jobs[1:]


def test_a_stream_whose_past_is_gone_is_told_so_and_goes_on(hub: Hub, store: Any) -> None:
    with hub.subscribe(lambda change: True, after="1-0-0", quiet_s=patience.HANG_S) as stream:
        queues.submit(work, "a")
        told = iter(stream)
        assert next(told) == LOST
        assert taken(told, "submitted").change


def test_what_is_no_id_of_an_event_is_refused(hub: Hub) -> None:
    for text in ("x", "1-1", "1-1-1-1", "--", "٣-1-1", f"{'9' * 40}-0-0"):
        with pytest.raises(Exception, match="Last-Event-ID"):
            hub.subscribe(lambda change: True, after=text)


def test_a_slow_stream_loses_events_is_told_and_resumes_and_others_lose_none(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscription, "MOST_WAITING", 5)
    with hub.subscribe(lambda change: change.outcome == "finished", quiet_s=patience.HANG_S) as slow:
        fast: list[Event] = []
        with hub.subscribe(lambda change: change.outcome == "finished", quiet_s=patience.HANG_S) as quick:
            reading = threading.Thread(target=lambda: fast.extend(zip_of(quick, 12)), daemon=True)
            reading.start()
            for number in range(12):
                queues.submit(work, str(number))
                inline.run_until_idle()
                until(lambda number=number: len(fast) == number + 1)
            reading.join()
        told = iter(slow)
        assert next(told) == LOST
        assert next(told).name == "finished"
    assert len(fast) == 12


def zip_of(stream: Any, number: int) -> Iterator[Event]:
    for _, event in zip(range(number), stream, strict=False):
        yield event


def test_a_quiet_stream_says_so_now_and_then(hub: Hub) -> None:
    with hub.subscribe(lambda change: False, quiet_s=0.02) as stream:
        assert next(iter(stream)).name == "quiet"


def test_the_end_of_the_server_ends_streams_and_waits(hub: Hub) -> None:
    job = queues.submit(work, "a").job_id
    waiting = Background(hub.wait, job, patience.HANG_S)
    with hub.subscribe(lambda change: False, quiet_s=patience.HANG_S) as stream:
        streaming = Background(list, stream)
        waits(hub)
        hub.stop()
        assert waiting.result() is False
        assert streaming.result() == []
    with hub.subscribe(lambda change: True) as late:
        assert list(late) == []


def test_all_streams_and_waits_share_one_reader(hub: Hub) -> None:
    jobs = [queues.submit(work, str(number)).job_id for number in range(20)]
    waiting = [Background(hub.wait, job, patience.HANG_S) for job in jobs]
    streams = [hub.subscribe(lambda change: True) for _ in range(20)]
    until(lambda: hub.counts() == (20, 20))
    assert [thread.name for thread in threading.enumerate()].count("hub") == 1
    inline.run_until_idle()
    assert all(one.result() for one in waiting)
    for stream in streams:
        stream.__exit__(None, None, None)


def test_the_reader_ends_when_nobody_waits_and_comes_back(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "IDLE_READS", 1)
    job = queues.submit(work, "a").job_id
    assert hub.wait(job, 0.01) is False
    until(lambda: not any(thread.name == "hub" for thread in threading.enumerate()))
    waiting = Background(hub.wait, job, patience.HANG_S)
    waits(hub)
    inline.run_until_idle()
    assert waiting.result() is True


def test_a_child_after_a_fork_has_a_hub_of_its_own() -> None:
    mine = hubs.hub()
    child = os.fork()
    if not child:
        os._exit(0 if hubs.hub() is not mine and hubs.hub().counts() == (0, 0) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert hubs.hub() is mine


def test_a_stream_that_began_anew_is_followed_from_there(hub: Hub, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_reader, "QUIET_S", 0.05)
    store.xadd(keys.EVENTS, {"t": 1, "r": "k|finished||0\t0\tx\n"}, id=f"{1 << 50}-0")
    with hub.subscribe(lambda change: change.outcome == "finished", quiet_s=patience.HANG_S) as stream:
        store.delete(keys.EVENTS)
        told = iter(stream)
        assert next(told) == LOST
        queues.submit(work, "a")
        inline.run_until_idle()
        assert next(told).name == "finished"


def test_live_news_begin_where_their_own_stream_ends() -> None:
    """Both streams number the entries of a millisecond by themselves."""
    client = connection.client()
    event_reader.follow()
    queues.submit(work)
    [(_, fields), *_] = client.xrange(own_keys.LIVE) or client.xrange(keys.EVENTS)
    client.delete(own_keys.LIVE, keys.EVENTS)
    for number in range(4):
        client.xadd(keys.EVENTS, fields, id=f"1000-{number + 1}")
    client.xadd(own_keys.LIVE, fields, id="1000-1")
    reader = event_reader.Reader()
    client.xadd(own_keys.LIVE, fields, id="1000-2")
    client.expire(own_keys.LIVE, 60)
    assert len(reader.read(10)) == 1
