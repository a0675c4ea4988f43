"""The rules file: what it may say, and how a mistake is told."""

from collections.abc import Callable
from datetime import datetime

import pytest

import config
from clients import notify
from errors import ConfigError
from topics.alerts import looks, rules, telling, views


def test_without_a_file_all_rules_are_on() -> None:
    found = rules.load()
    assert all(getattr(found.rules, name).enabled for name in rules.Table.model_fields)
    assert set(rules.Table.model_fields) == set(looks.LOOKS) == set(views.ABOUT)


def test_a_file_changes_what_it_names(rules_file: Callable[[str], None]) -> None:
    rules_file(
        "messages_an_hour = 3\n[rules.queue]\njobs = 500\nqueues.low = { jobs = 9_000, age_min = 600 }\n"
        '[rules.rank_drop]\nplaces = 5\nprojects."4k2j" = { enabled = false }\n[rules.breaker]\nenabled = false\n'
    )
    found = rules.load()
    assert (found.messages_an_hour, found.rules.queue.jobs, found.rules.queue.queues["low"].jobs) == (3, 500, 9000)
    assert not found.rules.breaker.enabled and not found.rules.rank_drop.projects["4k2j"].enabled
    assert next(row for row in views.rule_rows() if row["rule"] == "queue")["figures"]["jobs"] == 500


def test_a_file_that_is_changed_is_read_again(rules_file: Callable[[str], None]) -> None:
    rules_file("messages_an_hour = 3")
    assert rules.load().messages_an_hour == 3
    rules_file("messages_an_hour = 12")
    assert rules.load().messages_an_hour == 12


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[rules.queue]\njob = 5", "there is no rules.queue.job: there are enabled, grade, for_min, clear_min, jobs"),
        ("[rules.que]\njobs = 5", "there is no rules.que: there are failures, health"),
        ("[rules.queue]\njobs = 0", "rules.queue.jobs: Input should be greater than or equal to 1"),
        ("[rules.queue]\njobs = 'many'", "rules.queue.jobs: Input should be a valid integer"),
        ('[quiet]\nfrom = "22:00"', "quiet: needs both from and to"),
        ('[quiet]\nfrom = "25:00"\nto = "07:00"', 'quiet.from: write a time of day such as "22:00"'),
        ('[quiet]\nzone = "Vienna"', "quiet.zone: write a time zone such as UTC or Europe/Vienna"),
        ("[rules.queue\n", "is no TOML"),
        ('[rules.health]\ngrade = "bad"', "rules.health.grade: Input should be 'warning' or 'critical'"),
    ],
)
def test_a_mistake_names_the_place_and_what_may_stand_there(rules_file: Callable[[str], None], text: str, says: str) -> None:
    rules_file(text)
    with pytest.raises(ConfigError) as found:
        rules.load()
    assert says in str(found.value) and "ALERT_RULES" in str(found.value)


def test_a_file_that_is_not_there_is_said() -> None:
    with (
        config.overridden(alert_rules=config.ROOT / "nowhere.toml"),
        pytest.raises(ConfigError, match="write it, or unset it"),
    ):
        rules.load()


@pytest.mark.parametrize(
    ("at", "is_quiet"),
    [
        ("2026-03-28T20:59", False),
        ("2026-03-28T21:00", True),  # 22:00 there
        ("2026-03-29T04:59", True),  # the clock was put forward: 06:59 there
        ("2026-03-29T05:00", False),
        ("2026-10-25T05:59", True),  # and back
        ("2026-10-25T06:00", False),
    ],
)
def test_quiet_hours_go_over_midnight_by_the_clock_of_their_zone(at: str, is_quiet: bool) -> None:
    night = rules.Quiet.model_validate({"from": "22:00", "to": "07:00", "zone": "Europe/Vienna"})
    assert telling.in_hours(night, datetime.fromisoformat(f"{at}+00:00")) is is_quiet


def test_targets_are_told_apart_and_named() -> None:
    found = notify.targets("ops=json://a.test/x?y=1,2, mailto://u:p@b.test?to=c@d.test,e@f.test\n ops=json://a.test/x?y=1,2")
    assert [one.name for one in found] == ["ops", f"mailto-{found[1].id[:4]}"]
    assert found[1].url.endswith("to=c@d.test,e@f.test") and "u:p" not in repr(found)
    with pytest.raises(ConfigError, match="target 2 is no address of Apprise") as wrong:
        notify.targets("ops=json://a.test x=json://secret nonsense")
    assert "secret" not in str(wrong.value)
