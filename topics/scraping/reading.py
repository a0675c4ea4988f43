"""What is read from a fetched page, as its configuration asks. The same code reads a page again from what is kept."""

import hashlib
from dataclasses import asdict
from datetime import date
from typing import Any, NamedTuple

import clock
from parsing import (
    content,
    entities,
    head_metas,
    heads,
    images,
    links,
    metadata,
    schema_values,
    selectors,
    structured,
    summaries,
    tree,
)
from parsing.content import cuts
from topics.scraping.config import ScrapingConfig

#: The version of the rules that read pages. Raise it with every change of what a record holds.
VERSION = "2026-11.2"

DIGITS = b"0123456789"

#: A page without a whole sentence has its first words as its summary.
MAX_SUMMARY_CHARS = 300

#: A text of fewer characters says nothing about whether two pages are the same.
LEAST_CHARS = 200


class Read(NamedTuple):
    """A page that was read: its record, and what a crawl needs of it."""

    record: dict[str, Any]
    tree: Any


def page(html: str, url: str, config: ScrapingConfig) -> Read:
    """Read a page at its final address. Raises DataError where it is too large to be read."""
    found = tree.parse(html)
    record: dict[str, Any] = {"title": heads.title(found)}
    if config.reads_head:
        facts = structured.of(found, url)
        if config.extract_structured:
            record["structured"] = _plain(facts)
        record |= _head(found, url, facts, config)
    is_cut = bool(config.content_within or config.content_without)
    part = cuts.of(html, config.content_within, config.content_without) if is_cut else found
    base = content.base_of(found.css("base[href]"), url) if is_cut else url
    if config.reads_body:
        record |= _body(part, base, config)
    if config.extract_raw_html:
        record["raw_html"] = html
    if config.extract_links:
        record["links"] = [{"url": link.url, "text": link.text, "nofollow": link.nofollow} for link in links.of(part, base)]
    if config.extract_images:
        record["images"] = [_plain(image) for image in images.of(part, base)]
    if config.custom_selectors:
        record["selected"] = selectors.take(found, config.custom_selectors)
    record["parser"] = VERSION
    return Read(record, found)


def _head(found: Any, url: str, facts: Any, config: ScrapingConfig) -> dict[str, Any]:
    """What the page says about itself, and where it is asked for its `meta`, and the object of a schema."""
    if not (config.extract_content or config.extract_metadata or config.json_schema):
        return {}
    about = metadata.of(found, facts, url, clock.now().date())
    said = {name: value for name, value in _plain(about).items() if value not in (None, "", [], {})}
    if about.author:
        said["author"] = about.author
    record = said if config.extract_content or config.extract_metadata else {}
    if config.extract_metadata:
        record = {**record, "meta": head_metas.of(found)}
    if config.json_schema:
        values, missing = schema_values.fill(config.json_schema, facts, {"title": heads.title(found), "url": url, **said})
        record = {**record, "json": values, "json_missing": missing}
    return record


def _body(part: Any, url: str, config: ScrapingConfig) -> dict[str, Any]:
    """The content, in the forms that are asked for."""
    is_main = config.only_main and not config.content_within
    main = content.extract(part, url) if is_main else content.everything(part, url)
    record: dict[str, Any] = {}
    if config.extract_content:
        record = {"kind": main.kind, "text": main.text, "markdown": main.markdown, "words": main.word_count}
        record |= {"contacts": main.contacts} if main.contacts else {}
    if config.extract_html:
        record["html"] = main.html
    if config.extract_summary:
        record["summary"] = " ".join(summaries.of(main.text)) or main.text[:MAX_SUMMARY_CHARS]
    return record


def more(read: Read, url: str) -> dict[str, Any]:
    """What is worked out only where it is asked for: entities by rule, and the first good sentences as a summary."""
    facts = structured.of(read.tree, url)
    language = read.record.get("language") or ""
    found = entities.of(read.tree, facts, url, language)
    return {"entities": [_plain(one) for one in found], "summary": summaries.of(read.record.get("text", ""), language or None)}


def content_hash(read: Read) -> str:
    """The same for pages whose text is the same but for its digits; "" where there is too little text."""
    body = read.tree.body
    text = read.record.get("text") or (body.text(separator=" ") if body else "")
    whole = text.encode("utf-8", "replace")
    plain = whole.translate(None, DIGITS)  # of bytes: ten times as quick
    is_enough = len(text) - (len(whole) - len(plain)) >= LEAST_CHARS
    return hashlib.blake2b(plain, digest_size=8).hexdigest() if is_enough else ""


def _plain(value: Any) -> Any:
    """A dataclass as JSON."""
    return _jsonable(asdict(value))


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _jsonable(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_jsonable(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value
