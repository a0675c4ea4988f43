"""A record of a page as a document in the form of Firecrawl: only what was asked for, and metadata of the right types.

Field names are those of https://docs.firecrawl.dev/api-reference (v1 and v2, 2026-11).
"""

from datetime import UTC, datetime, timedelta
from typing import Any

#: Forms of a page in a record → in a document.
FORMS = {
    "markdown": "markdown",
    "html": "html",
    "raw_html": "rawHtml",
    "summary": "summary",
    "screenshot": "screenshot",
    "json": "json",
}

#: Of a page whose markdown is empty, which else looks like a success.
NO_TEXT = "No text was found on this page. If scripts write it, only a browser sees it: ask for `waitFor`."

#: Forms that a language model may have made → what says whether it did.
BY = {"summary": "summary_by", "json": "json_by"}

#: What Firecrawl's clients read as texts, by the name of the `<meta>`.
METAS = {
    "keywords": "keywords",
    "robots": "robots",
    "og:title": "ogTitle",
    "og:description": "ogDescription",
    "og:url": "ogUrl",
    "og:image": "ogImage",
    "og:audio": "ogAudio",
    "og:video": "ogVideo",
    "og:determiner": "ogDeterminer",
    "og:locale": "ogLocale",
    "og:site_name": "ogSiteName",
    "article:modified_time": "modifiedTime",
    "article:published_time": "publishedTime",
    "article:tag": "articleTag",
    "article:section": "articleSection",
    "dc.date": "dcDate",
    "dc.type": "dcType",
    "dc.subject": "dcSubject",
    "dc.description": "dcDescription",
}


def of(record: dict[str, Any], scrape_id: str = "") -> dict[str, Any]:
    """The document of a page that was read. `scrape_id`: the id under which it can be asked for."""
    document = {name: record[own] for own, name in FORMS.items() if own in record}
    if record.get("kind") == "file" and "text" in record:
        document["markdown"] = record["text"]
    for name in ("links", "images"):
        if name in record:
            document[name] = [one["url"] for one in record[name]]
    if warning := _warning(record):
        document["warning"] = warning
    document["metadata"] = metadata(record, scrape_id)
    return document


def _warning(record: dict[str, Any]) -> str:
    if record.get("kind") == "file" and "text" not in record:
        return f"This is a file ({record.get('content_type') or 'of no known type'}): it is kept, and no text is read from it."
    missing = record.get("json_missing")
    said = [f"The page does not say: {', '.join(missing)[:300]}. Nothing was guessed."] if missing else []
    said += [NO_TEXT] if "markdown" in record and not record["markdown"].strip() else []
    said += [f"{name} by rules alone: {record[key]['why']}" for name, key in BY.items() if record.get(key, {}).get("why")]
    return " ".join(said)


def metadata(record: dict[str, Any], scrape_id: str = "") -> dict[str, Any]:
    """What is known of a page and of its fetch."""
    metas: dict[str, str] = record.get("meta", {})
    found: dict[str, Any] = {name: text for name, text in metas.items() if name not in KNOWN and isinstance(text, str)}
    found |= {name: metas[own] for own, name in METAS.items() if own in metas}
    said = {"title": record.get("title") or "", "description": record.get("description"), "language": record.get("language")}
    said |= {"favicon": record.get("icon"), "author": record.get("author")}
    found |= {name: text for name, text in said.items() if isinstance(text, str)}
    found |= {
        "sourceURL": record["url"],
        "url": record.get("final_url") or record["url"],
        "statusCode": int(record.get("status") or 0) if not record.get("unchanged") else 200,
        "proxyUsed": "basic",
        **_cache(record),
    }
    found |= {"contentType": record["content_type"]} if record.get("content_type") else {}
    found |= {f"{name}By": record[key] for name, key in BY.items() if key in record}
    return found | ({"scrapeId": scrape_id} if scrape_id else {})


def _cache(record: dict[str, Any]) -> dict[str, Any]:
    age_s = record.get("kept_for_s")
    if age_s is None:
        return {"cacheState": "miss", "creditsUsed": credits_of(record)}
    fetched_at = datetime.fromisoformat(record["fetched_at"]) - timedelta(seconds=age_s)
    return {"cacheState": "hit", "cachedAt": fetched_at.astimezone(UTC).isoformat(timespec="seconds"), "creditsUsed": 0}


def credits_of(record: dict[str, Any]) -> int:
    """What a page cost: a provider's credits, else 1 for a page that was fetched."""
    cost = record.get("cost_credits")
    return max(1, round(cost)) if cost else int(record.get("kept_for_s") is None)


#: Names of metadata that a page may not set itself.
KNOWN = frozenset(
    (
        *("title", "description", "language", "favicon", "sourceURL", "url", "statusCode", "contentType", "scrapeId", "error"),
        *("proxyUsed", "cacheState", "cachedAt", "creditsUsed", "keywords", "robots", "numPages", "totalPages", "timezone"),
        *("concurrencyLimited", "concurrencyQueueDurationMs", "ogLocaleAlternate", "og:locale:alternate"),
        *("postprocessorsUsed", "indexId", "author", "summaryBy", "jsonBy"),
        *METAS.values(),
    )
)
