"""Firecrawl's scrape options as the configuration of a scrape of ours."""

from typing import Any

import config
import errors as trawl
from clients.fetch import messages
from topics import llm
from topics.scraping import config as configs
from topics.scraping.config import ScrapingConfig
from web.firecrawl import errors, unsupported
from web.firecrawl.bodies import Scraping

#: Formats → what of a page is read for them.
FORMATS = {
    "markdown": "extract_content",
    "html": "extract_html",
    "rawHtml": "extract_raw_html",
    "links": "extract_links",
    "images": "extract_images",
    "summary": "extract_summary",
}
JSON = ("json", "extract")
SCREENSHOTS = {"screenshot": "view", "screenshot@fullPage": "page"}

BROWSER = "requirements-browser.txt"
#: Clients send skipTlsVerification by themselves (CrewAI's tools), or as long as nobody says otherwise (Open WebUI's).
VERIFIED = "skipTlsVerification has no effect: certificates are verified here, unless FETCH_ALLOW_UNVERIFIED_TLS=true."
NO_MODEL = (
    "without a language model (LLM_API_KEY, LLM_MODEL) this server reads `json` from what a page says for machines (JSON-LD, "
    "OpenGraph, title …): give a schema with `properties`, and no prompt"
)

OF_MANY = (
    "the pages of a batch, crawl or search are read without a language model: give a schema with `properties`, and no prompt; "
    "/scrape reads a single page with it"
)


def config_of(given: Scraping, more: dict[str, Any] | None = None, *, many: bool = False) -> tuple[ScrapingConfig, list[str]]:
    """The configuration that the options mean, and warnings. `more`: fields of the configuration besides.

    Raises Problem 400 that names the option, also for what this installation lacks, and where `many` pages are asked for.
    """
    fields, warnings = _fields(given)
    if many and fields.get("json_prompt"):
        raise errors.refused(f"formats json: {OF_MANY}.", "UNSUPPORTED_OPTION", ("formats",))
    _check_browser(given, fields)
    try:
        return configs.of({**fields, **(more or {})}), warnings
    except trawl.TrawlError as exc:
        raise errors.of_input(exc) from None


def _fields(given: Scraping) -> tuple[dict[str, Any], list[str]]:
    fields, warnings = _of_formats(given), _of_location(given) + _of_screenshots(given)
    if given.only_main_content is False:
        fields["only_main"] = False
    fields |= {"content_within": given.include_tags} if given.include_tags else {}
    fields |= {"content_without": given.exclude_tags} if given.exclude_tags else {}
    own = messages.OURS  # of the connection, and what the fetcher says itself
    headers = {**_languages(given), **{name: text for name, text in (given.headers or {}).items() if name.lower() not in own}}
    fields |= {"headers": headers} if headers else {}
    fields |= {"timeout": max(0.1, min(300.0, given.timeout / 1000))} if given.timeout else {}
    fields |= {"max_age": min(366 * 86400.0, given.max_age / 1000)} if given.max_age else {}
    fields |= {"min_age": min(366 * 86400.0, given.min_age / 1000)} if given.min_age is not None else {}
    if given.store_in_cache is False:
        fields["reuse"] = False
    if given.proxy in ("stealth", "enhanced"):
        fields["use_stealth"] = True
    if given.skip_tls_verification:
        if config.settings().fetch_allow_unverified_tls:
            fields["verify_tls"] = False
        else:
            warnings.append(VERIFIED)
    return fields | _of_browser(given), warnings


def _of_formats(given: Scraping) -> dict[str, Any]:
    asked: set[str] = set()
    fields: dict[str, Any] = {"extract_content": False, "extract_metadata": True}
    for one in ["markdown"] if given.formats is None else given.formats:
        name = one if isinstance(one, str) else str(one.get("type", ""))
        unsupported.check_format(name)
        asked.add(name)
        if name in FORMATS:
            fields[FORMATS[name]] = True
        elif name in JSON:
            fields |= _object(one if isinstance(one, dict) else given.json_options or given.extract or {})
        elif name in SCREENSHOTS:
            full = isinstance(one, dict) and bool(one.get("fullPage"))
            fields["screenshot"] = "page" if full else SCREENSHOTS[name]
        else:
            known = ", ".join([*FORMATS, "json", *SCREENSHOTS])
            raise errors.refused(f"formats: {name[:60]!r} is no format; there are {known}", path=("formats",))
    return fields


def _of_screenshots(given: Scraping) -> list[str]:
    """A warning for what a screenshot is asked to be, beside a view or a whole page."""
    asked = {name for one in given.formats or () if isinstance(one, dict) and one.get("type") in SCREENSHOTS for name in one}
    ignored = sorted(asked & {"quality", "viewport"})
    return [f"{' and '.join(ignored)} of a screenshot have no effect here."] if ignored else []


def _object(given: dict[str, Any]) -> dict[str, Any]:
    """What an object is to hold: a schema, and words where a language model is there to read them."""
    schema, words = given.get("schema"), [given.get(name) for name in ("systemPrompt", "prompt")]
    prompt = "\n".join(str(one) for one in words if one)
    has_schema = isinstance(schema, dict) and bool(schema.get("properties"))
    if (prompt or not has_schema) and not (prompt and llm.is_configured()):
        raise errors.refused(f"formats json: {NO_MODEL}.", "UNSUPPORTED_OPTION", ("formats",))
    return ({"json_schema": schema} if has_schema else {}) | ({"json_prompt": prompt} if prompt else {})


def _of_browser(given: Scraping) -> dict[str, Any]:
    fields: dict[str, Any] = {"wait_time": given.wait_for / 1000} if given.wait_for else {}
    fields |= {"mobile": True} if given.mobile else {}
    return fields | ({"actions": given.actions} if given.actions else {})


def _check_browser(given: Scraping, fields: dict[str, Any]) -> None:
    """What needs a browser is rendered; where none is installed, the request is refused and says what would be needed."""
    needs = [name for name, own in (("waitFor", "wait_time"), ("mobile", "mobile"), ("actions", "actions")) if fields.get(own)]
    needs += ["formats: screenshot"] if fields.get("screenshot") else []
    if not needs:
        return
    fields["render"] = True
    if fields.pop("use_stealth", False):
        raise errors.refused(f"{', '.join(needs)} and proxy={given.proxy} exclude each other", path=("proxy",))
    try:
        configs.of({"render": True})
    except trawl.ConfigError as exc:
        said = f"{', '.join(needs)}: only with a browser ({BROWSER}): {exc}"
        raise errors.refused(said, "UNSUPPORTED_OPTION", (needs[0].partition(":")[0],)) from None


def _languages(given: Scraping) -> dict[str, str]:
    languages = (given.location or {}).get("languages")
    words = [str(one)[:20] for one in languages if isinstance(one, str)] if isinstance(languages, list) else []
    return {"Accept-Language": ", ".join(words[:10])} if words else {}


def _of_location(given: Scraping) -> list[str]:
    if (given.location or {}).get("country"):
        return ["location.country has no effect: pages are fetched from where this server stands; its languages are asked for."]
    return []
