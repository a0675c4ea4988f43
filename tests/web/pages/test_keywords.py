"""The keyword table: filters, orders, columns, files; what is done with many keywords says how many and what it costs first."""

import html
import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

import clock
import models
import queues
from jobs import tracking
from state.engine import records
from state.store import connection, keys
from state.tracking import details, history, keywords, outcomes
from state.tracking import projects as stored
from state.tracking.serp_summaries import Summary
from tests.counting import asked
from tests.state import NOON, TODAY
from topics.operations import pauses
from topics.tracking import overview, projects
from web.pages import keyword_bulk, keyword_sorting
from worker import inline

P = "example.com"
K = f"/projects/{P}/keywords"
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


@pytest.fixture(autouse=True)
def project() -> models.Project:
    return projects.add(P)


def remember(text: str, course: dict[int, int | str | None], page: str = "", **known: Any) -> str:
    """Ranks by how many days ago: a number, None = not found, a word = unknown for that reason."""
    projects.add_keywords(P, [text])
    keyword_id = projects.find_keyword(text, P).id
    packed = b""
    for ago in sorted(course, reverse=True):
        place = course[ago]
        state = "ranked" if isinstance(place, int) else "unknown" if place else "not_found"
        rank, reason = place if isinstance(place, int) else None, place if isinstance(place, str) else None
        one = history.pack(models.Rank(TODAY - timedelta(ago), models.RankState(state), 10, rank=rank, reason=reason))
        packed += one[:-1] + (b"\0" if page and rank else one[-1:])
    connection.client().set(keys.ranks(keyword_id), packed)
    if page:
        connection.client().rpush(keys.pages(keyword_id), f"{page}\tTitle")
    if known:
        details.write_many(P, {keyword_id: details.Details(**known)})
    return keyword_id


def see(text: str, features: frozenset[str]) -> None:
    """A keyword whose last result page showed this."""
    found = keywords.get(remember(text, {}))
    one = models.Rank(TODAY, models.RankState.RANKED, 10, rank=60)
    ending = outcomes.CheckOutcome("reparsed", one, serp=Summary(TODAY, features=features))
    outcomes.finish(found, None, timedelta(days=1), ending)


def rows(client: FlaskClient, query: str = "") -> list[dict[str, Any]]:
    """All rows, by the file."""
    reply = client.get(f"{K}?table=keywords&format=json&{query}")
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = json.loads(reply.text)
    return found


def texts(client: FlaskClient, query: str = "") -> list[str]:
    return [row["keyword"] for row in rows(client, query)]


def test_without_keywords_it_says_what_to_do(client: FlaskClient) -> None:
    page = client.get(K).text

    assert "python manage.py keyword add example.com" in html.unescape(page) and "Add them" in page


def test_a_row_tells_rank_depth_changes_and_course_with_gaps(client: FlaskClient) -> None:
    remember("up", {7: 9, 2: "captcha", 1: None, 0: 4}, "https://example.com/a", volume=1200, tags=("shoes",))
    remember("away", {1: 3, 0: None})
    remember("blocked", {1: 3, 0: "captcha"})
    page = client.get(K).text

    assert "not in first 10" in page and "unknown" in page and "captcha" in page and "1,200" in page
    assert "30 days: best 4, worst 9, last 4; not found on 1 day; 1 day unknown" in page
    assert 'href="https://example.com/a" rel="noopener noreferrer nofollow"' in page
    row = {row["keyword"]: row for row in rows(client)}
    assert (row["up"]["rank"], row["up"]["change_7"], row["up"]["change_1"], row["up"]["best"]) == (4, 5, None, 4)
    assert row["blocked"]["rank"] is None and row["blocked"]["change_1"] is None and row["blocked"]["line"].endswith("·")
    assert row["away"]["line"].endswith("_") and row["away"]["scanned"] == 10


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("feature=ai_overview", {"seen"}),
        ("text=LUE", {"blue"}),
        ("tag=Shoes", {"blue"}),
        ("state=unknown", {"blocked", "never"}),
        ("reason=captcha", {"blocked"}),
        ("band=4-10", {"blue"}),
        ("best=11&worst=20", {"red"}),
        ("band=1-3&worst=2", set()),
        ("moved=up", {"blue"}),
        ("moved=entered_10", {"blue"}),
        ("moved=left_3", {"red", "lost"}),
        ("moved=lost", {"lost"}),
        ("moved=up&days=1", set()),
        ("wrong_page=true", {"red"}),
        ("url=/RED", {"red"}),
        ("archived=true", {"old"}),
        ("archived=all&text=o", {"old", "lost", "blocked"}),
    ],
)
def test_filters_select(client: FlaskClient, query: str, expected: set[str]) -> None:
    remember("blue", {7: 12, 0: 4}, tags=("shoes",))
    remember("red", {7: 2, 0: 15}, "https://example.com/red", target_url="/blue")
    remember("lost", {7: 1, 0: None})
    remember("blocked", {7: 1, 0: "captcha"})
    remember("never", {})
    keywords.set_archived(remember("old", {0: 1}), True)
    see("seen", frozenset({"general", "ai_overview"}))

    assert set(texts(client, query)) == expected


