"""What bodies and queries share: priorities, labels, times; and errors of a topic as errors of a field."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SkipValidation, WithJsonSchema

import clock
import queues
from errors import ArgumentError, DataError
from models import JobStatus
from topics.operations import states
from topics.scraping import config as configs
from topics.scraping.config import ScrapingConfig
from web.errors import Field as WrongField
from web.errors import Problem
from web.models import Strict
from web.webhook_field import Given

UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

#: Text on one line.
LINE = r"^[^\x00-\x1f\x7f]+$"


def priority(*, high_is_low_number: bool) -> Callable[[Any], str]:
    """A validator that turns a priority into the queue it names."""

    def queue_of(given: Any) -> str:
        if isinstance(given, bool) or not isinstance(given, int | str):
            raise ValueError(f"{given!r:.40} is no priority: give high, default or low, or a number from 1 to 9")
        try:
            return configs.queue_of(given, high_is_low_number=high_is_low_number)
        except ArgumentError as exc:
            raise ValueError(str(exc)) from None

    return queue_of


UP = "`high`, `default` (or `normal`) or `low`; or a number: 7 to 9 high, 4 to 6 default, 1 to 3 low."
DOWN = "`high`, `default` (or `normal`) or `low`; or a number: 1 to 3 high, 4 to 6 default, 7 to 9 low."

_WORDS = {"type": "string", "pattern": "^(high|default|normal|low|[1-9])$"}
_PRIORITY = {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 9}, _WORDS], "default": "default"}

#: Numbers count up: 9 is the most urgent. The value is the name of a queue.
PriorityUp = Annotated[str, BeforeValidator(priority(high_is_low_number=False)), WithJsonSchema(_PRIORITY | {"description": UP})]

#: Numbers count down: 1 is the most urgent. The value is the name of a queue.
PriorityDown = Annotated[
    str, BeforeValidator(priority(high_is_low_number=True)), WithJsonSchema(_PRIORITY | {"description": DOWN})
]

Url = Annotated[str, Field(min_length=1, max_length=8192, description="An http or https address.")]

Label = Annotated[str, Field(min_length=1, max_length=200, pattern=LINE)]

#: Options of a scrape, as they came: `topics.scraping.config.of` checks them.
Config = SkipValidation[ScrapingConfig]


#: The blank before the zone of a time: an address writes a + as %2B, else it arrives as a blank.
UNWRITTEN_PLUS = re.compile(r"(?<=:\d\d) (?=\d\d:?\d\d$)|(?<=:\d\d\.\d{3}) (?=\d\d:?\d\d$)")


def moment(given: Any) -> datetime:
    """A time: ISO 8601 (UTC where it names no zone), or a length of time ago, e.g. `2h`. For validators: raises ValueError.

    >>> moment("2026-03-01T12:00")
    datetime.datetime(2026, 3, 1, 12, 0, tzinfo=datetime.timezone.utc)
    >>> moment("2026-03-01T12:00 01:00").isoformat()
    '2026-03-01T12:00:00+01:00'
    """
    given = UNWRITTEN_PLUS.sub("+", str(given).strip())
    if found := re.fullmatch(r"(\d{1,5}(?:\.\d{1,3})?)([smhd])", given.lower()):
        return clock.now() - timedelta(seconds=float(found[1]) * UNITS_S[found[2]])
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        raise ValueError("is no time: write 2026-03-01, 2026-03-01T12:00Z, or 2h for two hours ago") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def state(given: Any) -> JobStatus:
    """A state of jobs by its name in any system's words. For validators: raises ValueError."""
    try:
        return states.named(given)
    except ArgumentError as exc:
        raise ValueError(str(exc)) from None


State = Annotated[JobStatus, BeforeValidator(state), WithJsonSchema({"type": "string", "enum": [one.value for one in JobStatus]})]


def queue(given: Any) -> str:
    """A queue by its name. For validators: raises ValueError."""
    try:
        return queues.named(given)
    except ArgumentError as exc:
        raise ValueError(str(exc)) from None


Queue = Annotated[str, BeforeValidator(queue), WithJsonSchema({"type": "string", "enum": [*queues.QUEUES, "normal"]})]

Category = Literal["network", "blocked", "data", "budget", "config", "system"]

WHEN = "A time (ISO 8601), or a length of time ago: `90s`, `30m`, `2h`, `1d`."

Moment = Annotated[datetime, BeforeValidator(moment), WithJsonSchema({"type": "string", "description": WHEN})]


class JobPath(Strict):
    """The id of a job, a batch or a crawl."""

    job_id: str = Field(max_length=1000)


class Labelled(Strict):
    """By what the lists find a job, and what makes a second submit the same as the first."""

    tag: Label | None = Field(None, description="A label of yours; lists of jobs can be filtered by it.")
    project: Label | None = Field(None, description="Another label.")
    dedup_key: str | None = Field(
        None,
        min_length=1,
        max_length=400,
        description="While a job of yours with this key goes on, a submit answers with that job.",
    )
    unique: bool = Field(False, description="As a `dedup_key` made of all that is asked for here.")
    webhook: Given | None = Field(None, description="Who is told what becomes of it: an address, or an object.")

    @property
    def labels(self) -> dict[str, str]:
        """Those that were given."""
        return {name: value for name, value in (("tag", self.tag), ("project", self.project)) if value}


@contextmanager
def field(name: str) -> Iterator[None]:
    """What is wrong inside is wrong with this field of the request: Problem 422."""
    try:
        yield
    except configs.WrongOptions as exc:
        found = [WrongField(f"{name}.{each}", message) for each, message in exc.fields]
        raise Problem(422, str(exc), fields=found, code="invalid") from None
    except DataError as exc:
        raise Problem(422, str(exc), fields=[WrongField(name, str(exc))], code="invalid") from None


def options(body: Any, *names: str) -> Any:
    """The options of a scrape: those of `config`, and these fields of the body where they were given. Not checked yet."""
    chosen = {name: value for name in names if (value := getattr(body, name, None)) is not None}
    if not chosen or (body.config is not None and not isinstance(body.config, dict)):
        return body.config
    return {**(body.config or {}), **chosen}
