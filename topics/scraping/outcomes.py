"""What becomes of a visit: a record, and for a batch or crawl what its ledger is told."""

import base64
import logging
from collections.abc import Sequence
from typing import Any

import clock
import errors
from clients import fetch
from engine import retry_policy
from parsing import charsets, file_kinds, web_urls
from state.scraping import frontier, gates, pages
from state.scraping.ledgers import Offer
from topics.scraping import reading, stored
from topics.scraping.config import ScrapingConfig
from topics.scraping.visits import Visit

log = logging.getLogger("trawl.scraping")

#: The kind of jobs whose pages these are, for the table of retries.
KIND = "scrape"

HTML = ("html", "xml+xhtml")
MAX_ERROR_CHARS, MAX_HEADERS = 300, 100


def read(visit: Visit, config: ScrapingConfig) -> reading.Read:
    """Read the page of a visit and keep it; its record says where it is kept. Raises the error of the visit, DataError."""
    reply, body, kept = _body(visit)
    final_url = kept.final_url if kept else reply.final_url
    done = reading.page(_text(reply, body, kept), final_url, config)
    facts = _facts(visit, final_url) | _place(visit, reply, kept, config)
    if config.extract_headers:
        facts["headers"] = _headers(reply)
    if reply.picture:
        facts["screenshot"] = "data:image/jpeg;base64," + base64.b64encode(reply.picture).decode()
    return done._replace(record=facts | done.record)


def _body(visit: Visit) -> tuple[fetch.Reply, bytes, pages.Kept | None]:
    """What came, or where nothing changed what is kept."""
    if visit.error:
        raise visit.error
    assert visit.reply is not None
    kept = visit.kept if visit.is_unchanged else None
    body = stored.page(kept.object, kept.sha256) if kept else visit.reply.body
    if body is None:
        raise errors.SystemFault(f"{visit.url} did not change, but its kept page is gone: it is fetched anew next time.")
    return visit.reply, body, kept


def _place(visit: Visit, reply: fetch.Reply, kept: pages.Kept | None, config: ScrapingConfig) -> dict[str, str]:
    """Where a page is kept, and under which type."""
    if kept:
        if visit.kept_for_s is None and config.max_age:  # its server says that it is the same still
            _remember(visit, kept, config)
        return {"object": kept.object, "sha256": kept.sha256, "content_type": kept.content_type}
    return _keep(visit, reply, config) if config.keep_page else {}


def read_file(visit: Visit, config: ScrapingConfig) -> dict[str, Any]:
    """The record of what is no web page: its text where it is text, and where it is kept. Raises as `read` does."""
    reply, body, kept = _body(visit)
    kind = content_type(visit)
    facts = _facts(visit, kept.final_url if kept else reply.final_url)
    facts |= {"kind": "file", "content_type": kind, "bytes": len(body)}
    if kind.startswith("text/") or "json" in kind or "xml" in kind:
        facts["text"] = _text(reply, body, kept)
    return facts | _place(visit, reply, kept, config)


def _facts(visit: Visit, final_url: str) -> dict[str, Any]:
    status = visit.reply.status if visit.reply else 0
    facts: dict[str, Any] = {"url": visit.url, "final_url": final_url, "status": status, "unchanged": visit.is_unchanged}
    facts |= {"cost_credits": visit.cost_credits} if visit.cost_credits else {}
    facts |= {"kept_for_s": round(visit.kept_for_s, 3)} if visit.kept_for_s is not None else {}
    return facts | {"fetched_at": _now(), "elapsed_ms": round(visit.elapsed_s * 1000)}


def _headers(reply: fetch.Reply) -> dict[str, str]:
    """The headers of a reply, bounded. The values of cookies are nobody's business: their names stay, one a line."""
    kept = {name: value[:MAX_ERROR_CHARS] for name, value in list(reply.headers.items())[:MAX_HEADERS] if name != "set-cookie"}
    cookies = [line.partition("=")[0].strip()[:100] for line in reply.headers.get("set-cookie", "").split("\n") if "=" in line]
    return kept | ({"set-cookie": "\n".join(cookies[:MAX_HEADERS])} if cookies else {})


def _now() -> str:
    return clock.now().isoformat(timespec="seconds")


