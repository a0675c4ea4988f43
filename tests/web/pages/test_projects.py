"""The page of projects: what is known at a glance, forms that add and change, what asks before."""

import json
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

import clock
from state.tracking import projects as stored
from tests.counting import asked
from tests.state import NOON
from topics.tracking import overview, projects

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def test_without_projects_it_says_what_to_do(client: FlaskClient) -> None:
    page = client.get("/projects").text

    assert "python manage.py project add example.com" in page and "Add the project" in page


def test_a_project_that_is_not_counted_says_so_and_is_counted_by_a_job(client: FlaskClient) -> None:
    projects.add("example.com")
    page = client.get("/projects").text

    assert "not counted yet" in page and "1 project of these is being counted by a job" in page
    overview.make("example.com")
    again = client.get("/projects").text
    assert "not counted yet" not in again and "being counted" not in again and "0 s ago" not in again.split("<table")[0]


def test_a_form_adds_a_project_with_its_options(client: FlaskClient) -> None:
    form = {
        "domain": "https://Example.com/",
        "country": "de",
        "depth": "50",
        "hour": "6",
        "every_h": "24",
        "zone": "Europe/Berlin",
    }
    reply = client.post("/projects", data=form)

    assert (reply.status_code, reply.location) == (303, "/projects/example.com")
    made = stored.get("example.com")
    assert (made.country, made.depth, made.hour, made.zone) == ("de", 50, 6, "Europe/Berlin")


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"domain": ""}, "domain"),
        ({"domain": "example.com", "every_h": "often"}, "Hours between checks must be a number"),
        ({"domain": "example.com", "country": "xx"}, "country"),
        ({"domain": "example.com", "hour": "99"}, "hour"),
        ({"domain": "example.com", "project_id": "A B"}, "project id"),
    ],
)
def test_what_is_wrong_is_said_on_the_form_and_nothing_typed_is_lost(
    client: FlaskClient, form: dict[str, str], says: str
) -> None:
    reply = client.post("/projects", data={**form, "project_name": "My own name"})

    assert reply.status_code in (422, 400) and says.lower() in reply.text.lower() and "My own name" in reply.text
    assert stored.ids() == []


def test_an_id_that_is_taken_is_said(client: FlaskClient) -> None:
    projects.add("example.com")
    reply = client.post("/projects", data={"domain": "example.com"})

    assert reply.status_code == 409 and "exists already" in reply.text


def test_the_list_filters_pages_and_downloads(client: FlaskClient) -> None:
    for number in range(5):
        projects.add(f"shop{number}.com")
    stored.set_active("shop3.com", False)

    first = client.get("/projects?limit=2").text
    assert "shop1.com" in first and "shop2.com" not in first and "projects-cursor=shop1.com" in first
    last = client.get("/projects?limit=2&projects-cursor=shop3.com").text
    assert "shop4.com" in last and "Next rows" not in last
    assert "shop3.com" in (inactive := client.get("/projects?active=false").text) and "shop2.com" not in inactive
    assert client.get("/projects?active=perhaps").status_code == 422
    rows = json.loads(client.get("/projects?table=projects&format=json&limit=2").text)
    assert [row["domain"] for row in rows] == [f"shop{number}.com" for number in range(5)]
    assert client.get("/projects?table=projects&format=csv&text=shop4").text.count("shop4.com") >= 1


def test_hostile_names_are_text(client: FlaskClient) -> None:
    projects.add("example.com", projects.Options(id="example.com", name=HOSTILE))
    for path in ("/projects", "/projects/example.com", "/projects/example.com/settings"):
        page = client.get(path).text
        assert HOSTILE not in page and "&lt;img" in page


def test_a_viewer_sees_no_button_and_may_press_none(key_client: Callable[..., FlaskClient]) -> None:
    projects.add("example.com")
    viewer = key_client("viewer")

    for path in ("/projects", "/projects/example.com", "/projects/example.com/settings"):
        assert '<form method="post"' not in viewer.get(path).text and 'method="post"' not in viewer.get(path).text
    for path in ("/projects", "/projects/example.com/settings", "/projects/example.com/remove", "/projects/example.com/activate"):
        assert viewer.post(path).status_code == 403


def test_settings_change_and_say_what_changed(client: FlaskClient) -> None:
    projects.add("example.com")
    projects.add_keywords("example.com", ["a"])
    page = client.get("/projects/example.com/settings").text
    assert "Ten cost one page" in page

    reply = client.post("/projects/example.com/settings", data={"depth": "30", "project_name": "example.com", "hour": ""})
    assert reply.status_code == 303 and stored.get("example.com").depth == 30
    after = client.get("/projects/example.com/settings").text
    assert "depth 10 → 30" in after
    wrong = client.post("/projects/example.com/settings", data={"zone": "Mars/Base"})
    assert wrong.status_code == 422 and "Mars/Base" in wrong.text and stored.get("example.com").zone == "UTC"
    assert client.post("/projects/example.com/settings", data={"country": ""}).status_code == 422


def test_a_project_is_switched_off_and_on(client: FlaskClient) -> None:
    projects.add("example.com")
    client.post("/projects/example.com/deactivate")
    assert not stored.get("example.com").active and "inactive" in client.get("/projects").text
    client.post("/projects/example.com/activate")
    assert stored.get("example.com").active


def test_removing_asks_with_the_number_of_keywords(client: FlaskClient) -> None:
    projects.add("example.com")
    projects.add_keywords("example.com", ["a", "b"])

    asks = client.post("/projects/example.com/remove")
    assert "2 keywords" in asks.text and stored.ids() == ["example.com"]
    assert client.post("/projects/example.com/remove", data={"confirmed": "1"}).location == "/projects"
    assert stored.ids() == []
    assert client.post("/projects/nosuch/remove").status_code == 404


def test_an_operator_may_not_remove(key_client: Callable[..., FlaskClient]) -> None:
    projects.add("example.com")
    operator = key_client("operator")

    assert "/remove" not in operator.get("/projects/example.com/settings").text
    assert operator.post("/projects/example.com/remove", data={"confirmed": "1"}).status_code == 403


def test_fifty_projects_cost_a_few_round_trips(client: FlaskClient) -> None:
    for number in range(60):
        projects.add(f"shop{number}.com")
    client.get("/projects")  # the look at the health of all is shared by all pages of a second
    with asked() as found:
        assert client.get("/projects").status_code == 200
    assert found.trips <= 10