@pytest.mark.parametrize(
    "query",
    [
        "state=lost",
        "band=5",
        "best=0",
        "best=x",
        "days=99",
        "moved=sideways",
        "archived=perhaps",
        "sort=colour",
        "reason=bad luck",
    ],
)
def test_a_filter_that_cannot_be_meant_is_said(client: FlaskClient, query: str) -> None:
    reply = client.get(f"{K}?{query}")

    assert reply.status_code == 422


def test_the_sorted_list_comes_by_pages_to_its_end(client: FlaskClient) -> None:
    for number in range(23):
        remember(f"k{number:02}", {0: 23 - number if number else None})
    overview.make(P)

    seen, path = list[str](), f"{K}?sort=rank&limit=5"
    while path:
        page = client.get(path).text
        seen += re.findall(r">(k\d\d)</a>", page)
        found = re.search(r'<a href="([^"]*)" rel="next"', page)
        path = html.unescape(found[1]) if found else ""
    assert seen == [f"k{number:02}" for number in range(22, 0, -1)] + ["k00"]
    assert texts(client, "sort=-rank") == seen[::-1]


def test_what_has_no_value_comes_last_in_both_directions(client: FlaskClient) -> None:
    for text, volume in (("a", 5), ("b", None), ("c", 9)):
        remember(text, {0: 1}, **({"volume": volume} if volume else {"tags": ("t",)}))

    assert texts(client, "sort=volume") == ["a", "c", "b"]
    assert texts(client, "sort=-volume") == ["c", "a", "b"]


def test_a_sorted_list_is_filtered_too(client: FlaskClient) -> None:
    for number in range(1, 9):
        remember(f"k{number}", {7: 9, 0: number}, **({"tags": ("even",)} if number % 2 == 0 else {"volume": 1}))

    assert texts(client, "sort=-change_7&tag=even") == ["k2", "k4", "k6", "k8"]
    assert texts(client, "sort=change_7&tag=even") == ["k8", "k6", "k4", "k2"]


