"""Countries by their names."""

import re

from parsing import names

REMARK = re.compile(r"\s*\([^)]*\)\s*$")


def code(text: str | None) -> str | None:
    """The code of a country by its name or code; None for what is no country.

    >>> code("Deutschland"), code("usa"), code("GB"), code("Springfield"), code("Germany (DE)"), code("Wales")
    ('DE', 'US', 'GB', None, 'DE', 'GB')
    """
    if not text or len(text) > 60:
        return None
    text = REMARK.sub("", text)
    folded = names.folded(text)
    codes = names.country_codes()
    found = codes.get(folded) or codes.get(folded.removeprefix("the "))
    if found is None and len(text) == 2 and text.lower() in codes.values():
        found = text
    return found.upper() if found else None
