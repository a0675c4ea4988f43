"""Tables in the text of a page, whose cells are parted by tabs: the heading of the column in which something stands."""

import re

MAX_ROWS = 100
MAX_CELL = 30


def heading(text: str, at: int, words: re.Pattern[str]) -> re.Match[str] | None:
    """The word in the heading of the column at a place; None where no row above has such headings in two columns or more.

    A row that has such a word itself says what it holds, and a row with other cells than its headings is not understood.

    >>> found = heading("Phone\\tFax\\n12 34\\t56 78\\n", 16, re.compile("phone|fax", re.IGNORECASE))
    >>> found and found[0]
    'Fax'
    """
    begin = text.rfind("\n", 0, at) + 1
    row = text[begin : text.find("\n", at) if "\n" in text[at:] else len(text)]
    if "\t" not in row or words.search(row):
        return None
    column, cells = row[: at - begin].count("\t"), row.count("\t")
    for _ in range(MAX_ROWS):
        end, begin = begin - 1, text.rfind("\n", 0, max(begin - 1, 0)) + 1
        above = text[begin : max(end, 0)]
        if above.count("\t") != cells:
            return None
        found = [words.search(cell[:MAX_CELL]) for cell in above.split("\t")]
        if sum(match is not None for match in found) > 1:
            return found[column]
    return None