def test_a_large_project_is_sorted_by_a_job_and_says_so_until_then(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    remember("a", {0: 2}), remember("b", {0: 1})
    monkeypatch.setattr(keyword_sorting, "AT_ONCE", 1)
    page = client.get(f"{K}?sort=rank").text

    assert "not sorted yet" in page and "/jobs/" in page
    tracking.make_overview(P)
    assert texts(client, "sort=rank") == ["b", "a"] and "not sorted yet" not in client.get(f"{K}?sort=rank").text


def test_a_removed_keyword_is_missing_and_an_old_cursor_goes_on(client: FlaskClient) -> None:
    for number in range(1, 7):
        remember(f"k{number}", {0: number})
    overview.make(P)
    page = client.get(f"{K}?sort=rank&limit=2").text
    following = html.unescape(re.search(r'<a href="([^"]*)" rel="next"', page)[1])  # type: ignore[index]
    overview.make(P)
    keywords.remove(P, [projects.find_keyword("k3", P).id])

    assert re.findall(r">(k\d)</a>", client.get(following).text) == ["k4", "k5"]


def test_features_of_the_last_result_page_are_shown(client: FlaskClient) -> None:
    see("seen", frozenset({"general", "ai_overview", "people_also_ask"}))
    remember("never", {})

    assert "people also ask" in client.get(K).text
    assert {row["keyword"]: row["features"] for row in rows(client)} == {
        "seen": ["ai_overview", "people_also_ask"],
        "never": None,
    }


def test_columns_hide_in_the_address(client: FlaskClient) -> None:
    remember("a", {0: 4}, volume=765_432)
    shown, hidden = client.get(K).text, client.get(f"{K}?hide=volume,course").text

    assert "765,432" in shown and "765,432" not in hidden and "30 days: best" not in hidden and "2 hidden" in hidden
    assert rows(client, "hide=volume")[0]["volume"] == 765_432
    assert "hide=course" in hidden and 'name="hide" value="course,volume"' in hidden


def test_hostile_texts_are_text(client: FlaskClient) -> None:
    keyword_id = remember(f"{HOSTILE} word", {0: 3}, "javascript:alert(1)", tags=(HOSTILE,))
    page = client.get(K).text

    assert HOSTILE not in page and "&lt;img" in page and 'href="javascript' not in page
    asks = client.post(f"{K}/bulk", data={"do": "tag", "value": HOSTILE, "which": "ticked", "keyword": keyword_id}).text
    assert HOSTILE not in asks and "&lt;img" in asks
    assert (
        "'=" in client.get(f"{K}?table=keywords&format=csv&text=word").text
        or HOSTILE in client.get(f"{K}?table=keywords&format=csv").text
    )


def test_a_viewer_sees_no_button(key_client: Callable[..., FlaskClient]) -> None:
    remember("a", {0: 1})
    viewer = key_client("viewer")

    page = viewer.get(K).text
    assert 'method="post"' not in page and "checkbox" not in page and ">a</a>" in page
    assert viewer.post(f"{K}/bulk", data={"do": "check", "which": "all"}).status_code == 403
    assert viewer.post("/keywords/import", data={"text": "b"}).status_code == 403


# --- many at once ------------------------------------------------------------------------------------------------------


def fields(page: str) -> dict[str, str]:
    """What a form of the page sends."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page)
    return {html.unescape(name): html.unescape(value) for name, value in found}


def bulk(client: FlaskClient, **form: Any) -> tuple[str, Any]:
    """What it asks, and what the answer yes leads to."""
    asks = client.post(f"{K}/bulk", data=form)
    assert asks.status_code == 200, asks.text
    return html.unescape(asks.text), client.post(f"{K}/bulk", data=fields(asks.text))


def test_ticked_keywords_are_tagged_after_asking(client: FlaskClient) -> None:
    ids = [remember(text, {0: 1}) for text in ("a", "b", "c")]
    asks, done = bulk(client, do="tag", value="new, Old", which="ticked", keyword=ids[:2])

    assert "Give 2 keywords the tags new, Old?" in asks and done.status_code == 303
    assert [one and one.tags for one in keywords.find_many(ids)] == [("new", "Old"), ("new", "Old"), ()]
    bulk(client, do="untag", value="old", which="ticked", keyword=ids[:1])
    assert keywords.get(ids[0]).tags == ("new",)
    bulk(client, do="target", value="/shoes", which="ticked", keyword=ids[2:])
    assert keywords.get(ids[2]).target_url == "/shoes"


def test_what_came_since_the_question_is_left_alone(client: FlaskClient) -> None:
    remember("a", {0: 1})
    asks = client.post(f"{K}/bulk", data={"do": "remove", "which": "all"})
    assert "Remove 1 keyword " in asks.text
    remember("b", {0: 1}), remember("c", {0: 1})

    client.post(f"{K}/bulk", data=fields(asks.text))
    assert len(texts(client)) == 2


def test_unknown_ranks_come_last_whichever_way_the_list_is_sorted(client: FlaskClient) -> None:
    for text, place in (("first", 1), ("tenth", 10), ("away", None), ("blocked", "captcha")):
        remember(text, {0: place})

    assert texts(client, "sort=rank") == ["first", "tenth", "away", "blocked"]
    assert texts(client, "sort=-rank") == ["away", "tenth", "first", "blocked"]


def test_a_comma_does_not_split_a_pasted_keyword(client: FlaskClient) -> None:
    client.post("/keywords/import", data={"project": P, "text": "shop, near me\nshop, near me\n"})

    assert texts(client) == ["shop, near me"]


def test_all_that_match_are_archived_and_come_back(client: FlaskClient) -> None:
    for number in range(5):
        remember(f"k{number}", {0: number + 1})
    asks, done = bulk(client, do="archive", which="all", where="best=3")

    assert "Archive 3 keywords?" in asks and done.location == f"{K}?best=3"
    assert set(texts(client)) == {"k0", "k1"}
    asks, _ = bulk(client, do="unarchive", which="all", where="archived=true")
    assert "Unarchive 3 keywords?" in asks and len(texts(client)) == 5


def test_a_check_says_its_price_first_and_queues_no_more_than_it_said(client: FlaskClient) -> None:
    projects.change(P, {"depth": 30})
    ids = [remember(f"k{number}", {0: 1}) for number in range(4)]
    asks = client.post(f"{K}/bulk", data={"do": "check", "which": "all"})
    assert "Check 4 keywords now" in asks.text and "12 pages of results at most" in asks.text

    remember("one more", {0: 1})
    client.post(f"{K}/bulk", data=fields(asks.text))
    waiting = [job_id for queue in queues.QUEUES for job_id in connection.client().lrange(keys.queue(queue), 0, -1)]
    assert len(waiting) == 4
    said, done = bulk(client, do="check", which="ticked", keyword=ids[0])
    assert "3 pages of results" in said and done.status_code == 303


def test_what_holds_up_a_check_is_said(client: FlaskClient) -> None:
    remember("a", {0: 1})
    pauses.put("kind:serp", "maintenance of the proxies", "ada")
    _, done = bulk(client, do="check", which="all")
    assert "maintenance of the proxies" in client.get(done.location).text

    stored.set_active(P, False)
    reply = client.post(f"{K}/bulk", data={"do": "check", "which": "all"})
    assert reply.location == f"/projects/{P}/settings" and "is inactive, so nothing" in client.get(reply.location).text


def test_many_are_counted_and_changed_by_jobs(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyword_bulk, "COUNTED_AT_ONCE", 2)
    for number in range(6):
        remember(f"k{number}", {0: number + 1})
    counting = client.post(f"{K}/bulk", data={"do": "tag", "value": "top", "which": "all", "where": "worst=4"})
    assert counting.status_code == 303 and "Counting" in client.get(counting.location).text

    job_id = parse_qs(urlsplit(counting.location).query)["job"][0]
    run(job_id)
    assert "4 keywords match" in client.get(counting.location).text
    asks = client.get(f"{counting.location}&go=1")
    assert "Give 4 keywords the tags top?" in asks.text
    done = client.post(f"{K}/bulk", data=fields(asks.text))
    run(done.location.rpartition("/")[2])
    assert set(texts(client, "tag=top")) == {"k0", "k1", "k2", "k3"}


def run(job_id: str) -> None:
    """Do what waits, as a worker does."""
    inline.run_until_idle()
    assert records.read([job_id])[0].get("status") == "finished"


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"do": "burn", "which": "all"}, 422),
        ({"do": "tag", "value": " ", "which": "all"}, 422),
        ({"do": "target", "value": "see notes", "which": "all"}, 422),
        ({"do": "tag", "value": "a", "which": "ticked", "keyword": "nosuchid"}, 404),
        ({"do": "tag", "value": "a", "which": "all", "where": "best=x"}, 422),
        ({"do": "archive", "which": "all", "where": "tgas=x"}, 422),  # would meet all of them
        ({"do": "archive", "which": "all", "where": "tag"}, 422),
        ({"do": "archive", "which": "all", "where": "%%%"}, 422),
        ({"do": "archive", "which": "all", "where": "best=1&best=2"}, 422),
    ],
)
def test_what_cannot_be_meant_is_said_before_it_asks(client: FlaskClient, form: dict[str, str], status: int) -> None:
    remember("a", {0: 1})

    assert client.post(f"{K}/bulk", data=form).status_code == status


def test_nothing_ticked_and_nothing_that_matches_do_nothing(client: FlaskClient) -> None:
    remember("a", {0: 1})

    assert client.post(f"{K}/bulk", data={"do": "archive", "which": "ticked"}).status_code == 303
    assert client.post(f"{K}/bulk", data={"do": "archive", "which": "all", "where": "tag=none"}).status_code == 303
    assert texts(client) == ["a"]


def test_removing_needs_an_admin(client: FlaskClient, key_client: Callable[..., FlaskClient]) -> None:
    keyword_id = remember("a", {0: 1})
    asks, _ = bulk(client, do="remove", which="ticked", keyword=keyword_id)
    assert "Remove 1 keyword with all of their history" in asks and keywords.find(keyword_id) is None

    remember("b", {0: 1})
    operator = key_client("operator")
    assert operator.post(f"{K}/bulk", data={"do": "remove", "which": "all"}).status_code == 403
    assert 'value="remove"' not in operator.get(K).text


def test_an_id_of_another_project_is_refused(client: FlaskClient) -> None:
    projects.add("other.com")
    projects.add_keywords("other.com", ["theirs"])
    other = projects.find_keyword("theirs", "other.com").id

    assert client.post(f"{K}/bulk", data={"do": "archive", "which": "ticked", "keyword": other}).status_code == 404


def test_no_field_hides_a_property_of_its_form_from_scripts(client: FlaskClient) -> None:
    remember("a", {0: 1})
    taken = {
        "id",
        "name",
        "action",
        "method",
        "target",
        "contains",
        "matches",
        "closest",
        "remove",
        "elements",
        "submit",
        "title",
    }
    for path in ("/projects", f"/projects/{P}", f"/projects/{P}/settings", K, "/keywords/import"):
        named = set(re.findall(r'<(?:input|select|textarea|button)[^>]* name="([^"]*)"', client.get(path).text))
        assert named - {"csrf_token"} and not named & taken, path


# --- import ------------------------------------------------------------------------------------------------------------


def test_pasted_lines_are_added_as_typed(client: FlaskClient) -> None:
    page = client.post("/keywords/import", data={"project": P, "text": 'C++ OR rust\r\n"exact words"\r\n\r\n'}).text

    assert "2 added" in page and set(texts(client)) == {"C++ OR rust", '"exact words"'}


def test_a_file_is_imported_and_bad_lines_are_named(client: FlaskClient) -> None:
    file = b"keyword,volume\ngood,10\n" + b"x" * 500 + b",5\n,\n"
    form = {"project": P, "file": (BytesIO(file), f"{HOSTILE}.csv")}
    page = client.post("/keywords/import", data=form, content_type="multipart/form-data").text

    assert "1 added" in page and "Line 3" in page and HOSTILE not in page


@pytest.mark.parametrize(("form", "says"), [({"text": " "}, "nothing to import"), ({"project": "no", "text": "a"}, "No project")])
def test_what_is_wrong_with_all_of_it_is_said_on_the_form(client: FlaskClient, form: dict[str, str], says: str) -> None:
    reply = client.post("/keywords/import", data=form)

    assert reply.status_code in (404, 422) and says in html.unescape(reply.text) and "<form" in reply.text


def test_a_large_file_is_imported_by_a_job_that_reports(client: FlaskClient) -> None:
    file = b"keyword\n" + b"".join(b"keyword number %d\n" % number for number in range(6000))
    form = {"project": P, "file": (BytesIO(file), "many.csv")}
    reply = client.post("/keywords/import", data=form, content_type="multipart/form-data")
    assert reply.status_code == 303
    assert "The job" in client.get(reply.location).text

    run(reply.location.rpartition("=")[2])
    assert "6,000 added" in client.get(reply.location).text


@pytest.mark.parametrize("lines", [1, 6000])
def test_a_file_comes_with_tags_and_with_ranks_of_past_days(client: FlaskClient, lines: int) -> None:
    file = b"keyword,date,position\n" + b"oak,2025-03-01,4\n" + b"".join(b"keyword %d,,\n" % number for number in range(1, lines))
    form = {"project": P, "table": "1", "text": file.decode(), "tags": "old tool, q4", "ranks": "1"}
    reply = client.post("/keywords/import", data=form)
    if reply.status_code == 303:
        run(reply.location.rpartition("=")[2])
        reply = client.get(reply.location)

    assert "1 rank of past days" in reply.text and "0 lines left out" in reply.text
    (oak,) = [one for one in keywords.in_project(P) if one.text == "oak"]
    assert oak.tags == ("old tool", "q4")


def test_a_page_costs_few_round_trips_whatever_the_project_holds(client: FlaskClient) -> None:
    for number in range(120):
        remember(f"k{number}", {0: 1})
    overview.make(P)
    for query in ("", "?sort=rank", "?sort=-volume&limit=50"):
        client.get(K)  # the look at the health of all is shared by all pages of a second
        with asked() as found:
            assert client.get(f"{K}{query}").status_code == 200
        assert found.trips <= 10, query
