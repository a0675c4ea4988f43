"""Incidents: what opens, worsens and ends, and what is put into a message, as one script decides it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

import clock
from state.alerts import incidents, messages, outgoing
from state.alerts.incidents import CRITICAL, MUTED, WARNING, Finding, Looked, Plan

START = datetime(2026, 11, 2, 12, tzinfo=UTC)

DEEP = Finding("queue:deep:low", "queue", WARNING, "The queue low is deep", "It holds 9.", for_s=120, clear_s=300)


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    with clock.frozen(START):
        yield


def after(seconds: float) -> None:
    clock.advance(timedelta(seconds=seconds))


def look(*found: Finding, blind: tuple[str, ...] = (), message: str = "m", **plan: object) -> Looked:
    return incidents.look(found, blind, Plan(message, ("a",), **plan))  # type: ignore[arg-type]


def told(message_id: str) -> list[tuple[str, str]]:
    taken = outgoing.take(message_id, "a", "token")
    assert taken
    return [(one.event, one.incident.key) for one in taken.message.events]


def opened(*found: Finding, message: str = "first") -> None:
    """These are open and told."""
    look(*found)
    after(max(one.for_s for one in found))
    assert look(*found, message=message).message == message


def test_it_opens_when_it_was_there_for_long_enough_and_is_told_once() -> None:
    assert look(DEEP).message == "" and incidents.current()[0].state == "pending"
    after(119)
    assert look(DEEP).message == ""
    after(1)
    assert look(DEEP, message="x") == Looked(1, 0, "x")
    assert told("x") == [("opened", DEEP.key)]
    for _ in range(5):
        after(60)
        assert look(DEEP).message == ""
    [one] = incidents.current()
    assert (one.state, one.title, one.times) == ("open", DEEP.title, 1) and one.id == "x-1"


def test_what_was_never_told_goes_without_a_word() -> None:
    look(DEEP)
    after(60)
    assert look() == Looked(0, 0, "") and incidents.current() == [] and incidents.closed() == []


def test_it_is_over_when_it_was_away_for_long_enough_and_that_is_told_once() -> None:
    opened(DEEP)
    look()
    after(299)
    assert look().message == "" and look(DEEP).message == ""  # it is back: the time begins anew
    look()
    after(299)
    assert look().message == ""
    after(1)
    assert look(message="over").message == "over"
    assert told("over") == [("recovered", DEEP.key)]
    assert incidents.current() == [] and incidents.closed()[0].key == DEEP.key
    after(3600)
    assert look().message == ""


def test_one_that_comes_and_goes_must_be_calm_for_longer_each_time() -> None:
    opened(DEEP)
    calm = []
    for number in range(2, 6):
        look()
        waited = 0
        while incidents.current():
            after(60)
            waited += 60
            look()
        calm.append(waited)
        opened(DEEP, message=f"again{number}")
        assert incidents.current()[0].times == number
    assert calm == [300, 600, 1200, 2400]
    assert told("again5") == [("opened", DEEP.key)]


def test_after_six_hours_it_is_a_new_one() -> None:
    opened(DEEP)
    look()
    after(300)
    look()
    after(6 * 3600 + 1)
    look()
    opened(DEEP)
    assert incidents.current()[0].times == 1


def test_a_rule_that_could_not_look_ends_nothing() -> None:
    opened(DEEP)
    for _ in range(10):
        after(120)
        assert look(blind=("queue",)) == Looked(1, 0, "")
    assert incidents.current()[0].state == "open"


def test_it_is_told_when_it_becomes_graver_but_not_when_it_gets_better_and_worse_again() -> None:
    opened(DEEP)
    grave = replace(DEEP, grade=CRITICAL)
    assert look(grave, message="worse").message == "worse"
    assert told("worse") == [("worse", DEEP.key)]
    assert look(DEEP).message == "" and look(grave).message == ""
    assert incidents.current()[0].grade == CRITICAL


def test_new_members_are_told_at_most_once_an_hour() -> None:
    drop = replace(DEEP, key="rank_drop:p", rule="rank_drop", members=("a",))
    opened(drop)
    more = replace(drop, members=("a", "b", "c"))
    assert look(more).message == ""
    after(3600)
    assert look(drop).message == ""  # nothing is new
    assert look(more, message="more").message == "more"
    assert told("more") == [("worse", drop.key)]
    after(3600)
    assert look(more).message == ""


def test_what_somebody_mutes_ends_without_a_word() -> None:
    opened(DEEP)
    assert look(replace(DEEP, grade=MUTED)).message == "" and incidents.current() == []
    assert incidents.closed()[0].note == "muted"
    after(3600)
    assert look().message == ""


def test_in_quiet_hours_it_waits_and_comes_as_one() -> None:
    fast, other = replace(DEEP, for_s=0), replace(DEEP, key="b", for_s=0)
    assert look(fast, quiet=True, piercing=False) == Looked(1, 1, "")
    after(3600)
    assert look(fast, other, quiet=True, piercing=False) == Looked(2, 2, "")
    assert look(fast, other, message="morning").message == "morning"
    assert told("morning") == [("opened", DEEP.key), ("opened", "b")]


def test_what_is_critical_is_told_in_quiet_hours_alone() -> None:
    fast, grave = replace(DEEP, for_s=0), replace(DEEP, key="b", for_s=0, grade=CRITICAL)
    assert look(fast, grave, quiet=True, message="night") == Looked(2, 1, "night")
    assert told("night") == [("opened", "b")]
    assert look(fast, grave, message="day").message == "day" and told("day") == [("opened", DEEP.key)]


def test_of_many_messages_an_hour_the_rest_comes_as_one() -> None:
    found = [replace(DEEP, key=f"k{number}", for_s=0) for number in range(30)]
    made = []
    for number in range(1, 31):
        made.append(look(*found[:number], message=f"m{number}", most=10).message)
        after(60)
    assert [one for one in made if one] == [f"m{number}" for number in range(1, 11)]
    after(1800)
    assert look(*found, message="rest", most=10).message == "rest"
    assert len(told("rest")) == 20


def test_without_targets_it_is_kept_and_nothing_waits() -> None:
    made = incidents.look([replace(DEEP, for_s=0)], (), Plan("m"))
    assert made == Looked(1, 0, "m") and outgoing.due() == []


def test_a_script_that_is_sent_twice_tells_once() -> None:
    opened(DEEP)
    assert look(DEEP, message="second").message == ""
    assert [one.event for one in incidents.events()] == ["opened"]


def test_events_that_are_too_many_are_counted() -> None:
    found = [replace(DEEP, key=f"k{number}", for_s=0) for number in range(1005)]
    look(*found, quiet=True, piercing=False)
    assert incidents.waiting() == (1000, 5)
    look(*found, message="all")
    taken = outgoing.take("all", "a", "t")
    assert taken and len(taken.message.events) == 1000 and taken.message.left_out == 5
    assert incidents.waiting() == (0, 0)


def test_another_text_is_no_news() -> None:
    opened(DEEP)
    for number in range(5):
        after(60)
        assert look(replace(DEEP, says=f"It holds {number}.", title=f"T{number}")).message == ""
    assert incidents.current()[0].says == "It holds 4."


def test_what_goes_on_when_a_mute_ends_is_told() -> None:
    opened(DEEP)
    look(replace(DEEP, grade=MUTED))
    after(3600)
    opened(DEEP, message="again")
    assert told("again") == [("opened", DEEP.key)]


def test_one_that_comes_and_goes_for_hours_is_told_a_few_times() -> None:
    """healthchecks#573: down for four of five minutes, 24 mails an hour. And here: 10 minutes there, 6 away, for hours."""
    made = []
    for number in range(60):
        made.append(look(*([DEEP] if number % 5 else []), message=f"a{number}", most=1000).message)
        after(60)
    assert len([one for one in made if one]) == 1
    for number in range(320):
        made.append(look(*([replace(DEEP, key="b")] if number % 16 < 10 else []), message=f"b{number}", most=1000).message)
        after(60)
    assert len([one for one in made if one]) <= 5


