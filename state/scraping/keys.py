"""The Redis keys of scraping, with type and lifetime (`state/store/keys.py` has all others).

key                            type    lives
trawl:ledgers                  zset    permanent   batches and crawls that are not over → last step (ms); not begun: its end (ms)
trawl:ledgers:ended            zset    RESULT_DAYS those that ended or were stopped → when (ms)
trawl:ledger:<id>              hash    RESULT_DAYS a batch or crawl: facts and counters (fields: state/scraping/ledgers.py)
trawl:ledger:<id>:<part>       ...     RESULT_DAYS its pages, hosts, lanes, records … (state/scraping/lua/parts/ledger.lua)
trawl:result:<job>             string  RESULT_DAYS result of a scrape: packed JSON, or the key of its object
trawl:result:<job>:owner       string  RESULT_DAYS who owns it
trawl:page:<fingerprint>       hash    RESULT_DAYS a page as fetched last: its validators, and where it is kept
trawl:hosts                    zset    2 h         host → last turn that ended there (ms)
trawl:rates                    hash    permanent   host:<host>, tenant:<id> → delay, concurrency, windows set by hand (JSON)
trawl:gate:<scope>             hash    3 h         of host:<host>, provider:<name>: last sending, breaker, outcomes
trawl:gate:<scope>:in_flight   zset    20 min      holder and token → end of its lease (ms)
trawl:gate:<scope>:window      hash    2 windows   step of a window → its number and count (parts/rates.lua)
trawl:gate:<scope>:order       zset    15 min      holder that waits → its tag; longer than the last of them waits
trawl:gate:<scope>:due         zset    15 min      holder that waits → its moment (ms); likewise
trawl:gate:<scope>:tags        hash    15 min      tenant → its last tag, '=' → that of the last turn; likewise
trawl:robots:<origin>          hash    1 day       robots.txt of an origin (state/scraping/robots_cache.py)
"""

LEDGERS = "trawl:ledgers"
ENDED = "trawl:ledgers:ended"
LEDGER = "trawl:ledger:"
HOSTS = "trawl:hosts"
RATES = "trawl:rates"
GATES = "trawl:gate:"
ROBOTS = "trawl:robots:"


def ledger(ledger_id: str, part: str = "") -> str:
    """A batch or crawl (hash), or a part of it."""
    return f"{LEDGER}{ledger_id}:{part}" if part else LEDGER + ledger_id


def scrape_result(job_id: str) -> str:
    """Result of a scrape (string)."""
    return f"trawl:result:{job_id}"


def result_owner(job_id: str) -> str:
    """Who owns the result of a scrape (string)."""
    return f"trawl:result:{job_id}:owner"


def fetched_page(fingerprint: str) -> str:
    """A page as it was fetched last (hash)."""
    return f"trawl:page:{fingerprint}"


def gate(scope: str) -> str:
    """What is known of `host:<host>` or `provider:<name>` (hash); keys of the same gate go on with `:in_flight` and so on."""
    return GATES + scope
