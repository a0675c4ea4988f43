"""Which page gave way to which within one crawl: it named the other one as its own address. And which of those proved to be none.

The hash `trawl:ledger:<id>:claims` holds, by the mark of a page, the address of the first page that gave way to it. Where that
proved to be no page, `>` and the mark of the page that it sends on to stand before it, divided by a tab.
"""

from state.scraping import keys, ledgers
from state.store import connection

NO_PAGE = ">"


def claim(ledger_id: str, named: str, own: str, url: str) -> bool:
    """Whether the page at `url`, whose mark is `own`, may give way to the page with the mark `named`. One round trip."""
    key = keys.ledger(ledger_id, "claims")
    with connection.client().pipeline(transaction=True) as pipe:
        pipe.hsetnx(key, named, url)
        pipe.hget(key, named)
        pipe.expire(key, ledgers.keep_s())
        said = (pipe.execute()[1] or b"").decode(errors="replace")
    return not said.startswith(NO_PAGE) or said[1:].partition("\t")[0] not in ("", own)


def waiting(ledger_id: str, mark: str) -> str:
    """The address of the page that gave way to the page with this mark; "" where there is none."""
    said = (connection.client().hget(keys.ledger(ledger_id, "claims"), mark) or b"").decode(errors="replace")
    return said.partition("\t")[2] if said.startswith(NO_PAGE) else said


def end(ledger_id: str, mark: str, to: str, url: str) -> None:
    """The page with this mark proved to be none. `to`: the mark of the page that it sends on to; `url`: that gave way to it."""
    key = keys.ledger(ledger_id, "claims")
    with connection.client().pipeline(transaction=True) as pipe:
        pipe.hset(key, mark, f"{NO_PAGE}{to}\t{url}")
        pipe.expire(key, ledgers.keep_s())
        pipe.execute()