def test_the_digest_of_a_day_is_made_once() -> None:
    plan = Plan("d1", ("a",))
    assert messages.make_digest("2026-11-02", plan, {"lines": ["x"]}) and messages.has_digest("2026-11-02")
    assert not messages.make_digest("2026-11-02", replace(plan, id="d2"), {"lines": ["y"]})
    assert outgoing.waiting("a") == ["d1"]


def test_a_record_that_somebody_broke_does_no_harm(store: object) -> None:
    from state.alerts import keys

    store.hset(keys.INCIDENTS, "x", "no JSON")  # type: ignore[attr-defined]
    opened(DEEP)
    assert [one.key for one in incidents.current()] == [DEEP.key]


def test_one_delivery_is_held_by_one_and_comes_back_when_it_dies() -> None:
    opened(DEEP)
    taken = outgoing.take("first", "a", "one")
    assert taken and outgoing.take("first", "a", "two") is None and outgoing.due() == []
    after(outgoing.HOLD_MS / 1000)
    other = outgoing.take("first", "a", "two")
    assert other and other.tries == 0
    assert not outgoing.settle(taken, messages.DELIVERED, "late")
    assert outgoing.settle(other, messages.PENDING, "no", wait_s=60)
    assert outgoing.due() == []
    after(60)
    again = outgoing.take("first", "a", "three")
    assert again and again.tries == 1 and outgoing.settle(again, messages.DELIVERED, "sent")
    after(3600)
    assert outgoing.due() == [] and messages.latest()[0].status == "delivered"
