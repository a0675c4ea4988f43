"""Filters of a page: fields above its table, whose values stand in the address."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import request

from web.errors import Field, Problem


class Filter(NamedTuple):
    """A field. `choices`: pairs of value and label; none = any text. `kind`: the type of an input of HTML."""

    name: str
    label: str
    choices: Sequence[tuple[str, str]] = ()
    kind: str = "search"
    hint: str = ""


class Shown(NamedTuple):
    """A filter with its value, as the form shows it."""

    filter: Filter
    value: str


def values(filters: Sequence[Filter]) -> dict[str, str]:
    """What the address says of each; "" = nothing. Raises Problem for a value that is no choice."""
    found = {one.name: request.args.get(one.name, "").strip() for one in filters}
    for one in filters:
        told, allowed = found[one.name], [value for value, _ in one.choices]
        if told and allowed and told not in allowed:
            says = f"is one of {', '.join(value for value in allowed if value)}, not {told!r:.40}"
            raise Problem(422, f"{one.label} {says}.", fields=[Field(one.name, says)])
    return found


def shown(filters: Sequence[Filter]) -> list[Shown]:
    """The fields with what was asked."""
    return [Shown(one, request.args.get(one.name, "")) for one in filters]


def as_json(filters: Sequence[Filter]) -> dict[str, Any]:
    """The filters that are set, for a form that acts on what they select."""
    return {name: value for name, value in values(filters).items() if value}
