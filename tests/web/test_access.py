"""Who may ask what: walked over every route there is, so that a new one is safe before anybody thinks of it."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from werkzeug.routing import Rule

import clock
import config
import queues
from engine import ownership
from jobs import scrape
from state.store import connection
from topics.access import api_keys, users
from topics.operations import jobs
from topics.scraping import crawl
from web import access
from web.access import Role

#: Routes that change only what is the caller's own: people with the role of a viewer may use them.
ONES_OWN = {
    *("/logout", "/account/sessions/<session_id>/end", "/api/v1/me/sessions/<string:id>", "/api/v1/me/password"),
    *("/account/password", "/views", "/views/<view_id>/remove", "/api/v1/views", "/api/v1/views/<view_id>"),
}

#: How routes call the id of a job, a batch or a crawl.
JOB_IDS = {"id", "job_id", "crawl_id", "batch_id", "scrape_id", "jobId", "ledger_id", "task_id"}

#: Values of other variables in addresses.
OTHERS = {"instance_number": "0", "queue_name": "default", "registry_name": "queued", "per_page": "50", "order": "asc"}


def routes(app: OpenAPI) -> Iterator[tuple[Rule, str, Any]]:
    """Every route with each of its methods, and its view."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            yield rule, method, app.view_functions[rule.endpoint]


def path_of(app: OpenAPI, rule: Rule, method: str, value: str = "1") -> str:
    """An address of a route, with this value for the id of a job, and some other value elsewhere."""
    values = {name: value if name in JOB_IDS else OTHERS.get(name, "1") for name in rule.arguments}
    built: str = app.url_map.bind("localhost").build(rule.endpoint, values, method=method)
    return built


def ask(client: FlaskClient, method: str, path: str) -> Any:
    return client.open(path, method=method, json={} if method in ("POST", "PUT", "PATCH") else None, follow_redirects=True)


def test_every_route_that_is_not_public_wants_a_key(app: OpenAPI, client: FlaskClient, settings: config.Settings) -> None:
    api_keys.add("somebody", "viewer")
    with config.overridden(address_rate=0):
        answers = {
            (method, rule.rule): ask(client, method, path_of(app, rule, method)).status_code
            for rule, method, view in routes(app)
            if not getattr(view, "is_public", False)
        }
    assert len(answers) > 10
    assert {route: status for route, status in answers.items() if status != 401} == {}


def test_nothing_public_changes_anything_but_logging_in(app: OpenAPI) -> None:
    public = {(method, rule.rule) for rule, method, view in routes(app) if getattr(view, "is_public", False)}
    assert {route for route in public if route[0] != "GET"} == {("POST", "/login"), ("POST", "/login/link")}


def test_a_viewer_changes_nothing(app: OpenAPI, key_client: Callable[..., Any]) -> None:
    viewer = key_client("viewer")
    for rule, method, view in routes(app):
        if method == "GET" or rule.rule in ONES_OWN or getattr(view, "is_public", False):
            continue
        assert ask(viewer, method, path_of(app, rule, method)).status_code == 403, (method, rule.rule)


def test_ones_own_is_marked_so_on_purpose(app: OpenAPI) -> None:
    marked = {rule.rule for rule, method, view in routes(app) if method != "GET" and access.role_for(view, method) is Role.VIEWER}
    assert marked == ONES_OWN


def test_what_is_another_keys_answers_like_what_is_not_there(app: OpenAPI, key_client: Callable[..., Any]) -> None:
    mine, other = key_client(), key_client()
    with ownership.owned_by(mine.key.id):
        job = queues.submit(scrape.scrape_url, "https://secret-site.example/").job_id
        batch = crawl.submit_batch(scrape.scrape_batch, ["https://secret-site.example/a"]).job_id
    unknown = "0" * 32
    asked = 0
    for rule, method, _ in routes(app):
        if not rule.arguments & JOB_IDS or rule.rule in ONES_OWN:
            continue
        nothing = ask(other, method, path_of(app, rule, method, unknown))
        for known in (job, batch):
            found = ask(other, method, path_of(app, rule, method, known))
            asked += 1
            assert found.status_code == nothing.status_code < 500, (method, rule.rule, found.text)
            assert found.text.replace(known, unknown) == nothing.text, (method, rule.rule)
            assert "secret-site" not in found.text, (method, rule.rule)
    assert asked


