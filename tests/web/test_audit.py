"""Every change leaves a line: by key, by person, by command; without secrets, on one line, for admins only."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

import clock
import config
from state.access import audit_lines
from state.access import keys as own_keys
from state.store import riders
from tests import counting
from topics.access import api_keys, audit


def lines() -> list[tuple[str, str, str]]:
    return [(one.who, one.what, one.outcome) for one in audit.page()[0]]


def test_what_a_key_changes_is_written_with_who_what_and_from_where(key_client: Callable[..., Any]) -> None:
    mine = key_client(name="ci")
    sent = mine.post(
        "/scrape", json={"url": "https://u:hunter2@example.com/?token=hunter3"}, environ_overrides={"REMOTE_ADDR": "192.0.2.9"}
    )
    mine.get("/api/v1/me")
    [line] = audit.page()[0]
    assert (line.who, line.how, line.what, line.origin) == ("ci", f"key:{mine.key.id}", "POST /scrape", "192.0.2.9")
    assert line.outcome == str(sent.status_code) and "url=https:***@example.com/?token=***" in line.details
    assert "hunter" not in repr(line) and mine.secret not in repr(line)


def test_what_was_refused_to_somebody_known_is_written_and_what_nobody_asked_is_not(client: FlaskClient, key_client: Any) -> None:
    viewer = key_client("viewer", name="v")
    viewer.post("/api/v1/keys", json={"name": "x", "role": "admin"})
    client.post("/api/v1/keys", json={"name": "x"})
    assert lines() == [("v", "POST /api/v1/keys", "403")]


def test_a_line_cannot_be_broken_nor_steer_a_terminal(key_client: Any) -> None:
    mine = key_client(name="ci")
    mine.delete("/scrape/x%0d%0awho=root%1b[31m%e2%80%aex", headers={"User-Agent": "a"})
    mine.post("/api/v1/jobs/cancel", json={"reason": "a\r\nb\x1b[0m\u202e"})
    for line in audit.page()[0]:
        for text in (line.what, line.details):
            assert text.isprintable(), text


def test_no_header_can_be_written_by_an_address(client: FlaskClient, key_client: Any) -> None:
    key_client()
    for path in ("/scrape/a%0d%0aSet-Cookie:%20x=1/progress", "/account%0d%0aX: y", "/rq%0d%0aX-Evil:1"):
        found = client.get(path, headers={"Accept": "text/html"})
        assert "X-Evil" not in found.headers and "x=1" not in found.headers.get("Set-Cookie", "")
        assert all("\n" not in value and "\r" not in value for _, value in found.headers)


def test_only_admins_read_it_page_by_page_and_filtered(key_client: Any) -> None:
    admin, operator = key_client("admin", name="boss"), key_client(name="ci")
    for number in range(5):
        operator.delete(f"/scrape/{number}")
    assert operator.get("/api/v1/audit").status_code == 403
    first = admin.get("/api/v1/audit?limit=3").json
    rest = admin.get(f"/api/v1/audit?limit=3&cursor={first['next']}").json
    assert [one["what"] for one in first["items"] + rest["items"]] == [
        *("DELETE /scrape/4", "DELETE /scrape/3", "DELETE /scrape/2", "DELETE /scrape/1", "DELETE /scrape/0"),
        "GET /api/v1/audit",
    ][:5]
    assert rest["next"] is None
    assert len(admin.get("/api/v1/audit?who=CI&what=scrape/3").json["items"]) == 1
    assert admin.get("/api/v1/audit?cursor=nonsense").status_code == 422


def test_it_is_bounded_by_age(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with config.overridden(audit_days=1):
        for _ in range(3):
            audit.write(audit.Actor("a", "command", "here"), "old", "", "done")
        store.xadd(own_keys.AUDIT, {"who": "b", "what": "new"}, id=f"{int(clock.now().timestamp() * 1000) + 90_000_000}-0")
        later = clock.now().timestamp() + 86_400 + 60
        monkeypatch.setattr(clock, "script_now_ms", lambda: str(int(later * 1000)))
        assert audit.trim() == 3
    assert [line.fields["what"] for line in audit_lines.before("", 10)] == ["new"]


def test_a_change_is_made_though_the_audit_is_broken(key_client: Any, store: Any, caplog: pytest.LogCaptureFixture) -> None:
    mine = key_client()
    store.set(own_keys.ROUTINE, "no stream", ex=100)
    assert mine.post("/scrape", json={"url": "https://example.com/"}).status_code < 300
    assert "not in the audit" in caplog.text and mine.secret not in caplog.text


def test_what_is_many_does_not_push_out_what_is_rare(monkeypatch: pytest.MonkeyPatch, key_client: Any) -> None:
    monkeypatch.setitem(audit_lines.STREAMS, own_keys.ROUTINE, 10)
    admin, busy = key_client("admin", name="boss"), key_client(name="busy")
    admin.post("/api/v1/keys", json={"name": "x"})
    for number in range(300):
        busy.delete(f"/scrape/{number}")
    assert ("boss", "POST /api/v1/keys", "201") in lines()
    assert len(audit.page(1000)[0]) < 250


def test_pages_hold_each_line_once_also_where_two_have_one_id(store: Any) -> None:
    for stream in audit_lines.STREAMS:
        for number in range(20):
            store.xadd(stream, {"who": stream, "what": str(number)}, id=f"{1000 + number}-0")
    seen, cursor = [], ""
    while True:
        found, cursor = audit.page(3, cursor)
        seen += [(one.who, one.what) for one in found]
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == 40
    assert [what for _, what in seen] == [str(number) for number in range(19, -1, -1) for _ in "ab"]


def test_a_key_that_is_no_longer_valid_leaves_a_line_when_it_is_used(key_client: Any) -> None:
    revoked, guessed = key_client(name="old"), key_client(name="new")
    api_keys.revoke(revoked.key.id)
    for _ in range(3):
        revoked.get("/api/v1/me")
    guessed.get("/api/v1/me", headers={"Authorization": f"Bearer trawl_{guessed.key.id}_{'x' * 43}"})
    assert sorted(lines()) == [("new", "GET /api/v1/me", "401"), ("old", "GET /api/v1/me", "401")]


def test_a_submit_and_its_line_are_one_round_trip(key_client: Any) -> None:
    mine = key_client(name="ci")
    mine.post("/scrape", json={"url": "https://example.com/first"})
    submitted = counting.fewest(lambda: mine.post("/scrape", json={"url": "https://example.com/"}))
    assert submitted.trips == 1
    assert lines() == [("ci", "POST /scrape", "202")] * 4


def test_each_submit_leaves_one_line_whatever_becomes_of_it(key_client: Any) -> None:
    mine = key_client(name="ci", pages_a_month=100)
    bodies: list[dict[str, Any]] = [
        {"url": "https://example.com/", "expected_pages": 60},
        {"url": "https://example.com/", "expected_pages": 60},  # too few pages are left
        {"url": "https://example.com/", "expected_pages": 10, "dedup_key": "d"},
        {"url": "https://example.com/", "expected_pages": 10, "dedup_key": "d"},  # the job of before
        {"url": "https://example.com/a", "expected_pages": 10, "dedup_key": "d"},  # other work
        {"url": "nothing"},
    ]
    sent = [mine.post("/scrape", json=body).status_code for body in bodies]
    assert sent == [202, 402, 202, 202, 409, 422] and [line[2] for line in lines()] == [str(one) for one in reversed(sent)]


def test_a_line_that_cannot_go_with_its_job_is_written_after_it(key_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with replicas that are waited for: then the submit goes another way."""
    mine = key_client(name="ci")
    monkeypatch.setattr(riders, "waiting", lambda: None)
    assert mine.post("/scrape", json={"url": "https://example.com/"}).status_code == 202
    assert lines() == [("ci", "POST /scrape", "202")]
