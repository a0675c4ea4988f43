"""A backup restored is the store as it was, without the work that was under way; and that store works on."""

import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any, BinaryIO

import pytest

import clock
import config
import models
import queues
from errors import ArgumentError, WrongState
from jobs import serp
from state.engine import heartbeats
from state.store import connection, dump_writing, dumps
from state.tracking import keywords, outcomes
from tests.topics.transfer import rich
from topics.access import api_keys, users
from topics.tracking import projects
from topics.transfer import backups, kept, restoring


def made() -> bytes:
    file = io.BytesIO()
    backups.write(file)
    return file.getvalue()


def source(found: bytes) -> Callable[[], AbstractContextManager[BinaryIO]]:
    @contextmanager
    def opened() -> Iterator[BinaryIO]:
        yield io.BytesIO(found)

    return opened


def all_kept() -> dict[str, Any]:
    """Every key that a backup holds, with what it holds."""
    found: dict[str, Any] = {}
    for entry in dumps.read(sorted(set(kept.names()))):
        facts = (entry.type, entry.expires_ms is not None)
        value = [*found.get(entry.key, (0, []))[1], *([entry.value] if entry.type == "string" else entry.value)]
        found[entry.key] = (facts, value if entry.type in dump_writing.ASIDE else sorted(value))
    return found


def test_a_restored_store_holds_what_was_there(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rich.fill()
    api_keys.add("shop", "operator")
    users.add("ada", "admin", "correct horse battery")
    store.set("trawl:something:new", bytes(range(256)), ex=9000)
    monkeypatch.setattr(dumps, "ELEMENTS", 3)
    before, found = all_kept(), made()
    store.flushall()

    dry = restoring.run(source(found), is_dry=True)
    assert (dry.there, store.dbsize()) == (0, 0)
    restored = restoring.run(source(found))

    assert all_kept() == before
    assert restored.keys == dry.keys == len(before)
    assert not store.keys("trawl:restoring:*")
    with pytest.raises(WrongState, match="not empty"):
        restoring.run(source(found))
    assert restoring.run(source(found), merge=True).there == restored.keys
    assert all_kept() == before


def test_with_merge_what_is_there_stays_and_what_is_missing_is_added(store: Any) -> None:
    rich.fill()
    found = made()
    store.flushall()
    projects.add("night.example", projects.Options(id="night", name="Ours"))
    projects.add_keywords("night", ["ours"])

    restoring.run(source(found), merge=True)

    assert projects.named("night").name == "Ours"
    assert {one.text for one in keywords.in_project("night")} == {"ours", "Straße", "IT", "ΟΔΟΣ", "=1+1"}


def test_a_restored_store_goes_on_with_what_is_due_and_does_nothing_twice(store: Any) -> None:
    projects.add("example.com", projects.Options(id="p"))
    projects.add_keywords("p", [f"word {number}" for number in range(6)])
    found = sorted(keywords.in_project("p"), key=lambda one: one.text)
    for done in found[:2]:
        rank = models.Rank(clock.now().date(), models.RankState.NOT_FOUND, 10)
        outcomes.finish(done, None, timedelta(days=1), outcomes.CheckOutcome("read", rank))
    with config.overridden(serp_batch_size=3):
        serp.enqueue_batch()  # a batch has taken three: their jobs wait
    assert len(waiting()) == 3
    backup = made()
    store.flushall()

    restoring.run(source(backup))

    assert waiting() == [], "no job comes back"
    for _ in range(2):
        serp.enqueue_batch()
    assert sorted(waiting()) == sorted(one.id for one in found[2:]), "each that is due once, none that is done"


def waiting() -> list[str]:
    """The keywords whose checks wait."""
    return [job.args[0] for name in queues.QUEUES for job in jobs_of(name)]


def jobs_of(name: str) -> list[Any]:
    from rq import Queue
    from rq.serializers import JSONSerializer

    return list(Queue(name, connection=connection.client(), serializer=JSONSerializer).jobs)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda found: found[: len(found) // 2], "cut off"),
        (lambda found: found.replace(b"example.com", b"example.org"), "damaged"),
        (lambda found: found.replace(b'"version":1', b'"version":2', 1), "update it first"),
        (lambda found: b"keyword\nshoes\n", "no backup"),
        (lambda found: found.partition(b"\n")[2], "no backup"),
    ],
)
def test_a_backup_that_is_not_whole_is_refused_before_anything_is_written(
    store: Any, spoil: Callable[[bytes], bytes], says: str
) -> None:
    projects.add("example.com")
    found = made()
    store.flushall()
    with pytest.raises(ArgumentError, match=says):
        restoring.run(source(spoil(found)))
    assert store.dbsize() == 0


def test_nothing_is_restored_below_a_scheduler_that_runs(store: Any) -> None:
    found = made()
    heartbeats.beat("scheduler")
    with pytest.raises(WrongState, match="stop them first"):
        restoring.run(source(found))


@pytest.mark.parametrize(
    ("name", "is_kept"),
    [
        ("trawl:project:p:due", True),
        ("trawl:events:wanted", True),
        ("trawl:webhook:0123456789abcdef", True),
        ("trawl:access:user:ada", True),
        ("trawl:alerts:incidents", True),
        ("trawl:ledger:done:pages", True),
        ("trawl:something:new", True),
        ("trawl:events:wanted:job", False),
        ("trawl:events", False),
        ("trawl:webhook:0123456789abcdef:due", False),
        ("trawl:webhook:sent:d", False),
        ("trawl:alerts:untold", False),
        ("trawl:access:session:d", False),
        ("trawl:claims:serp", False),
        ("trawl:leases", False),
        ("trawl:ledger:runs", False),
        ("trawl:ledger:runs:pages", False),
        ("trawl:serp:slot:7", False),
    ],
)
def test_work_under_way_and_sessions_are_in_no_backup(name: str, is_kept: bool) -> None:
    assert kept.is_kept(name, {"runs"}) is is_kept
