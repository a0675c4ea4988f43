"""The terms of what is held or disabled by hand: why, by whom, until when; as a person gives them."""

from datetime import UTC, datetime, timedelta

from errors import ArgumentError
from state.store import connection

#: Longest reason and name (characters), and the longest time that anything is held.
MAX_REASON, MAX_ACTOR, LONGEST = 200, 60, timedelta(days=3660)


def reason(value: str) -> str:
    """One line that says why. Raises ArgumentError."""
    return _text(value, "--reason", MAX_REASON)


def actor(value: str) -> str:
    """One line that says who. Raises ArgumentError."""
    return _text(value, "--by", MAX_ACTOR)


def end(for_s: float | None, until: datetime | None) -> datetime | None:
    """When it ends; None = never by itself. Raises ArgumentError for both at once, no zone, 0 s, and more than ten years."""
    if for_s is not None and until is not None:
        raise ArgumentError("--for and --until exclude each other: give one of them")
    if until is not None and until.tzinfo is None:
        raise ArgumentError(f"--until {until.isoformat()} needs its zone: write 2026-12-01T08:00+01:00, or Z for UTC")
    if for_s is not None and for_s <= 0:
        raise ArgumentError("--for 0 is over already: give a length of time, e.g. 2h")
    now = connection.now()
    if for_s is not None:
        until = now + timedelta(seconds=min(for_s, LONGEST.total_seconds() + 1))
    if until is not None and until - now > LONGEST:
        raise ArgumentError("a pause lasts ten years at most: leave its end out, and it holds until it is resumed")
    return until


def moment(text: str) -> datetime:
    """A time with its zone, as `2026-12-01T08:00+01:00`. Raises ArgumentError."""
    try:
        found = datetime.fromisoformat(text.strip())
        return found if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ArgumentError(f"--until {text!r:.60} is no time: write 2026-12-01T08:00+01:00, or Z for UTC") from None


def _text(value: str, option: str, most: int) -> str:
    """One line of text. Raises ArgumentError."""
    text = " ".join("".join(char if char.isprintable() else " " for char in value).split()).rstrip(".")
    if not text:
        raise ArgumentError(f"{option} says nothing: give a few words")
    if len(text) > most:
        raise ArgumentError(f"{option} has {len(text):,} characters: at most {most}")
    return text
