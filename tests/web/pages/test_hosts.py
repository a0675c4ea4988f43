"""The pages of hosts: how each is treated, what it answers; one paused, limited, its breaker reset."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from state.engine import pauses
from state.scraping import gates, hosts, rates, robots_cache
from state.scraping.gates import Ask, Granted, Left
from tests.counting import asked
from tests.web.conftest import KeyClient
from topics.scraping import host_limits
from web import looks

HOSTILE = "<img src=x onerror=alert(1)>"


def fetched(host: str, outcome: gates.Outcome = "ok", times: int = 1) -> None:
    for _ in range(times):
        turn = gates.enter(Ask(host, "direct-1", 0, 10))
        assert isinstance(turn, Granted)
        gates.leave(turn, Left(outcome, 0.0))


def broken(host: str = "bad.example") -> None:
    fetched(host, "server_error", 8)
    assert hosts.state(host).breaker == "open"


def rows(client: FlaskClient, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/hosts?format=json{query}").json
    return found


def test_no_host_was_asked_and_the_page_says_what_to_do(client: FlaskClient) -> None:
    assert "python manage.py scrape url" in client.get("/hosts").text
    assert client.get("/hosts/no.example").status_code == 404


def test_hosts_are_listed_with_what_they_answer(client: FlaskClient) -> None:
    fetched("good.example", times=3)
    fetched("wall.example", "blocked")
    broken()

    found = {row["host"]: row for row in rows(client)}
    assert found["good.example"]["ok"] == 3 and found["wall.example"]["blocked"] == 1
    assert (found["bad.example"]["failed"], found["bad.example"]["breaker"]) == (8, "open")
    text = client.get("/hosts").text
    assert 'href="/hosts/bad.example"' in text and "next try in" in text and "3 hosts asked" in text
    assert client.get("/hosts?format=csv").text.count("\n") == 4


def test_filters_stand_in_the_address(client: FlaskClient) -> None:
    fetched("good.example")
    broken()

    assert [row["host"] for row in rows(client, "&breaker=open")] == ["bad.example"]
    text = client.get("/hosts?breaker=open").text
    assert "bad.example" in text and "good.example" not in text and '<option value="open" selected>' in text
    assert client.get("/hosts?host=HTTPS://Good.Example/a").headers["Location"] == "/hosts/good.example"
    assert client.get("/hosts?breaker=ajar").status_code == 422
    assert client.get("/hosts?hosts-cursor=x").status_code == 422


def test_the_list_goes_on_to_the_last_host(client: FlaskClient) -> None:
    for number in range(7):
        fetched(f"h{number}.example")
    seen, path = list[str](), "/hosts?limit=3"
    while path:
        text = client.get(path).text
        seen += re.findall(r'href="/hosts/(h\d\.example)"', text)
        following = re.search(r'href="([^"]+)" rel="next"', text)
        path = following[1].replace("&amp;", "&") if following else ""

    assert sorted(seen) == [f"h{number}.example" for number in range(7)] and len(rows(client, "&limit=3")) == 7


def test_one_host_says_why_its_breaker_is_open(client: FlaskClient) -> None:
    broken()
    text = client.get("/hosts/bad.example").text

    assert "half of the last requests failed (8 server error" in text and "opened 1 time in a row" in text
    assert "/jobs?host=bad.example&amp;status=failed&amp;since=24h" in text
    opened_s = client.get("/api/v1/hosts/bad.example").json["opened_s"]
    assert opened_s is not None and 0 <= opened_s < 10

    done = client.post("/hosts/bad.example/reset", follow_redirects=True)
    assert "The breaker of bad.example is closed" in done.text and hosts.state("bad.example").breaker == "closed"
    assert client.post("/hosts/no.example/reset").status_code == 404


def test_robots_is_shown_as_text(client: FlaskClient) -> None:
    fetched("good.example")
    robots_cache.take("https://good.example", "me", 0.0)
    robots_cache.keep("https://good.example", "me", "rules", f"User-agent: *\nCrawl-delay: 7\nDisallow: /{HOSTILE}".encode())

    text = client.get("/hosts/good.example").text
    [robots] = client.get("/hosts/good.example?table=robots&format=json").json
    assert HOSTILE not in text and "Disallow: /&lt;img" in text
    assert (robots["kind"], robots["crawl_delay_s"], robots["failures"]) == ("rules", 7.0, 0)
    assert client.get("/api/v1/hosts/good.example/robots").json["items"][0]["crawl_delay_s"] == 7.0
    assert client.get("/api/v1/hosts/no.example/robots").json["items"] == []


def test_a_host_is_paused_and_goes_on(client: FlaskClient) -> None:
    fetched("good.example")
    done = client.post("/hosts/good.example/pause", data={"reason": HOSTILE, "for_s": "3600"}, follow_redirects=True)

    assert "host good.example is paused by local" in done.text and HOSTILE not in done.text
    assert "&lt;img" in client.get("/hosts").text and rows(client)[0]["paused"]
    [pause] = pauses.every()
    assert pause.scope == "host:good.example" and pause.until
    assert "good.example goes on" in client.post("/hosts/good.example/resume", follow_redirects=True).text
    assert pauses.every() == []


@pytest.mark.parametrize("form", [{"reason": ""}, {"reason": "x", "for_s": "1"}, {"reason": "x" * 400}])
def test_a_wrong_pause_changes_nothing(client: FlaskClient, form: dict[str, str]) -> None:
    fetched("good.example")
    assert client.post("/hosts/good.example/pause", data=form).status_code == 422 and pauses.every() == []


def test_a_host_that_nobody_asked_may_be_paused_and_seen(client: FlaskClient) -> None:
    client.post("/hosts/new.example/pause", data={"reason": "not yet", "for_s": ""})

    assert "not yet" in client.get("/hosts/new.example").text
    assert client.post("/hosts/new.example/resume").headers["Location"] == "/hosts"


def test_limits_are_set_shown_and_taken_away(client: FlaskClient) -> None:
    fetched("good.example")
    form = {"per_minute": "30", "per_hour": "", "per_day": "", "delay_s": "1.5", "concurrency": "2"}
    client.post("/hosts/good.example/limit", data=form)

    assert rates.every() == {"host:good.example": rates.Rate(((60, 30),), 1.5, 2)}
    text = client.get("/hosts/good.example").text
    assert "30 in 60 s, delay 1.5 s, 2 at a time" in text and 'value="1.5"' in text
    client.post("/hosts/good.example/unlimit")
    assert rates.every() == {}


@pytest.mark.parametrize("form", [{}, {"per_minute": "x"}, {"per_minute": "1.5"}, {"delay_s": "nan"}, {"concurrency": "-1"}])
def test_wrong_limits_are_refused(client: FlaskClient, form: dict[str, str]) -> None:
    assert client.post("/hosts/good.example/limit", data=form).status_code == 422 and rates.every() == {}


def test_nobody_sees_buttons_that_he_may_not_press(key_client: Callable[..., KeyClient]) -> None:
    broken()
    viewer, operator, admin = key_client("viewer"), key_client("operator"), key_client("admin")

    assert 'method="post"' not in viewer.get("/hosts/bad.example").text
    assert "example/limit" not in operator.get("/hosts/bad.example").text and "/reset" in operator.get("/hosts/bad.example").text
    assert "example/limit" in admin.get("/hosts/bad.example").text
    assert viewer.post("/hosts/bad.example/reset").status_code == 403
    assert operator.post("/hosts/bad.example/limit", data={"per_minute": "1"}).status_code == 403


def test_a_page_of_hosts_costs_few_round_trips(client: FlaskClient) -> None:
    for number in range(60):
        fetched(f"h{number}.example")
    looks.latest(5)
    with asked() as sent:
        client.get("/hosts")
    assert sent.trips <= 10
    with asked() as sent:
        client.get("/hosts/h1.example")
    assert sent.trips <= 10


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "xn--bcher-kva.example"])
def test_every_form_of_a_host_leads_to_its_page(client: FlaskClient, host: str) -> None:
    name = host_limits.host_of(host)
    fetched(name)
    [path] = re.findall(r'href="(/hosts/[^"?]+)"', client.get("/hosts").text)

    assert f"Host {name}" in client.get(path).text
    assert client.post(f"{path}/pause", data={"reason": "x"}, follow_redirects=True).status_code == 200
