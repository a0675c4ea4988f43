"""Options that are known and not offered: refused by name, with what to use instead, where they would change the result."""

from collections.abc import Mapping
from typing import Any

from web.firecrawl import errors

#: Values at which an option asks for nothing.
NOTHING: tuple[Any, ...] = (None, False, [], {}, "")

USE_JSON = "ask for the format json with a schema"

#: Option → what to use instead.
OPTIONS = {
    "appendToId": "start another batch",
    "prompt": "set includePaths, excludePaths, limit and maxDiscoveryDepth yourself",
    "profile": "log in by `headers`, e.g. with a cookie",
    "redactPII": "redact what you get",
    "threatProtection": "scan what you get",
    "checkPromptInjection": "check what you get before you show it to a model",
    "lockdown": "this server fetches only what is asked for",
    "zeroDataRetention": "RESULT_DAYS says for how long results are kept; `python manage.py jobs cleanup` removes them earlier",
    "changeTrackingOptions": "compare two scrapes of the page",
    "changeTracking": "compare two scrapes of the page",
    "agent": "use `actions`",
    "filter": "write it into the query",
    "asyncScraping": "scrape what the search found by /batch/scrape",
    "enterprise": "leave it out",
    "monitor": "add an entry to the schedule of this server",
}

#: Format → what to use instead.
FORMATS = {
    "changeTracking": "compare two scrapes of the page",
    "attributes": "use `custom_selectors` of this server's own /api/v1/scrape",
    "branding": "read it from rawHtml",
    "product": USE_JSON,
    "menu": USE_JSON,
    "query": USE_JSON,
    "question": USE_JSON,
    "highlights": USE_JSON,
    "audio": "fetch the file that the page links to",
    "video": "fetch the file that the page links to",
    "deterministicJson": USE_JSON,
}


def without(given: Mapping[str, Any], path: tuple[str, ...] = ()) -> dict[str, Any]:
    """The options without those that ask for nothing. Raises Problem 400 for one that is not offered."""
    kept = {}
    for name, value in given.items():
        if name not in OPTIONS:
            kept[name] = value
        elif value not in NOTHING:
            said = f"{name} is not offered by this server: {OPTIONS[name]}."
            raise errors.refused(said, "UNSUPPORTED_OPTION", (*path, name))
    return kept


def check_format(name: str) -> None:
    """Raises Problem 400 for a format that is not offered."""
    if name in FORMATS:
        said = f"formats: {name} is not offered by this server: {FORMATS[name]}."
        raise errors.refused(said, "UNSUPPORTED_OPTION", ("formats",))