def content_type(visit: Visit) -> str:
    """What a page is, in lower case and bounded: as its first bytes show, else as its server says."""
    reply = visit.reply
    if reply is None:
        return ""
    if visit.is_unchanged and visit.kept:
        return visit.kept.content_type
    return file_kinds.of_no_page(reply.body[:16]) or reply.headers.get("content-type", "").lower()[:200]


def _text(reply: fetch.Reply, body: bytes, kept: pages.Kept | None) -> str:
    return reply.text if kept is None else charsets.decode(body, kept.content_type)[0]


def _keep(visit: Visit, reply: fetch.Reply, config: ScrapingConfig) -> dict[str, str]:
    """Keep the page as it came; what shows whether it changed is remembered with the record."""
    key, sha256 = stored.put_page(reply.body, web_urls.parse(visit.url).host, visit.fingerprint)
    kind = content_type(visit)
    told = (reply.etag or "", reply.last_modified or "") if not reply.redirects else ("", "")  # else the last page told it
    if config.may_reuse and (any(told) or config.max_age):
        _remember(visit, pages.Kept(*told, reply.final_url, key, sha256, kind), config)
    return {"object": key, "sha256": sha256, "content_type": kind}


def _remember(visit: Visit, kept: pages.Kept, config: ScrapingConfig) -> None:
    now_ms = str(round(clock.now().timestamp() * 1000))
    visit.calls.append(pages.keep_call(visit.fingerprint, kept._replace(fetched_ms=now_ms, mode=config.cache_mode)))


def is_html(visit: Visit) -> bool:
    """Whether what came is a web page; what says nothing of itself counts as one."""
    return "html" in (content_type(visit) or "html")


def failed(error: Exception, page: frontier.Page, config: ScrapingConfig) -> frontier.Told:
    """What a ledger is told of a page that failed: it is tried again where that may help, else it is over."""
    if not isinstance(error, errors.TrawlError):
        log.exception("A page could not be read", extra={"url": page.url[:200]}, exc_info=error)
    if page.attempts < config.max_retries and _may_help(error, page):
        return frontier.Told("retry", delay_ms=round(_retry_in_s(error, page, config) * 1000))
    category = str(getattr(error, "category", "system"))
    says = f"{error}"[:MAX_ERROR_CHARS] if isinstance(error, errors.TrawlError) else f"{type(error).__name__} while it was read"
    record = {"n": page.n, "url": page.url, "outcome": "failed", "category": category, "error": says, "failed_at": _now()}
    if isinstance(error, errors.BlockedError):
        record["page_class"] = error.page_class
    return frontier.Told(f"failed:{category}", stored.pack(record))


def _may_help(error: Exception, page: frontier.Page) -> bool:
    """Whether another try may help, by the table of retries."""
    if not isinstance(error, errors.TrawlError):
        return bool(getattr(error, "retryable", False))
    return retry_policy.may_retry(KIND, retry_policy.nearest(error), error, page.attempts)


def _retry_in_s(error: Exception, page: frontier.Page, config: ScrapingConfig) -> float:
    return retry_policy.longest_wait_s(KIND, error, page.attempts + 1, config.retry_delay)


def still_failing(exc: errors.NotNow, wait_s: float, page: frontier.Page, config: ScrapingConfig) -> frontier.Told | None:
    """What a ledger is told of a page that failed before and finds the breaker of its host open: that it failed again.

    So it waits no longer than for its next try, and a crawl of which only such pages are left comes to its end. None: it waits.
    """
    late = errors.NetworkError(f"{exc}, and this page failed before")
    if not (isinstance(exc, gates.BreakerOpen) and page.attempts and wait_s > _retry_in_s(late, page, config)):
        return None
    return failed(late, page, config)


def skipped(reason: str, page: frontier.Page, offers: Sequence[Offer] = (), **facts: Any) -> frontier.Told:
    """What a ledger is told of a page that counts for nothing by itself."""
    record = {"n": page.n, "url": page.url, "outcome": "skipped", "reason": reason, **facts}
    return frontier.Told(f"skipped:{reason}", stored.pack(record), offers=offers)


def done(
    record: dict[str, Any], page: frontier.Page, ledger_id: str, offers: Sequence[Offer] = (), content: str = ""
) -> frontier.Told:
    """What a ledger is told of a page that was read."""
    whole = {"n": page.n, "depth": page.depth, "outcome": "done", **record}
    packed = stored.pack_record(whole, ledger_id)
    return frontier.Told("done", packed, content=content, elapsed_ms=record["elapsed_ms"], offers=offers)
