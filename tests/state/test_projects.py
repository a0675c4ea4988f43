"""Projects as they are stored."""

from typing import Any

import pytest

import models
from errors import AlreadyExists, NotFound
from state.store import connection, keys
from state.tracking import keywords, projects
from tests.state import audit, project, tick, words


def test_a_project_reads_back_as_it_was_added() -> None:
    fields = {"domain": "*.blog.example.com", "weight": 2.5, "country": "de", "language": "de", "device": "mobile", "depth": 50}
    added = project("shop", every_h=6.0, active=False, **fields)
    assert projects.get("shop") == added and added.created_at
    assert {name: getattr(added, name) for name in fields} == fields and (added.every_h, added.active) == (6.0, False)


def test_a_taken_id_is_refused_and_the_first_stays() -> None:
    first = project("a", weight=2.0)
    with pytest.raises(AlreadyExists, match="--id"):
        project("a", weight=5.0)
    assert projects.get("a") == first


def test_two_projects_never_share_a_folder() -> None:
    folders = [project(name, folder="example.com").folder for name in ("a", "b", "c")]
    assert folders == ["example.com", "example.com--b", "example.com--c"]
    assert project("d", folder="example.com--e").folder == "example.com--e"
    assert project("e", folder="example.com").folder not in {*folders, "example.com--e"}


def test_an_unknown_project_says_what_there_is() -> None:
    for ask in (projects.get, lambda name: projects.set_active(name, True)):
        with pytest.raises(NotFound, match="project list"):
            ask("nosuch")
    assert projects.find("nosuch") is None


def test_all_projects_come_by_id_and_in_chunks() -> None:
    names = sorted(f"p{number}" for number in range(620))
    redis = connection.client()
    with redis.pipeline(transaction=False) as pipe:
        pipe.sadd(keys.PROJECTS, *names)
        for name in names:
            pipe.hset(keys.project(name), mapping={"domain": "example.com", "folder": name})
        pipe.execute()
    assert projects.ids() == names and [found.id for found in projects.every()] == names


def test_activating_twice_changes_nothing() -> None:
    words(project("a", active=False).id, 2)
    assert tick().total == 0
    for _ in range(2):
        projects.set_active("a", True)
        audit(["a"])
    assert tick().total == 2
    projects.set_active("a", False)
    projects.set_active("a", False)
    audit(["a"])


def test_a_forgotten_project_leaves_nothing_and_its_folder_is_free_again(store: Any) -> None:
    words(project("a", folder="example.com").id, 2)
    tick(1)
    assert not projects.forget("a"), "it has keywords"
    keywords.remove("a", list(keywords.ids_of("a")))
    assert projects.forget("a")
    left = [key for key in store.scan_iter("trawl:*") if b"project" in key or b"keyword" in key or b"folders" in key]
    assert left == [] and store.zcard(keys.RING) == store.zcard(keys.WAITING) == 0
    assert project("b", folder="example.com").folder == "example.com"


def test_a_hash_of_an_older_version_reads_with_defaults() -> None:
    found = projects.from_hash("old", {b"domain": b"example.com", b"folder": b"example.com", b"turn": b"12.5"})
    assert found == models.Project("old", "example.com", "example.com", folder="example.com")
