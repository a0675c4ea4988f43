"""The first page: how the system is, what waits and runs, what went wrong, what comes next."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import fakeredis
import pytest
from flask.testing import FlaskClient

import clock
import queues
import scheduler
from errors import NetworkError
from state.engine import limits, pauses
from state.scraping import gates
from state.scraping.gates import Ask, Granted, Left
from state.store import server
from state.tracking import credits
from tests.commands.conftest import SAFE
from tests.counting import asked
from tests.scheduling import registered
from tests.state import NOON
from tests.web.conftest import KeyClient
from tests.web.pages.test_workers import alive, running
from topics.access import users
from topics.operations import overview
from web import looks
from worker import inline

HOSTILE = "<img src=x onerror=alert(1)>"

HTML = {"Accept": "text/html,*/*;q=0.8"}


@pytest.fixture(autouse=True)
def info(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """fakeredis knows no INFO: it answers like a safe server."""
    if isinstance(store, fakeredis.FakeRedis):
        monkeypatch.setattr(store, "info", lambda *section: SAFE, raising=False)
        monkeypatch.setattr(server, "ask", lambda client: server.Answers(info=SAFE))


@queues.job(queue="low", kind="test", retries=0)
def work(fail: bool = False) -> None:
    """Ends well, or not."""
    if fail:
        raise NetworkError(HOSTILE)


def page(client: FlaskClient) -> str:
    reply = client.get("/", headers=HTML)
    assert reply.status_code == 200
    return reply.text


def rows(client: FlaskClient, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/?table={table}&format=json").json
    return found


def test_a_program_is_led_to_the_documentation(client: FlaskClient) -> None:
    reply = client.get("/")

    assert (reply.status_code, reply.headers["Location"]) == (303, "/docs")


def test_a_browser_without_a_session_is_led_to_log_in(client: FlaskClient, key_client: Callable[..., KeyClient]) -> None:
    users.add("ada", "viewer", "correct horse battery staple")
    reply = client.get("/", headers=HTML)

    assert reply.status_code == 303 and "/login" in reply.headers["Location"]


def test_with_an_empty_store_it_tells_the_first_steps(client: FlaskClient) -> None:
    text = page(client)

    assert "first steps" in text and "python manage.py worker" in text and "System: " in text


def test_health_comes_with_reasons_and_what_mends_them(client: FlaskClient) -> None:
    queues.submit(work)
    limits.put("test", 0)
    looks._running = None
    text = page(client)

    assert "System: unhealthy" in text and "<code>python manage.py worker</code>" in text


def test_queues_say_what_waits_comes_and_leaves(client: FlaskClient) -> None:
    alive("w-1")
    with clock.frozen(NOON):
        for number in range(30):
            queues.submit(work, number == 0)
        inline.run_until_idle()
        queues.submit(work)
        pauses.put("queue:low", HOSTILE, "ada")
        clock.advance(timedelta(minutes=2))
        low = next(one for one in rows(client, "queues") if one["name"] == "low")
        text = page(client)

    assert (low["waiting"], low["workers"], low["places"]) == (1, 1, 6)
    assert (round(low["came"] * 15), round(low["left"] * 15)) == (31, 30) and low["empty_in_s"] is None
    assert low["since"].startswith(f"{NOON:%Y-%m-%d}") and "ada" in low["paused"]
    assert HOSTILE not in text and "it does not shrink" in text and "/jobs?queue=low&amp;status=pending" in text


def test_kinds_and_errors_lead_to_their_jobs(client: FlaskClient) -> None:
    alive("w-1")
    for number in range(5):
        queues.submit(work, number < 2)
    inline.run_until_idle()
    running("w-1")
    limits.put("test", 7)

    [kind] = rows(client, "kinds")
    assert (kind["name"], kind["running"], kind["limit"], kind["completed"], kind["failed"]) == ("test", 1, 7, 3, 2)
    assert kind["p95_s"] is not None
    assert rows(client, "errors") == [{"category": "network", "kind": "test", "failed": 2, "retried": 0}]
    text = page(client)
    [lately] = re.findall(r'"(/jobs\?kind=test&amp;status=failed&amp;since=[^"]+)"', text)
    [of_day] = re.findall(r'"(/jobs\?category=network&amp;kind=test&amp;status=failed&amp;since=[^"]+)"', text)
    for path in (lately, of_day):  # the same set as the figure
        assert len(client.get(f"{unescape(path)}&format=json").json) == 2
    assert "Jobs that completed in each hour of the last 24, by kind: 3 jobs" in text and "by kind: 2 jobs" in text


def test_hosts_with_failures_are_named(client: FlaskClient) -> None:
    for host, outcome in (("good.example", "ok"), ("bad.example", "blocked"), ("bad.example", "ok")):
        fetched(host, outcome)

    assert rows(client, "hosts") == [{"host": "bad.example", "failed": 1, "requests": 2, "outcomes": {"blocked": 1}}]
    text = page(client)
    assert 'href="/hosts/bad.example"' in text and "/jobs?host=bad.example&amp;status=failed&amp;since=" in text
    assert "good.example" not in text


def test_the_schedule_says_what_is_late_and_what_comes_next(client: FlaskClient) -> None:
    with clock.frozen(NOON):
        registered(*scheduler.table())
        text = page(client)
        assert f"{len(scheduler.table())} entries" in text and "Late now" not in text and text.count('href="/schedule/') == 5
        clock.advance(timedelta(days=1))
        assert "Late now" in page(client)


def test_credits_and_quotas_are_told(client: FlaskClient, key_client: Callable[..., KeyClient]) -> None:
    assert "Credits" not in page(client)
    credits.keep("scrapedo", 1500.0, 250_000.0, 10.0)
    assert "1,500 of 250,000 left at scrapedo" in page(client)

    poor = key_client("viewer", name="poor", pages_a_month=100)
    admin = key_client("admin")
    assert [(one["name"], one["left"], one["limit"]) for one in rows(admin, "budgets")] == [("poor", 100, 100)]
    assert [one["name"] for one in rows(poor, "budgets")] == ["poor"]
    assert rows(key_client("viewer", name="rich"), "budgets") == []


def test_every_table_comes_as_csv(client: FlaskClient) -> None:
    for table in ("queues", "kinds", "errors", "hosts", "budgets"):
        assert client.get(f"/?table={table}&format=csv").text.startswith("\ufeff")
    assert client.get("/?table=queues&format=exe").status_code == 422


def test_a_viewer_sees_no_button(key_client: Callable[..., KeyClient]) -> None:
    viewer = key_client("viewer")
    text = viewer.get("/", headers=HTML).text

    assert 'method="post"' not in text


def test_the_page_costs_few_round_trips_however_many_jobs_run(client: FlaskClient) -> None:
    alive("w-1")
    registered(*scheduler.table())
    for _ in range(60):
        running("w-1")
    for number in range(30):
        fetched(f"h{number}.example", "blocked")
    looks.latest(5)
    with asked() as sent:
        page(client)

    assert sent.trips <= 10


def test_the_route_says_the_same(client: FlaskClient) -> None:
    queues.submit(work, True)
    inline.run_until_idle()
    told = client.get("/api/v1/overview").json

    assert [one["name"] for one in told["queues"]] == list(queues.QUEUES) and told["errors"][0]["category"] == "network"
    assert told["credits"] is None and told["schedule"]["entries"] == 0


def fetched(host: str, outcome: str) -> None:
    """One request to a host ended so."""
    turn = gates.enter(Ask(host, "direct-1", 0, 10))
    assert isinstance(turn, Granted)
    gates.leave(turn, Left(outcome, 0.0))  # type: ignore[arg-type]


def test_a_blocked_job_counts_for_how_long_the_oldest_waits(client: FlaskClient) -> None:
    with clock.frozen(NOON):
        limits.put("test", 0)
        queues.submit(work)
        inline.run_until_idle()
        clock.advance(timedelta(minutes=5))
        low = next(one for one in rows(client, "queues") if one["name"] == "low")

    assert (low["waiting"], low["blocked"]) == (0, 1) and low["since"].startswith(f"{NOON:%Y-%m-%dT%H:%M}")


def test_more_running_jobs_than_were_looked_at_are_told(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    alive("w-1")
    for _ in range(3):
        running("w-1")
    assert "of the first thousand" not in page(client)
    monkeypatch.setattr(overview, "MOST_RUNNING", 2)

    assert "3 jobs run now; running ones by queue and kind are those of the first thousand" in page(client)
