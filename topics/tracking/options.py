"""How the keywords of a project are checked, as people say it: each value held against what there is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import models
from errors import ArgumentError
from parsing import domains, google_codes, places
from scheduling import slots, zones

MAX_DEPTH = 100
MAX_NAME_CHARS = 200

#: Hours between checks.
SHORTEST_H, LONGEST_H = 0.01, 24.0 * 366

#: What decides when a check is due.
SCHEDULE = ("every_h", "hour", "zone")


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a new project; None = the default."""

    id: str | None = None
    name: str | None = None
    weight: float = 1.0
    country: str = "us"
    language: str = "en"
    device: str = "desktop"
    depth: int = 10
    every_h: float | None = None
    zone: str = "UTC"
    hour: int | None = None
    location: str | None = None


DEFAULT = Options()


def checked(values: Mapping[str, Any], hours: models.Project | None = None) -> dict[str, Any]:
    """These settings of a project in the spelling that is stored. `hours`: the project whose every_h and hour hold besides.

    Raises ArgumentError for a value that cannot be meant, and where hour and every_h do not go together.
    """
    found = each(values)
    every_h = found.get("every_h", hours.every_h if hours else 24.0)
    slots.check(every_h, found.get("hour", hours.hour if hours else None))
    return found


def each(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same of each setting by itself: for what can be said of them before the project is known."""
    return {name: check(values[name]) for name, check in CHECKS.items() if name in values}


def _domain(value: str) -> str:
    return str(domains.parse_target(value))


def _name(value: str) -> str:
    name = " ".join(value.split())
    if not name or not name.isprintable() or len(name) > MAX_NAME_CHARS:
        raise ArgumentError(f"--name {value!r:.60} must be 1 to {MAX_NAME_CHARS} characters that can be shown")
    return name


def _weight(value: float) -> float:
    if not 0.001 <= value <= 1000:
        raise ArgumentError(f"--weight {value} must be from 0.001 to 1000")
    return float(value)


def _device(value: str) -> str:
    if value.lower() not in ("desktop", "mobile"):
        raise ArgumentError(f"--device {value!r} must be desktop or mobile")
    return value.lower()


def _depth(value: int) -> int:
    if not 10 <= value <= MAX_DEPTH or value % 10:
        raise ArgumentError(f"--depth {value} must be 10, 20, ... {MAX_DEPTH}: providers answer 10 results a page")
    return value


def _every(value: float) -> float:
    if not SHORTEST_H <= value <= LONGEST_H:
        raise ArgumentError(f"--every {value} must be hours, from {SHORTEST_H} to a year")
    return float(value)


def _location(value: str | None) -> str | None:
    return None if value is None else places.location(value)


CHECKS: dict[str, Callable[[Any], Any]] = {
    "domain": _domain,
    "name": _name,
    "weight": _weight,
    "country": google_codes.country,
    "language": google_codes.language,
    "device": _device,
    "depth": _depth,
    "every_h": _every,
    "zone": zones.zone_named,
    "hour": lambda value: value,
    "location": _location,
}