def test_no_list_shows_another_keys_jobs(app: OpenAPI, key_client: Callable[..., Any]) -> None:
    mine, other = key_client(), key_client("viewer")
    with ownership.owned_by(mine.key.id):
        ids = [queues.submit(scrape.scrape_url, f"https://secret-site.example/{number}").job_id for number in range(2)]
        ids.append(crawl.submit_batch(scrape.scrape_batch, ["https://secret-site.example/a"]).job_id)
        ids.append(queues.submit(scrape.process_content, "secret-site").job_id)
    crawl.begin_batch(ids[2])
    jobs.cancel_job(ids[1])
    for rule, method, _ in routes(app):
        if method != "GET" or rule.rule.endswith("/events") or rule.rule.startswith("/r/"):
            continue
        for query in ("", "?status=failed&status=cancelled", "?limit=1000"):
            with other.get(path_of(app, rule, method) + query) as found:
                assert found.status_code < 500, (rule.rule, query, found.data)
                shown = [word for word in (*ids, "secret-site") if word.encode() in found.data]
            assert not shown, (rule.rule, query, shown)


def test_acting_on_many_jobs_leaves_another_keys_alone(key_client: Callable[..., Any]) -> None:
    mine, other = key_client(), key_client()
    with ownership.owned_by(mine.key.id):
        waiting, cancelled = (queues.submit(scrape.scrape_url, f"https://example.com/{n}").job_id for n in range(2))
    jobs.cancel_job(cancelled)
    for path, body in (
        ("/api/v1/jobs/cancel", {"job_ids": [waiting]}),
        ("/api/v1/jobs/cancel", {"status": ["pending"]}),
        ("/api/v1/jobs/cancel", {}),
        ("/api/v1/jobs/retry", {"job_ids": [cancelled]}),
        ("/api/v1/jobs/retry", {"status": ["cancelled"]}),
        ("/api/v1/jobs/retry", {}),
    ):
        other.post(path, json=body)
    assert jobs.get_job_status(waiting).status == "pending"
    assert jobs.get_job_status(cancelled).status == "cancelled" and not jobs.find(f"{cancelled}-r1")


@pytest.mark.parametrize("send", ["Bearer {}", "bearer {}", "Bearer fc-{}", "{}", "  {} ", "Token {}", "Api-Key {}", "X-API-Key"])
def test_a_key_is_taken_as_clients_send_it(client: FlaskClient, send: str) -> None:
    _, secret = api_keys.add("me", "operator")
    headers = {"X-API-Key": secret} if send == "X-API-Key" else {"Authorization": send.format(secret)}
    found = client.get("/api/v1/me", headers=headers)
    assert found.status_code == 200 and found.json["name"] == "me" and found.json["how"] == "key"  # type: ignore[index]


@pytest.mark.parametrize(
    "sent",
    [
        "trawl_abcdefgh_" + "x" * 43,
        "trawl_abcdefgh_",
        "Basic Zm9v",
        "x" * 5000,
        "trawl_abcdefgh_" + "é" * 43,
        "../../etc/passwd",
        "trawl_*_" + "x" * 43,
    ],
)
def test_what_is_no_key_is_refused_and_never_said_again(client: FlaskClient, sent: str) -> None:
    api_keys.add("me", "operator")
    found = client.get("/api/v1/me", headers={"Authorization": f"Bearer {sent}".encode().decode("latin-1")})
    assert found.status_code == 401 and sent not in found.text
    assert found.headers["WWW-Authenticate"] == "Bearer"


def test_a_key_with_another_secret_is_refused(client: FlaskClient) -> None:
    _, secret = api_keys.add("me", "operator")
    wrong = secret[:-1] + ("A" if secret[-1] != "A" else "B")
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {wrong}"}).status_code == 401


