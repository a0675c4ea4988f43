"""The Redis keys of budgets, with type and lifetime (`state/store/keys.py` has all others).

key                                   type    lives
trawl:budgets                         zset    permanent  scopes that have a limit or spent something → when last (s)
trawl:budgets:limit:<scope>           hash    permanent  limits of a month: micro_usd, milli_credits, zone
trawl:budgets:month:<scope>:<month>   hash    400 days   spent:<unit>, held:<unit>, warned:<%>, closed; r:<id> a reservation and
                                                         for what it was asked; u:<id> one charged as uncertain; b:<id> its
                                                         charge was given back, by which refund
trawl:budgets:leases:<scope>:<month>  zset    400 days   reservation → end of its lease (ms)
trawl:budgets:ledger:<scope>:<month>  stream  400 days   what was settled, refunded and closed; the newest MOST_LINES
trawl:budgets:settled:<reservation>   string  1 day      it was settled, for when that is sent again
trawl:budget:<month>                  string  400 days   when this month's budgets began, in UTC

`<month>` is YYYY-MM in the zone of the scope. So a new month begins with nothing spent, whoever runs or does not.
"""

SCOPES = "trawl:budgets"


def limit(scope: str) -> str:
    """Limits of a scope (hash)."""
    return f"trawl:budgets:limit:{scope}"


def month(scope: str, period: str) -> str:
    """What a scope spent and holds in a month (hash)."""
    return f"trawl:budgets:month:{scope}:{period}"


def leases(scope: str, period: str) -> str:
    """Reservations of a scope in a month (zset, ms)."""
    return f"trawl:budgets:leases:{scope}:{period}"


def ledger(scope: str, period: str) -> str:
    """The ledger of a scope and month (stream)."""
    return f"trawl:budgets:ledger:{scope}:{period}"


def settled(reservation: str) -> str:
    """A reservation was settled (string)."""
    return f"trawl:budgets:settled:{reservation}"


def began(period: str) -> str:
    """When the budgets of a month (YYYY-MM) began (string)."""
    return f"trawl:budget:{period}"
