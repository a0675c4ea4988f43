"""The pages of competitors: what they show, their files and cursors, who may pin, and hostile texts."""

import csv
import io
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

import clock
import models
from jobs import tracking
from state.tracking import competitors as stored
from state.tracking import keywords, outcomes
from state.tracking.serp_summaries import Summary
from tests import counting
from topics.tracking import competitors, projects
from web.api import competitors as routes

P = "/projects/example.com/competitors"
API = "/api/v1/projects/example.com/competitors"
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def project() -> None:
    projects.add("example.com")


def track(count: int = 1, text: str = "keyword") -> list[str]:
    projects.add_keywords("example.com", [f"{text} {number}" for number in range(count)])
    return [keywords.id_of("example.com", f"{text} {number}") for number in range(count)]


def see(word: str, *hosts: str, ours: Sequence[int] = (), back: int = 0, **fields: Any) -> None:
    day = clock.now().date() - timedelta(days=back)
    shown = tuple((host, rank) for rank, host in enumerate(hosts, 1))
    own = tuple((f"https://example.com/{rank}", rank) for rank in ours)
    one = Summary(day, shown, ours=own, scanned=len(hosts), **{"features": frozenset({"general", "maps"}), **fields})
    rank = models.Rank(day, models.RankState.NOT_FOUND, len(hosts))
    outcomes.finish(keywords.get(word), None, timedelta(days=1), outcomes.CheckOutcome("reparsed", rank, serp=one))


def shown(client: FlaskClient, path: str, status: int = 200, **query: str) -> str:
    reply = client.get(path, query_string=query)
    assert reply.status_code == status, reply.text
    return reply.text


def rows(client: FlaskClient, path: str, table: str, **query: str) -> list[dict[str, str]]:
    text = shown(client, path, table=table, format="csv", **query)
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_leaders_stand_beside_us_with_their_figures(client: FlaskClient) -> None:
    first, second = track(2)
    see(first, "a.test", "example.com", "b.test", ours=[2])
    see(second, "a.test", "b.test")
    page = shown(client, P)
    assert "2 of 2 keywords" in page and "(this project)" in page and f'href="{P}/a.test"' in page
    told = rows(client, P, "leaders")
    assert [(row["domain"], row["share"], row["above"]) for row in told] == [
        ("a.test", "0.4", "2"),
        ("b.test", "0.4", "1"),
        ("example.com", "0.2", "0"),
    ]
    assert client.get(P, query_string={"table": "features", "format": "json"}).json[0]["feature"] == "maps"
    assert {row["domain"] for row in rows(client, P, "gained")} == set()
    assert "Share of voice in the last 30 days" in page and "Invented" not in page


def test_what_was_left_out_is_said_and_invented_pages_are_marked(client: FlaskClient) -> None:
    first, _ = track(2)
    see(first, "a.test", sandbox=True)
    page = shown(client, P)
    assert "1 of 2 keywords" in page and "1 keyword left out" in page and "Invented." in page
    assert "sandbox: invented" in shown(client, f"{P}/a.test")


def test_an_empty_project_says_what_to_do_next(client: FlaskClient) -> None:
    assert "python manage.py serp batch" in shown(client, P)
    assert "stands on none" in shown(client, f"{P}/a.test")


def test_gains_and_losses_are_since_the_days_of_the_filter(client: FlaskClient) -> None:
    [word] = track()
    see(word, "a.test", "example.com", ours=[2], back=1)
    see(word, "a.test")
    assert rows(client, P, "gained", since="days_1")[0]["change"] == "0.5"
    assert rows(client, P, "gained") == [] and "selected>1 day" in shown(client, P, since="days_1")
    assert "Change since is one of" in shown(client, P, 422, since="days_2")


def test_one_domain_keyword_by_keyword_with_filter_and_cursor_to_the_last_page(client: FlaskClient) -> None:
    found = track(120)
    for number, word in enumerate(found):
        see(word, *(["b.test", "example.com", "a.test"] if number % 2 else ["a.test"]), ours=[2] if number % 2 else [])
    page = shown(client, f"{P}/a.test")
    assert "above us at 60, below us at 60" in page and "Keywords most worth winning" in page and 'rel="next"' in page
    assert len(rows(client, f"{P}/a.test", "keywords")) == 120
    assert {row["ours"] for row in rows(client, f"{P}/a.test", "keywords", which="below")} == {"2"}
    seen, cursor = set(), ""
    while True:
        reply = client.get(f"{API}/a.test/keywords", query_string={"limit": "50", "cursor": cursor}).json
        seen |= {row["id"] for row in reply["items"]}
        cursor = reply["next"] or ""
        if not cursor:
            break
    assert seen == set(found)
    assert len(rows(client, f"{P}/a.test", "beaten")) == 25
    assert "none of this list" in shown(client, f"{P}/a.test", 422, **{"keywords-cursor": "zz"})


def test_a_pin_is_counted_at_once_and_taken_away_again(client: FlaskClient) -> None:
    [word] = track()
    see(word, "a.test")
    reply = client.post(f"{P}/pins", data={"domain": "https://Rival.test/x"}, follow_redirects=True)
    assert reply.status_code == 200 and "rival.test is pinned" in reply.text and "Unpin rival.test" in reply.text
    assert competitors.kept("example.com")[0]["pins"] == ["rival.test"]  # type: ignore[index]
    assert "Unpin" in shown(client, f"{P}/rival.test")
    reply = client.post(f"{P}/pins", data={"domain": "rival.test", "wanted": "0"}, follow_redirects=True)
    assert "not pinned any more" in reply.text and stored.pins("example.com") == ()
    assert client.post(f"{P}/pins", data={"domain": "two words"}).status_code == 422
    assert client.post(f"{P}/pins", data={"domain": "example.com"}).status_code == 422


