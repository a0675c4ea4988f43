"""The rules of alerts: what is looked at, from which figure on, and when it is told. A TOML file (ALERT_RULES) changes them.

    [rules.queue]
    jobs = 5000                 # default 10,000
    queues.low = { jobs = 100_000, age_min = 600 }

    [rules.rank_drop]
    places = 10
    projects."4k2j" = { places = 3 }

    [rules.breaker]
    enabled = false

    [quiet]
    from = "22:00"
    to = "07:00"
    zone = "Europe/Vienna"

Every rule has `enabled`, `grade` (warning or critical), `for_min` (it is told when it was so for that long) and `clear_min` (it
is over when it was away for that long). A file with a mistake is refused as a whole, with the place and what may stand there.
"""

import functools
import tomllib
from collections.abc import Sequence
from datetime import time
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pydantic
from pydantic import AfterValidator, Field

import config
from errors import ConfigError

Minutes = Annotated[float, Field(ge=0, le=10_080)]
Count = Annotated[int, Field(ge=1, le=10_000_000)]


def _clock_time(text: str) -> str:
    try:
        found = time.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        raise ValueError('write a time of day such as "22:00"; `zone` says where')
    return f"{found:%H:%M}"


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("write a time zone such as UTC or Europe/Vienna") from None
    return text


class _Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Rule(_Strict):
    """What every rule has."""

    enabled: bool = True
    grade: Literal["warning", "critical"] = "warning"
    for_min: Minutes = 0
    clear_min: Minutes = 5


class Failures(Rule):
    """Jobs that failed for good with the same fingerprint, this hour and the last."""

    jobs: Count = 20
    clear_min: Minutes = 15


class Queue(Rule):
    """A queue that is deep, or whose oldest job waits for long. `queues` changes that for one."""

    jobs: Count = 10_000
    age_min: Annotated[float, Field(gt=0, le=100_000)] = 60
    queues: dict[Literal["high", "default", "low"], "QueueLimit"] = {}
    for_min: Minutes = 2


class QueueLimit(_Strict):
    """Other figures of one queue."""

    jobs: Count | None = None
    age_min: Annotated[float, Field(gt=0, le=100_000)] | None = None


class Breaker(Rule):
    """A host or the provider that is not asked, because it failed too often."""

    for_min: Minutes = 10
    clear_min: Minutes = 10


class Budget(Rule):
    """A budget that is used up so far; `critical` from the second figure on."""

    percent: Annotated[float, Field(gt=0, le=100)] = 80
    critical_percent: Annotated[float, Field(gt=0, le=100)] = 100


class RankDrop(Rule):
    """Keywords that fell by so many places, or out of the results. `from_rank`: of those that stood at least so high."""

    places: Annotated[int, Field(ge=1, le=100)] = 10
    vanished: bool = True
    from_rank: Annotated[int, Field(ge=1, le=255)] = 50
    projects: dict[str, "ProjectDrop"] = {}
    for_min: Minutes = 15
    clear_min: Minutes = 60


class ProjectDrop(_Strict):
    """Other figures of one project, by its id."""

    enabled: bool = True
    places: Annotated[int, Field(ge=1, le=100)] | None = None
    vanished: bool | None = None
    from_rank: Annotated[int, Field(ge=1, le=255)] | None = None


class Table(_Strict):
    """The rules, by their names."""

    failures: Failures = Failures()
    health: Rule = Rule(for_min=2)
    breaker: Breaker = Breaker()
    queue: Queue = Queue()
    no_worker: Rule = Rule(grade="critical", for_min=2)
    schedule: Rule = Rule(grade="critical", for_min=2)
    budget: Budget = Budget()
    rank_drop: RankDrop = RankDrop()
    suspect: Rule = Rule()


class Quiet(_Strict):
    """Hours of the day in which nothing is told; it is told afterwards. `critical`: what is critical is told nevertheless."""

    from_: Annotated[str, AfterValidator(_clock_time), Field(alias="from")] = ""
    to: Annotated[str, AfterValidator(_clock_time)] = ""
    zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    critical: bool = True

    @pydantic.model_validator(mode="after")
    def _both(self) -> "Quiet":
        if bool(self.from_) != bool(self.to):
            raise ValueError("needs both from and to")
        if self.from_ and self.from_ == self.to:
            raise ValueError("begins and ends at the same time: `alerts quiet` ends all messages for a while")
        return self


class Digest(_Strict):
    """What is open and what happened, once a day."""

    enabled: bool = True
    at: Annotated[str, AfterValidator(_clock_time)] = "08:00"
    zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    when_empty: bool = False


class Rules(_Strict):
    """All of it. `messages_an_hour`: of more, the rest waits and comes as one."""

    rules: Table = Table()
    quiet: Quiet = Quiet()
    digest: Digest = Digest()
    messages_an_hour: Annotated[int, Field(ge=1, le=1000)] = 10


def load() -> Rules:
    """The rules of the settings; the defaults without a file. Raises ConfigError for a file with a mistake."""
    path = config.settings().alert_rules
    return Rules() if path is None else _read(path, _stamp(path))


def _stamp(path: Path) -> tuple[float, int]:
    try:
        stat = path.stat()
    except OSError as exc:
        raise ConfigError(f"ALERT_RULES names {path}, which cannot be read ({exc.strerror}): write it, or unset it.") from None
    return stat.st_mtime, stat.st_size


@functools.lru_cache(4)
def _read(path: Path, stamp: tuple[float, int]) -> Rules:
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"ALERT_RULES: {path} cannot be read: {exc}.") from None
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"ALERT_RULES: {path} is no TOML: {exc}. `python manage.py alerts rules` shows the form.") from None
    try:
        return Rules.model_validate(told)
    except pydantic.ValidationError as exc:
        first, more = exc.errors()[0], exc.error_count() - 1
        rest = f" (and {more} more mistakes)" if more else ""
        raise ConfigError(f"ALERT_RULES: {path}: {_mistake(first['loc'], first['type'], first['msg'])}{rest}.") from None


def _mistake(where: Sequence[int | str], kind: str, says: str) -> str:
    place = ".".join(str(part) for part in where if part != "[key]") or "the file"
    if kind != "extra_forbidden":
        return f"{place}: {says.removeprefix('Value error, ')}"
    known = ", ".join(_names(where[:-1]))
    return f"there is no {place}" + (f": there are {known}" if known else "")


def _names(where: Sequence[int | str]) -> list[str]:
    """What may stand at a place."""
    model: object = Rules()
    for part in where:
        model = getattr(model, str(part), None)
    return [field.alias or name for name, field in type(model).model_fields.items()] if isinstance(model, _Strict) else []
