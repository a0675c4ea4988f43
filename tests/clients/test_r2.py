"""Objects in a bucket: R2's settings on a real S3 server on loopback, and its refusals."""

import multiprocessing

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ClientError

import errors
from clients import r2, storage
from tests import patience
from tests.clients.stage import BUCKET, SECRET, closed_port, r2_store


def test_no_checksum_is_sent_that_r2_would_refuse(s3_url: str) -> None:
    sent: dict[str, set[str]] = {}

    def look(request: AWSPreparedRequest, **_: object) -> None:
        sent[str(request.method)] = {name.lower() for name in request.headers}

    store = r2_store(s3_url)
    store._connected().meta.events.register("before-send.s3", look)
    store.put("a/b", b"x", content_type="text/html", content_encoding="gzip")
    store.get("a/b")
    store.exists("a/b")
    store._connected().close()

    assert {"authorization", "content-type", "content-encoding"} <= sent["PUT"]
    for header in sent["PUT"] | sent["GET"] | sent["HEAD"]:
        assert "checksum" not in header and "acl" not in header and header != "x-amz-trailer"


def test_type_and_encoding_go_with_the_object(s3_url: str) -> None:
    store = r2_store(s3_url)
    store.put("a/typed", b"x", content_type="text/html; charset=utf-8", content_encoding="gzip")
    head = store._connected().head_object(Bucket=BUCKET, Key="a/typed")
    store._connected().close()

    assert (head["ContentType"], head["ContentEncoding"]) == ("text/html; charset=utf-8", "gzip")


def test_more_than_a_thousand_keys_are_listed_and_deleted(s3_url: str) -> None:
    store = r2_store(s3_url)
    keys = [f"many/{number:04}" for number in range(1005)]
    for key in keys:
        store._connected().put_object(Bucket=BUCKET, Key=key, Body=b"")

    assert list(store.keys("many/")) == keys
    store.delete(keys)
    assert list(store.keys("many/")) == []
    store._connected().close()


def test_a_bucket_that_takes_writes_is_verified_and_nothing_stays_in_it(s3_url: str) -> None:
    store = r2_store(s3_url)
    before = list(store.keys(""))

    store.verify()

    assert list(store.keys("")) == before
    store._connected().close()


def test_a_missing_bucket_names_the_setting(s3_url: str) -> None:
    store = r2_store(s3_url, r2_bucket="not-there")
    for call in (
        lambda: store.get("a"),
        lambda: store.put("a", b"", content_type="text/plain"),
        lambda: list(store.keys("")),
        lambda: store.delete(["a"]),
        store.verify,
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
    class Refusing:
        def put_object(self, **_: object) -> None:
            raise ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "PutObject")  # type: ignore[typeddict-item]

    store = r2_store("http://127.0.0.1:9")
    monkeypatch.setattr(store, "_connected", Refusing)
    with pytest.raises(errors.TrawlError) as caught:
        store.put("a", b"", content_type="text/plain")
    assert type(caught.value) is error
    assert word in str(caught.value)
    assert SECRET not in str(caught.value) + repr(store) + repr(store._access)


def test_a_store_that_does_not_answer_is_a_network_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(r2, "MAX_ATTEMPTS", 1)
    store = r2_store(closed_port())
    with pytest.raises(errors.NetworkError, match="R2_ENDPOINT_URL"):
        store.get("a")
    store._connected().close()


def test_an_endpoint_that_is_no_url_names_the_setting() -> None:
    with pytest.raises(errors.ConfigError, match="R2_ENDPOINT_URL"):
        r2_store("nonsense").get("a")


@pytest.mark.parametrize(("code", "error"), [("AccessDenied", errors.ConfigError), ("InternalError", errors.NetworkError)])
def test_an_object_that_was_not_deleted_is_an_error(
    code: str, error: type[errors.TrawlError], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refusing:
        def delete_objects(self, **_: object) -> dict[str, object]:
            return {"Errors": [{"Key": "a", "Code": code}]}

    store = r2_store("http://127.0.0.1:9")
    monkeypatch.setattr(store, "_connected", Refusing)
    with pytest.raises(error, match=code):
        store.delete(["a", "b"])


def _client_in_child(store: r2.R2Store, results: "multiprocessing.Queue[int]") -> None:
    results.put(id(store._connected()))


def test_a_process_has_one_client_and_a_forked_one_its_own(s3_url: str) -> None:
    store = r2_store(s3_url)
    client = store._connected()
    fork = multiprocessing.get_context("fork")
    results: multiprocessing.Queue[int] = fork.Queue()
    child = fork.Process(target=_client_in_child, args=(store, results))
    child.start()
    in_child = results.get(timeout=patience.HANG_S)
    child.join()
    results.close()
    results.join_thread()

    assert store._connected() is client
    assert in_child != id(client)
    client.close()


def test_a_look_finds_a_bucket_that_is_not_there_and_writes_nothing(s3_url: str) -> None:
    store = r2_store(s3_url)
    store.look()
    assert list(store.keys("trawl-probe")) == []
    with pytest.raises(errors.ConfigError, match="There is no bucket nosuch"):
        r2_store(s3_url, r2_bucket="nosuch").look()
    with pytest.raises(errors.NetworkError, match="does not answer"):
        r2_store(closed_port()).look()


@pytest.mark.parametrize("may_write", [True, False])
def test_where_a_look_is_denied_a_write_decides(may_write: bool, s3_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = r2_store(s3_url)
    denied = ClientError({"Error": {"Code": "403"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "HeadBucket")  # type: ignore[typeddict-item]

    def refuse(**_: object) -> None:
        raise denied

    monkeypatch.setattr(store._connected(), "head_bucket", refuse)
    if may_write:
        store.look()
        return
    monkeypatch.setattr(store._connected(), "put_object", refuse)
    with pytest.raises(errors.ConfigError, match="R2_SECRET_ACCESS_KEY"):
        store.look()


def test_a_hurried_store_gives_up_within_seconds_and_is_one_for_a_process() -> None:
    access = r2_store(closed_port())._access
    made = storage._hurried(access)
    settings = made._connected().meta.config
    assert (settings.connect_timeout, settings.read_timeout, settings.retries["total_max_attempts"]) == (3, 5, 2)
    assert storage._hurried(access) is made
    with pytest.raises(errors.NetworkError, match="does not answer"):
        made.get("a")


def test_a_hurried_store_ends_an_object_that_trickles(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = r2_store(s3_url)
    store.put("a", b"x" * 100, content_type="text/plain")
    monkeypatch.setattr(r2, "BLOCK_BYTES", 1)
    monkeypatch.setattr(r2, "HURRIED_OBJECT_S", -1)
    assert store.get("a") == b"x" * 100
    store._hurried = True
    with pytest.raises(errors.NetworkError, match="too slow"):
        store.get("a")
    store._connected().close()
