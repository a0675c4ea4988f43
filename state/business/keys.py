"""The Redis keys of business sites, with type and lifetime (`state/store/keys.py` has all others).

key                              type    lives
trawl:business:site:<owner>:<site>  hash  RESULT_DAYS what is known of a site in short; its `job` holds the whole as its result
trawl:business:sites             zset    RESULT_DAYS after the last site: <site>, US, <owner>, all with the score 0
trawl:business:sites:<owner>     zset    likewise    the same, those of one owner
"""

SITES = "trawl:business:sites"
SITE = "trawl:business:site:"

#: Parts site and owner in a member: no host has it.
MARK = "\x1f"


def site(owner: str, name: str) -> str:
    """A site (hash)."""
    return f"{SITE}{owner}:{name}"


def sites(owner: str | None) -> str:
    """The list of sites (zset): of one owner, None = all of them."""
    return SITES if owner is None else f"{SITES}:{owner}"
