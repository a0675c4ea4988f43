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

    >>> pluralize(1, "keyword"), pluralize(1200, "keyword"), pluralize(2, "entry"), pluralize(3, "key"), pluralize(2, "switch")
    ('1 keyword', '1,200 keywords', '2 entries', '3 keys', '2 switches')
    """
    return f"{number:,} {noun if number == 1 else plural or _plural(noun)}"


def _plural(noun: str) -> str:
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("ch", "sh", "s", "x")) else "s")


def size(number: int) -> str:
    """Bytes in their largest unit, of 1,024 each.

    >>> size(900), size(5 << 20), size(3_435_973_837), size(2048)
    ('900 B', '5 MiB', '3.2 GiB', '2 KiB')
    """
    value, unit = float(number), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if abs(value) < 1024:
            break
        value, unit = value / 1024, larger
    return f"{value:.1f}".removesuffix(".0") + f" {unit}" if abs(value) < 10 else f"{value:,.0f} {unit}"


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
