"""Headers of every reply, proxies in front, Redis that is away, and secrets that must be nowhere."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

import clock
import config
import logs
import queues
from errors import StoreUnreachable
from jobs import scrape
from state.access import api_keys as stored_keys
from state.store import connection
from tests.web.test_access import path_of, routes
from topics.access import api_keys, audit, sessions, tidying, tokens
from topics.access.recent import Recent
from topics.operations import jobs
from web import access, lasting
from web.app import create_app

SET = ("X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Content-Security-Policy", "Permissions-Policy")


def test_every_reply_has_the_headers_and_no_policy_allows_what_is_inline(app: OpenAPI, key_client: Callable[..., Any]) -> None:
    admin = key_client("admin")
    for rule, method, _ in routes(app):
        if method != "GET" or rule.rule.endswith("/events") or rule.rule.startswith("/r/"):
            continue
        with admin.get(path_of(app, rule, method)) as found:
            pass
        assert all(name in found.headers for name in SET), rule.rule
        policy = found.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy, rule.rule
        if not rule.rule.startswith("/rq"):
            assert "unsafe-" not in policy, rule.rule
        assert "Access-Control-Allow-Origin" not in found.headers and "Server" not in found.headers, rule.rule


@pytest.mark.parametrize("path", ["/nothing", "/api/v1/me", "/login", "/health"])
def test_errors_and_public_pages_have_them_too(client: FlaskClient, path: str) -> None:
    api_keys.add("a", "viewer")
    found = client.get(path)
    assert all(name in found.headers for name in SET)


def test_what_a_key_or_a_person_reads_is_not_kept_by_caches(key_client: Callable[..., Any]) -> None:
    assert key_client().get("/api/v1/me").headers["Cache-Control"] == "no-store"


def test_a_preflight_of_another_site_is_given_nothing(client: FlaskClient, key_client: Callable[..., Any]) -> None:
    key_client()
    found = client.options("/scrape", headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"})
    assert not [name for name, _ in found.headers if name.startswith("Access-Control")]


# --- proxies ---


def test_forwarded_headers_count_only_from_as_many_proxies_as_are_trusted(store: Any) -> None:
    _, secret = api_keys.add("ci", "operator")
    headers = {"X-API-Key": secret, "X-Forwarded-For": "203.0.113.1, 198.51.100.2", "X-Forwarded-Proto": "https, https"}
    for proxies, address in ((0, "127.0.0.1"), (1, "198.51.100.2"), (2, "203.0.113.1")):
        with config.overridden(trusted_proxies=proxies):
            made = create_app()
        reply = made.test_client().delete("/scrape/x", headers=headers)
        assert audit.page()[0][0].origin == address
        assert ("Strict-Transport-Security" in reply.headers) is bool(proxies)


def test_a_trusted_proxy_makes_no_open_server(store: Any) -> None:
    with config.overridden(trusted_proxies=1):
        behind = create_app().test_client()
    assert behind.get("/api/v1/me", headers={"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "localhost"}).status_code == 403
    assert behind.get("/api/v1/me", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 403
    assert behind.get("/api/v1/me").status_code == 200


# --- Redis away ---


def test_without_redis_nobody_is_let_in_not_even_a_key_that_is_remembered(
    client: FlaskClient, key_client: Callable[..., Any], store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, limited = key_client(), key_client(rate=100)
    assert mine.get("/api/v1/me").status_code == limited.get("/api/v1/me").status_code == 200

    def away(*args: Any, **kwargs: Any) -> Any:
        raise connection.redis.ConnectionError("away")

    monkeypatch.setattr(store, "execute_command", away)
    monkeypatch.setattr(store, "pipeline", away)
    for one in (limited, client):
        found = one.get("/api/v1/projects")
        assert found.status_code == 503 and int(found.headers["Retry-After"]) > 0
    assert client.get("/health").status_code == 200
    assert client.get("/api/v1/me", headers={"X-API-Key": str(tokens.make())}).status_code == 503
    monkeypatch.undo()


# --- secrets ---


@pytest.mark.parametrize(
    "line",
    [
        "the key trawl_abcdefgh_{} was sent",
        "Authorization: Bearer trawl_abcdefgh_{}",
        "{{'Authorization': 'Bearer {}'}}",
        "GET /x?token={}&a=b",
        "https://user:{}@example.com/",
    ],
)
def test_the_log_hides_secrets(line: str) -> None:
    secret = "S3cr3t" * 8
    assert secret not in logs.without_secrets(line.format(secret))
    assert secret not in logs.redact(line.format(secret))


def test_the_description_of_a_job_hides_secrets(key_client: Callable[..., Any]) -> None:
    options = {
        "headers": {"Authorization": "Bearer hunter2"},
        "proxy": "http://u:hunter2@proxy.example:8080",
        "cookies": "hunter2",
    }
    job_id = queues.submit(scrape.scrape_url, "https://u:hunter2@example.com/?api_key=hunter2&q=1", options).job_id
    long = queues.submit(scrape.scrape_url, "https://u:hunter2" + "x" * 100 + "@example.com/", {}).job_id
    for one in (job_id, long):
        assert "hunter2" not in jobs.get_job_status(one).description
    assert "hunter2" not in key_client("admin").get(f"/api/v1/jobs/{job_id}").text


def test_a_failed_request_tells_no_secret_to_the_log(
    key_client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    mine = key_client()
    monkeypatch.setattr("web.api.me.quotas.of", lambda key_id: 1 / 0)
    assert mine.get("/api/v1/me?x=1").status_code == 500
    assert "ZeroDivisionError" in caplog.text and mine.secret not in caplog.text


def test_a_key_says_its_secret_in_no_representation(key_client: Callable[..., Any]) -> None:
    mine = key_client()
    token = tokens.parse(mine.secret)
    assert token and token.secret not in repr(token) and token.secret in str(token)
    assert tokens.digest(token.secret) not in repr(api_keys.find(mine.key.id))


def test_a_new_secret_is_in_the_reply_of_its_making_only(key_client: Callable[..., Any], store: Any) -> None:
    admin = key_client("admin")
    made = admin.post("/api/v1/keys", json={"name": "shop", "pages_a_month": 10, "rate": 5, "days": 1})
    secret = made.json["key"]
    assert made.status_code == 201 and tokens.parse(secret)
    for rule in ("/api/v1/keys", "/api/v1/audit", "/api/v1/me"):
        assert secret not in admin.get(rule).text and secret.rpartition("_")[2] not in admin.get(rule).text
    [shop] = [one for one in admin.get("/api/v1/keys").json["items"] if one["name"] == "shop"]
    assert shop["quota"]["left"] == 10 and shop["is_valid"] and "digest" not in shop
    assert admin.delete(f"/api/v1/keys/{shop['id']}").json["is_valid"] is False
    assert admin.post("/api/v1/keys", json={"name": "shop", "pages_a_mont": 10}).status_code == 422


# --- what is old ---


def test_what_is_old_in_access_goes(store: Any) -> None:
    key, _ = api_keys.add("old", "viewer")
    api_keys.revoke(key.id)
    assert 0 < store.ttl(f"trawl:access:key:{key.id}") <= stored_keys.REVOKED_S and tidying.tidy() == 0
    store.delete(f"trawl:access:key:{key.id}")
    assert tidying.tidy() == 1 and api_keys.every() == []


def test_a_session_that_is_used_lives_on(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = sessions.begin("ada", "127.0.0.1", "")
    digest = tokens.digest(secret)
    store.sadd("trawl:access:users", "ada")
    store.hset("trawl:access:user:ada", mapping={"role": "viewer", "made_s": 1, "changed_s": 1})
    store.expire(f"trawl:access:session:{digest}", 50)
    later = clock.now().timestamp() + 120
    monkeypatch.setattr(clock, "now", lambda: clock.datetime.fromtimestamp(later, clock.UTC))
    assert sessions.holder(secret)
    assert store.ttl(f"trawl:access:session:{digest}") > 3600


def test_what_was_read_counts_for_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    now = [100.0]
    monkeypatch.setattr(clock, "monotonic", lambda: now[0])
    recent: Recent[str] = Recent(lambda name: asked.append(name) or (name if name != "none" else None))  # type: ignore[func-returns-value]
    for seconds in (0, 4.9, 5.1):
        now[0] = 100 + seconds
        recent.get("a"), recent.get("none")
    assert asked.count("a") == 2 and asked.count("none") == 3


def test_a_stream_ends_when_its_caller_loses_the_right_and_not_when_redis_is_away(
    app: OpenAPI, key_client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = key_client()
    now, closed = [clock.monotonic()], []
    monkeypatch.setattr(clock, "monotonic", lambda: now[0])

    def ticks() -> Iterator[str]:
        try:
            while True:
                now[0] += 3
                yield "tick"
        finally:
            closed.append(True)

    with app.test_request_context(headers={"X-API-Key": mine.secret}):
        admitted = access.identified()
        stream = lasting._while(ticks(), lasting.right_of(admitted))
    assert [next(stream) for _ in range(10)]
    with monkeypatch.context() as patch:
        patch.setattr(api_keys, "authenticate", _away)
        assert [next(stream) for _ in range(5)]
    monkeypatch.undo()
    monkeypatch.setattr(clock, "monotonic", lambda: now[0])
    api_keys.revoke(mine.key.id)
    assert len(list(itertools.islice(stream, 10))) < 5 and closed


def _away(*args: Any) -> Any:
    raise StoreUnreachable("away")
