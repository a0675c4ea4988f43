"""Companies as leads: what is known of each, where it was read, and how it was scored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that is known of a company, and where from.

    `value` is JSON: text, number, truth or a list of texts. `source` is the address of the page it was read from, or one of
    `typed`, `import: <file>`, `search: <query>`, `dns`, `llm`. `at_ms` counts from 1970. `snippet` is the line it was read in.
    """

    value: Any
    source: str
    at_ms: int
    snippet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """One company. It is known by `domain`, the registrable domain of its site; without a site by its name and a phone."""

    id: str  # "co_" and 16 characters
    owner: str = ""  # the id of the API key or person whose it is; "" = nobody's, as with commands
    site: str = ""  # canonical: "https://example.com/"; "" where it has none
    domain: str = ""
    name: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)  # by field, e.g. "phones"; `topics.leads.fields` lists them
    tags: tuple[str, ...] = ()
    created_ms: int = 0
    updated_ms: int = 0
    score: "Score | None" = None  # the last one


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """What one rule of the model gave, why, and what shows it. `evidence` holds sources of facts."""

    rule: str
    part: str  # fit | intent | reachability | freshness
    points: float
    most: float  # what the rule gives at most
    reason: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The score of a company by one version of the model. `total` and `parts` are 0 to 100."""

    total: float
    parts: Mapping[str, float]
    model: str  # version of the model: the first 12 digits of its SHA-256
    at_ms: int
    points: tuple[Points, ...] = ()
