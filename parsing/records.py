"""Records of a CSV file (RFC 4180), read line by line, with any separator.

A quoted cell may go over the end of a line. A quote that is left open spoils its own line and no other.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator

#: Most lines of one record. A longer one has a quote that was left open. Semrush writes cells of ten and twelve lines, two in a
#: record (a Keyword Strategy Builder export of 2026).
RECORD_LINES = 200

#: A record of more lines must have the columns of the header, and no line in any cell may look like a record of its own.
PLAIN_LINES = 20

#: Most characters of one line. A file with a longer line is no list of keywords.
LINE_CHARS = 131_072

OPEN = "no CSV: a quote is left open"
LONG = f"no CSV: the line has more than {LINE_CHARS:,} characters"


class Records:
    """Yields (number of its first line, its cells, its fault) of each record. Blank lines are left out.

    `keyword_at` is the column of keywords, which are texts of one line. A line break in such a cell is a blank. But if its lines
    look like records, a quote that was left open has swallowed them.
    """

    def __init__(self, lines: Iterator[str], separator: str, first_line: int = 1, keyword_at: int | None = None) -> None:
        self.number = first_line - 1  # of the line that was read last
        self.columns = 0  # of the header, once it is known
        self.is_apart = False  # a blank line stands before the record
        self._lines, self._separator, self._keyword_at = lines, separator, keyword_at
        self._again: deque[str] = deque()
        self._opened = self._closed = 0  # the line of a quote that was left open, and the one that seemed to close it

    def __iter__(self) -> Iterator[tuple[int, list[str], str]]:
        while (line := self._next()) is not None:
            number = self.number
            if not line.strip("\r\n"):
                self.is_apart = True
                continue
            if len(line) > LINE_CHARS:
                yield number, [], LONG
            elif '"' in line:
                cells, problem = self._quoted(line)
                if not problem and number == self._closed and line.count('"') % 2:
                    cells, problem = [], f"no CSV: the quote that closes here was opened in line {self._opened}"
                yield number, cells, problem
            else:
                yield number, line.rstrip("\r\n").split(self._separator), ""
            self.is_apart = False

    def _next(self) -> str | None:
        line = self._again.popleft() if self._again else next(self._lines, None)
        if line is not None:
            self.number += 1
        return line

    def _quoted(self, first: str) -> tuple[list[str], str]:
        taken = [first]

        def following() -> Iterator[str]:
            yield first
            while len(taken) < RECORD_LINES and (line := self._next()) is not None:
                taken.append(line)
                yield line

        problem = ""
        try:
            reader = csv.reader(following(), delimiter=self._separator, strict=True, skipinitialspace=True)
            cells = next(reader, [])
            if len(taken) > 1 and (self._is_swallowed(cells) or (len(taken) > PLAIN_LINES and not self._is_long_record(cells))):
                problem = OPEN
        except csv.Error as exc:
            cells, problem = [], OPEN if "unexpected end" in str(exc) else f"no CSV: {exc}"
        if problem and len(taken) == 1 and (tidy := self._without_blanks(first)) != first:
            return self._quoted(tidy)
        if problem:
            self._closed = self.number
            self._put_back(taken[1:])
            self._opened = self.number
            return [], self._reason(first, problem)
        return cells, ""

    def _without_blanks(self, line: str) -> str:
        """Blanks between a closing quote and the separator are no error."""
        return re.sub(rf'" +(?={re.escape(self._separator)}|[\r\n]*$)', '"', line)

    def _put_back(self, lines: list[str]) -> None:
        self._again.extendleft(reversed(lines))
        self.number -= len(lines)

    def _reason(self, first: str, problem: str) -> str:
        """A cell that begins with a quoted word has an error of its own: its quotes must be written twice."""
        if problem == OPEN or first.count('"') % 2:
            return OPEN
        return 'no CSV: behind a closing quote the cell goes on: put it into quotes, and write each quote in it twice ("")'

    def _is_swallowed(self, cells: list[str]) -> bool:
        """Whether a line in a keyword's cell has enough separators, without a blank behind them, to be a record."""
        at = self._keyword_at
        return at is not None and at < len(cells) and self._holds_records(cells[at])

    def _is_long_record(self, cells: list[str]) -> bool:
        return len(cells) == self.columns and not any(map(self._holds_records, cells))

    def _holds_records(self, cell: str) -> bool:
        lines = cell.splitlines() if self.columns > 1 else []
        return len(lines) > 1 and any(self._separators(line) >= self.columns - 1 for line in lines)

    def _separators(self, line: str) -> int:
        return line.count(self._separator) - line.count(self._separator + " ")
