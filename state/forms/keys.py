"""The Redis keys of form discovery, with type and lifetime (`state/store/keys.py` has all others).

key                            type    lives
trawl:forms                    set     permanent   numbers of the networks
trawl:forms:counters           hash    permanent   network, page, session → the last number that was given
trawl:forms:network:<n>        hash    permanent   a network (fields: networks.py)
trawl:forms:network:<n>:pages  hash    permanent   address of a page with forms → its number
trawl:forms:page:<n>           hash    permanent   a page with forms (fields: pages.py)
"""

NETWORKS = "trawl:forms"
COUNTERS = "trawl:forms:counters"


def network(number: int, part: str = "") -> str:
    """A network (hash), or a part of it."""
    return f"trawl:forms:network:{number}:{part}" if part else f"trawl:forms:network:{number}"


def page(number: int) -> str:
    """A page with forms (hash)."""
    return f"trawl:forms:page:{number}"
