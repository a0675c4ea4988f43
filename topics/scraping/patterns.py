"""Patterns of addresses: `*` stands for any text. Matching takes a time that grows with the address alone."""

from errors import ArgumentError

MAX_STARS = 10


def check(pattern: str) -> None:
    """Raises ArgumentError for a pattern that cannot be read, with the remedy."""
    if not pattern.startswith(("/", "*", "?", "http://", "https://")):
        raise ArgumentError(f"The pattern {pattern!r:.80} must begin with / (a path), * or http:// (a whole address)")
    if pattern.count("*") > MAX_STARS:
        raise ArgumentError(f"The pattern {pattern!r:.80} has more than {MAX_STARS} `*`: write several patterns")


def matches(pattern: str, url: str, target: str) -> bool:
    """Whether an address fits. `target` is its path and query. A pattern without `*` at its end fits what begins so.

    >>> matches("/blog/", "", "/blog/a"), matches("*.html", "", "/a/b.html"), matches("/*/x$", "", "/a/xy")
    (True, True, False)
    """
    text = url if pattern.startswith("http") else target
    is_whole = pattern.endswith("$")
    first, *parts = pattern.removesuffix("$").split("*")
    if not text.startswith(first):
        return False
    at = len(first)
    for number, part in enumerate(parts):
        if is_whole and number == len(parts) - 1:
            return text.endswith(part) and len(text) - len(part) >= at
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return not is_whole or at == len(text)
