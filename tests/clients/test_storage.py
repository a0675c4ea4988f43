"""Object storage: the same promises kept by a folder and by a bucket."""

import errno
import multiprocessing
import os
import resource
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

import config
import errors
from clients import r2, storage

SECRET = "s3cr3t-access-key"
BUCKET = "trawl-test"
BAD_KEYS = ["", "/a", "a/", "a//b", "..", "a/../b", "./a", "a\\b", "a\0b", "a/.trawl-tmp-1", "x" * 1025, "\ud800"]


@pytest.fixture(scope="session")
def s3_url() -> Iterator[str]:
    """A real S3 server on loopback, with one bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.session.Session().client(
        "s3", endpoint_url=url, region_name="auto", aws_access_key_id="id", aws_secret_access_key=SECRET
    )
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "auto"})  # type: ignore[typeddict-item]
    client.close()
    yield url
    server.stop()


def _r2(url: str, **changed: object) -> r2.R2Store:
    values = {
        "r2_endpoint_url": url,
        "r2_bucket": BUCKET,
        "r2_access_key_id": "id",
        "r2_secret_access_key": SecretStr(SECRET),
        **changed,
    }
    with config.overridden(**values) as changed_settings:
        store = storage.make(changed_settings)
    assert isinstance(store, r2.R2Store)
    return store


@pytest.fixture(params=["local", "r2"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[storage.Store]:
    if request.param == "local":
        yield storage.LocalStore(tmp_path / "objects")
        return
    bucket = _r2(request.getfixturevalue("s3_url"))
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
    got = results.get(timeout=60)
    child.join()
    results.close()
    results.join_thread()

    assert got == b"from the parent"
    assert objects.get("fork/child") == b"from the child"


# --- the folder -------------------------------------------------------------------------------------------------------

PARTS = st.text(st.characters(codec="utf-8", exclude_characters="/\\\0"), min_size=1, max_size=20).filter(
    lambda part: part not in (".", "..") and not part.startswith(storage.TEMPORARY) and len(part.encode()) < 100
)
KEYS = st.lists(PARTS, min_size=1, max_size=4).map("/".join)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(KEYS, st.binary(max_size=20), max_size=6))
def test_a_folder_holds_any_set_of_keys_and_lists_them_in_byte_order(
    tmp_path_factory: pytest.TempPathFactory, objects: dict[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("objects")
    store = storage.LocalStore(folder)
    kept: dict[str, bytes] = {}
    for key, body in objects.items():
        if any(key.startswith(other + "/") or other.startswith(key + "/") for other in kept):
            with pytest.raises(errors.DataError, match="cannot be a file"):
                store.put(key, body, content_type="text/plain")
        else:
            store.put(key, body, content_type="text/plain")
            kept[key] = body

    assert list(store.keys("")) == sorted(kept, key=str.encode)
    assert {key: store.get(key) for key in kept} == kept
    store.delete(kept)
    assert list(folder.iterdir()) == []
    shutil.rmtree(folder)


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_no_key_leads_out_of_the_folder(tmp_path_factory: pytest.TempPathFactory, key: str) -> None:
    root = Path("/nowhere/objects")
    try:
        path = Path(os.path.normpath(root / storage.checked(key)))
    except errors.DataError:
        return
    assert path.is_relative_to(root) and path != root


def test_a_half_written_file_is_no_object(tmp_path: Path) -> None:
    store = storage.LocalStore(tmp_path)
    store.put("a/b", b"x", content_type="text/plain")
    (tmp_path / "a" / f"{storage.TEMPORARY}123-abc").write_bytes(b"half")

    assert list(store.keys("")) == ["a/b"]


def _write_with_no_room(folder: Path, results: "multiprocessing.Queue[str]") -> None:
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
    try:
        storage.LocalStore(folder).put("a/new", b"x" * 200_000, content_type="text/plain")
    except errors.SystemFault as exc:
        results.put(str(exc))
    else:
        results.put("no error")


def test_a_full_disk_leaves_the_old_object_whole_and_nothing_half_written(tmp_path: Path) -> None:
    store = storage.LocalStore(tmp_path)
    store.put("a/new", b"old", content_type="text/plain")
    fork = multiprocessing.get_context("fork")
    results: multiprocessing.Queue[str] = fork.Queue()
    child = fork.Process(target=_write_with_no_room, args=(tmp_path, results))
    child.start()
    said = results.get(timeout=60)
    child.join()
    results.close()
    results.join_thread()

    assert "DATA_DIR" in said and "room" in said
    assert store.get("a/new") == b"old"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["new"]


@pytest.mark.parametrize(
    ("number", "error", "word"),
    [
        (errno.ENOSPC, errors.SystemFault, "room"),
        (errno.EACCES, errors.SystemFault, "refuses access"),
        (errno.EROFS, errors.SystemFault, "refuses access"),
        (errno.EIO, errors.SystemFault, "check the disk"),
        (errno.ENAMETOOLONG, errors.DataError, "cannot be a file"),
    ],
)
@pytest.mark.parametrize("call", ["open", "fsync", "replace"])
def test_what_goes_wrong_on_the_disk_says_what_to_do_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int, error: type[errors.TrawlError], word: str
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    store = storage.LocalStore(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, call, fails)
        with pytest.raises(error, match=word):
            store.put("a/b", b"x", content_type="text/plain")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_folder_deleted_under_a_write_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, removed = os.open, []

    def open_late(path: object, *arguments: int) -> int:
        if storage.TEMPORARY in str(path) and not removed:
            removed.append((tmp_path / "a").rmdir())
        return real(str(path), *arguments)

    monkeypatch.setattr(os, "open", open_late)
    store = storage.LocalStore(tmp_path)
    store.put("a/b", b"x", content_type="text/plain")
    assert store.get("a/b") == b"x" and removed


# --- the bucket -------------------------------------------------------------------------------------------------------


def test_no_checksum_is_sent_that_r2_would_refuse(s3_url: str) -> None:
    sent: dict[str, set[str]] = {}

    def look(request: AWSPreparedRequest, **_: object) -> None:
        sent[str(request.method)] = {name.lower() for name in request.headers}

    store = _r2(s3_url)
    store._connected().meta.events.register("before-send.s3", look)
    store.put("a/b", b"x", content_type="text/html", content_encoding="gzip")
    store.get("a/b")
    store.exists("a/b")
    store._connected().close()

    assert {"authorization", "content-type", "content-encoding"} <= sent["PUT"]
    for header in sent["PUT"] | sent["GET"] | sent["HEAD"]:
        assert "checksum" not in header and "acl" not in header and header != "x-amz-trailer"


def test_type_and_encoding_go_with_the_object(s3_url: str) -> None:
    store = _r2(s3_url)
    store.put("a/typed", b"x", content_type="text/html; charset=utf-8", content_encoding="gzip")
    head = store._connected().head_object(Bucket=BUCKET, Key="a/typed")
    store._connected().close()

    assert (head["ContentType"], head["ContentEncoding"]) == ("text/html; charset=utf-8", "gzip")


def test_more_than_a_thousand_keys_are_listed_and_deleted(s3_url: str) -> None:
    store = _r2(s3_url)
    keys = [f"many/{number:04}" for number in range(1005)]
    for key in keys:
        store._connected().put_object(Bucket=BUCKET, Key=key, Body=b"")

    assert list(store.keys("many/")) == keys
    store.delete(keys)
    assert list(store.keys("many/")) == []
    store._connected().close()


def test_a_missing_bucket_names_the_setting(s3_url: str) -> None:
    store = _r2(s3_url, r2_bucket="not-there")
    for call in (
        lambda: store.get("a"),
        lambda: store.put("a", b"", content_type="text/plain"),
        lambda: list(store.keys("")),
        lambda: store.delete(["a"]),
    ):
        with pytest.raises(errors.ConfigError, match="R2_BUCKET"):
            call()
    store._connected().close()


@pytest.mark.parametrize(
    ("code", "status", "error", "word"),
    [
        ("InvalidAccessKeyId", 403, errors.ConfigError, "R2_ACCESS_KEY_ID"),
        ("SignatureDoesNotMatch", 403, errors.ConfigError, "R2_SECRET_ACCESS_KEY"),
        ("Unauthorized", 401, errors.ConfigError, "R2_SECRET_ACCESS_KEY"),
        ("AuthorizationHeaderMalformed", 400, errors.ConfigError, "R2_REGION"),
        ("RequestTimeTooSkewed", 403, errors.ConfigError, ""),
        ("SlowDown", 503, errors.NetworkError, ""),
        ("InternalError", 500, errors.NetworkError, ""),
        ("TooManyRequests", 429, errors.NetworkError, ""),
        ("KeyTooLongError", 400, errors.DataError, ""),
    ],
)
def test_a_refusal_of_the_store_names_the_setting_that_is_wrong(
    code: str, status: int, error: type[errors.TrawlError], word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore.exceptions import ClientError

    class Refusing:
        def put_object(self, **_: object) -> None:
            raise ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "PutObject")  # type: ignore[typeddict-item]

    store = _r2("http://127.0.0.1:9")
    monkeypatch.setattr(store, "_connected", Refusing)
    with pytest.raises(errors.TrawlError) as caught:
        store.put("a", b"", content_type="text/plain")
    assert type(caught.value) is error
    assert word in str(caught.value)
    assert SECRET not in str(caught.value) + repr(store) + repr(store._access)


def test_a_store_that_does_not_answer_is_a_network_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(r2, "MAX_ATTEMPTS", 1)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    store = _r2(url)
    with pytest.raises(errors.NetworkError, match="R2_ENDPOINT_URL"):
        store.get("a")
    store._connected().close()


def test_an_endpoint_that_is_no_url_names_the_setting() -> None:
    with pytest.raises(errors.ConfigError, match="R2_ENDPOINT_URL"):
        _r2("nonsense").get("a")


# --- the choice -------------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    "missing", ["r2_endpoint_url", "r2_bucket", "r2_access_key_id", "r2_secret_access_key"]
)
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