def test_a_revoked_and_an_expired_key_are_refused(key_client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    revoked, expiring = key_client(), key_client(days=1)
    assert revoked.get("/api/v1/me").status_code == expiring.get("/api/v1/me").status_code == 200
    api_keys.revoke(revoked.key.id)
    assert revoked.get("/api/v1/me").status_code == 401
    later = clock.now() + timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert expiring.get("/api/v1/me").status_code == 401


def test_the_reply_says_how_many_requests_are_left_and_then_when_to_come_again(key_client: Callable[..., Any]) -> None:
    limited = key_client(rate=3)
    left = [limited.get("/api/v1/me").headers["RateLimit-Remaining"] for _ in range(3)]
    refused = limited.get("/api/v1/me")
    assert left == ["2", "1", "0"] and refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 20 and refused.headers["RateLimit-Limit"] == "3"


def test_an_address_that_guesses_keys_is_slowed_down_while_good_keys_from_there_work(
    client: FlaskClient, key_client: Callable[..., Any]
) -> None:
    good = key_client()
    assert good.get("/api/v1/me").status_code == 200
    with config.overridden(address_rate=5):
        answers = [client.get("/api/v1/me", headers={"X-API-Key": f"trawl_abcdefgh_{'x' * 43}"}) for _ in range(8)]
        assert [one.status_code for one in answers] == [401] * 5 + [429] * 3
        assert int(answers[-1].headers["Retry-After"]) >= 1
        assert good.get("/api/v1/me").status_code == 200


# --- the open server ---


def test_without_key_and_user_this_machine_may_do_everything_with_any_key_it_sends(client: FlaskClient) -> None:
    for headers in ({}, {"Authorization": "Bearer fc-anything"}):
        assert client.get("/api/v1/me", headers=headers).json["how"] == "local"  # type: ignore[index]


@pytest.mark.parametrize(
    "environ",
    [
        {"REMOTE_ADDR": "192.0.2.1"},
        {"REMOTE_ADDR": ""},
        {"HTTP_HOST": "evil.example"},
        {"HTTP_HOST": "localhost.evil.example:8000"},
        {"HTTP_HOST": "127.0.0.1.evil.example"},
        {"HTTP_HOST": "localhost:80@evil.example"},
        {"HTTP_HOST": "localhost:"},
        {"HTTP_HOST": "localhost\n"},
        {"HTTP_HOST": ""},
        {"HTTP_CF_CONNECTING_IP": "127.0.0.1"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_X_REAL_IP": "127.0.0.1"},
    ],
)
def test_others_are_refused_as_long_as_nobody_has_a_key(client: FlaskClient, environ: dict[str, str]) -> None:
    refused = client.get("/api/v1/me", environ_overrides=environ)
    assert refused.status_code == 403 and "apikey add" in refused.json["detail"]  # type: ignore[index]
    assert client.get("/health", environ_overrides=environ).status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:8000", "[::1]:8000", "[::1]", "LOCALHOST"])
def test_this_machine_is_known_by_its_names(client: FlaskClient, host: str) -> None:
    assert client.get("/api/v1/me", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("make", [lambda: api_keys.add("a", "viewer"), lambda: users.add("ada", "viewer", "correct horse")])
def test_the_first_key_or_user_closes_the_server_for_good(client: FlaskClient, make: Callable[[], Any]) -> None:
    assert client.get("/api/v1/me").status_code == 200
    make()
    assert client.get("/api/v1/me").status_code == 401
    for key in api_keys.every():
        api_keys.revoke(key.id)
    for user in users.every():
        users.remove(user.name)
    assert client.get("/api/v1/me").status_code == 401


def test_what_a_key_submits_is_its_own_and_nothing_stays_for_the_next_request(key_client: Callable[..., Any]) -> None:
    mine, admin = key_client(), key_client("admin")
    sent = mine.post("/scrape", json={"url": "https://example.com/"})
    assert sent.status_code in (200, 201, 202), sent.text
    job_id = sent.json.get("job_id") or sent.json["id"]
    assert queues.current_owner() == ""
    assert jobs.get_job_status(job_id).owner == mine.key.id
    assert admin.get(f"/scrape/{job_id}/progress").status_code == 200


def test_a_redis_that_is_full_lets_keys_read(key_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It cannot count their requests; what would change something is refused as ever."""

    def full(*arguments: Any) -> Any:
        raise connection.redis.OutOfMemoryError("command not allowed when used memory > 'maxmemory'.")

    limited = key_client("operator", rate=5)
    monkeypatch.setattr("state.access.rates._together.ask", full)
    assert {limited.get("/api/v1/jobs").status_code for _ in range(8)} == {200}
    refused = limited.post("/api/v1/jobs/cleanup", json={})
    assert refused.status_code == 503 and refused.json["code"] == "unsafe_store"


@pytest.mark.parametrize("parts", ["{}:", "x:{}", "{}:x"])
def test_a_key_may_be_a_name_or_a_password(client: FlaskClient, parts: str) -> None:
    _, secret = api_keys.add("a", "operator")
    sent = {"Authorization": "Basic " + b64encode(parts.format(secret).encode()).decode()}
    assert client.get("/api/v1/me", headers=sent).get_json()["name"] == "a"
    assert client.put("/api/v1/pauses/queue:low", json={"reason": "r"}, headers=sent).status_code == 200
    for more in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):  # a browser that sends it by itself
        assert client.put("/api/v1/pauses/queue:low", json={"reason": "r"}, headers={**sent, **more}).status_code == 403
        assert client.get("/api/v1/me", headers={**sent, **more}).status_code == 403


def test_the_password_of_a_proxy_is_no_key(client: FlaskClient) -> None:
    _, secret = api_keys.add("a", "operator")
    sent = {"Authorization": "Basic " + b64encode(b"ada:wonder").decode()}
    assert client.get("/api/v1/me", headers=sent).status_code == 401
    assert client.get("/api/v1/me", headers={**sent, "X-API-Key": secret}).status_code == 200
    for broken in ("Basic", "Basic !!!", "Basic " + b64encode(b"nocolon").decode()):
        assert client.get("/api/v1/me", headers={"Authorization": broken}).status_code == 401
