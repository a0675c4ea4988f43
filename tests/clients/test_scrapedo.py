"""Scrape.do as a provider of HTML pages: the real client against the sandbox, which speaks the same protocol."""

import pytest
import responses
from pydantic import SecretStr

import errors
import models
from clients import serp
from clients.serp import api, scrapedo
from sandbox import seals, server
from tests.clients.stage import QUERY, TOKEN, closing, on_scrapedo

pytestmark = pytest.mark.usefixtures("waits")


def test_a_page_is_asked_for_as_the_service_documents_it(provider: scrapedo.ScrapeDo, sandbox: server.Sandbox) -> None:
    provider.page(QUERY, start=20)

    seen = sandbox.requests[-1]
    assert seen.path == "/"
    assert seen.params == {
        "url": "https://www.google.com/search?q=best+running+shoes&hl=de&gl=de&start=20",
        "geoCode": "de",
        "device": "mobile",
        "super": "true",
        "render": "true",
        "timeout": seen.params["timeout"],
    }
    assert 5_000 <= int(seen.params["timeout"]) <= 20_000


def test_a_reply_says_what_it_cost_and_what_is_left(provider: scrapedo.ScrapeDo, sandbox: server.Sandbox) -> None:
    reply = provider.page(QUERY, start=0)

    assert (reply.format, reply.cost, reply.remaining) == ("html", 25, 999_975)
    assert b'id="rso"' in reply.body
    assert reply.url == "https://www.google.com/search?q=best+running+shoes&hl=de&gl=de&start=0"
    assert reply.request_id and reply.elapsed_ms >= 0
    assert provider.page(QUERY, start=0).remaining == sandbox.responder.credits == 999_950


@pytest.mark.parametrize(
    ("header", "charset"),
    [
        ("text/html; charset=ISO-8859-1", "ISO-8859-1"),
        ('text/html;charset="utf-8"', "utf-8"),
        ("text/html", None),
        ("text/html; charset=none-such", None),
        (None, None),
    ],
)
def test_a_reply_says_which_charset_its_header_names(header: str | None, charset: str | None) -> None:
    headers = {} if header is None else {"Content-Type": header}
    answer = api.Answer(200, 200, headers, b"<p>", 5)

    assert scrapedo.reply(answer, "https://www.google.com/search?q=x", "html").charset == charset


def test_the_uk_is_gb_for_the_service(provider: scrapedo.ScrapeDo, sandbox: server.Sandbox) -> None:
    provider.page(models.SerpQuery("tea", country="uk"), start=0)

    assert sandbox.requests[-1].params["geoCode"] == "gb"
    assert "gl=uk" in sandbox.requests[-1].params["url"]


@pytest.mark.parametrize(("start", "device"), [(-10, "desktop"), (5, "desktop"), (0, "tablet")])
def test_what_makes_no_page_is_refused_before_any_call(
    provider: scrapedo.ScrapeDo, sandbox: server.Sandbox, start: int, device: str
) -> None:
    with pytest.raises(errors.ArgumentError):
        provider.page(models.SerpQuery("x", device=device), start=start)
    assert sandbox.requests == []


@pytest.mark.parametrize("kind", ["captcha", "js_required", "consent"])
def test_a_gate_in_front_of_google_comes_back_as_a_page_and_is_not_tried_again(
    provider: scrapedo.ScrapeDo, sandbox: server.Sandbox, kind: str
) -> None:
    sandbox.force(kind)

    assert b'content="Trawl sandbox"' in provider.page(QUERY, start=0).body
    assert sandbox.counts == {kind: 1}


@pytest.mark.parametrize("kind", ["busy", "failed"])
def test_a_free_refusal_is_tried_again_twice_with_growing_waits(
    provider: scrapedo.ScrapeDo, sandbox: server.Sandbox, waits: list[float], kind: str
) -> None:
    sandbox.force(kind, kind)

    assert provider.page(QUERY, start=0).cost == 25
    assert sandbox.counts == {kind: 2, "page": 1}
    assert 0.5 <= waits[0] <= 1.0 <= waits[1] <= 2.0 and len(waits) == 2


@pytest.mark.parametrize(("kind", "error"), [("busy", errors.ProviderBusy), ("failed", errors.NetworkError)])
def test_a_third_free_refusal_is_the_callers(
    provider: scrapedo.ScrapeDo, sandbox: server.Sandbox, kind: str, error: type[errors.TrawlError]
) -> None:
    sandbox.force(kind, kind, kind)

    with pytest.raises(error):
        provider.page(QUERY, start=0)
    assert sandbox.counts == {kind: 3}


@pytest.mark.parametrize(("kind", "error"), [("bad_token", errors.BadToken), ("no_credits", errors.OutOfCredits)])
def test_a_refused_account_is_never_tried_again(
    provider: scrapedo.ScrapeDo, sandbox: server.Sandbox, kind: str, error: type[errors.TrawlError]
) -> None:
    sandbox.force(kind)

    with pytest.raises(error):
        provider.page(QUERY, start=0)
    assert sandbox.counts == {kind: 1}


