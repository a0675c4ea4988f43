"""The frontier: a lane tells what came out of a page and takes the next one, in one script call.

A lane is a chain of jobs; the name of each is `<ledger>-<lane>-<round>`. Whatever dies, the page that a lane held is taken again
by the lane's next job, and what came out of a page is recorded once.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import clock
from errors import ArgumentError
from state.engine import jobs
from state.scraping import keys as own_keys
from state.scraping import ledgers, pages
from state.store import keys, scripts


class Lane(NamedTuple):
    """A job of a lane."""

    ledger_id: str
    number: int
    round: int

    @property
    def job_id(self) -> str:
        """The id of this job, which is its argument, too."""
        return f"{self.ledger_id}-{self.number}-{self.round}"


@dataclass(frozen=True, slots=True)
class Page:
    """A page that a lane holds. `attempts`: failures so far. `token` stands for the right to tell what came out of it.

    `kept`: how it was fetched before, where it was asked for by `mark` (its fingerprint; "" = it was not). `via`: fingerprints of
    pages that redirect to it, the last one first.
    """

    n: int
    depth: int
    attempts: int
    url: str
    token: str
    packs: bool  # whether records of the ledger wait to be packed
    took_links: bool  # whether the links of the page before were taken
    mark: str = ""
    kept: pages.Kept | None = None
    via: Sequence[str] = ()


class Wait(NamedTuple):
    """No page may be fetched for so long (s)."""

    in_s: float


class End(NamedTuple):
    """The lane's job is done: asleep, handed (a new job goes on), over, lost (another job has the lane)."""

    reason: str


class Asked(NamedTuple):
    """How a lane asks for its next page.

    `goes_on` False: no page is given, and a new job at the end of the queue goes on with the lane. `gap_ms`: between two pages of
    a host. `recalls`: it is told how the page was fetched before.
    """

    goes_on: bool = True
    gap_ms: int = 0
    recalls: bool = False


PLAINLY = Asked()


class Told(NamedTuple):
    """What came out of a page.

    `outcome`: done, skipped:<reason>, failed:<category>; retry or wait (the page, or its host, is tried again after `delay_ms`).
    `content`: hash of its text, "" = not looked at. `millicredits`: what a provider charged. `offers`: the links found there.
    """

    outcome: str
    record: bytes = b""
    delay_ms: int = 0
    content: str = ""
    elapsed_ms: int = 0
    millicredits: int = 0
    offers: Sequence[ledgers.Offer] = ()


NOTHING = Told("")


def lane_of(name: str) -> Lane:
    """The lane that a job's argument names. Raises ArgumentError."""
    ledger_id, _, rest = name.partition("-")
    number, _, round_ = rest.partition("-")
    if not (ledger_id.isalnum() and number.isdigit() and round_.isdigit()):
        raise ArgumentError(f"{name!r:.80} names no lane: it must be <ledger>-<lane>-<round>.")
    return Lane(ledger_id, int(number), int(round_))


def step_call(lane: Lane, work: ledgers.Work, told: Told, held: str, asked: Asked = PLAINLY) -> scripts.Call:
    """One step, to be sent together with others. `held`: token of the page of which `told` tells ("" = of none)."""
    return _step.call(
        ledger=own_keys.ledger(lane.ledger_id),
        ledgers=own_keys.LEDGERS,
        queues=keys.RQ_QUEUES,
        wakeups=keys.WAKE,
        events=keys.EVENTS,
        now_ms=clock.script_now_ms(),
        now_iso=jobs.rq_time(clock.now()),
        id=lane.ledger_id,
        lane_name=lane.number,
        round=lane.round,
        token=secrets.token_hex(6),
        held=held,
        outcome=told.outcome,
        delay_ms=told.delay_ms,
        record=told.record,
        content=told.content,
        elapsed_ms=told.elapsed_ms,
        millicredits=told.millicredits,
        goes_on="1" if asked.goes_on else "",
        gap_ms=asked.gap_ms,
        path=work.path,
        timeout_s=work.timeout_s,
        jobs=keys.RQ_JOB,
        queue_keys=keys.RQ_QUEUE,
        failure_ttl_s=keys.FAILURE_TTL_S,
        keep_s=ledgers.keep_s(),
        kept_pages=own_keys.fetched_page("") if asked.recalls else "",
        offers=[part for offer in told.offers for part in offer],
    )


@scripts.script("scraping/step")
def _step(
    *,
    ledger: str,
    ledgers: str,
    queues: str,
    wakeups: str,
    events: str,
    now_ms: str,
    now_iso: str,
    id: str,
    lane_name: int,
    round: int,
    token: str,
    held: str,
    outcome: str,
    delay_ms: int,
    record: bytes,
    content: str,
    elapsed_ms: int,
    millicredits: int,
    goes_on: str,
    gap_ms: int,
    path: str,
    timeout_s: int,
    jobs: str,
    queue_keys: str,
    failure_ttl_s: int,
    keep_s: int,
    kept_pages: str,
    offers: Sequence[scripts.Argument],
) -> list[Any]:
    raise scripts.InLua


def answer_of(call: scripts.Call, reply: list[Any]) -> Page | Wait | End:
    """What a step answered."""
    word = reply[0].decode()
    if word == "page":
        _, n, depth, attempts, url, packs, took_links, mark, kept, via = reply
        named = mark.decode(), pages.recalled(kept), via.decode().split(":")[1:]
        return Page(n, depth, attempts, url.decode(), str(call[2][TOKEN_AT]), bool(packs), bool(took_links), *named)
    if word == "wait":
        return Wait(max(0, int(reply[1])) / 1000)
    return End(word)


#: Where the token stands among the arguments of a step.
TOKEN_AT = _step.header.args.single.index("token")
