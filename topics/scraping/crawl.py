"""Crawls and batches: how they begin, stop, go on, and what is tried again."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import chunks
import errors
import models
import queues
from clients import fetch
from parsing import web_urls
from state.access import quotas
from state.scraping import keys as scraping_keys
from state.scraping import ledger_looks, ledgers
from state.store import connection
from topics.scraping import config as configs
from topics.scraping import lanes, places, progress, scope, seeds, stored
from topics.scraping.config import ScrapingConfig

#: Addresses of one batch.
MOST_URLS = 100_000

Config = Mapping[str, Any] | ScrapingConfig | None


class Plan(NamedTuple):
    """A checked crawl or batch, not submitted yet. `offers`: its first pages; `labels`: host, tag and project of its job."""

    func: Any
    fields: dict[str, str | int | float]
    offers: Iterable[ledgers.Offer] = ()
    labels: Mapping[str, str] = MappingProxyType({})
    delay_s: float = 0


def submit_crawl(func: Any, url: str, config: Config = None, queue: str | None = None) -> models.Submission:
    """Have a site crawled; its ledger has the id of the job. Everything is checked before Redis is touched.

    `func`: the job that finds the first pages. Raises DataError, ArgumentError and ConfigError, each with its remedy.
    """
    return submit(plan_crawl(func, url, config, queue))


def plan_crawl(func: Any, url: str, config: Config = None, queue: str | None = None) -> Plan:
    """A crawl, checked; Redis is not touched. Raises as `submit_crawl` does."""
    checked = configs.of(config)
    start = fetch.check_url(web_urls.typed(url))
    return Plan(func, _fields("crawl", start.href, checked, queue), labels={"host": start.host})


def submit_batch(
    func: Any, urls: Iterable[str], config: Config = None, queue: str | None = None, *, parent: str = ""
) -> models.Submission:
    """Have a list of pages scraped; its ledger has the id of the job. All addresses are checked before Redis is touched.

    An address that is there twice is fetched once and counted as skipped. `parent`: the batch whose pages are tried again.
    """
    return submit(plan_batch(func, urls, config, queue, parent=parent))


def plan_batch(func: Any, urls: Iterable[str], config: Config = None, queue: str | None = None, *, parent: str = "") -> Plan:
    """A batch, checked; Redis is not touched. Raises as `submit_batch` does."""
    checked = configs.of(config)
    listed = list(map(web_urls.typed, urls))
    if not 1 <= len(listed) <= MOST_URLS:
        raise errors.ArgumentError(f"A batch takes 1 to {MOST_URLS:,} addresses, not {len(listed):,}: make several batches.")
    wrong = list(_wrong(listed))
    if wrong:
        more = f" and {len(wrong) - 3:,} more" if len(wrong) > 3 else ""
        raise errors.DataError(f"{'; '.join(wrong[:3])}{more}. Nothing was submitted.")
    fields = _fields("batch", "", checked, queue) | {"max_pages": len(listed)} | ({"parent": parent} if parent else {})
    return Plan(func, fields, scope.batch_offers(listed))


def _wrong(urls: Iterable[str]) -> Iterable[str]:
    for number, url in enumerate(urls, 1):
        try:
            fetch.check_url(url)
        except errors.DataError as exc:
            yield f"address {number}: {exc}"


def _fields(kind: str, url: str, config: ScrapingConfig, queue: str | None) -> dict[str, str | int | float]:
    if config.json_prompt:
        raise errors.ArgumentError(
            "json_prompt is for single scrapes: pages of a batch or crawl are read by rules, from json_schema."
        )
    owner = queues.current_owner()
    described: dict[str, str | int | float] = {
        "kind": kind,
        "url": url,
        "config": configs.dump(config),
        "queue": queue or queues.DEFAULT,
        "lanes": config.lanes,
        "max_pages": config.pages,
        "deadline_s": config.deadline_s,
    }
    return described | {"owner": owner} if owner else described


def submit(plan: Plan, ledger_id: str | None = None, parent: str | None = None) -> models.Submission:
    """Have a crawl or batch done. With a `ledger_id` of the caller's it is safe to repeat, also by two at once.

    The pages are there before the job: whatever is killed in between, no batch runs with a part of its pages. `parent`: the job
    that waits for it.
    """
    is_first, ledger_id = ledger_id is None, ledger_id or secrets.token_hex(16)
    meta = {**plan.labels, "batch": ledger_id}
    queue = str(plan.fields["queue"])
    call = models.Call(plan.func, (ledger_id,), queue=queue, meta=meta, labels=plan.labels, job_id=ledger_id, parent=parent)
    call.owner, call.delay_s = str(plan.fields.get("owner", "")), plan.delay_s
    if is_first and plan.offers == () and (made := _submitted_at_once(plan, call, ledger_id)):
        return made
    queues.prepare(call)
    with connection.errors_translated():
        is_new = ledgers.open_new(ledger_id, plan.fields)
        for chunk in chunks.of(plan.offers, ledgers.CHUNK):
            ledgers.add(ledger_id, chunk)
        call.pages = int(plan.fields["max_pages"]) if is_new or _is_opening(ledger_id) else 0
    try:
        return queues.submit_many([call])[0]
    except errors.OutOfPages:
        if is_new:
            ledgers.forget(ledger_id)
        raise


def _submitted_at_once(plan: Plan, call: models.Call, ledger_id: str) -> models.Submission | None:
    """Submit a crawl of which nothing is there yet, in one round trip; None where that is to be done step by step.

    Each step needs what the one before it wrote: pages of its owner, then the ledger, then the job.
    """
    month = quotas.this_month(call.owner) if call.owner else ""
    pages = int(plan.fields["max_pages"])
    reserved = [quotas.reserve_call(call.owner, [(ledger_id, pages)], month=month)] if call.owner else []
    opened = ledgers.open_call(ledger_id, plan.fields, month)
    with connection.errors_translated():
        return queues.submit_after([*reserved, opened], call, scraping_keys.ledger(ledger_id))


def _is_opening(ledger_id: str) -> bool:
    ledger = ledgers.read(ledger_id)
    return ledger is not None and ledger.state == "opening"


def begin_batch(ledger_id: str) -> dict[str, Any]:
    """Start the lanes of a batch; a second run changes nothing."""
    return {"batch": ledger_id, "lanes": _started(ledger_id)}


def begin_crawl(ledger_id: str) -> dict[str, Any]:
    """Find the first pages of a crawl and start its lanes; a second run changes nothing."""
    ledger = ledgers.read(ledger_id)
    if ledger is None:
        raise errors.NotFound(f"No crawl {ledger_id}: it never existed, or its record has expired.")
    config = configs.load(ledger.fields["config"])
    with places.place(ledger.fields["url"]), connection.errors_translated():
        where = scope.Scope(ledger.fields["url"], config)
        most = ledger.number("max_pages") * 2 + 100
        for page in chunks.of(seeds.of(ledger.fields["url"], config, ledger_id, most), ledgers.CHUNK):
            ledgers.add(ledger_id, where.offers(page, 0))
        return {"crawl": ledger_id, "lanes": _started(ledger_id)}


def _started(ledger_id: str) -> int:
    with connection.errors_translated():
        lanes_started = ledgers.run(ledger_id, lanes.WORK, first=True)
    if lanes_started == -1:
        raise errors.NotFound(f"No batch or crawl {ledger_id}: it never existed, or its record has expired.")
    return max(0, lanes_started)


def stop(ledger_id: str, says: str = "stopped by hand") -> str:
    """Take no further page; what is pending stays, and `go_on` takes it up. Returns the state it was in. Raises NotFound."""
    with connection.errors_translated():
        state = ledgers.stop(ledger_id, says)
    if state is None:
        raise errors.NotFound(f"No batch or crawl {ledger_id}: it never existed, or its record has expired.")
    return state


def go_on(ledger_id: str, expected_pages: int | None = None) -> int:
    """Go on with what is pending; returns the lanes started. `expected_pages`: a new bound. Raises NotFound, WrongState.

    Pages that failed are not pending: `replay` tries them again.
    """
    with connection.errors_translated():
        ledger = ledgers.read(ledger_id)
        if ledger and ledger.is_over and ledger.pending:
            queues.take_more_pages(
                ledger.owner, ledger_id, (expected_pages or ledger.number("max_pages")) - ledger.done, ledger.done
            )
        started = ledgers.run(ledger_id, lanes.WORK, max_pages=expected_pages)
    if started == -1:
        raise errors.NotFound(f"No batch or crawl {ledger_id}: it never existed, or its record has expired.")
    if started == -2:
        raise errors.WrongState(f"{ledger_id} runs, or nothing of it is pending: `scrape show {ledger_id}` says which.")
    return started


def replay(func: Any, ledger_id: str, categories: Iterable[str] = ()) -> models.Submission:
    """Try the failed pages of a batch or crawl again, and no others, as a batch of their own that names its parent.

    `categories`: only failures of these. Raises NotFound, and WrongState while it runs or where nothing failed.
    """
    return submit(plan_replay(func, ledger_id, categories))


def plan_replay(func: Any, ledger_id: str, categories: Iterable[str] = ()) -> Plan:
    """The batch of the pages that failed, for `submit`. Raises as `replay` does."""
    seen = progress.of(ledger_id)
    if seen.state in ("opening", "running"):
        raise errors.WrongState(f"{ledger_id} still runs: replay it when it is over, or stop it.")
    wanted = frozenset(categories)
    with connection.errors_translated():
        failed = [
            record["url"]
            for record in stored.records(ledger_id)
            if record["outcome"] == "failed" and (not wanted or record["category"] in wanted)
        ]
        ledger = ledgers.read(ledger_id)
    if not failed or ledger is None:
        raise errors.WrongState(f"No page of {ledger_id} failed{' so' if wanted else ''}: there is nothing to replay.")
    with queues.owned_by(ledger.owner):
        return plan_batch(func, failed, configs.load(ledger.fields["config"]), ledger.fields["queue"], parent=ledger_id)


def tend(say: Callable[[str], object] = lambda text: None) -> int:
    """Give lanes whose job is gone a new one, in ledgers that have not moved for two minutes; says how many."""
    revived = 0
    with connection.errors_translated():
        for ledger_id in ledger_looks.quiet():
            count = ledgers.revive(ledger_id, lanes.WORK)
            if count:
                say(f"{ledger_id}: {count} lanes had no job and got one")
            revived += count
    return revived
