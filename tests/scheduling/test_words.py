"""When an entry runs, as people say it."""

import doctest

import pytest

import scheduler
from scheduling import cron, recurrence, words
from scheduling.entries import registration


@pytest.mark.parametrize(
    "text,zone,says",
    [
        ("0 3 * * *", "UTC", "every day at 03:00 (UTC)"),
        ("*/15 * * * *", "UTC", "every 15 minutes (UTC)"),
        ("7 * * * *", "UTC", "every hour from minute 7 on (UTC)"),
        ("0 */6 * * *", "UTC", "every day at 00:00, 06:00, 12:00 and 18:00 (UTC)"),
        ("30 7 * * mon-fri", "Europe/Berlin", "Monday to Friday at 07:30 (Europe/Berlin)"),
        ("0 9,17 * * sat,sun", "UTC", "Saturday and Sunday at 09:00 and 17:00 (UTC)"),
        ("0 0 1 * *", "UTC", "on day 1 at 00:00 (UTC)"),
        ("0 0 1,15 1,7 *", "UTC", "on day 1 and 15 of January and July at 00:00 (UTC)"),
        ("0 0 * 3 *", "UTC", "in March at 00:00 (UTC)"),
        ("0 0 1 * mon", "UTC", "on day 1 and Monday at 00:00 (UTC)"),
        ("*/10 8-9 * * *", "UTC", "every day at 12 times, the first at 08:00 (UTC)"),
    ],
)
def test_cron_is_said_in_words_with_its_zone(text: str, zone: str, says: str) -> None:
    assert words.of(cron.parse(text, zone)) == says


@pytest.mark.parametrize(
    "seconds,says", [(1, "second"), (90, "90 seconds"), (300, "5 minutes"), (3600, "hour"), (172800, "2 days")]
)
def test_a_grid_is_said_in_its_largest_unit(seconds: int, says: str) -> None:
    assert words.of(cron.every(seconds)) == f"every {says}"


def test_every_row_of_the_table_has_words() -> None:
    for entry in scheduler.table():
        said = words.of(recurrence.read(registration(entry, 0).fields["meta"]).calendar)
        assert said.endswith("(UTC)") or said.startswith("every "), said


def test_the_examples_hold() -> None:
    assert doctest.testmod(words).failed == 0
