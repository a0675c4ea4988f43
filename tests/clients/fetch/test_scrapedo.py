"""Pages by Scrape.do: the same request and reply, with its cost."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

import config
import errors
from clients import fetch
from clients.fetch import by_scrapedo
from tests.clients.fetch.hostile import Server, page, serving

TOKEN = "s3cr3t/k&more"
URL = "https://shop.example/a?b=1&c=2"


@pytest.fixture
def service() -> Iterator[Server]:
    told = ("Scrape.do-Request-Cost: 5", "Scrape.do-Initial-Status-Code: 200", "ETag: x", f"Scrape.do-Resolved-Url: {URL}")
    answer = page(b"<p>page", *told)
    with serving({"/": answer}) as server, config.overridden(scrapedo_url=server.url, scrapedo_token=SecretStr(TOKEN)):
        yield server
        by_scrapedo._service(server.url, SecretStr(TOKEN), 20.0).close()


def ask(**fields: object) -> fetch.Reply:
    return fetch.get(fetch.Request(URL, mode="scrapedo", timeout_s=20.0, **fields))  # type: ignore[arg-type]


def test_a_page_comes_with_its_cost_and_without_the_services_headers(service: Server) -> None:
    reply = ask(options={"render": "true", "geoCode": "de"}, headers={"Accept-Language": "de"}, etag='"v1"')
    assert (reply.status, reply.text, reply.cost_credits, reply.final_url) == (200, "<p>page", 5.0, URL)
    assert reply.headers["etag"] == "x" and not [name for name in reply.headers if name.startswith("scrape.do")]
    asked = parse_qs(urlsplit(service.paths[0]).query)
    assert (
        asked["url"] == [URL] and asked["render"] == ["true"] and asked["geoCode"] == ["de"] and asked["extraHeaders"] == ["true"]
    )
    assert service.header("sd-Accept-Language") == "de" and service.header("sd-If-None-Match") == '"v1"'


def test_a_targets_own_status_is_the_replys(service: Server) -> None:
    service.ways["/"] = page(b"gone", "Scrape.do-Initial-Status-Code: 404", "Scrape.do-Request-Cost: 1", status="404 Not Found")
    assert (ask().status, ask().cost_credits) == (404, 1.0)
    service.ways["/"] = page(b"", "Scrape.do-Initial-Status-Code: 304", status="304 Not Modified")
    assert ask(etag='"v1"').not_modified


def test_a_page_that_speaks_of_an_error_is_a_page(service: Server) -> None:
    body = b'{"error": "no such product", "status": 404}'
    service.ways["/"] = page(body, "Scrape.do-Initial-Status-Code: 200")
    assert ask().body == body


def test_the_place_where_it_ended_is_asked_about_and_checked(service: Server) -> None:
    asked: list[str] = []
    told = "Scrape.do-Initial-Status-Code: 200"
    service.ways["/"] = page(b"x", told, "Scrape.do-Resolved-Url: https://shop.example/end")
    reply = fetch.get(fetch.Request(URL, mode="scrapedo", timeout_s=20.0), before=asked.append)
    assert asked == [reply.final_url] == list(reply.redirects) == ["https://shop.example/end"]
    service.ways["/"] = page(b"x", told, "Scrape.do-Resolved-Url: http://127.0.0.1/end")
    with pytest.raises(errors.RefusedAddress):
        ask()


@pytest.mark.usefixtures("waits")
def test_errors_of_the_service_keep_their_classes_and_hide_the_token(service: Server) -> None:
    for status, expected in ((401, errors.OutOfCredits), (429, errors.ProviderBusy), (502, errors.NetworkError)):
        service.ways["/"] = page(b'{"Message": ["no %s"]}' % TOKEN.encode(), status=f"{status} X")
        with pytest.raises(expected) as caught:
            ask()
        assert TOKEN not in str(caught.value)


def test_a_page_beyond_the_limit_is_refused(service: Server) -> None:
    with pytest.raises(errors.PageTooLarge):
        ask(max_bytes=3)


def test_what_cannot_be_asked_is_refused_before_it_costs_anything(service: Server) -> None:
    wrong: list[dict[str, object]] = [{"options": {"token": "x"}}, {"options": {"url": "x"}}, {"proxy": "http://a.example:1"}]
    wrong += [{"options": {"render": "a\nb"}}, {"headers": {"A": "b\n"}}]
    for fields in wrong:
        with pytest.raises(errors.ArgumentError):
            ask(**fields)
    for url in ("http://127.0.0.1/", "file:///etc/passwd"):
        with pytest.raises(errors.BadUrl):
            fetch.get(fetch.Request(url, mode="scrapedo"))
    with pytest.raises(errors.ArgumentError, match="mode scrapedo"):
        fetch.check(fetch.Request(URL, options={"render": "true"}))
    with config.overridden(scrapedo_token=None), pytest.raises(errors.ConfigError, match="without provider=scrapedo"):
        fetch.check_mode("scrapedo")
    assert service.connections == 0


def test_what_was_paid_is_told_also_where_the_page_is_refused(service: Server) -> None:
    def refuse(url: str) -> None:
        raise errors.NotAllowed("robots.txt")

    told = ("Scrape.do-Request-Cost: 5", "Scrape.do-Resolved-Url: https://shop.example/end")
    service.ways["/"] = page(b"x" * 5000, *told)
    with pytest.raises(errors.NotAllowed) as refused:
        fetch.get(fetch.Request(URL, mode="scrapedo", timeout_s=20.0), before=refuse)
    with pytest.raises(errors.PageTooLarge) as large:
        ask(max_bytes=1000)
    assert (refused.value.cost_credits, large.value.cost_credits) == (5.0, 5.0)
