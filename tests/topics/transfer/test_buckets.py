"""Backups in a real bucket: whole or not there, read part by part, and nothing else in the bucket is touched."""

from collections.abc import Iterator
from typing import Any

import pytest

import config
from clients import r2
from errors import AlreadyExists, ArgumentError, DataError
from state.store import connection
from tests.clients.conftest import s3_url
from tests.clients.stage import BUCKET, r2_store
from tests.commands.conftest import Run, run
from tests.topics.transfer import rich
from tests.topics.transfer.test_backups import all_kept
from topics.transfer import backups, destinations, parcels, restoring

__all__ = ["run", "s3_url"]


@pytest.fixture
def bucket(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[r2.R2Store]:
    """The bucket of the settings, empty, in which a part holds some kilobytes."""
    store = r2_store(s3_url)
    monkeypatch.setattr(parcels, "PART", 4096)
    monkeypatch.setattr(destinations.storage, "make", lambda settings: store)
    with config.overridden(r2_bucket=BUCKET):
        yield store
    store.delete(list(store.keys("")))
    store._connected().close()


def backed_up(place: str) -> None:
    with destinations.written(place) as file:
        backups.write(file)


@pytest.mark.parametrize("place", [f"s3://{BUCKET}/backups/monday", "r2:backups/monday"])
def test_a_backup_in_a_bucket_restores_the_store_as_it_was(bucket: r2.R2Store, store: Any, place: str) -> None:
    rich.fill()
    store.set("trawl:something:long", "".join(str(number) for number in range(20_000)), ex=9000)
    before = all_kept()
    backed_up(place)
    told = parcels.facts(bucket, "backups/monday")
    assert told and told["parts"] > 2 and len(list(bucket.keys("backups/monday/"))) == told["parts"] + 1
    store.flushall()
    assert restoring.run(destinations.source(place)).keys == len(before)
    assert all_kept() == before
    with pytest.raises(AlreadyExists, match="give another name"):
        backed_up(place)


def test_from_the_command_line(bucket: r2.R2Store, store: Any, run: Run) -> None:
    rich.fill()
    before, place = all_kept(), f"s3://{BUCKET}/weekly"
    assert run("backup", place).exit_code == 0
    store.flushall()
    assert run("restore", place).exit_code == 0
    after = all_kept()
    assert {name: after.get(name) for name in before if name != "trawl:audit"} == {
        name: value for name, value in before.items() if name != "trawl:audit"
    }, "all but the trace of the two commands"


def test_one_that_breaks_off_leaves_nothing_and_the_next_one_is_whole(
    bucket: r2.R2Store, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rich.fill()
    store.set("trawl:something:long", "".join(str(number) for number in range(20_000)), ex=9000)
    put, sent = bucket.put, list[str]()

    def breaks(key: str, body: bytes, **more: Any) -> None:
        sent.append(key)
        if len(sent) == 2:
            raise DataError("the bucket is full")
        put(key, body, **more)

    with monkeypatch.context() as broken:
        broken.setattr(bucket, "put", breaks)
        with pytest.raises(DataError, match="full"):
            backed_up("r2:backups/x")
    assert list(bucket.keys("backups/")) == []
    put("backups/x/00001", b"of one that was killed", content_type="text/plain")
    with pytest.raises(DataError, match="not finished"), destinations.source("r2:backups/x")():
        pass
    before = all_kept()
    backed_up("r2:backups/x")
    connection.client().flushall()
    restoring.run(destinations.source("r2:backups/x"))
    assert all_kept() == before


def test_a_part_that_is_gone_is_named_before_anything_is_written(bucket: r2.R2Store, store: Any) -> None:
    rich.fill()
    store.set("trawl:something:long", "".join(str(number) for number in range(20_000)), ex=9000)
    backed_up("r2:backups/x")
    bucket.delete(["backups/x/00002"])
    store.flushall()
    with pytest.raises(DataError, match="Part 2 of"):
        restoring.run(destinations.source("r2:backups/x"))
    assert store.dbsize() == 0


def test_a_backup_never_takes_the_place_of_other_objects(bucket: r2.R2Store) -> None:
    for key in ("records/d/x/00000005-00000009-ab.jsonl.gz", "records/2026/page.html", "exports/a/b/00001"):
        bucket.put(key, b"x", content_type="text/plain")
    before = list(bucket.keys(""))
    for place in ("r2:records", "r2:records/2026", f"s3://{BUCKET}/exports", "r2:exports/a"):
        with pytest.raises(AlreadyExists, match="Something else lies at"):
            backed_up(place)
    parcels.remove(bucket, "records")
    assert list(bucket.keys("")) == before
    with pytest.raises(ArgumentError, match="another bucket"):
        backed_up("s3://elsewhere/x")
