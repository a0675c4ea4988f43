"""Notes of a project: one a day and text, bounded, gone with their project."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

import clock
from errors import ArgumentError, NotFound, WrongState
from state.store import connection
from tests.state import NOON, TODAY
from topics.tracking import notes, projects

P = "example.com"


@pytest.fixture(autouse=True)
def project() -> Iterator[None]:
    with clock.frozen(NOON):
        projects.add(P)
        yield


def test_notes_come_by_day_between_two_days() -> None:
    for ago, text in ((0, "today"), (9, "old"), (3, "b"), (3, "a")):
        notes.add(P, TODAY - timedelta(ago), text, "me")

    assert [one.text for one in notes.of(P)] == ["old", "a", "b", "today"]
    assert [one.text for one in notes.of(P, TODAY - timedelta(3), TODAY - timedelta(1))] == ["a", "b"]


def test_the_same_note_twice_is_one() -> None:
    first, again = notes.add(P, TODAY, "a  deploy", "me"), notes.add(P, TODAY, "a deploy", "you")

    assert first.id == again.id and [one.actor for one in notes.of(P)] == ["me"]


@pytest.mark.parametrize("text", ["", "  ", "x" * 301, "a\0b", "a\u202eb"])
def test_a_text_that_cannot_be_shown_is_refused(text: str) -> None:
    with pytest.raises(ArgumentError):
        notes.add(P, TODAY, text, "me")


def test_a_project_has_so_many_notes_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "MOST", 2)
    notes.add(P, TODAY, "a", "me"), notes.add(P, TODAY, "b", "me")

    with pytest.raises(WrongState, match="remove one"):
        notes.add(P, TODAY, "c", "me")
    notes.add(P, TODAY, "a", "me")  # it is there already
    notes.remove(P, notes.of(P)[0].id)
    assert notes.add(P, TODAY, "c", "me")


def test_notes_go_with_their_project_and_come_to_none_that_is_gone() -> None:
    notes.add(P, TODAY, "a", "me")
    projects.remove(P)

    assert notes.of(P) == [] and not list(connection.client().scan_iter("trawl:project:*"))
    with pytest.raises(NotFound):
        notes.add(P, TODAY, "b", "me")
    with pytest.raises(NotFound):
        notes.remove(P, "abc")
