"""Towns and regions of a search, by the canonical names of Google's list of geographical targets.

The list (developers.google.com/google-ads/api/data/geotargets, 2026-11) names a place from the smallest part to the country, e.g.
`Austin,Texas,United States`. It has 100,000 places and changes monthly, so only the form of a name is checked.
"""

import unicodedata

from errors import ArgumentError

MAX_BYTES = 400  # the longest name of the list has about 120

EXAMPLE = 'e.g. "Austin, Texas, United States": a place of Google\'s list of geotargets, its region, its country'


def location(text: str) -> str:
    """A place in Google's canonical form. Raises ArgumentError for another form.

    >>> location("Austin, Texas,  United States")
    'Austin,Texas,United States'
    """
    parts = [" ".join(part.split()) for part in unicodedata.normalize("NFC", text).split(",")]
    name = ",".join(parts)
    is_text = name.isprintable() and all(any(char.isalnum() for char in part) for part in parts)
    if len(parts) < 2 or not is_text or "://" in name or len(name.encode("utf-8", "replace")) > MAX_BYTES:
        raise ArgumentError(f"--location {text!r:.80} is no canonical name of Google's: {EXAMPLE}")
    if not any(char.isalpha() for char in parts[-1]):
        raise ArgumentError(f"--location {text!r:.80} does not end with a country: {EXAMPLE}")
    return name
