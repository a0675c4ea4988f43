"""Lists of a company whose lines in one file are several: a line a person, as exports of contacts are."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lead_models import Fact
from state.leads.companies import Update
from topics.leads import fields, keeping

#: Values of one list.
MOST_VALUES = 50


class Lists:
    """What the lines of a file have said so far, by what names their company."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], dict[str, list[str]]] = {}

    def united(self, updates: Sequence[Update]) -> list[Update]:
        """The updates, each with what all lines so far say in the same lists. Other facts stay as their line has them."""
        for update in updates:
            known = self._known.setdefault(_key(update), {})
            for name, fact in _listed(update).items():
                known[name] = _joined(known.get(name, []), fact.value)
        return [replace(one, facts={**one.facts, **self._whole(one)}) for one in updates]

    def _whole(self, update: Update) -> dict[str, Fact]:
        known = self._known[_key(update)]
        return {name: replace(fact, value=known[name]) for name, fact in _listed(update).items()}


def _listed(update: Update) -> dict[str, Fact]:
    return {name: fact for name, fact in update.facts.items() if name in fields.LISTS and isinstance(fact.value, list)}


def _key(update: Update) -> tuple[str, ...]:
    return (update.domain,) if update.domain else (update.name_key, *update.phone_keys[:1])


def _joined(before: list[Any], new: list[Any]) -> list[Any]:
    """Both, each value once, as far as a list may be long: what is new stands at the end."""
    found = list(dict.fromkeys([*before, *new]))[:MOST_VALUES]
    return found if len(json.dumps(found)) <= keeping.MOST_CHARS else before or new
