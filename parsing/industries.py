"""Industries by the many names they have. The table is a file users can change (`industries.tsv` as it is shipped)."""

from collections.abc import Mapping

from parsing import names

#: Words that separate several industries in one text.
BREAKS = (";", "|", "/", ",", ">")


def of(text: str, table: Mapping[str, str]) -> str | None:
    """The industry of the table that a text names; None where it names none. `table`: folded name → industry.

    The whole text counts first, then its parts, then the longest name in it.

    >>> table = {"software": "Software", "computer software": "Software", "bank": "Finance"}
    >>> of("Computer Software", table), of("Bank; Broker", table), of("A bank for farmers", table), of("Banker", table)
    ('Software', 'Finance', 'Finance', None)
    """
    folded = names.folded(text)
    if found := table.get(folded):
        return found
    parts = [text]
    for mark in BREAKS:
        parts = [piece for part in parts for piece in part.split(mark)]
    for part in parts:
        if found := table.get(names.folded(part)):
            return found
    words = folded.split()[:40]
    spans = [
        " ".join(words[at : at + count]) for count in range(min(6, len(words)), 0, -1) for at in range(len(words) - count + 1)
    ]
    return next((table[span] for span in spans if span in table), None)


def table_of(rows: list[tuple[str, list[str]]]) -> dict[str, str]:
    """Folded name → industry, of the rows of a table: an industry, and its other names."""
    found: dict[str, str] = {}
    for industry, others in rows:
        for name in (industry, *others):
            found.setdefault(names.folded(name), industry)
    return found
