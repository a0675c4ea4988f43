"""Redis keys of tracking that are not in `state/store/keys.py`, with type and lifetime.

key                                  type    lives
trawl:overview:<project>             string  7 days     a project at a glance, as it was counted last (JSON)
trawl:overview:<project>:brief       string  7 days     the same in a few figures, for lists of projects (JSON)
trawl:orders:<project>               string  1 day      how its keywords were ordered last: version, when, how many (JSON)
trawl:orders:<project>:<v>:<order>   string  1 day      all ids in that order, 12 characters each (state/tracking/orders.py)
trawl:project:<id>:notes             hash    permanent  id of a note → day, text and actor (JSON)
trawl:competitors:<project>          string  7 days     who ranks beside a project, as it was counted last (JSON)
trawl:landing:<project>              string  7 days     its landing pages as counted last: version, when, how many (JSON)
trawl:landing:<project>:<v>:<list>   list    7 days     rows of that count (JSON; state/tracking/landing_pages.py)
trawl:drops                          zset    7 days     projects with keywords that fell → when last (ms)
trawl:project:<id>:drops             hash    7 days     keyword → how it fell (JSON; drops.py), `+` → how many more
trawl:suspects                       zset    9 days     `<project> <day>` of runs that are held → since when (ms)
trawl:suspects:<project>:<day>       hash    9 days     a run: what its checks said (fields: suspects.py)
trawl:suspects:<project>:<day>:falls hash    9 days     keyword → the rank that fell, as it would be stored: record, page
trawl:suspects:<project>:<day>:seen  hash    9 days     keyword → whether it fell (0, 1)
trawl:keyword:<id>:serps             string  permanent  what its checks saw in the last days (serp_summaries.py)
"""

from state.store import keys

DROPS = "trawl:drops"
SUSPECTS = "trawl:suspects"


def drops(project_id: str) -> str:
    """Keywords of a project that fell (hash)."""
    return f"{keys.PROJECT}{project_id}:drops"


def run(project_id: str, day: str, part: str = "") -> str:
    """What the checks of a project said on a day (hash), or a part of it."""
    return f"trawl:suspects:{project_id}:{day}{part and f':{part}'}"


def overview(project_id: str) -> str:
    """The overview of a project (string)."""
    return f"trawl:overview:{project_id}"


def competitors(project_id: str) -> str:
    """The competitors of a project (string)."""
    return f"trawl:competitors:{project_id}"


def serps(keyword_id: str) -> str:
    """What the checks of a keyword saw (string)."""
    return f"{keys.KEYWORD}{keyword_id}:serps"


def brief(project_id: str) -> str:
    """The overview of a project in a few figures (string)."""
    return f"trawl:overview:{project_id}:brief"


def orders(project_id: str) -> str:
    """How the keywords of a project were ordered last (string)."""
    return f"trawl:orders:{project_id}"


def order(project_id: str, version: str, name: str) -> str:
    """The ids of a project in one order (string)."""
    return f"trawl:orders:{project_id}:{version}:{name}"


def notes(project_id: str) -> str:
    """Notes of a project (hash)."""
    return f"{keys.PROJECT}{project_id}:notes"


def landing(project_id: str) -> str:
    """How the landing pages of a project were counted last (string)."""
    return f"trawl:landing:{project_id}"


def landing_rows(project_id: str, version: str, name: str) -> str:
    """Rows of such a count (list)."""
    return f"trawl:landing:{project_id}:{version}:{name}"
