"""The page of a score: why each point, what would raise it, and the buttons that score and enrich."""

import csv
import io

import pytest
from flask.testing import FlaskClient

from state.leads import companies
from tests.topics.leads.scored import stored
from tests.topics.scraping import inline_work
from topics.leads import adding, scores


def token_of(text: str) -> str:
    return text.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_the_page_says_why_and_what_would_raise_it(client: FlaskClient) -> None:
    one = stored(1, emails=["a@a1.example"])
    scores.score([one])
    page = client.get(f"/leads/{one}/score").text
    assert "emails: a@a1.example" in page and "not: phones known" in page and 'href="https://a.example/contact"' in page
    assert "The record has another score" not in page and "data-chart" not in page
    stored(1, emails=["a@a1.example"], phones=["+43"])
    assert "The record has another score" in client.get(f"/leads/{one}/score").text
    scores.score([one])
    assert "data-chart" in client.get(f"/leads/{one}/score").text
    rows = client.get(f"/leads/{one}/score?table=rules&format=json")
    assert rows.status_code == 200
    assert client.get("/leads/co_nothere/score").status_code == 404


@pytest.mark.parametrize("what", ["score", "enrich"])
def test_the_buttons_start_a_job(client: FlaskClient, what: str) -> None:
    one = stored(1, emails=["a@a1.example"])
    token = token_of(client.get(f"/leads/{one}/score").text)
    reply = client.post(f"/leads/{one}/{what}", data={"csrf_token": token}, follow_redirects=True)
    assert "works on it" in reply.text
    if what == "score":
        inline_work.off()
        [found] = companies.get([one], None)
        assert found and found.score


def test_the_list_as_a_file_has_all_that_is_known_for_spreadsheets_and_for_programs(client: FlaskClient) -> None:
    facts = {"name": "Acme", "site": "acme.de", "phones": ["+4930901820"], "emails": ["a@acme.de", "b@acme.de"]}
    adding.add(facts, ["x", "y"])
    [row] = csv.DictReader(io.StringIO(client.get("/leads?format=csv").text.lstrip("\ufeff")))
    assert (row["phones"], row["emails"], row["tags"]) == ("'+4930901820", "a@acme.de, b@acme.de", "x, y")
    [row] = csv.DictReader(io.StringIO(client.get("/leads?format=csv&as_is=1").text.lstrip("\ufeff")))
    assert (row["phones"], row["site"], row["id"][:3]) == ("+4930901820", "https://acme.de/", "co_")
    [told] = client.get("/leads?format=json").get_json()
    assert told["emails"] == ["a@acme.de", "b@acme.de"] and told["employees"] is None