def test_an_account_runs_out_of_credits_exactly_when_it_cannot_pay() -> None:
    with (
        server.Sandbox(credits=60) as sandbox,
        closing(scrapedo.ScrapeDo(sandbox.url, SecretStr(TOKEN), timeout_s=20)) as provider,
    ):
        provider.page(QUERY, start=0)
        assert provider.page(QUERY, start=10).remaining == 10
        with pytest.raises(errors.OutOfCredits):
            provider.page(QUERY, start=20)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, {"Message": ["Your subscription has been suspended"]}, errors.OutOfCredits),
        (401, {"Message": ["You have used all credits of this token"]}, errors.OutOfCredits),
        (401, {}, errors.OutOfCredits),
        (401, {"Message": ["Unauthorized: token not found"]}, errors.BadToken),
        (401, {"Message": "You were temporarily throttled by the authentication server"}, errors.BadToken),
        (429, {"Message": "You were temporarily throttled by the authentication server"}, errors.BadToken),
        (200, "Your request has been temporarily throttled by the authentication server.", errors.BadToken),
        (400, {"Message": ["geoCode is not supported"]}, errors.DataError),
        (404, {}, errors.DataError),
        (302, "", errors.NetworkError),
        (500, "<h1>oops</h1>", errors.NetworkError),
        (503, {"Message": ["maintenance"]}, errors.NetworkError),
    ],
)
@responses.activate
def test_every_refusal_becomes_the_error_that_says_what_to_do(
    status: int, body: dict[str, object] | str, error: type[errors.TrawlError]
) -> None:
    content = {"body": body} if isinstance(body, str) else {"json": body}
    responses.get("https://api.scrape.do/", status=status, **content)

    with pytest.raises(errors.TrawlError) as caught:
        on_scrapedo().page(QUERY, start=0)
    assert type(caught.value) is error
    assert len(responses.calls) == 1


@responses.activate
def test_a_page_about_throttling_is_a_page() -> None:
    text = "<html>" + "temporarily throttled by the authentication server " * 50
    responses.get("https://api.scrape.do/", body=text, headers={"Scrape.do-Initial-Status-Code": "200"})

    reply = on_scrapedo().page(QUERY, start=0)
    assert reply.body == text.encode()
    assert (reply.cost, reply.remaining, reply.request_id) == (None, None, None)


def test_an_opaque_link_is_resolved_without_being_followed(sandbox: server.Sandbox, provider: scrapedo.ScrapeDo) -> None:
    link = seals.seal("https://example.com/a?b=c", 0)

    assert provider.resolve(link) == "https://example.com/a?b=c"
    assert provider.resolve("https://www.google.com" + link) == "https://example.com/a?b=c"
    assert sandbox.requests[-1].params["disableRedirection"] == "true"
    assert provider.resolve("/goto?url=CAESunknown") is None


@pytest.mark.parametrize("link", ["https://example.com/", "/url?q=x", ""])
def test_only_goto_links_are_resolved(provider: scrapedo.ScrapeDo, sandbox: server.Sandbox, link: str) -> None:
    with pytest.raises(errors.ArgumentError):
        provider.resolve(link)
    assert sandbox.requests == []


@responses.activate
def test_a_location_is_read_whatever_status_google_gives_it() -> None:
    target = {"Scrape.do-Initial-Status-Code": "402", "Location": "https://example.com/"}
    responses.get("https://api.scrape.do/", status=402, headers=target)
    responses.get("https://api.scrape.do/", status=402, headers={**target, "Location": "javascript:alert(1)"})
    provider = on_scrapedo()

    assert provider.resolve("/goto?url=a") == "https://example.com/"
    assert provider.resolve("/goto?url=a") is None


def test_the_account_can_be_asked_for_its_state_free_of_charge(provider: scrapedo.ScrapeDo, sandbox: server.Sandbox) -> None:
    assert provider.probe() == serp.ProviderHealth(
        active=True,
        concurrency=1000,
        free_concurrency=1000,
        monthly_credits=1_000_000,
        remaining_credits=1_000_000,
        page_credits=25.0,
    )
    assert "timeout" not in sandbox.requests[-1].params


@responses.activate
def test_a_strange_state_of_the_account_is_no_crash() -> None:
    responses.get("https://api.scrape.do/info", json={"IsActive": True})

    with pytest.raises(errors.DataError, match="/info"):
        on_scrapedo().probe()


@pytest.mark.parametrize("value", ["nan", "inf", "many", ""])
@responses.activate
def test_a_price_that_is_no_number_is_not_known(value: str) -> None:
    headers = {"Scrape.do-Request-Cost": value, "Scrape.do-Remaining-Credits": value}
    responses.get("https://api.scrape.do/", body="<html>", headers=headers)

    reply = on_scrapedo().page(QUERY, start=0)
    assert (reply.cost, reply.remaining) == (None, None)
