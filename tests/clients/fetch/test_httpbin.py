"""Against httpbin, which answers as a web server may, run on loopback."""

import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug import serving

import errors

httpbin = pytest.importorskip("httpbin", reason="httpbin is not installed")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = serving.make_server("127.0.0.1", 0, httpbin.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "word"), [("/gzip", '"gzipped": true'), ("/deflate", '"deflated": true'), ("/brotli", '"brotli": true')]
)
def test_each_packing_is_undone(get: Any, url: str, path: str, word: str) -> None:
    assert word in get(url + path).text


@pytest.mark.parametrize("status", [200, 204, 400, 401, 403, 404, 410, 418, 429, 500, 502, 503])
def test_each_status_is_a_reply(get: Any, url: str, status: int) -> None:
    assert get(f"{url}/status/{status}").status == status


@pytest.mark.parametrize("path", ["/redirect/5", "/relative-redirect/5", "/absolute-redirect/5"])
def test_five_redirects_are_followed_and_six_are_not(get: Any, url: str, path: str) -> None:
    assert get(url + path).final_url == url + "/get"
    with pytest.raises(errors.TooManyRedirects):
        get(url + path.replace("5", "6"))


def test_a_cookie_of_a_redirect_comes_back(get: Any, url: str) -> None:
    assert '"seen": "1"' in get(url + "/cookies/set/seen/1").text
    assert '"seen"' not in get(url + "/cookies").text


def test_an_unchanged_page_is_not_sent_again(get: Any, url: str) -> None:
    assert get(url + "/etag/v1", etag='"v1"').not_modified and not get(url + "/etag/v1", etag='"v2"').not_modified
    assert get(url + "/cache", last_modified="Sat, 28 Nov 2026 10:00:00 GMT").not_modified


def test_pages_in_pieces_and_in_drops_arrive_whole(get: Any, url: str) -> None:
    assert len(get(url + "/stream-bytes/100000?chunk_size=1000&seed=1").body) == 100_000
    assert len(get(url + "/drip?numbytes=5&duration=0.1").body) == 5
    assert get(url + "/encoding/utf8").charset == "utf-8" and "∀" in get(url + "/encoding/utf8").text


def test_a_slow_page_is_given_up(get: Any, url: str) -> None:
    with pytest.raises(errors.PageLate):
        get(url + "/delay/1", timeout_s=0.3)
    with pytest.raises(errors.PageLate):
        get(url + "/drip?numbytes=10&duration=2", timeout_s=0.5)


def test_headers_arrive_as_given(get: Any, url: str) -> None:
    text = get(url + "/headers", headers={"X-Own": "a b", "Accept-Language": "de"}).text
    assert '"X-Own": "a b"' in text and '"Accept-Language": "de"' in text
