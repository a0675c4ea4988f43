"""Projects and keywords as people name them."""

from typing import Any

import pytest

import config
from errors import AlreadyExists, ArgumentError, NotFound
from state.store import connection
from state.tracking import keywords
from state.tracking import projects as stored
from tests.state import audit
from topics.tracking import projects


@pytest.mark.parametrize(
    ("domain", "id", "folder"),
    [
        ("https://WWW.Example.com/", "example.com", "example.com"),
        ("*.blog.example.com", None, None),
        ("example.com/docs", None, None),
        ("bücher.example", "xn--bcher-kva.example", "xn--bcher-kva.example"),
    ],
)
def test_a_project_gets_its_id_and_folder_from_its_domain(domain: str, id: str | None, folder: str | None) -> None:
    added = projects.add(domain)
    assert (id or added.id, folder or added.folder) == (added.id, added.folder)
    assert stored.get(added.id) == added and projects.PROJECT_ID.fullmatch(added.id)


def test_the_interval_of_the_settings_is_the_default() -> None:
    with config.overridden(fetch_min_interval_hours=6.0):
        assert projects.add("a.com").every_h == 6
        assert projects.add("b.com", projects.Options(every_h=1.5)).every_h == 1.5


@pytest.mark.parametrize(
    "options",
    [
        {"id": "Upper"},
        {"id": "a:b"},
        {"id": "x" * 61},
        {"id": "../etc"},
        {"weight": 0},
        {"weight": float("nan")},
        {"weight": 1001},
        {"device": "watch"},
        {"depth": 0},
        {"depth": 15},
        {"depth": 110},
        {"country": "usa"},
        {"country": "ü1"},
        {"country": "xx"},
        {"language": "e"},
        {"language": "jp"},
        {"zone": "Mars"},
        {"hour": 24},
        {"hour": 6, "every_h": 5},
        {"location": "Austin"},
        {"name": "a\x1b[0m"},
        {"every_h": 0.001},
        {"every_h": float("nan")},
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_and_nothing_is_stored(options: dict[str, Any], store: Any) -> None:
    with pytest.raises(ArgumentError):
        projects.add("example.com", projects.Options(**options))
    assert store.keys("*") == []


def test_the_interval_of_the_settings_has_the_bounds_of_a_projects() -> None:
    for hours in (0, 0.009, 8785, 1_000_000, float("nan")):
        with pytest.raises(ValueError, match="fetch_min_interval_hours"):
            config.Settings(_env_file=None, fetch_min_interval_hours=hours)  # type: ignore[call-arg]
    with config.overridden(fetch_min_interval_hours=5.0), pytest.raises(ArgumentError, match="--hour 6 goes with"):
        projects.add("example.com", projects.Options(hour=6))


def test_codes_zone_and_place_are_stored_in_the_spelling_of_their_lists() -> None:
    options = projects.Options(
        country="GB", language="PT_br", zone="america/sao_paulo", hour=6, location="Austin, Texas,  United States"
    )
    added = projects.add("example.com", options)
    assert (added.country, added.language, added.zone, added.hour) == ("gb", "pt-BR", "America/Sao_Paulo", 6)
    assert added.location == "Austin,Texas,United States" and stored.get("example.com") == added


def test_the_same_domain_twice_needs_an_id() -> None:
    projects.add("example.com")
    with pytest.raises(AlreadyExists):
        projects.add("example.com")
    assert projects.add("example.com", projects.Options(id="mobile", device="mobile")).folder == "example.com--mobile"


@pytest.mark.parametrize("text", ["", "  \t", "x" * 401, "\ud800"])
def test_a_keyword_that_no_search_box_takes_is_refused(text: str) -> None:
    projects.add("example.com")
    with pytest.raises(ArgumentError):
        projects.add_keywords("example.com", ["good", text])
    assert list(keywords.ids_of("example.com")) == [], "nothing half done"


def test_spellings_of_one_keyword_are_one_keyword() -> None:
    projects.add("example.com")
    assert projects.add_keywords("example.com", ["Red  Shoes", "red shoes", " RED\tSHOES\n", "red\u00a0shoes"]) == (1, 3)
    assert projects.add_keywords("example.com", ["in Maßen", "in Massen", "a OR b", "a or b"]) == (4, 0)
    assert {one.text for one in keywords.in_project("example.com")} == {"Red Shoes", "in Maßen", "in Massen", "a OR b", "a or b"}


def test_a_keyword_is_found_by_id_or_by_its_text() -> None:
    projects.add("example.com")
    projects.add_keywords("example.com", ["red shoes"])
    word = keywords.id_of("example.com", "red shoes")
    assert projects.find_keyword(word).id == projects.find_keyword("RED shoes", "example.com").id == word
    for name, project in (("red shoes", None), ("blue", "example.com"), ("trawl:x", None), ("\ud800", None)):
        with pytest.raises(NotFound):
            projects.find_keyword(name, project)


def test_removing_a_project_says_how_many_keywords_went_and_leaves_nothing(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keywords, "CHUNK", 4)
    projects.add("example.com")
    projects.add_keywords("example.com", [f"word {number}" for number in range(10)])
    keywords.set_archived(keywords.id_of("example.com", "word 3"), True)
    told: list[int] = []
    assert projects.remove("example.com", told.append) == 10
    assert told[-1] == 10 and len(told) >= 3
    assert [key for key in store.scan_iter("trawl:*")] == []  # noqa: C416 (fakeredis and redis both give an iterator)
    with pytest.raises(NotFound):
        projects.remove("example.com")


def test_a_removal_killed_in_the_middle_can_be_repeated(monkeypatch: pytest.MonkeyPatch, store: Any) -> None:
    monkeypatch.setattr(keywords, "CHUNK", 3)
    projects.add("example.com")
    projects.add_keywords("example.com", [f"word {number}" for number in range(9)])

    def killed(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        projects.remove("example.com", killed)
    audit(["example.com"])
    assert projects.remove("example.com") == 6
    assert store.keys("trawl:*") == []


def test_keywords_added_while_their_project_is_removed_are_removed_too(monkeypatch: pytest.MonkeyPatch, store: Any) -> None:
    projects.add("example.com")
    projects.add_keywords("example.com", ["one"])
    real = keywords.remove

    def adding_meanwhile(project_id: str, ids: Any) -> int:
        removed = real(project_id, ids)
        monkeypatch.setattr(keywords, "remove", real)
        projects.add_keywords("example.com", ["late"])
        return removed

    monkeypatch.setattr(keywords, "remove", adding_meanwhile)
    assert projects.remove("example.com") == 2
    assert connection.client().keys("trawl:*") == []
