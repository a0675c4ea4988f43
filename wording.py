"""Numbers and lengths of time as people read them."""


def duration(seconds: float) -> str:
    """A length of time in its largest unit.

    >>> duration(4), duration(90), duration(7200), duration(200_000)
    ('4 s', '1 min', '2 h', '2 d')
    """
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(0, int(seconds))} s"


def pluralize(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun.

    >>> pluralize(1, "keyword"), pluralize(1200, "keyword"), pluralize(2, "entry", "entries")
    ('1 keyword', '1,200 keywords', '2 entries')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


#: Reasons of an unknown rank that say more than their name.
_UNKNOWN = {
    "suspect": "suspect, as most keywords fell at once: a sample is checked again",
    "suspect_discarded": "suspect run discarded",
}


def of_unknown(reason: str | None) -> str:
    """Why a rank is unknown; None = it was never checked.

    >>> of_unknown("captcha"), of_unknown("suspect_discarded"), of_unknown(None)
    ('captcha', 'suspect run discarded', 'never checked')
    """
    return _UNKNOWN.get(reason or "", reason or "never checked")
