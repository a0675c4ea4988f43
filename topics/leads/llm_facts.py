"""What a language model reads in the pages of a company, where somebody asks for it: what rules could not read, and no more.

A number or a name counts only where it stands in the pages. What the model was paid is in the budgets (`topics/llm`).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import clock
import errors
from lead_models import Company, Fact
from parsing import names, node_text
from topics import llm
from topics.leads import fields, tables
from topics.leads.signals import Page

SOURCE = "llm"

MOST_CHARS, MOST_PAGE_CHARS = 24_000, 8_000

PROMPT = "Describe the company whose pages these are. Amounts and years as numbers, people who run it as `name (role)`."

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        fields.INDUSTRY: {"type": "string", "maxLength": 100},
        fields.EMPLOYEES: {"type": "integer", "minimum": 1, "maximum": 5_000_000},
        fields.FOUNDED: {"type": "integer", "minimum": 1500, "maximum": 2100},
        fields.DESCRIPTION: {"type": "string", "maxLength": 600},
        fields.PEOPLE: {"type": "array", "items": {"type": "string", "maxLength": 120}, "maxItems": 10},
    },
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the model said, and who answered for how much, or why nobody did."""

    facts: dict[str, Fact]
    note: dict[str, Any]


def check() -> None:
    """Raise ArgumentError with the remedy where no model can be asked."""
    if not llm.is_configured():
        raise errors.ArgumentError("llm needs a language model: set LLM_API_KEY and LLM_MODEL, or leave llm out.")


def of(company: Company, found: Mapping[str, Fact], pages: Sequence[Page]) -> Asked:
    """Facts for the fields that neither the company nor what was read now has. Without budget the note says so."""
    wanted = [name for name in SCHEMA["properties"] if name not in found and _may_be_read(company, name)]
    text = _text(pages)
    if not wanted or not text:
        return Asked({}, {"by": "rules", "why": "nothing is left to ask" if text else "no page was read"})
    schema = {**SCHEMA, "properties": {name: SCHEMA["properties"][name] for name in wanted}}
    answered = llm.extract(text, schema, prompt=PROMPT, url=company.site)
    said = answered.value if isinstance(answered.value, dict) else {}
    at_ms, plain = round(clock.now().timestamp() * 1000), f" {names.folded(text)} "
    kept = {name: value for name in wanted if (value := CHECKS[name](said.get(name), plain)) not in (None, "", [])}
    return Asked(
        {name: Fact(value=one, source=SOURCE, at_ms=at_ms, snippet=pages[0].url) for name, one in kept.items()}, answered.note
    )


def _may_be_read(company: Company, name: str) -> bool:
    return name not in company.facts or company.facts[name].source == SOURCE


def _text(pages: Sequence[Page]) -> str:
    parts = [
        node_text.of(page.tree.body, MOST_PAGE_CHARS) for page in pages if page.kind != "feed" and page.tree.body is not None
    ]
    return "\n\n".join(parts)[:MOST_CHARS]


def _number(value: Any, text: str) -> int | None:
    """A number that stands in the pages, with or without marks between its digits."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    digits = r"[ ]?".join(str(value))
    return value if re.search(rf"(?<!\d){digits}(?!\d)", text) else None


def _people(value: Any, text: str) -> list[str]:
    named = [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
    return [one for one in named if (name := names.folded(one.partition("(")[0])) and f" {name} " in text]


def _industry(value: Any, text: str) -> str | None:
    return tables.industry_names().get(names.folded(value)) if isinstance(value, str) else None


def _said(value: Any, text: str) -> str | None:
    return " ".join(value.split()) if isinstance(value, str) else None


#: What of an answer counts.
CHECKS: dict[str, Callable[[Any, str], Any]] = {
    fields.INDUSTRY: _industry,
    fields.EMPLOYEES: _number,
    fields.FOUNDED: _number,
    fields.DESCRIPTION: _said,
    fields.PEOPLE: _people,
}
