"""The token shows nowhere: not in an error or what hangs on it, not in a log, a repr or a reply."""

import contextlib
import io
import logging
import traceback
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

import pytest
import requests
import responses
from pydantic import SecretStr

import errors
from clients.serp import scrapedo
from sandbox import server
from tests.clients.stage import QUERY, TOKEN, closing, misbehaving, on_scrapedo

pytestmark = pytest.mark.usefixtures("waits")


def _all_text(error: BaseException | None) -> str:
    """Everything an error could show: message, repr, the traceback, and the whole chain behind it, suppressed or not."""
    text = ""
    while error is not None:
        text += f"{error!s} {error!r} {error.args!r} {vars(error)!r} " + "".join(traceback.format_exception(error))
        error = error.__cause__ or error.__context__
    return text


def _spellings(token: str) -> set[str]:
    return {token, quote(token), quote_plus(token), token[:8]}


@contextlib.contextmanager
def _broken() -> Iterator[str]:
    with misbehaving(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")) as url:
        yield url


def test_the_token_shows_in_no_error_no_log_and_no_repr(sandbox: server.Sandbox) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    shown = ""
    try:
        with _broken() as broken:
            asked = [(sandbox.url, "failed"), (sandbox.url, "bad_token"), (sandbox.url, ""), (broken, ""), ("http://[", "")]
            for url, kind in asked:
                sandbox.responder.forced.clear()
                sandbox.force(*[kind] * 3)
                with closing(scrapedo.ScrapeDo(url, SecretStr(TOKEN), timeout_s=20)) as provider:
                    shown += f"{provider!r} {provider.api!r} {vars(provider)!r} {vars(provider.api)!r}"
                    try:
                        shown += repr(provider.page(QUERY, start=0))
                    except errors.TrawlError as error:
                        shown += _all_text(error)
    finally:
        root.setLevel(level)
        root.removeHandler(handler)

    assert "502" in shown and "401" in shown and "SerpReply" in shown and "broke" in shown and "no URL" in shown
    for spelling in _spellings(TOKEN):
        assert spelling not in shown
        assert spelling not in written.getvalue()


@pytest.mark.parametrize(
    "raised",
    [
        requests.exceptions.ReadTimeout(f"url with {TOKEN}"),
        requests.exceptions.ConnectionError(f"url with {TOKEN}"),
        requests.exceptions.InvalidURL(f"url with {TOKEN}"),
        requests.exceptions.ChunkedEncodingError(f"url with {TOKEN}"),
    ],
)
@responses.activate
def test_no_foreign_error_hangs_on_to_ours(raised: Exception) -> None:
    responses.get("https://api.scrape.do/", body=raised)

    with pytest.raises(errors.TrawlError) as caught:
        on_scrapedo().page(QUERY, start=0)
    assert caught.value.__cause__ is None and caught.value.__context__ is None
    assert TOKEN not in _all_text(caught.value)


@pytest.mark.parametrize("status", [400, 401, 429, 502])
@responses.activate
def test_a_token_that_the_service_repeats_is_cut_out(status: int) -> None:
    for spelling in _spellings(TOKEN):
        responses.get("https://api.scrape.do/", status=status, json={"Message": [f"no good: token={spelling}&url=x"]})

    with pytest.raises(errors.TrawlError) as caught:
        on_scrapedo().page(QUERY, start=0)
    assert "no good" in str(caught.value)
    assert TOKEN[:8] not in str(caught.value).replace(TOKEN[:8] + "&", "")


@responses.activate
def test_a_redirect_is_not_followed_with_the_token() -> None:
    responses.get("https://api.scrape.do/", status=301, headers={"Location": "https://elsewhere.example/"})
    stolen = responses.get("https://elsewhere.example/", body="thanks")

    with pytest.raises(errors.NetworkError):
        on_scrapedo().page(QUERY, start=0)
    assert stolen.call_count == 0
