"""The Redis keys of companies, with type and lifetime (`state/store/keys.py` has all others).

key                            type    lives
trawl:lead:<id>                hash    permanent  a company: owner, site, domain, name, tags, members, score, facts as f:<field>
trawl:lead:<id>:former         list    permanent  facts that others replaced, the last 50, the newest first
trawl:lead:<id>:scores         list    permanent  its scores in short, the last 400: <ms> <total> <version of the model>
trawl:leads:ids[:<owner>]      zset    permanent  companies, all with the score 0; without an owner: everybody's
trawl:leads:index:<owner>      hash    permanent  d:<domain>, p:<name key> US <phone>, n:<name key> → the company it names
trawl:leads:scores[:<owner>]   zset    permanent  company → its last score
trawl:leads:changed            set     permanent  companies whose facts or tags changed since they were scored
trawl:leads:changed:taken      set     permanent  those of them that are being scored
trawl:leads:rescoring          hash    permanent  the last scoring of all companies (state/leads/rescoring.py `Course`)
trawl:lead:<id>:joined         string  400 days   the company that this one became a part of
trawl:leads:put:<token>        string  60 s       the reply to what was put, for when it is sent again
"""

from collections.abc import Sequence

LEAD = "trawl:lead:"
IDS = "trawl:leads:ids"
SCORES = "trawl:leads:scores"
CHANGED = "trawl:leads:changed"
TAKEN = "trawl:leads:changed:taken"
RESCORING = "trawl:leads:rescoring"

#: Parts name and phone in a member of the index: neither has it.
MARK = "\x1f"


def lead(company_id: str) -> str:
    """A company (hash)."""
    return LEAD + company_id


def former(company_id: str) -> str:
    """Facts of a company that others replaced (list)."""
    return f"{LEAD}{company_id}:former"


def history(company_id: str) -> str:
    """The scores of a company (list)."""
    return f"{LEAD}{company_id}:scores"


def joined(company_id: str) -> str:
    """The company that a company became a part of (string)."""
    return f"{LEAD}{company_id}:joined"


def ids(owner: str | None) -> str:
    """The companies of an owner (zset), None = all of them."""
    return IDS if owner is None else f"{IDS}:{owner}"


def scores(owner: str | None) -> str:
    """The last scores of an owner's companies (zset), None = of all."""
    return SCORES if owner is None else f"{SCORES}:{owner}"


def index(owner: str) -> str:
    """What names an owner's companies (hash)."""
    return f"trawl:leads:index:{owner}"


def put(token: str) -> str:
    """The reply to what was put (string)."""
    return f"trawl:leads:put:{token}"


def members(domain: str, name_key: str, phone_keys: Sequence[str]) -> list[str]:
    """What names a company in the index, the surest first. The name alone names one of which nothing else is known."""
    found = [f"d:{domain}"] if domain else []
    found += [f"p:{name_key}{MARK}{phone}" for phone in phone_keys if name_key]
    return found or ([f"n:{name_key}"] if name_key else [])
