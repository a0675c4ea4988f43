"""Object storage: the same promises kept by a folder and by a bucket, and the choice between them."""

import multiprocessing
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

import config
import errors
from clients import storage
from tests import patience
from tests.clients.stage import SECRET, r2_store

BAD_KEYS = ["", "/a", "a/", "a//b", "..", "a/../b", "./a", "a\\b", "a\0b", "a/.trawl-tmp-1", "x" * 1025, "\ud800"]


@pytest.fixture(params=["local", "r2"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[storage.Store]:
    if request.param == "local":
        yield storage.LocalStore(tmp_path / "objects")
        return
    bucket = r2_store(request.getfixturevalue("s3_url"))
    yield bucket
    bucket.delete(bucket.keys(""))
    bucket._connected().close()


def test_what_was_put_is_got_byte_for_byte(objects: storage.Store) -> None:
    body = bytes(range(256)) * 1000
    objects.put("example.com/a-keyword/2026-11-22.json", body, content_type="application/json", content_encoding="gzip")
    objects.put("example.com/empty", b"", content_type="text/plain")

    assert objects.get("example.com/a-keyword/2026-11-22.json") == body
    assert objects.get("example.com/empty") == b""


def test_a_missing_object_is_none_and_no_error(objects: storage.Store) -> None:
    objects.put("a/b", b"1", content_type="text/plain")

    assert objects.get("a/missing") is None
    assert objects.get("a") is None
    assert not objects.exists("a/missing")
    assert not objects.exists("a")
    assert objects.exists("a/b")
    objects.delete(["a/missing", "nowhere/at/all"])


def test_an_object_above_the_bound_is_refused_and_one_at_it_is_read(objects: storage.Store) -> None:
    objects.put("a/b", b"12345", content_type="text/plain")

    assert objects.get("a/b", 5) == b"12345"
    assert objects.get("a/missing", 5) is None
    with pytest.raises(errors.DataError, match="more than 4 bytes"):
        objects.get("a/b", 4)


def test_a_second_put_replaces_the_object(objects: storage.Store) -> None:
    objects.put("a/b", b"a longer first body", content_type="text/plain")
    objects.put("a/b", b"second", content_type="text/plain")

    assert objects.get("a/b") == b"second"
    assert list(objects.keys("")) == ["a/b"]


def test_deleted_objects_are_gone_and_the_others_stay(objects: storage.Store) -> None:
    for key in ("a/1", "a/2", "b/1"):
        objects.put(key, b"x", content_type="text/plain")

    objects.delete(["a/1", "b/1", "a/never"])
    assert list(objects.keys("")) == ["a/2"]


def test_keys_come_in_byte_order_and_by_any_prefix(objects: storage.Store) -> None:
    keys = ["a/c/1", "a-b/1", "a/b", "a0/1", "a/B", "ä/1", "a.json", "Z/1", "a/c/2", "a/c.json", "a/é b+c?.txt"]
    for key in keys:
        objects.put(key, b"x", content_type="text/plain")

    by_bytes = sorted(keys, key=str.encode)
    assert list(objects.keys("")) == by_bytes
    for prefix in ("a", "a/", "a/c", "a/c/", "a/c/1", "ä", "b", "a/c/1/x"):
        assert list(objects.keys(prefix)) == [key for key in by_bytes if key.startswith(prefix)]


@pytest.mark.parametrize("key", BAD_KEYS)
def test_what_cannot_be_a_key_is_refused_everywhere(objects: storage.Store, key: str) -> None:
    for call in (
        lambda: objects.put(key, b"x", content_type="text/plain"),
        lambda: objects.get(key),
        lambda: objects.exists(key),
        lambda: objects.delete([key]),
    ):
        with pytest.raises(errors.DataError):
            call()


def test_many_threads_write_and_read_at_once(objects: storage.Store) -> None:
    wrong: list[bytes | None] = []

    def work(number: int) -> None:
        for turn in range(10):
            body = f"{number}-{turn}".encode() * 100
            objects.put(f"own/{number}", body, content_type="text/plain")
            objects.put("shared/one", body, content_type="text/plain")
            own, shared = objects.get(f"own/{number}"), objects.get("shared/one")
            if own != body or not shared or len(set(shared.split(b"-"))) > 12:
                wrong.append(own)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def _child_round_trip(store: storage.Store, results: "multiprocessing.Queue[bytes | None]") -> None:
    store.put("fork/child", b"from the child", content_type="text/plain")
    results.put(store.get("fork/parent"))


def test_a_forked_process_uses_the_store_too(objects: storage.Store) -> None:
    objects.put("fork/parent", b"from the parent", content_type="text/plain")
    fork = multiprocessing.get_context("fork")
    results: multiprocessing.Queue[bytes | None] = fork.Queue()
    child = fork.Process(target=_child_round_trip, args=(objects, results))
    child.start()
    got = results.get(timeout=patience.HANG_S)
    child.join()
    results.close()
    results.join_thread()

    assert got == b"from the parent"
    assert objects.get("fork/child") == b"from the child"


def test_without_r2_settings_objects_lie_below_the_data_folder(tmp_path: Path) -> None:
    with config.overridden(data_dir=tmp_path) as changed:
        store = storage.make(changed)
    store.put("a/b", b"x", content_type="text/plain")

    assert (tmp_path / "objects" / "a" / "b").read_bytes() == b"x"
    assert str(tmp_path / "objects") in store.describe()


def test_the_account_makes_the_endpoint() -> None:
    account = {"r2_account_id": "abc", "r2_bucket": "b", "r2_access_key_id": "i", "r2_secret_access_key": SecretStr(SECRET)}
    with config.overridden(**account) as changed:
        assert storage.make(changed).describe() == "bucket b at https://abc.r2.cloudflarestorage.com"


@pytest.mark.parametrize("end", ["", "/", "/b", "/b/"])
def test_an_endpoint_may_be_the_one_that_cloudflare_shows_with_the_bucket_behind_it(end: str) -> None:
    account = {"r2_bucket": "b", "r2_access_key_id": "i", "r2_secret_access_key": SecretStr(SECRET)}
    with config.overridden(**account, r2_endpoint_url=f"https://abc.example{end}") as changed:
        assert storage.make(changed).describe() == "bucket b at https://abc.example"


@pytest.mark.parametrize("missing", ["r2_endpoint_url", "r2_bucket", "r2_access_key_id", "r2_secret_access_key"])
def test_half_an_r2_configuration_names_what_is_missing(missing: str) -> None:
    values = {
        "r2_endpoint_url": "https://x",
        "r2_bucket": "b",
        "r2_access_key_id": "i",
        "r2_secret_access_key": SecretStr(SECRET),
        missing: None,
    }
    with config.overridden(**values) as changed, pytest.raises(errors.ConfigError) as caught:
        storage.make(changed)
    assert missing.upper() in str(caught.value)
    assert SECRET not in str(caught.value)
    assert sum(name.upper() in str(caught.value) for name in values) == 1
