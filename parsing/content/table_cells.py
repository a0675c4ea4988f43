"""Columns of table cells: how many empty ones are written before a cell, so that it stays under its head."""

from selectolax.lexbor import LexborNode

CELLS, GROUPS = frozenset(("td", "th")), frozenset(("thead", "tbody", "tfoot", "table"))
MAX_EMPTY = 40  # cells in a row without words
MAX_SPAN, MAX_COLUMNS = 1000, 1000


class Columns:
    """The tables of one page. What a cell of an earlier row covers is found once a table."""

    def __init__(self) -> None:
        self._covered: dict[int, dict[int, int]] = {}

    def empty_before(self, cell: LexborNode) -> int:
        """How many columns without words lie between a cell and the one with words before it."""
        covered = self._covered_of(cell)
        count, node = covered.get(cell.mem_id, 0), cell.prev
        while node is not None and count < MAX_EMPTY:
            if node.tag in CELLS:
                is_empty = not node.text().strip()
                count += _span(node, "colspan") - (not is_empty)
                if not is_empty:
                    break
                count += covered.get(node.mem_id, 0)
            node = node.prev
        return max(0, min(count, MAX_EMPTY))

    def _covered_of(self, cell: LexborNode) -> dict[int, int]:
        """For the cells of a table: how many columns just before each are covered by cells of rows above."""
        table = cell.parent
        while table is not None and table.tag != "table":
            table = table.parent
        if table is None:
            return {}
        if table.mem_id not in self._covered:
            self._covered[table.mem_id] = _covered(table) if table.css_first("[rowspan]") is not None else {}
        return self._covered[table.mem_id]


def _covered(table: LexborNode) -> dict[int, int]:
    found: dict[int, int] = {}
    for group in (table, *(node for node in table.iter() if node.tag in GROUPS)):
        below: dict[int, int] = {}  # column → rows that a cell above still covers
        for row in group.iter():
            if row.tag == "tr":
                below = _row(row, below, found)
    return found


def _row(row: LexborNode, above: dict[int, int], found: dict[int, int]) -> dict[int, int]:
    """Note the covered columns of a row; returns what is covered in the next one."""
    below, column = {at: left - 1 for at, left in above.items() if left > 1}, 0
    for cell in row.iter():
        if cell.tag not in CELLS or column >= MAX_COLUMNS:
            continue
        skipped = column
        while column in above:
            column += 1
        if column > skipped:
            found[cell.mem_id] = column - skipped
        width, rows = _span(cell, "colspan"), _span(cell, "rowspan")
        if rows > 1:
            below.update(dict.fromkeys(range(column, min(column + width, MAX_COLUMNS)), rows - 1))
        column += width
    return below


def _span(cell: LexborNode, name: str) -> int:
    """How many columns or rows a cell spans. `rowspan="0"` is the rest of its part of the table."""
    text = (cell.attributes.get(name) or "").strip()
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    return min(number, MAX_SPAN) or (MAX_SPAN if name == "rowspan" else 1)
