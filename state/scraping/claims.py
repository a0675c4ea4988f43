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


def waiting(ledger_id: str, mark: str, to: str) -> str:
    """The address of the page that gave way to the page with this mark, which proved to be none; "" where no page did.

    That it is none is noted where no page gave way to it yet. `to`: the mark of the page that it sends on to. One round trip.
    """
    key = keys.ledger(ledger_id, "claims")
    with connection.client().pipeline(transaction=True) as pipe:
        pipe.hget(key, mark)
        pipe.hsetnx(key, mark, f"{NO_PAGE}{to}\t")
        pipe.expire(key, ledgers.keep_s())
        said = (pipe.execute()[0] or b"").decode(errors="replace")
    return said.partition("\t")[2] if said.startswith(NO_PAGE) else said


def end(ledger_id: str, mark: str, to: str, url: str) -> None:
    """The page with this mark is none, and the page at `url` no longer gives way to it. `to`: as above."""
    key = keys.ledger(ledger_id, "claims")
    with connection.client().pipeline(transaction=True) as pipe:
        pipe.hset(key, mark, f"{NO_PAGE}{to}\t{url}")
        pipe.expire(key, ledgers.keep_s())
        pipe.execute()
