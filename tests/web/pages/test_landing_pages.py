"""The page of landing pages: two lists as they were counted, with their files, and counting anew."""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

import clock
from state.tracking import landing_pages as kept_counts
from tests.counting import fewest
from tests.state import NOON
from tests.web.pages.checked import HOSTILE, P, keyword, ranked, remember
from topics.tracking import landing_pages, projects
from web.pages import landing_pages as pages

PATH = f"/projects/{P}/pages"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def test_a_project_without_ranks_says_what_to_do(client: FlaskClient) -> None:
    projects.add(P)
    text = client.get(PATH).text
    assert "python manage.py serp batch" in text and "No keyword has two own pages" in text


def test_pages_and_cannibalised_keywords_with_links(client: FlaskClient) -> None:
    found = keyword()
    remember(found, ranked(5, 1, "https://example.com/a"))
    remember(found, ranked(3, 0, "https://example.com/b"))
    text = client.get(PATH).text
    assert f'href="/projects/{P}/keywords?url=https%3A%2F%2Fexample.com%2Fb"' in text
    assert "https://example.com/b" in text and f'href="/keywords/{found.id}"' in text
    assert "ranking pages 1" in text and "several own pages 1" in text and "Counted <time" in text
    [row] = client.get(f"{PATH}?table=cannibalised&format=json").json
    assert row["of"] == 2 and [one["url"] for one in row["pages"]] == ["https://example.com/b", "https://example.com/a"]


def test_no_text_runs(client: FlaskClient) -> None:
    found = keyword(f"shoes {HOSTILE}")
    remember(found, ranked(5, 1, f"javascript:{HOSTILE}"))
    remember(found, ranked(3, 0, f"https://example.com/{HOSTILE}"))
    text = client.get(PATH).text
    assert "&lt;img" in text and "<img" not in text and 'href="javascript' not in text


def test_pages_come_by_cursor_and_whole_as_a_file(client: FlaskClient) -> None:
    for number in range(7):
        remember(keyword(f"word {number}"), ranked(number + 1, 0, f"https://example.com/{number}"))
    seen, query = [], "?limit=3"
    while query:
        text = client.get(f"{PATH}{query}").text
        body = text.split('id="pages"')[1].split("</section>")[0]
        seen += [number for number in range(7) if f'href="https://example.com/{number}"' in body]
        query = body.partition('" rel="next"')[0].rpartition("?")[2].replace("&amp;", "&") if 'rel="next"' in body else ""
        query = query and f"?{query}"
    assert seen == list(range(7))
    rows = list(csv.DictReader(io.StringIO(client.get(f"{PATH}?table=pages&format=csv&limit=2").text)))
    assert [row["best"] for row in rows] == [str(number) for number in range(1, 8)]
    assert client.get(f"{PATH}?pages-cursor=x").status_code == 422


def test_it_is_counted_anew_when_asked(client: FlaskClient) -> None:
    found = keyword()
    client.get(PATH)
    remember(found, ranked(3, 0))
    assert "https://example.com/shoes" not in client.get(PATH).text
    assert client.post(f"{PATH}/count").status_code == 303
    text = client.get(PATH).text
    assert "https://example.com/shoes" in text and "Counted anew." in text


def test_a_large_project_is_counted_by_a_job(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "AT_ONCE", 0)
    remember(keyword(), ranked(3, 0))
    text = client.get(PATH).text
    assert "being counted for the first time" in text and 'href="/jobs/' in text
    landing_pages.make(P)
    assert "https://example.com/shoes" in client.get(PATH).text


def test_a_viewer_sees_no_button(key_client: Callable[..., FlaskClient]) -> None:
    keyword()
    viewer = key_client("viewer")
    text = viewer.get(PATH).text
    assert "Count anew" not in text and viewer.post(f"{PATH}/count").status_code == 403


def test_an_unknown_project_is_a_404(client: FlaskClient) -> None:
    assert client.get("/projects/none/pages").status_code == 404


def test_a_page_costs_the_same_however_many_there_are(client: FlaskClient) -> None:
    remember(keyword(), ranked(3, 0))
    client.get(PATH)
    few = fewest(lambda: client.get(PATH))
    rows = [{**row(number)} for number in range(3000)]
    head = kept_counts.read(P) or {}
    kept_counts.keep(P, head, {"pages": rows, "cannibalised": []})
    many = fewest(lambda: client.get(PATH))
    assert many.trips == few.trips <= 10


def row(number: int) -> dict[str, Any]:
    figures = {"keywords": 1, "best": 1, "share": 0.1, "wrong": 0, "rivals": 0}
    return {"url": f"https://example.com/{number}", **figures, "named": []}
