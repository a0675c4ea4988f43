"""Who ranks beside a keyword: from what its checks read, with gaps, and nothing fetched."""

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

import clock
from state.tracking.serp_summaries import Summary
from tests import fakes
from tests.counting import asked
from tests.state import NOON
from tests.web.pages.checked import HOSTILE, checked, day, keyword, ranked, remember
from tests.web.pages.test_keyword import data_of

OURS = "https://example.com/shoes"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def test_a_keyword_whose_pages_were_not_read_says_what_to_do(client: FlaskClient) -> None:
    text = client.get(f"/keywords/{keyword().id}/competitors").text
    assert "No result page was read in the last 30 days" in text and "python manage.py serp check" in text


def test_domains_stand_by_their_rank_beside_us_with_gaps(client: FlaskClient) -> None:
    found = keyword()
    checked(found, fakes.serp(["https://a.test/", OURS]), 3)
    checked(found, fakes.serp(["https://b.test/", "https://a.test/", OURS]), 0)
    text = client.get(f"/keywords/{found.id}/competitors").text
    series = {one["label"]: one["values"] for one in data_of(text)["series"]}
    assert series == {"example.com": [2, None, 3], "b.test": [None, None, 1], "a.test": [1, None, 2]}
    rows = client.get(f"/keywords/{found.id}/competitors?table=rivals&format=json").json
    told = [(row["domain"], row["rank"], row["before"]) for row in rows]
    assert told == [("b.test", 1, None), ("a.test", 2, 1), ("example.com", 3, 2)]
    assert "(this project)" in text and '/projects/example.com/competitors/a.test"' in text
    told = client.get(f"/api/v1/keywords/{found.id}/competitors").json
    assert told["days"] == [str(day(3)), str(day(0))] and told["domains"][0]["ranks"] == [None, 1]


def test_no_text_runs_and_a_viewer_may_look(client: FlaskClient, key_client: Callable[..., FlaskClient]) -> None:
    found = keyword(f"shoes {HOSTILE}")
    remember(found, ranked(2, 0), Summary(day(0), ((HOSTILE, 1),), scanned=2))
    with asked() as few:
        text = key_client("viewer").get(f"/keywords/{found.id}/competitors").text
    assert "&lt;img" in text and "<img" not in text and few.trips <= 25  # the key was made in it, too
