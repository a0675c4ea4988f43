"""Event streams: one job from its state to its end, and lists with filters; resumed, bounded, and safe whatever they tell."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient

import clock
import config
import queues
from engine.context import progress
from errors import NetworkError, NotNow
from state.engine import cancelling, event_reader
from state.scraping import ledgers
from tests.local.real import until
from web import access, budget, job_stream, stopping, streams
from web import hub as hubs
from worker import inline


@queues.job(queue="low", kind="told", retries=0)
def work(what: str = "") -> str:
    """Says how far it is, and ends."""
    progress(1, 2, what)
    if what == "fail":
        raise NetworkError("no route")
    return what


@queues.job(queue="low", kind="told", retries=0)
def later() -> str:
    """May not run the first time."""
    if not waited:
        waited.append(True)
        raise NotNow(clock.now() + timedelta(milliseconds=50), "not yet")
    return "done"


waited: list[bool] = []


@queues.job(queue="high", kind="other", retries=0)
def other() -> None:
    """Ends."""


@queues.job(queue="low", kind="scrape", retries=0)
def opens() -> None:
    """Stands for the job that opens a batch."""


class Told(NamedTuple):
    """An event as a client reads it."""

    name: str
    data: dict[str, Any]
    id: str


@pytest.fixture(autouse=True)
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[hubs.Hub]:
    """A hub of this test."""
    monkeypatch.setattr(hubs, "BLOCK_MS", 50)
    monkeypatch.setattr(job_stream, "LOOK_S", 0.05)
    hubs._forget()
    yield hubs.hub()
    hubs.hub().stop()
    hubs._forget()
    stopping.reset()


class Stream:
    """An open stream, read as a browser reads it. It is closed at the end of the `with` block."""

    def __init__(self, client: FlaskClient, path: str, **headers: str) -> None:
        self.reply = client.get(path, headers=headers, buffered=False)
        self.raw = ""
        self._parts = self.reply.iter_encoded()

    def __enter__(self) -> "Stream":
        assert self.reply.status_code == 200, self.reply.get_data(as_text=True)
        assert self.block() == "retry: 3000"
        return self

    def __exit__(self, *_: object) -> None:
        self.reply.close()

    def block(self) -> str:
        while "\n\n" not in self.raw:
            self.raw += next(self._parts).decode()
        found, _, self.raw = self.raw.partition("\n\n")
        return found

    def next(self) -> Told:
        """The next event; comments are passed over."""
        while (block := self.block()).startswith(":"):
            pass
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        return Told(fields["event"], json.loads(fields["data"]), fields.get("id", ""))

    def rest(self) -> list[Told]:
        """All events up to the end of the stream."""
        found = []
        try:
            while True:
                found.append(self.next())
        except StopIteration:
            return found


def test_a_stream_of_a_job_tells_its_state_its_progress_and_its_end_and_then_it_ends(client: FlaskClient) -> None:
    job = queues.submit(work, "half").job_id
    with Stream(client, f"/api/v1/jobs/{job}/events") as stream:
        first = stream.next()
        inline.run_until_idle()
        rest = stream.rest()
    assert (first.name, first.data["status"], first.data["state"], first.data["queue"]) == ("state", "pending", "PENDING", "low")
    assert [one.name for one in rest] == ["started", "progress", "completed"]
    assert rest[1].data["progress"] == {"step": 1, "total": 2, "message": "half", "details": {}}
    assert rest[2].data["status"] == "completed" and rest[2].data["state"] == "SUCCESS"


def test_the_reply_is_one_that_no_proxy_keeps_back(client: FlaskClient) -> None:
    job = queues.submit(work, "a").job_id
    with Stream(client, f"/api/v1/jobs/{job}/events") as stream:
        assert stream.reply.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert stream.reply.headers["X-Accel-Buffering"] == "no"
        assert stream.reply.headers["Cache-Control"] == "no-store"


def test_a_failure_says_why(client: FlaskClient) -> None:
    job = queues.submit(work, "fail").job_id
    with Stream(client, f"/api/v1/jobs/{job}/events") as stream:
        inline.run_until_idle()
        end = stream.rest()[-1]
    assert (end.name, end.data["status"], end.data["message"]) == ("failed", "failed", "no route")


def test_a_job_that_is_over_is_told_at_once_and_a_client_that_saw_it_is_sent_away(client: FlaskClient) -> None:
    job = queues.submit(work, "a").job_id
    inline.run_until_idle()
    with Stream(client, f"/api/v1/jobs/{job}/events") as stream:
        told = stream.rest()
    assert [one.name for one in told] == ["state", "completed"]
    again = client.get(f"/api/v1/jobs/{job}/events", headers={"Last-Event-ID": told[-1].id})
    assert again.status_code == 204


def test_a_client_that_was_cut_off_before_the_end_is_told_the_end(client: FlaskClient) -> None:
    job = queues.submit(work, "a").job_id
    with Stream(client, f"/api/v1/jobs/{job}/events") as stream:
        seen = stream.next().id
    inline.run_until_idle()
    with Stream(client, f"/api/v1/jobs/{job}/events", **{"Last-Event-ID": seen}) as stream:
        told = stream.rest()
    assert told[-1].name == "completed" and "state" not in [one.name for one in told]
    assert client.get(f"/api/v1/jobs/{job}/events", headers={"Last-Event-ID": told[-1].id}).status_code == 204


def test_an_end_that_the_reader_has_not_read_yet_is_told_to_who_comes_back(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = queues.submit(work, "a").job_id
    with Stream(client, f"/api/v1/jobs/{job}/events") as stream:
        seen = stream.next().id
    go_on = threading.Event()
    read = event_reader.Reader.read
    monkeypatch.setattr(event_reader.Reader, "read", lambda self, block_ms: go_on.wait() and read(self, block_ms))
    hubs._forget()
    hubs.hub()  # its reader stands where the events are now
    with hubs.hub().subscribe(lambda change: False):
        inline.run_until_idle()
        with Stream(client, f"/api/v1/jobs/{job}/events", **{"Last-Event-ID": seen}) as stream:
            go_on.set()
            assert stream.rest()[-1].name == "completed"


def test_who_comes_back_after_the_end_is_told_all_in_between(client: FlaskClient) -> None:
    waited.clear()
    job = queues.submit(later).job_id
    with Stream(client, f"/api/v1/jobs/{job}/events") as stream:
        seen = stream.next().id
    until(lambda: inline.run_until_idle() and client.get(f"/api/v1/jobs/{job}").json["status"] == "completed")
    with Stream(client, f"/api/v1/jobs/{job}/events", **{"Last-Event-ID": seen}) as stream:
        told = [one.name for one in stream.rest()]
    assert [name for name in told if name != "started"] == ["parked", "completed"]  # starts are news for a moment: perhaps gone


def test_a_cancelled_job_ends_its_stream(client: FlaskClient) -> None:
    job = queues.submit(work, "a").job_id
    with Stream(client, f"/api/v1/jobs/{job}/events") as stream:
        cancelling.cancel(job)
        assert stream.rest()[-1].name == "cancelled"


def test_a_stream_of_a_batch_tells_its_pages_and_goes_on_when_its_first_job_ends(client: FlaskClient, store: Any) -> None:
    job = queues.submit(opens).job_id
    fields = {"kind": "batch", "state": "running", "lanes": 1, "queue": "low", "found": 4, "pending": 4, "max_pages": 4}
    ledgers.open_new(job, fields)
    with Stream(client, f"/api/v1/jobs/{job}/events") as stream:
        assert stream.next().data["status"] in ("pending", "running")
        inline.run_until_idle()
        store.hset(f"trawl:ledger:{job}", mapping={"done": 3, "pending": 1, "state": "running"})
        told = stream.next()
        while told.name == "progress" and told.data["progress"]["step"] < 3:
            told = stream.next()
        assert (told.name, told.data["progress"]["step"], told.data["progress"]["total"]) == ("progress", 3, 4)
        ledgers.stop(job, "enough")
        assert stream.rest()[-1].name == "cancelled"


def test_a_quiet_stream_sends_comments(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.1)
    job = queues.submit(work, "a").job_id
    with Stream(client, f"/api/v1/jobs/{job}/events") as stream:
        stream.next()
        assert stream.block() == ": nothing new"


def test_an_unknown_job_is_a_404_and_a_foreign_one_too(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/api/v1/jobs/nobody/events").status_code == 404
    job = queues.submit(work, "a").job_id
    monkeypatch.setattr(access, "may_see", lambda owner: False)
    foreign = client.get(f"/api/v1/jobs/{job}/events")
    assert foreign.status_code == 404
    assert foreign.get_json()["detail"] == client.get("/api/v1/jobs/nobody/events").get_json()["detail"].replace("nobody", job)


def test_a_list_tells_what_passes_its_filters(client: FlaskClient) -> None:
    paths = {
        "": ["submitted", "submitted", "started", "started", "completed", "progress", "completed"],
        "?kind=told": ["submitted", "started", "progress", "completed"],
        "?queue=high": ["submitted", "started", "completed"],
        "?status=completed,failed": ["completed", "completed"],
        "?kind=told&status=SUCCESS": ["completed"],
    }
    for query, names in paths.items():
        with Stream(client, f"/api/v1/events{query}") as stream:
            queues.submit(work, "a"), queues.submit(other)
            inline.run_until_idle()
            found = sorted(stream.next().name for _ in names)
        assert found == sorted(names), query


@pytest.mark.parametrize("query", ["kind=a%20b", "queue=urgent", "status=odd", "kid=x"])
def test_a_wrong_filter_is_named(client: FlaskClient, query: str) -> None:
    reply = client.get(f"/api/v1/events?{query}")
    assert reply.status_code == 422
    assert query.split("=")[0] in json.dumps(reply.get_json())


def test_a_wrong_last_event_id_is_refused(client: FlaskClient) -> None:
    assert client.get("/api/v1/events", headers={"Last-Event-ID": "x"}).status_code == 422
    assert client.get("/api/v1/events?last_event_id=x").status_code == 422


def test_the_header_is_newer_than_the_address(client: FlaskClient) -> None:
    job = queues.submit(work, "a").job_id
    inline.run_until_idle()
    with Stream(client, f"/api/v1/jobs/{job}/events") as stream:
        last = stream.rest()[-1].id
    path = f"/api/v1/jobs/{job}/events"
    assert client.get(f"{path}?last_event_id={last}").status_code == 204
    assert client.get(f"{path}?last_event_id=0-0-0", headers={"Last-Event-ID": last}).status_code == 204


def test_a_list_goes_on_where_it_was(client: FlaskClient) -> None:
    with Stream(client, "/api/v1/events?status=completed") as stream:
        first = [queues.submit(work, text).job_id for text in "ab"]
        inline.run_until_idle()
        seen = stream.next()
    assert seen.data["id"] == first[0]
    queues.submit(work, "c")
    inline.run_until_idle()
    with Stream(client, "/api/v1/events?status=completed", **{"Last-Event-ID": seen.id}) as stream:
        assert stream.next().data["id"] == first[1]
    with Stream(client, f"/api/v1/events?status=completed&last_event_id={seen.id}") as stream:  # a script that opens it anew
        assert stream.next().data["id"] == first[1]


def test_a_key_sees_its_own_jobs_only(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "may_see", lambda owner: owner == "k1")
    monkeypatch.setattr(access, "owner", lambda: "k1")
    with Stream(client, "/api/v1/events") as stream:
        queues.submit(work, "a")
        inline.run_until_idle()
        hubs.hub().stop()
        assert stream.rest() == []


def test_what_a_job_says_cannot_break_out_of_its_event(client: FlaskClient) -> None:
    evil = 'a\n\nevent: completed\ndata: {}\r\n\r\n</script>\u2028"'
    job = queues.submit(work, evil).job_id
    with Stream(client, f"/api/v1/jobs/{job}/events") as stream:
        inline.run_until_idle()
        told = stream.rest()
    assert [one.name for one in told] == ["state", "started", "progress", "completed"]
    assert told[2].data["progress"]["message"] == evil


def test_no_more_streams_than_their_share_and_each_gives_its_place_back(client: FlaskClient) -> None:
    with config.overridden(web_threads=8):
        open_ = [Stream(client, "/api/v1/events") for _ in range(budget.STREAMS.most)]
        refused = client.get("/api/v1/events")
        assert refused.status_code == 503 and refused.headers["Retry-After"]
        for stream in open_:
            stream.reply.close()  # one that never began gives it back, too
        with Stream(client, "/api/v1/events"):
            assert budget.STREAMS.used == 1
    assert budget.STREAMS.used == 0
    assert hubs.hub().counts() == (0, 0)


def test_a_head_request_holds_nothing(client: FlaskClient) -> None:
    reply = client.head("/api/v1/events")
    assert reply.status_code == 200
    reply.close()
    until(lambda: budget.STREAMS.used == 0)


def test_streams_end_when_the_process_is_asked_to_end(client: FlaskClient) -> None:
    with Stream(client, "/api/v1/events") as stream:
        stopping.begin()
        assert stream.rest() == []
