"""The pages of the schedule: what runs when, the last runs of each entry, and entries run, disabled and enabled."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

import clock
import queues
import scheduler
from scheduling import loop
from scheduling.entries import Entry
from state.engine import pauses
from state.store import keys
from tests.counting import asked
from tests.scheduling import MINUTE, every, registered
from tests.state import NOON
from tests.web.conftest import KeyClient
from web import looks
from worker import inline

HOSTILE = "<img src=x onerror=alert(1)>"


@queues.job(queue="low", timeout_s=10, retries=0)
def fail(due_s: int = 0) -> None:
    """An occurrence that fails."""
    raise ValueError(HOSTILE)


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def ran(number: int = 2) -> loop.Scheduler:
    """An entry every minute that ran so often, and one that failed once."""
    made = registered(every(60), Entry("bad", fail, 3600))
    for _ in range(number):
        made.enqueue_jobs()
        inline.run_until_idle()
        clock.advance(MINUTE)
    return made


def row(client: FlaskClient, name: str = "often") -> dict[str, Any]:
    return next(one for one in client.get("/schedule?format=json").json if one["name"] == name)


def test_without_an_entry_the_page_says_what_to_do(client: FlaskClient) -> None:
    assert "python manage.py scheduler" in client.get("/schedule").text


def test_each_entry_is_told_in_words_with_its_last_runs(client: FlaskClient) -> None:
    ran()
    page = client.get("/schedule").text

    assert "every minute" in page and "2 of 2 completed" in page and "0 of 1 completed" in page
    assert f'href="/jobs/schedule-often-{int(NOON.timestamp())}"' in page
    assert (row(client)["runs"], row(client, "bad")["runs"]) == (["completed", "completed"], ["failed"])
    assert row(client, "bad")["last_outcome"] == "failed" and row(client)["missed"] == 0


def test_all_rows_of_the_real_table_are_told(client: FlaskClient) -> None:
    registered(*scheduler.table())
    page = client.get("/schedule").text

    assert all(entry.name in page for entry in scheduler.table())
    assert client.get("/schedule?format=csv").text.count("\n") == len(scheduler.table()) + 1


def test_an_entry_has_a_page_with_its_runs_as_a_table(client: FlaskClient) -> None:
    ran(3)
    page = client.get("/schedule/often").text
    rows = client.get("/schedule/often?format=json").json

    assert "Its last 30 runs" in page and len(rows) == 3
    assert rows[0]["due_at"] > rows[-1]["due_at"] and {one["state"] for one in rows} == {"completed"}
    assert client.get("/schedule/often?format=csv").text.count("\n") == 4
    assert client.get("/schedule/nothing").status_code == 404


def test_an_entry_runs_now(client: FlaskClient, store: Any) -> None:
    registered(every(60, overlap="skip"))
    done = client.post("/schedule/often/run", data={"on": "list"}, follow_redirects=True)

    assert "often was queued now" in done.text and store.llen(keys.queue("low")) == 1
    again = client.post("/schedule/often/run", follow_redirects=True)
    assert "Nothing was queued" in again.text and again.request.path == "/schedule/often"


def test_an_entry_is_disabled_with_a_note_and_comes_back_by_itself(client: FlaskClient) -> None:
    made = registered(every(60))
    done = client.post("/schedule/often/disable", data={"reason": HOSTILE, "for_s": "3600"}, follow_redirects=True)

    assert f"often is disabled until {NOON + timedelta(hours=1):%Y-%m-%d %H:%M} UTC" in done.text
    page = client.get("/schedule").text
    assert HOSTILE not in page and "&lt;img" in page and "by local" in page
    assert (row(client)["state"], row(client)["off_reason"]) == ("disabled", HOSTILE)

    clock.advance(timedelta(minutes=59))
    loop._enable_over(made._table)
    assert row(client)["state"] == "disabled"
    clock.advance(2 * MINUTE)
    loop._enable_over(made._table)
    assert (row(client)["state"], row(client)["off_reason"]) == ("on", "")


def test_an_entry_is_enabled_by_hand(client: FlaskClient) -> None:
    registered(every(60))
    client.post("/schedule/often/disable", data={"reason": "moving house", "for_s": ""})

    assert "Change why it is disabled" in client.get("/schedule/often").text
    assert "often is enabled." in client.post("/schedule/often/enable", follow_redirects=True).text
    assert "often was enabled already." in client.post("/schedule/often/enable", follow_redirects=True).text


@pytest.mark.parametrize("form", [{"reason": ""}, {"reason": " "}, {"reason": "x", "for_s": "7"}, {"reason": "x" * 300}])
def test_a_wrong_form_changes_nothing(client: FlaskClient, form: dict[str, str]) -> None:
    registered(every(60))

    assert client.post("/schedule/often/disable", data=form).status_code == 422
    assert row(client)["state"] == "on"


def test_nobody_sees_buttons_that_he_may_not_press(key_client: Callable[..., KeyClient]) -> None:
    registered(every(60))
    viewer, operator, admin = key_client("viewer"), key_client("operator"), key_client("admin")

    assert 'method="post"' not in viewer.get("/schedule").text + viewer.get("/schedule/often").text
    assert "Run now" in operator.get("/schedule/often").text and "/disable" not in operator.get("/schedule/often").text
    assert "/disable" in admin.get("/schedule/often").text
    assert viewer.post("/schedule/often/run").status_code == 403
    assert operator.post("/schedule/often/disable", data={"reason": "x"}).status_code == 403


def test_a_page_of_many_entries_costs_few_round_trips(client: FlaskClient) -> None:
    made = registered(*(every(60, name=f"entry-{number}") for number in range(60)))
    made.enqueue_jobs()
    looks.latest(5)
    with asked() as sent:
        client.get("/schedule")

    assert sent.trips <= 10


def test_what_somebody_broke_stops_no_page(client: FlaskClient, store: Any) -> None:
    ran(1)
    store.delete(keys.schedule_runs("schedule-often"))
    store.set(keys.schedule_runs("schedule-often"), HOSTILE, ex=60)
    store.lpush(keys.schedule_runs("schedule-bad"), "queued", "queued a b c", HOSTILE, "failed x y z")

    page = client.get("/schedule")
    assert page.status_code == 200 and HOSTILE not in page.text
    inline.run_until_idle()


def test_a_time_that_is_past_is_never_told_as_the_next(client: FlaskClient) -> None:
    registered(every(60), every(60, name="held"))
    pauses.put("schedule:held", HOSTILE, "ada", NOON + timedelta(hours=2))
    clock.advance(timedelta(minutes=30))
    text = client.get("/schedule").text

    assert "overdue by 30 min" in text and "when it is resumed" in text and "min ago</time></td>" not in text
    assert HOSTILE not in text and "paused: &lt;img" in text and "by ada" in text
    assert row(client, "held")["off_reason"] == HOSTILE and client.get("/schedule/held").status_code == 200