def test_keywords_stand_beside_the_pinned_domains_with_a_cursor_to_the_last(client: FlaskClient) -> None:
    found = track(70)
    for word in found:
        see(word, "a.test", "example.com", "xn--dinkelbck-mobil-6kb.de", ours=[2])
    assert "pin domains to choose" in shown(client, P) and "rank a.test" in rows(client, P, "keywords")[0]
    assert (
        "xn--dinkelbck-mobil-6kb.de is pinned"
        in client.post(f"{P}/pins", data={"domain": "www.dinkelbäck-mobil.de"}, follow_redirects=True).text
    )
    told = rows(client, P, "keywords")
    assert len(told) == 70 and {(row["ours"], row["rank xn--dinkelbck-mobil-6kb.de"]) for row in told} == {("2", "3")}
    page = shown(client, P)
    assert 'rel="next"' in page and "keywords-cursor" in page
    first = client.get(f"{API}/keywords", query_string={"limit": 40}).json
    last = client.get(f"{API}/keywords", query_string={"limit": 40, "cursor": first["next"]}).json
    assert {row["id"] for row in [*first["items"], *last["items"]]} == set(found) and last["next"] is None
    assert "above us at 0, below us at 70" in shown(client, f"{P}/dinkelbäck-mobil.de")
    assert "none of this list" in shown(client, P, 422, **{"keywords-cursor": "zz"})


def test_of_many_leaders_some_are_shown_and_the_cursor_leads_to_the_last(client: FlaskClient) -> None:
    for number, word in enumerate(track(5)):
        see(word, *(f"w{number}-{rank}.test" for rank in range(10)))
    found, cursor = 0, ""
    while True:
        page = shown(client, P, **{"leaders-cursor": cursor})
        found += page.count(f'<a href="{P}/w') - page.split("Gains and losses")[1].count(f'<a href="{P}/w')
        following = re.search(r"leaders-cursor=(\d+)", page)
        if not following or following[1] == cursor:
            break
        cursor = following[1]
    assert found == 50 and len(rows(client, P, "leaders")) == 51
    assert "is none of this table" in shown(client, P, 422, **{"leaders-cursor": "x"})


def test_viewers_see_no_button_and_may_not_pin(key_client: Callable[..., FlaskClient]) -> None:
    [word] = track()
    see(word, "a.test")
    competitors.pin("example.com", "b.test")
    viewer = key_client("viewer")
    page, other = shown(viewer, P), shown(viewer, f"{P}/a.test")
    assert "<button>Pin" not in page + other and "Unpin" not in page and 'method="post"' not in page + other
    assert viewer.post(f"{P}/pins", data={"domain": "c.test"}).status_code == 403
    assert viewer.put(f"{API}/c.test").status_code == 403


def test_hostile_texts_are_shown_as_text(client: FlaskClient) -> None:
    projects.change("example.com", {"name": f"name {HOSTILE}"})
    [word] = track(text=HOSTILE)
    see(word, f"{HOSTILE}.test", '"><script>alert(1)</script>', "=cmd|x")
    for path in (P, f"{P}/a.test", f"{P}/{HOSTILE.replace('/', '')}.test", f"{P}/%22%3E%3Cscript%3E"):
        page = shown(client, path)
        assert "<img" not in page and "<script>alert" not in page and '"><script' not in page
    assert "&lt;img src=x onerror=alert(1)&gt; 0" in shown(client, f"{P}/=cmd|x")
    assert "'=cmd|x" in {row["domain"] for row in rows(client, P, "leaders")}
    assert not any(name[0] in "=+-@" for name in rows(client, P, "keywords")[0])


def test_a_large_project_is_counted_by_a_job(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    [word] = track()
    see(word, "a.test")
    monkeypatch.setattr(routes, "AT_ONCE", 0)
    first = client.get(API)
    assert (first.status_code, first.json["competitors"]) == (202, None) and first.json["job"]["job_id"] in shown(client, P)
    done = tracking.count_competitors("example.com")
    assert (done["keywords"], done["counted"], done["domains"]) == (1, 1, 1)
    told = client.get(API).json
    assert told["job"] is None and told["competitors"]["leaders"][0]["domain"] == "a.test"
    again = client.get(API, query_string={"fresh": "true"})
    assert again.status_code == 200 and again.json["job"] and again.json["competitors"]


def test_the_api_pins_and_unpins(client: FlaskClient) -> None:
    assert client.put(f"{API}/www.a.test").json == {"domain": "a.test"}
    assert stored.pins("example.com") == ("a.test",)
    assert client.delete(f"{API}/a.test").json == {"domain": "a.test"} and stored.pins("example.com") == ()
    assert client.put(f"{API}/co.uk").status_code == 422
    assert client.get("/api/v1/projects/nosuch/competitors").status_code == 404
    assert client.get("/projects/nosuch/competitors").status_code == 404
    assert client.get(f"{API}/a.test/keywords", query_string={"which": "x"}).status_code == 422


def test_a_page_costs_few_round_trips(client: FlaskClient) -> None:
    found = track(30)
    for word in found:
        see(word, "a.test")
    shown(client, P)
    for path in (P, f"{P}/a.test"):
        with counting.asked() as sent:
            shown(client, path)
        assert sent.trips <= 10, sent
