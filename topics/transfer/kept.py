"""What of the store a backup holds: everything but what belongs to work under way, to sessions, and to moments.

A key that nobody thought of here is in the backup. Left out:

    leases, claims, parked and blocked jobs, queues     a restored store has none of these jobs: what is due comes again
    batches and crawls that are not over                their jobs are gone; what they fetched is not
    deliveries of webhooks and alerts, changes to tell the old system has sent them, or will
    sessions, tries to log in, rates                    whoever logs in does it again
    gates of hosts, robots.txt, figures of minutes      looked up or counted anew
"""

import re
from collections.abc import Iterator

from state.engine import schedule_records
from state.scraping import keys as scraping_keys
from state.scraping import ledger_looks
from state.store import dumps, keys

LEFT_OUT = re.compile(
    "trawl:(?:"
    + "|".join(
        (
            r"serp:(?:turns:.*|halted|slot:.*|credits)|orders:.*|asked:.*|restoring:.*",
            r"claims.*|leases|runs:.*|request:.*|after|parked|owned.*|quarantine|slots:.*|bulk:.*|submitted:.*",
            r"events(?!:wanted$).*|told:.*|packing|flow:.*|lines:.*|probe|alarm|wake|count:.*|heartbeat:.*|leads:put:.*",
            r"ledgers|gate:.*|hosts|robots:.*",
            r"access:(?:session|throttle|rate|counting|login).*|budgets:settled:.*",
            r"alerts:(?:untold|left_out|told|looked|looking|due|sent.*|message:.*)",
            r"webhooks:(?:pending|log|of:.*)|webhook:(?:sent:.*|[^:]*:.*)",
        )
    )
    + ")"
)

#: What processes write by themselves, also into a store that nobody used yet.
BY_ITSELF = re.compile(
    r"trawl:(?:schedules?(?::.*)?|kinds|hour:.*|statistics:.*|history(?::.*)?|audit.*|failures.*|budget:.*|attempts:.*|serp:vtime|alerts:.*|upkeep:.*)"
)


def names() -> Iterator[str]:
    """The keys that a backup holds, ours and the entries of the schedule."""
    going_on = ledger_looks.going_on()
    yield from (name for name in dumps.names(f"{keys.PREFIX}*") if is_kept(name, going_on))
    yield from schedule_records.keys_of_all()


def is_kept(name: str, going_on: set[str]) -> bool:
    """Whether a backup holds this key. `going_on`: batches and crawls that are not over."""
    ledger = name.removeprefix(scraping_keys.LEDGER).partition(":")[0] if name.startswith(scraping_keys.LEDGER) else ""
    return ledger not in going_on and not LEFT_OUT.fullmatch(name)


def somebodys() -> str | None:
    """The first key that somebody's data made; None = nobody used this store yet."""
    found = (name for name in dumps.names(f"{keys.PREFIX}*") if is_kept(name, set()) and not BY_ITSELF.fullmatch(name))
    return next(found, None)
