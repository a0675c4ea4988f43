"""What a language model makes of a page that was read: its summary, and the object of a schema. Without one, rules have done it.

A model is asked when the host's turn is over: nobody waits for a host while it thinks. Reading a page again asks nobody.
"""

from collections.abc import Mapping
from typing import Any

from parsing import content
from topics import llm
from topics.scraping.config import ScrapingConfig
from topics.scraping.reading import Read

#: Any object: where words alone say what is wanted.
ANYTHING = {"type": "object"}


def record(read: Read, config: ScrapingConfig) -> dict[str, Any]:
    """The record of a page, with what the model made of it; `summary_by` and `json_by` say who did, for how much."""
    found = read.record
    if not (config.extract_summary or asks_for_object(config)):
        return found
    text, url = "", found.get("final_url", "")
    if llm.is_configured():
        text = text_of(read, config, url)
    if config.extract_summary:
        made = llm.summarize(text, url=url)
        found = {**found, "summary": made.value or found["summary"], "summary_by": made.note}
    if asks_for_object(config):
        found = found | object_of(text, config.json_schema, config.json_prompt, found, url=url)
    return found


def asks_for_object(config: ScrapingConfig) -> bool:
    """Whether an object is to be read from a page."""
    return bool(config.json_schema or config.json_prompt)


def object_of(
    text: str, schema: Mapping[str, Any], prompt: str, by_rules: Mapping[str, Any], *, url: str = "", parks: bool = False
) -> dict[str, Any]:
    """`json`, `json_missing` and `json_by`: what the model found in the text, and by rules what it did not."""
    made = llm.extract(text, schema or ANYTHING, prompt=prompt, url=url, parks=parks)
    if not schema:
        return {"json": made.value, "json_by": made.note} if made.value is not None else {"json_by": made.note}
    values = {**by_rules.get("json", {}), **(made.value or {})}
    missing = [name for name in schema["properties"] if name not in values]
    return {"json": values, "json_missing": missing, "json_by": made.note}


def text_of(read: Read, config: ScrapingConfig, url: str) -> str:
    """The text of a page, with its title above."""
    text = read.record.get("markdown") or read.record.get("text")
    if text is None:
        main = content.extract(read.tree, url) if config.only_main else content.everything(read.tree, url)
        text = main.markdown or main.text
    return f"{read.record.get('title') or ''}\n\n{text}".strip()
