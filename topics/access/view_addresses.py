"""Names and addresses of saved views, checked: only filters of pages of ours are kept."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from errors import ArgumentError

#: Characters of a name and of an address; filters of one view.
LONGEST_NAME, LONGEST_ADDRESS, MOST_FILTERS = 60, 2000, 40

#: The lists that have saved views.
PAGES = re.compile(r"/jobs|/failures|/projects/[a-z0-9][a-z0-9._-]{0,59}/keywords")

#: Names of filters; and what of an address is no filter: where a list goes on, and how it is downloaded.
FILTER, NO_FILTER = re.compile(r"[A-Za-z0-9_.-]{1,60}"), re.compile(r".*-?cursor|format|table|limit|csrf_token")

UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def checked_name(text: str) -> str:
    """A name on one line. Raises ArgumentError."""
    name = " ".join(text.split())
    if not 0 < len(name) <= LONGEST_NAME or UNPRINTABLE.search(name):
        raise ArgumentError(f"the name of a view must be 1 to {LONGEST_NAME} characters on one line.")
    return name


def checked(address: str) -> tuple[str, str]:
    """The path and the filters of an address of ours. Raises ArgumentError.

    >>> checked("/jobs?status=failed&jobs-cursor=abc&format=csv")
    ('/jobs', 'status=failed')
    """
    parts = _parts(address)
    if not PAGES.fullmatch(parts.path) or parts.scheme or parts.netloc or parts.fragment:
        raise ArgumentError(f"{address!r:.80} has no saved views: /jobs, /failures and /projects/ID/keywords have some.")
    query = filters_of(parts.query)
    if not query:
        raise ArgumentError("there is nothing to save: set a filter first.")
    return parts.path, query


def filters_of(query: str) -> str:
    """The filters of a query, in order, without what is none. Raises ArgumentError for too many."""
    try:
        pairs = parse_qsl(query, max_num_fields=MOST_FILTERS)
    except ValueError:
        raise ArgumentError(f"a view holds {MOST_FILTERS} filters at most.") from None
    kept = [(name, value) for name, value in pairs if FILTER.fullmatch(name) and not NO_FILTER.fullmatch(name)]
    return urlencode(sorted(kept))


def _parts(address: str) -> Any:
    try:
        if len(address) > LONGEST_ADDRESS or UNPRINTABLE.search(address):
            raise ValueError
        return urlsplit(address)
    except ValueError:
        raise ArgumentError(f"the address of a view must be at most {LONGEST_ADDRESS:,} characters on one line.") from None
