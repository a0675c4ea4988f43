"""Share links: what whoever has one sees, and what nobody sees; made, listed and revoked."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

import clock
import config
import models
import queues
from errors import NotAllowed, StoreUnreachable, UnsafeStore
from state.access import keys
from state.engine import jobs
from state.store import connection
from state.tracking import keywords
from tests.web.pages.people import HOSTILE, Browser, is_escaped, pages_of, quick_hashes, round_trips
from topics.access import share_links, tokens
from topics.operations import shares
from topics.tracking import overview, projects


@pytest.fixture
def project() -> models.Project:
    """example.com with three keywords."""
    made = projects.add("example.com")
    projects.add_keywords(made.id, ["blue shoes", "red shoes", HOSTILE])
    return made


def make(project: models.Project, **options: Any) -> tuple[share_links.Share, str]:
    made, token = shares.add(project.id, "ada", **options)
    return made, f"/share/{token}"


def test_the_link_shows_how_the_project_stands_to_whoever_has_it(client: FlaskClient, project: Any, key_client: Any) -> None:
    key_client()  # nobody is let in without a key any more
    _, path = make(project, title="Ranks of <b>ACME</b>")
    assert client.get(f"/projects/{project.id}").status_code != 200
    page = client.get(path)
    assert page.status_code == 200 and "Ranks of &lt;b&gt;ACME" in page.text and "<b>ACME" not in page.text
    assert "Visibility" in page.text and "Keywords by where they stand" in page.text and "example.com" in page.text


def test_only_what_the_scope_names_is_shown(client: FlaskClient, project: Any) -> None:
    (_, narrow), (_, wide) = make(project), make(project, scope="keywords")
    assert client.get(f"{narrow}/keywords").status_code == 404 and "/keywords" not in client.get(narrow).text
    page = client.get(f"{wide}/keywords").text
    assert "blue shoes" in page and is_escaped(page)
    assert client.get(wide).status_code == 200


def test_a_link_without_a_title_is_called_like_its_project_and_hostile_titles_are_text(client: FlaskClient, project: Any) -> None:
    assert "<h1>example.com</h1>" in client.get(make(project)[1]).text
    _, path = make(project, title=HOSTILE)
    assert is_escaped(client.get(path).text) and is_escaped(client.get(f"/projects/{project.id}/shares").text)


def test_nobody_learns_of_the_link_by_browsers_caches_and_search_engines(client: FlaskClient, project: Any) -> None:
    _, path = make(project, scope="keywords")
    for at in (path, f"{path}/keywords", f"{path}/keywords?format=csv", "/share/wrong"):
        reply = client.get(at, buffered=True)
        assert reply.headers["Referrer-Policy"] == "no-referrer" and reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["X-Robots-Tag"].startswith("noindex") and "Set-Cookie" not in reply.headers
        policy = reply.headers["Content-Security-Policy"]
        assert "script-src" not in policy and "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        if reply.mimetype == "text/html":
            assert "<script" not in reply.text and '<meta name="robots" content="noindex' in reply.text
            links = re.findall(r'(?:href|src|action)="([^"]*)"', reply.text)
            assert all(link.startswith((path, "/static/")) for link in links), links


def test_unknown_over_and_revoked_are_the_same(client: FlaskClient, project: Any, store: Any, monkeypatch: Any) -> None:
    (revoked, first), (_, over), (_, other) = make(project), make(project), make(project)
    shares.revoke(project.id, revoked.id)
    store.delete(f"trawl:access:share:{tokens.digest(over.removeprefix('/share/'))}")
    counted = round_trips(store, monkeypatch)
    answers, trips = [], []
    for path in (first, over, "/share/" + "x" * 43, "/share/x", f"/share/{'y' * 3000}"):
        counted.clear()
        reply = client.get(path)
        answers.append((reply.status_code, reply.text, sorted(reply.headers.items())))
        trips.append(len(counted))
    assert answers[0][0] == 404 and all(one == answers[0] for one in answers) and len(set(trips)) == 1
    assert client.get(other).status_code == 200


def test_a_link_ends_by_itself(client: FlaskClient, project: Any, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made, path = make(project, days=2)
    digest = tokens.digest(path.removeprefix("/share/"))
    assert 0 < store.ttl(f"trawl:access:share:{digest}") <= 2 * 86_400
    later = made.ends_at + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert client.get(path).status_code == 404 and shares.of(project.id) == []


def test_a_link_of_a_project_that_was_removed_opens_nothing_also_where_it_was_made_anew(
    client: FlaskClient, project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, path = make(project)
    projects.remove(project.id)
    gone = client.get(path)
    later = clock.now() + timedelta(seconds=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    projects.add("example.com")
    assert gone.status_code == 404 and client.get(path).text == gone.text and shares.of(project.id) == []


def test_the_token_is_stored_as_its_hash_and_shown_once(client: FlaskClient, project: Any, store: Any) -> None:
    page = client.post(f"/projects/{project.id}/shares", data={"scope": "keywords", "title": "T", "days": "3"})
    assert page.status_code == 201 and page.headers["Cache-Control"] == "no-store" and "Set-Cookie" not in page.headers
    [token] = set(re.findall(r"/share/([\w-]{43})", page.text))
    assert client.get(f"/share/{token}").status_code == 200
    for path in (f"/projects/{project.id}/shares", f"/projects/{project.id}/shares?format=json", "/audit"):
        assert token not in client.get(path).text
    for key in store.scan_iter("trawl:access:*"):
        held = {b"hash": store.hgetall, b"zset": lambda name: store.zrange(name, 0, -1)}.get(store.type(key), store.get)(key)
        assert token not in repr(key) + repr(held)


def test_no_costs_providers_or_errors_are_shown(client: FlaskClient, project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _, path = make(project, scope="keywords")
    facts = overview.make(project.id)
    facts["unknown_reasons"] = {"credits of scrapedo": 3}
    monkeypatch.setattr(overview, "kept", lambda project_id: ({**facts, "cost_usd": 3}, 1.0))
    text = client.get(path).text + client.get(f"{path}/keywords").text + client.get(f"{path}/keywords?format=json").text
    text = text.replace(path, "").replace("onerror", "").lower()  # a token may hold any word
    for word in ("scrapedo", "sandbox", "cost", "credit", "usd", "failures", "error"):
        assert word not in text, word


def test_keywords_go_on_to_the_last_page_and_into_files(client: FlaskClient, project: Any) -> None:
    projects.add_keywords(project.id, [f"word {number}" for number in range(7)])
    _, path = make(project, scope="keywords")
    pages = pages_of(client, f"{path}/keywords?limit=4")
    assert len(pages) >= 3 and all(sum(f">word {number}<" in page for page in pages) == 1 for number in range(7))
    rows = json.loads(client.get(f"{path}/keywords?format=json").text)
    assert len(rows) == 10 and set(rows[0]) == {"keyword", "says", "change_7", "line", "url", "volume", "tags", "day"}
    assert client.get(f"{path}/keywords?format=csv").text.count("word ") == 7
    assert client.get(f"{path}/keywords?keywords-cursor=x").status_code == 422
    assert client.get(f"{path}/keywords?format=xml").status_code == 422


def test_an_address_may_look_so_often_and_download_less_often(client: FlaskClient, project: Any) -> None:
    _, path = make(project, scope="keywords")
    with config.overridden(address_rate=4):
        answers = [client.get(one).status_code for one in (path, "/share/x", path, "/share/x", path, "/share/x")]
        refused = client.get(path)
    assert answers == [200, 404, 200, 404, 429, 429] and refused.headers["Retry-After"]
    assert refused.headers["Referrer-Policy"] == "no-referrer" and refused.mimetype == "text/html"
    away = {"REMOTE_ADDR": "192.0.2.7"}
    files = [client.get(f"{path}/keywords?format=csv", environ_overrides=away, buffered=True).status_code for _ in range(8)]
    assert files[:6] == [200] * 6 and files[6:] == [429, 429]


def test_redis_away_says_so_without_saying_where_it_is(client: FlaskClient, project: Any, monkeypatch: Any) -> None:
    def away(*_: Any) -> None:
        raise StoreUnreachable("Redis at redis://secret-host:6379 does not answer")

    monkeypatch.setattr(shares, "opened", away)
    reply = client.get("/share/x")
    assert reply.status_code == 503 and "secret-host" not in reply.text and "cannot be read" in reply.text


def test_links_of_pages_lead_out_only_by_http(client: FlaskClient, project: Any, monkeypatch: Any) -> None:
    _, path = make(project, scope="keywords")
    row = {
        "keyword": "k",
        "rank": 1,
        "says": "1",
        "change_7": 2,
        "line": "",
        "course": [],
        "volume": 1,
        "tags": [HOSTILE],
        "day": "2026-01-01",
    }
    rows = [{**row, "url": url} for url in ("javascript:alert(1)", f"https://a.example/{HOSTILE}", "data:text/html,x")]
    monkeypatch.setattr(shares, "keyword_rows", lambda *_: (rows, ""))
    page = client.get(f"{path}/keywords").text
    assert 'href="javascript' not in page and 'href="data' not in page and is_escaped(page)
    assert 'rel="noopener noreferrer nofollow"' in page and "+2" in page


def test_a_large_project_is_counted_by_one_job(client: FlaskClient, project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keywords, "count_of", lambda project_id: 100_000)
    _, path = make(project)
    for _ in range(3):
        assert "being counted" in client.get(path).text
    assert sum(jobs.depths(queues.QUEUES).values()) == 1


def test_links_are_listed_with_their_last_use_and_revoked_after_a_question(app: Any, project: Any, monkeypatch: Any) -> None:
    quick_hashes(monkeypatch)
    ada = Browser(app, "ada", "operator")
    made, path = make(project, title="T")
    listed = f"/projects/{project.id}/shares"
    assert "never" in ada.get(listed).text
    app.test_client().get(path)
    assert shares.of(project.id)[0].used_at and "never" not in ada.get(listed).text
    assert ada.client.post(f"{listed}/{made.id}/revoke", data={"confirmed": "1"}).status_code == 403  # no token
    assert ada.confirmed(f"{listed}/{made.id}/revoke").status_code == 303
    assert app.test_client().get(path).status_code == 404 and "Nobody outside sees" in ada.get(listed).text
    assert ada.post(f"{listed}/{made.id}/revoke", confirmed="1").status_code == 404


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"days": "0"}, "every share link ends"),
        ({"days": "366"}, "every share link ends"),
        ({"days": "nan"}, "every share link ends"),
        ({"days": "x"}, "is no number of days"),
        ({"scope": "all"}, "must be one of overview, keywords"),
        ({"title": "x" * 81}, "at most 80"),
        ({"title": "a\u202eb"}, "at most 80"),
    ],
)
def test_a_link_that_cannot_be_is_refused_on_the_page(client: FlaskClient, project: Any, fields: Any, says: str) -> None:
    page = client.post(f"/projects/{project.id}/shares", data={"scope": "overview", "days": "3", **fields})
    assert page.status_code == 422 and says in page.text and shares.of(project.id) == []


def test_viewers_see_the_list_and_no_button(key_client: Any, project: Any) -> None:
    made, _ = make(project)
    viewer, listed = key_client("viewer"), f"/projects/{project.id}/shares"
    assert made.id in viewer.get(listed).text and 'method="post"' not in viewer.get(listed).text
    assert viewer.post(listed, data={"scope": "overview", "days": "3"}).status_code == 403
    assert viewer.post(f"{listed}/{made.id}/revoke", data={"confirmed": "1"}).status_code == 403
    assert viewer.get("/projects/none/shares").status_code == 404


def test_a_link_opens_no_other_page(app: Any, project: Any, key_client: Any) -> None:
    key_client()
    stranger = app.test_client()
    _, path = make(project, scope="keywords")
    token = path.removeprefix("/share/")
    stranger.get(path)
    for other in ("/projects", "/api/v1/projects", f"/projects/{project.id}/shares", "/pauses", "/jobs"):
        for headers in ({}, {"Authorization": f"Bearer {token}"}, {"X-API-Key": token}, {"Cookie": f"trawl={token}"}):
            assert stranger.get(other, headers=headers).status_code in (401, 404), other
    assert stranger.get(f"{path}/../../projects").status_code in (401, 404)
    assert stranger.post(path).status_code == 405


def test_routes_do_the_same(key_client: Any, project: Any) -> None:
    operator, viewer, base = key_client("operator"), key_client("viewer"), f"/api/v1/projects/{project.id}/shares"
    made = operator.post(base, json={"scope": "keywords", "title": "T", "days": 1})
    assert made.status_code == 201 and made.json["share"]["actor"] == operator.key.name
    token = made.json["url"].rpartition("/")[2]
    assert re.fullmatch(r"[\w-]{43}", token) and viewer.post(base, json={}).status_code == 403
    [one] = viewer.get(base).json["items"]
    assert one["scope"] == "keywords" and token not in viewer.get(base).text
    assert operator.delete(f"{base}/{one['id']}").json["id"] == one["id"]
    assert operator.delete(f"{base}/{one['id']}").status_code == 404
    assert operator.get("/api/v1/projects/none/shares").status_code == 404


def test_odd_tokens_are_no_tokens(client: FlaskClient, project: Any) -> None:
    for token in ("%ED%A0%80", "%FF", "a%2Fb", "%E2%80%AE", "..", "a" * 6000, "%0d%0aX:1"):
        assert client.get(f"/share/{token}").status_code == 404, token


def test_a_link_downloads_only_so_often_whoever_has_it(client: FlaskClient, project: Any) -> None:
    _, path = make(project, scope="keywords")
    addresses = [f"192.0.2.{number}" for number in range(22)]
    options = [{"environ_overrides": {"REMOTE_ADDR": one}, "buffered": True} for one in addresses]
    answers = [client.get(f"{path}/keywords?format=csv", **one).status_code for one in options]
    assert answers == [200] * 20 + [429] * 2 and client.get(f"{path}/keywords").status_code == 200


def test_the_tables_of_the_overview_download_too(client: FlaskClient, project: Any) -> None:
    _, path = make(project)
    days = json.loads(client.get(f"{path}?table=days&format=json").text)
    assert len(days) == 31 and days[0]["unchecked"] == 3 and set(days[0]) >= {"day", "visibility", "top_3"}
    for table in ("winners", "losers", "new", "lost", "tags"):
        reply = client.get(f"{path}?table={table}&format=csv", buffered=True)
        assert reply.status_code == 200 and reply.headers["Referrer-Policy"] == "no-referrer"


def test_what_moved_and_tags_are_shown_as_text(client: FlaskClient, project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = overview.make(project.id)
    mover = {"id": "k", "keyword": HOSTILE, "before": 9, "after": None}
    facts["moves"]["days_7"] = {**facts["moves"]["days_7"], "lost": [mover], "winners": [{**mover, "after": 2}]}
    facts["tags"] = [{"tag": HOSTILE, **{name: facts[name] for name in ("visibility", "distribution")}}]
    monkeypatch.setattr(overview, "kept", lambda project_id: (facts, 1.0))
    _, path = make(project)
    page = client.get(path).text
    assert is_escaped(page) and page.count("onerror") >= 3 and "not found</td>" in page


def test_a_redis_that_is_full_still_shows_what_a_link_shows(
    client: FlaskClient, project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the count of looks, nor the time of the last one, nor a new count of the figures may stand in the way."""
    (_, path), counted = make(project, scope="keywords"), shares.counted(project)
    assert client.get(path).status_code == 200
    later = clock.now() + timedelta(seconds=90)
    monkeypatch.setattr(clock, "now", lambda: later)
    monkeypatch.setattr("state.access.rates.count", full)
    monkeypatch.setattr("state.access.share_links._touch", full)
    monkeypatch.setattr(shares, "counted", lambda project: counted._replace(is_old=True))
    monkeypatch.setattr(queues, "submit", refused)
    assert client.get(path).status_code == 200 and client.get(f"{path}/keywords").status_code == 200
    monkeypatch.setattr(shares, "counted", lambda project: counted._replace(is_old=True, facts=None))
    assert client.get(path).status_code == 503


def full(*values: Any, **arguments: Any) -> Any:
    raise connection.redis.OutOfMemoryError("command not allowed when used memory > 'maxmemory'.")


def refused(*arguments: Any, **options: Any) -> Any:
    raise UnsafeStore("Redis refuses writes.")


def test_a_link_that_is_over_takes_no_room(project: Any, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("state.access.share_links.MOST", 1)
    make(project)
    with pytest.raises(NotAllowed):
        make(project)
    [digest] = store.zrange(keys.shares(project.id), 0, -1)
    store.zadd(keys.shares(project.id), {digest: 1})  # it ended long ago
    make(project)
    assert store.zcard(keys.shares(project.id)) == 1
