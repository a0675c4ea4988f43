"""Content that is there already: read as a fetched page would be."""

from typing import Any

from errors import ArgumentError
from parsing import entities, summaries
from topics import llm
from topics.scraping import config as configs
from topics.scraping import reading, refining
from topics.scraping.config import ScrapingConfig

TYPES = ("html", "text")
MAX_CHARS = 1_000_000

#: The address of a page that has none.
NOWHERE = "https://example.invalid/"

EVERYTHING = {"extract_links": True, "extract_images": True, "extract_structured": True}


def check(content: str, content_type: str = "html", schema: dict[str, Any] | None = None, prompt: str = "") -> None:
    """Raise ArgumentError for content that is not read, and for a schema or a prompt that is not answered."""
    _options(schema, prompt)
    if content_type not in TYPES:
        raise ArgumentError(f"content_type {content_type!r:.40} is none: give {' or '.join(TYPES)}.")
    if len(content) > MAX_CHARS:
        raise ArgumentError(f"The content has {len(content):,} characters; at most {MAX_CHARS:,}.")


def run(
    content: str, url: str = "", content_type: str = "html", schema: dict[str, Any] | None = None, prompt: str = ""
) -> dict[str, Any]:
    """Title, author, dates, language, main text, markdown and structured data of a page; by `schema` or `prompt` an object.

    Where a language model is configured, it gives the summary, the names in the text (beside those by rule) and the object;
    `summary_by`, `entities_by` and `json_by` say who did. Raises ArgumentError, DataError, and NotNow without a budget.
    """
    check(content, content_type)
    options = _options(schema, prompt)
    record = _of_text(content) if content_type == "text" else _of_page(content, url or NOWHERE, options)
    text = f"{record.get('title') or ''}\n\n{record.get('markdown') or record.get('text') or ''}".strip()
    made = llm.digest(text, url=url, parks=True)
    if made.value:
        known = {one["text"].casefold() for one in record["entities"]}
        new = [{**one, "source": "llm"} for one in made.value["entities"] if one["text"].casefold() not in known]
        record |= {"entities": [*record["entities"], *new], "summary": [made.value["summary"]]}
    record |= {"summary_by": made.note, "entities_by": made.note}
    if refining.asks_for_object(options):
        record |= refining.object_of(text, options.json_schema, prompt, record, url=url, parks=True)
    return record


def _options(schema: dict[str, Any] | None, prompt: str) -> ScrapingConfig:
    return configs.of({"json_schema": schema or {}, "json_prompt": prompt, **EVERYTHING})


def _of_text(content: str) -> dict[str, Any]:
    found = [{"kind": one.kind, "text": one.text} for one in entities.of_text(content)]
    words = len(content.split())
    return {"kind": "text", "text": content, "words": words, "entities": found, "summary": summaries.of(content)}


def _of_page(content: str, url: str, options: ScrapingConfig) -> dict[str, Any]:
    read = reading.page(content, url, options)
    return read.record | reading.more(read, url)
