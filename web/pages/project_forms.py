"""The form of a project: its options as fields, for a new one and for a change. Each says what it means."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import models
from errors import ArgumentError
from topics.tracking import options


class Option(NamedTuple):
    """A field of the form. `choices`: pairs of value and label; none = any text. `kind`: the type of an input of HTML."""

    name: str
    label: str
    help: str = ""
    kind: str = "text"
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def field(self) -> str:
        """What it is called in the form: not as a property of forms, which it would hide from scripts."""
        return FIELDS.get(self.name, self.name)


#: Options whose fields have another name.
FIELDS = {"id": "project_id", "name": "project_name"}


class Shown(NamedTuple):
    """A field with its value."""

    option: Option
    value: str


DEPTHS = tuple((str(depth), f"first {depth}") for depth in range(10, options.MAX_DEPTH + 1, 10))

DEVICES = (("desktop", "desktop"), ("mobile", "mobile"))

OPTIONS = (
    Option("name", "Name", "For people. Changes nothing else."),
    Option("country", "Country", "A code of Google's gl, e.g. us or gb. Later ranks are of another market."),
    Option("language", "Language", "A code of Google's hl, e.g. en or pt-BR. Later ranks are of another market."),
    Option("device", "Device", "Later ranks are of the other result pages.", choices=DEVICES),
    Option("location", "Place", "Town or region, e.g. Austin, Texas, United States. Empty: the whole country."),
    Option("depth", "Looks at", "Results of a check. Ten cost one page: looking deeper costs more.", choices=DEPTHS),
    Option("every_h", "Hours between checks", "24 = daily. A change gives every keyword a new due time.", "number"),
    Option("hour", "Hour of the day", "0 to 23, in the zone. Empty: each keyword at its own time.", "number"),
    Option("zone", "Time zone", "Of its days, e.g. Europe/Berlin. A change gives every keyword a new due time."),
    Option("weight", "Weight", "Share of a batch beside other projects; 1 is usual.", "number"),
)

DOMAIN = Option("domain", "Domain", "A host, a whole domain, *.host or host/path. History stays where a site moves.")

NEW = (
    DOMAIN,
    Option("id", "Id", "Short name in addresses and commands. Empty: made from the name or domain. It stays as it is."),
)

NUMBERS: dict[str, type[float] | type[int]] = {"every_h": float, "weight": float, "depth": int, "hour": int}

#: What an empty field takes away.
MAY_BE_NONE = ("hour", "location")


def new(form: Mapping[str, str]) -> list[Shown]:
    """The fields of a new project, with what was typed, or the defaults."""
    known = {"country": "us", "language": "en", "device": "desktop", "depth": "10", "zone": "UTC", "weight": "1"}
    return [Shown(one, form.get(one.field, known.get(one.name, ""))) for one in (*NEW, *OPTIONS)]


def of(project: models.Project, form: Mapping[str, str]) -> list[Shown]:
    """The fields of a project, with what was typed, or what holds."""
    return [Shown(one, form.get(one.field, _text(getattr(project, one.name)))) for one in (DOMAIN, *OPTIONS)]


def given(form: Mapping[str, str]) -> dict[str, Any]:
    """What a form says, as `options` takes it: an empty field is None. Raises ArgumentError for what should be a number."""
    found: dict[str, Any] = {}
    for one in (*NEW, *OPTIONS):
        if one.field in form:
            text = form[one.field].strip()
            found[one.name] = _number(one, text) if text and one.name in NUMBERS else text or None
    return found


def changes(project: models.Project, form: Mapping[str, str]) -> dict[str, Any]:
    """What a form changes of a project."""
    said = given(form)
    if empty := next((one for one in (DOMAIN, *OPTIONS) if said.get(one.name, "") is None and one.name not in MAY_BE_NONE), None):
        raise ArgumentError(f"{empty.label} must not be empty")
    return {name: value for name, value in said.items() if hasattr(project, name) and value != getattr(project, name)}


def _number(one: Option, text: str) -> float | int:
    try:
        return NUMBERS[one.name](text)
    except ValueError:
        raise ArgumentError(f"{one.label} must be a number, not {text!r:.40}") from None


def _text(value: Any) -> str:
    return "" if value is None else str(value).removesuffix(".0")
