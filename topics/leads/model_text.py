"""The text of a points model, read and checked whole. What is wrong is said with its line and its remedy."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from errors import ConfigError
from topics.leads import model_rules
from topics.leads.model import PARTS, Model, Part, Rule

#: The way in which rules are counted. Raise it where the same file gives other scores than before.
COUNTING = 1

MAX_RULES = 500

TOP, OF_PART = ("name", "parts", "rules"), ("weight", "full")


def parse(text: str, file: str = "model") -> Model:
    """A model from its text. Raises ConfigError that names everything that is wrong, up to ten things."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"{file} is not TOML: {exc}. Texts stand in quotes, lists in [ ], one setting a line.") from None
    wrong: list[str] = []
    wrong += [f"{name!r} is no setting{model_rules.near(name, TOP)}" for name in said if name not in TOP]
    lines = _lines(text, "rules")
    rules = list(_rules(said.get("rules", []), lines, wrong))
    parts = _parts(said.get("parts", {}), rules, wrong)
    wrong += list(_twice(rules))
    if wrong:
        more = f" … and {len(wrong) - 10} more" if len(wrong) > 10 else ""
        raise ConfigError(f"{file}: {'; '.join(wrong[:10])}{more}")
    return Model(parts=parts, rules=tuple(rules), version=version_of(said), name=str(said.get("name", ""))[:100])


def version_of(said: Mapping[str, Any]) -> str:
    """The version of what a file says.

    >>> version_of({"rules": [], "name": "a"}) == version_of({"name": "a", "rules": []})
    True
    """
    canonical = json.dumps([COUNTING, said], sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def _rules(said: Any, lines: Sequence[int], wrong: list[str]) -> Iterator[Rule]:
    if not isinstance(said, list) or not said or len(said) > MAX_RULES:
        wrong.append(f"a model has 1 to {MAX_RULES} rules: begin each with a line [[rules]]")
        return
    for number, one in enumerate(said):
        line = lines[number] if len(lines) == len(said) else 0
        try:
            yield model_rules.read(one, line)
        except model_rules.Wrong as exc:
            name = one.get("name", "") if isinstance(one, dict) else ""
            where = f"line {line}, " if line else ""
            wrong.append(f"{where}rule {number + 1}{f' {name!r:.60}' if name else ''}: {exc}")


def _parts(said: Any, rules: Sequence[Rule], wrong: list[str]) -> dict[str, Part]:
    if not isinstance(said, dict):
        wrong.append("parts are tables: write [parts.fit] and below it weight = 40")
        return {}
    wrong += [f"[parts.{name}] is no part{model_rules.near(name, PARTS)}" for name in said if name not in PARTS]
    found = {}
    for name in PARTS:
        table = said.get(name, {})
        table = table if isinstance(table, dict) else {}
        wrong += [
            f"[parts.{name}] {key!r} is no setting{model_rules.near(key, ('weight', 'full'))}"
            for key in set(table) - {"weight", "full"}
        ]
        reach = sum(rule.most for rule in rules if rule.part == name and rule.most > 0)
        weight, full = table.get("weight", 1 if reach else 0), table.get("full", reach)
        if not model_rules.is_number(weight, 0, 1000) or not model_rules.is_number(full, 0, 100_000):
            wrong.append(f"[parts.{name}] weight goes from 0 to 1000, full from 0 to 100,000")
            continue
        if weight and not reach and rules:
            wrong.append(f"[parts.{name}] has a weight and no rule that gives points: add one, or write weight = 0")
        found[name] = Part(weight=float(weight), full=float(full or reach))
    if not wrong and not sum(part.weight for part in found.values()):
        wrong.append("every part has the weight 0: give one of them a weight, e.g. [parts.fit] weight = 40")
    return found


def _twice(rules: Sequence[Rule]) -> Iterator[str]:
    seen: dict[str, int] = {}
    for rule in rules:
        if rule.name in seen:
            yield f"line {rule.line}, rule {rule.name!r}: line {seen[rule.name]} has a rule of that name; give it another"
        seen.setdefault(rule.name, rule.line)


def _lines(text: str, table: str) -> list[int]:
    """The lines on which tables of that name begin."""
    header = re.compile(rf"\s*\[\[\s*{table}\s*\]\]\s*(#.*)?")
    return [number for number, line in enumerate(text.splitlines(), 1) if header.fullmatch(line)]
