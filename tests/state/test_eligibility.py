"""Keywords and projects that fell out of the rotation: each repair by itself leaves everything in its place exactly once."""

from collections.abc import Iterator
from typing import Any

import pytest

import clock
from state.repair import eligibility, project_records
from state.store import keys
from state.tracking import keywords, projects
from tests.state import NOON, audit, project, scraped, tick, tracked, words


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def looked(found: Iterator[list[str]]) -> list[str]:
    return sorted(one for page in found for one in page)


def test_what_is_in_its_place_is_left_there(store: Any) -> None:
    one, two, three = tracked(3)
    keywords.set_archived(one, True)
    scraped(two)
    words(project("resting", active=False).id, 2)
    project("empty")
    tick(1)
    before = {key: store.dump(key) for key in store.scan_iter("*")}

    assert eligibility.restore_keywords([one, two, three, "nobody"], True) == []
    assert looked(eligibility.drop_due_times("p", True)) == []
    assert not any(project_records.restore_project(one, True) for one in project_records.project_ids())

    assert {key: store.dump(key) for key in store.scan_iter("*")} == before


def test_a_keyword_comes_back_at_its_regular_time(store: Any) -> None:
    one, two = tracked(2)
    scraped(one)
    due = store.zscore(keys.due("p"), one)
    store.zrem(keys.due("p"), one, two)
    store.zrem(keys.WAITING, "p")

    assert eligibility.restore_keywords([one, two], False) == eligibility.restore_keywords([one, two], True) == [one, two]

    audit()
    assert store.zscore(keys.due("p"), one) == due and store.zscore(keys.due("p"), two) == 0
    assert eligibility.restore_keywords([one, two], True) == []


def test_a_keyword_is_archived_or_due_as_its_record_says(store: Any) -> None:
    rests, awake = tracked(2)
    keywords.set_archived(rests, True)
    store.zadd(keys.due("p"), {rests: -1})
    store.sadd(keys.archived("p"), awake)
    store.zadd(keys.WAITING, {"p": -1})

    assert eligibility.restore_keywords([rests, awake], True) == [rests, awake]

    audit()
    assert list(keywords.ids_of("p")) == [awake] and list(keywords.ids_of("p", archived=True)) == [rests]


def test_due_times_and_archive_entries_of_no_keyword_go(store: Any) -> None:
    one, two, three = tracked(3)
    keywords.set_archived(one, True)
    scraped(three)
    store.delete(keys.keyword(one), keys.keyword(two))

    assert looked(eligibility.drop_due_times("p", False)) == looked(eligibility.drop_due_times("p", True)) == sorted([one, two])

    audit()
    assert list(keywords.ids_of("p", archived=None)) == [three]


@pytest.mark.parametrize("active", [True, False])
@pytest.mark.parametrize("places", [(), (keys.RING,), (keys.WAITING,), (keys.RING, keys.WAITING)])
def test_a_project_takes_part_in_one_way_and_only_if_it_is_active(active: bool, places: tuple[str, ...], store: Any) -> None:
    words(project(active=active).id, 2)
    store.zrem(keys.WAITING, "p")
    for place in places:
        store.zadd(place, {"p": 5})

    wrong = project_records.restore_project("p", False)
    assert project_records.restore_project("p", True) == wrong and not project_records.restore_project("p", True)

    audit()
    assert wrong == (bool(places) if not active else places != (keys.RING,))
    assert tick().total == (2 if active else 0)


def test_a_project_that_is_gone_takes_no_part(store: Any) -> None:
    store.zadd(keys.RING, {"gone": 1})
    assert project_records.project_ids() == ["gone"] and project_records.restore_project("gone", True)
    assert projects.ids() == project_records.project_ids() == []
