"""A project at a glance: nothing that is unknown counts as a drop."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

import clock
import config
import models
from state.store import connection, keys
from state.tracking import details, history, overviews
from tests.counting import asked
from tests.state import NOON, TODAY
from topics.tracking import overview, projects

P = "example.com"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


@pytest.fixture(autouse=True)
def project() -> models.Project:
    return projects.add(P)


def remember(text: str, course: dict[int, int | str | None], **known: Any) -> None:
    """Ranks by how many days ago: a number, None = not found, a word = unknown for that reason."""
    projects.add_keywords(P, [text])
    keyword_id = projects.find_keyword(text, P).id
    packed = b""
    for ago in sorted(course, reverse=True):
        place = course[ago]
        state = "ranked" if isinstance(place, int) else "unknown" if place else "not_found"
        rank, reason = place if isinstance(place, int) else None, place if isinstance(place, str) else None
        packed += history.pack(models.Rank(TODAY - timedelta(ago), models.RankState(state), 10, rank=rank, reason=reason))
    connection.client().set(keys.ranks(keyword_id), packed)
    if known:
        details.write_many(P, {keyword_id: details.Details(**known)})


def test_visibility_weighs_ranks_by_volume_and_leaves_out_what_is_unknown() -> None:
    remember("first", {0: 1}, volume=900)
    remember("fourth", {0: 4}, volume=100)
    remember("far", {0: 40}, volume=1000)
    remember("blocked", {1: 1, 0: "captcha"}, volume=10_000)
    remember("never", {})

    found = overview.make(P)
    assert found["visibility"] == round((900 + 0.85 * 100) / 2000, 4)
    shown = {name: number for name, number in found["distribution"].items() if number}
    assert shown == {"top_3": 1, "top_10": 1, "top_100": 1, "unknown": 1, "unchecked": 1}
    assert found["unknown_reasons"] == {"captcha": 1} and found["keywords"] == 5


def test_only_known_ranks_move() -> None:
    remember("up", {7: 9, 0: 4})
    remember("down", {7: 2, 0: 30})
    remember("same", {7: 5, 0: 5})
    remember("entered", {7: None, 0: 8})
    remember("left", {7: 3, 0: None})
    remember("blocked", {7: 1, 0: "captcha"})
    remember("was blocked", {7: "captcha", 0: 1})

    moves = overview.make(P)["moves"]["days_7"]
    assert moves["counts"] == {"up": 1, "down": 1, "same": 1, "new": 1, "lost": 1}
    assert {name: [row["keyword"] for row in moves[name]] for name in ("winners", "losers", "new", "lost")} == {
        "winners": ["up"],
        "losers": ["down"],
        "new": ["entered"],
        "lost": ["left"],
    }


def test_the_largest_moves_are_told_and_all_are_counted() -> None:
    for number in range(1, 60):
        remember(f"keyword {number}", {1: number + 1, 0: 1})

    found = overview.make(P)["moves"]["days_1"]
    assert found["counts"]["up"] == 59 and [row["before"] for row in found["winners"]] == list(range(60, 40, -1))


def test_a_rank_holds_until_the_next_check_is_late() -> None:
    projects.change(P, {"every_h": 72})
    remember("weekly", {10: 1, 4: 5})

    course = {one["day"]: one["distribution"] for one in overview.make(P)["course"]}
    assert len(course) == 31
    stands = [
        next(name for name, number in course[(TODAY - timedelta(ago)).isoformat()].items() if number)
        for ago in (11, 10, 7, 5, 4, 0)
    ]
    assert stands == ["unchecked", "top_3", "top_3", "unchecked", "top_10", "top_10"]


def test_tags_stand_for_themselves() -> None:
    remember("a", {0: 1}, tags=("shoes", "blue"))
    remember("b", {0: 50}, tags=("shoes",))

    tags = {one["tag"]: (one["visibility"], one["distribution"]["top_3"]) for one in overview.make(P)["tags"]}
    assert tags == {"shoes": (0.5, 1), "blue": (1.0, 1)}


def test_the_weights_are_a_setting() -> None:
    remember("second", {0: 2})
    with config.overridden(visibility_weights="1,.5"):
        assert overview.make(P)["visibility"] == 0.5


def test_what_was_counted_is_kept_and_goes_with_its_project() -> None:
    remember("a", {0: 1})
    made = overview.make(P)

    assert overview.kept(P) == (made, 0.0)
    projects.remove(P)
    assert overviews.read(P) is None


def test_a_thousand_keywords_are_counted_in_a_dozen_round_trips() -> None:
    projects.add_keywords(P, [f"keyword {number}" for number in range(1000)])
    with asked() as found:
        overview.make(P)
    assert found.trips <= 20


def test_a_project_added_again_begins_without_the_figures_of_the_former(monkeypatch: pytest.MonkeyPatch) -> None:
    remember("a", {0: 1})

    def remove_and_add(seen: int) -> None:
        projects.remove(P)
        with clock.frozen(NOON + timedelta(seconds=5)):
            projects.add(P)

    overview.make(P, remove_and_add)
    assert overview.kept(P) is None and overview.briefs([P]) == [None]
