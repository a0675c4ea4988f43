"""Stored pages: a download as text, a view in a frame without rights, and nothing of the store that is taken on trust."""

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import clock
import models
from tests import fakes
from tests.state import NOON
from tests.web.pages.checked import checked, day, keyword, objects, ranked, remember
from topics.tracking import records

PAGE = fakes.serp(["https://example.com/shoes"])


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


@pytest.fixture
def found() -> models.Keyword:
    made = keyword()
    checked(made, PAGE)
    return made


def at(found: models.Keyword, rest: str = "", number: Any = 1) -> str:
    return f"/keywords/{found.id}/days/{day(0)}/page/{number}{rest}"


def policy(reply: TestResponse) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in reply.headers["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in parts}


def store_instead(body: bytes, **fields: Any) -> None:
    """Put other bytes in place of the stored page, as whoever may write to the store could; the object vouches for them."""
    store = objects()
    [key] = [key for key in store.keys("") if key.endswith("p1.html.gz")]
    [check] = [key for key in store.keys("") if key.endswith(".json")]
    store.put(key, body, content_type="application/gzip")
    told = json.loads(store.get(check) or b"")
    told["pages"][0] |= {"sha256": hashlib.sha256(body).hexdigest(), **fields}
    store.put(check, json.dumps(told).encode(), content_type="application/json")


def test_a_page_is_a_download_byte_for_byte_as_text(client: FlaskClient, found: models.Keyword) -> None:
    reply = client.get(at(found))
    assert reply.status_code == 200 and reply.data == fakes.titled(PAGE, "red shoes")
    assert reply.headers["Content-Type"].startswith("text/plain; charset=")
    name = f"{found.id}_{day(0)}_page1.html.txt"
    assert reply.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert reply.headers["X-Content-Type-Options"] == "nosniff" and reply.headers["Cache-Control"] == "no-store"
    assert "sandbox" in policy(reply) and reply.headers["X-Frame-Options"] == "DENY"


def test_the_frame_may_do_nothing(client: FlaskClient, found: models.Keyword) -> None:
    reply = client.get(at(found, "/framed"))
    assert policy(reply) == {
        "sandbox": "",
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "form-action": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'self'",
    }
    wanted = {"X-Frame-Options": "SAMEORIGIN", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    assert {name: reply.headers.getlist(name) for name in wanted} == {name: [value] for name, value in wanted.items()}


def test_our_page_holds_it_without_any_right(client: FlaskClient, found: models.Keyword) -> None:
    reply = client.get(at(found, "/shown"))
    frame = reply.text.split("<iframe", 1)[1].split(">", 1)[0]
    assert " sandbox src=" in frame and "allow" not in frame and at(found, "/framed") in frame
    assert policy(reply)["frame-src"] == "'self'" and policy(reply)["script-src"] == "'self'"
    assert policy(reply)["frame-ancestors"] == "'none'" and reply.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("where", ["document", "embed", "script", "object", "image"])
def test_the_frame_is_no_page_of_its_own(client: FlaskClient, found: models.Keyword, where: str) -> None:
    reply = client.get(at(found, "/framed"), headers={"Sec-Fetch-Dest": where})
    assert reply.status_code == 303 and reply.headers["Location"] == at(found, "/shown")


@pytest.mark.parametrize(
    "tag", ["link rel=preconnect", "LiNk", "a", "AREA", "meta http-equiv=refresh", "base", "iframe", "object", "embed"]
)
def test_tags_that_act_without_a_script_are_disarmed(client: FlaskClient, found: models.Keyword, tag: str) -> None:
    store_instead(gzip.compress(f"<p>a</p><{tag} href=//evil.test>".encode()))
    text = client.get(at(found, "/framed")).text
    assert f"<{tag}" not in text and f"<x-{tag}" in text and "<p>a</p>" in text


def test_what_only_begins_like_such_a_tag_stays(client: FlaskClient, found: models.Keyword) -> None:
    store_instead(gzip.compress(b"<metadata>x</metadata><link-card><article><abbr>"))
    assert client.get(at(found, "/framed")).text == "<metadata>x</metadata><link-card><article><abbr>"


def test_a_page_in_another_encoding_hides_no_tag(client: FlaskClient, found: models.Keyword) -> None:
    store_instead(gzip.compress("<link rel=preconnect href=//evil.test>ä".encode("utf-16")))
    reply = client.get(at(found, "/framed"))
    assert reply.text.startswith("<x-link") and "ä" in reply.text and reply.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("charset", ["utf-7", "punycode", "x\r\nSet-Cookie: a=b", "none-such", "text/html"])
def test_a_charset_of_the_store_is_not_taken_on_trust(client: FlaskClient, found: models.Keyword, charset: str) -> None:
    store_instead(gzip.compress(b"+ADw-script+AD4-"), charset=charset)
    for rest in ("", "/framed"):
        reply = client.get(at(found, rest))
        assert reply.status_code == 200 and reply.text == "+ADw-script+AD4-" and "Set-Cookie" not in reply.headers
        assert reply.headers["Content-Type"].endswith("charset=utf-8")


def test_json_is_shown_as_text(client: FlaskClient, found: models.Keyword) -> None:
    store_instead(gzip.compress(b'{"title": "<script>window.ran=1</script>"}'), format="json")
    reply = client.get(at(found, "/framed"))
    assert reply.mimetype == "text/plain" and reply.text == '{"title": "<script>window.ran=1</script>"}'
    assert client.get(at(found)).headers["Content-Disposition"].endswith('.json.txt"')


def test_a_bomb_in_the_store_is_not_unpacked(client: FlaskClient, found: models.Keyword, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MOST_PAGE_BYTES", 1000)
    store_instead(gzip.compress(b"0" * 1001))
    for rest in ("", "/shown", "/framed"):
        reply = client.get(at(found, rest))
        assert reply.status_code == 422 and "unpacks to more than 1,000 bytes" in reply.text
    store_instead(gzip.compress(b"0" * 1000))
    assert client.get(at(found)).status_code == 200


def test_a_page_that_is_too_large_as_it_lies_there_is_not_read(
    client: FlaskClient, found: models.Keyword, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "MOST_PACKED_BYTES", 100)
    assert "more than 100 bytes" in client.get(at(found)).text


@pytest.mark.parametrize("body", [b"", b"no gzip", gzip.compress(b"whole", mtime=0)[:-4]])
def test_a_damaged_page_says_so(client: FlaskClient, found: models.Keyword, body: bytes) -> None:
    store_instead(body)
    reply = client.get(at(found))
    assert reply.status_code == 422 and "is damaged" in reply.text


def test_a_page_that_was_changed_since_says_so(client: FlaskClient, found: models.Keyword) -> None:
    [key] = [key for key in objects().keys("") if key.endswith("p1.html.gz")]
    objects().put(key, gzip.compress(b"other"), content_type="application/gzip")
    reply = client.get(at(found))
    assert reply.status_code == 422 and "was changed since it was stored" in reply.text


def test_an_object_cannot_name_the_page_of_another(client: FlaskClient, found: models.Keyword) -> None:
    secret = gzip.compress(b"somebody's result")
    objects().put("results/2026-03-01/job.json.gz", secret, content_type="application/gzip")
    for key in ("results/2026-03-01/job.json.gz", "../../../etc/passwd"):
        store_instead(secret, key=key)
        reply = client.get(at(found))
        assert reply.status_code == 422 and "none of this keyword and day" in reply.text


def test_what_is_of_another_keyword_is_not_shown(client: FlaskClient, found: models.Keyword) -> None:
    [check] = [key for key in objects().keys("") if key.endswith(".json")]
    told = json.loads(objects().get(check) or b"") | {"keyword_id": "aaaaaaaaaaaa", "keyword": "blue"}
    objects().put(check, json.dumps(told).encode(), content_type="application/json")
    assert client.get(at(found)).status_code == 404 and "of another keyword" in client.get(at(found)).text


@pytest.mark.parametrize(("number", "status"), [(0, 404), (2, 404), (101, 404), (10**30, 404), ("x", 404), ("-1", 404)])
def test_a_page_that_is_not_there(client: FlaskClient, found: models.Keyword, number: Any, status: int) -> None:
    assert client.get(at(found, number=number)).status_code == status


@pytest.mark.parametrize("text", ["2026-3-1", "2026-02-30", "x", "2026-03-01T00:00", "0000-00-00", "٢٠٢٦-٠٣-٠١"])
def test_what_is_no_day_is_refused(client: FlaskClient, found: models.Keyword, text: str) -> None:
    for path in (f"/keywords/{found.id}/days/{text}", f"/keywords/{found.id}/days/{text}/page/1"):
        reply = client.get(path)
        assert reply.status_code == 422 and "no day" in reply.text


def test_a_day_without_its_page_is_a_404_that_says_so(client: FlaskClient) -> None:
    made = keyword()
    remember(made, ranked(1, 0))
    reply = client.get(at(made))
    assert reply.status_code == 404 and "No result page of that day is stored" in reply.text


def test_a_viewer_may_look_and_nobody_else(client: FlaskClient, key_client: Callable[..., FlaskClient]) -> None:
    made = keyword()
    checked(made, PAGE)
    assert key_client("viewer").get(at(made)).status_code == 200
    for rest in ("", "/shown", "/framed"):
        assert client.get(at(made, rest)).status_code == 401
