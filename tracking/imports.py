"""Import of keywords from CSV: what is good is taken, what is bad is named by its line."""

import csv
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from errors import ArgumentError, NotFound
from state import keywords
from state import projects as stored_projects
from tracking import projects

#: Lines written at once.
CHUNK = 5000

#: Columns that are read; others are ignored.
READ = ("keyword", "project", "domain")

#: Names of columns that no file has.
REST, ERROR = "\0rest", "\0error"

#: Lines one record may take; behind that a quote was left open, and only the line it stands in is bad.
RECORD_LINES = 20

#: Bad lines that are named; more are only counted.
NAMED_BAD_LINES = 100


@dataclass(slots=True)
class Imported:
    """What an import did. `bad` holds (line number, what is wrong), at most 100 of `bad_count`."""

    added: int = 0
    known: int = 0
    bad_count: int = 0
    projects_added: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)

    def reject(self, line: int, reason: str) -> None:
        """Count a bad line."""
        self.bad_count += 1
        if len(self.bad) < NAMED_BAD_LINES:
            self.bad.append((line, reason))


def import_csv(path: Path, project_id: str | None = None, progress: Callable[[int], object] = lambda lines: None) -> Imported:
    """Add the keywords of a CSV file with a header: `keyword`, and `project` or `domain` unless `project_id` is given.

    A project that is not there is added where the file gives its `domain`. A keyword that is there stays as it is. `progress` is
    told how many lines are done. Safe to repeat. Raises ArgumentError for a file that is no such CSV, NotFound for `project_id`.
    """
    if project_id:
        stored_projects.get(project_id)
    job = _Import(project_id)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, row in _rows(file, path, project_id is not None):
                job.take(line, row)
                if job.waiting >= CHUNK:
                    job.write()
                    progress(line)
    except OSError as exc:
        raise ArgumentError(f"{path} cannot be read: {exc.strerror}.") from None
    except UnicodeDecodeError:
        job.write()
        done = job.result.added + job.result.known
        raise ArgumentError(f"{path} is no UTF-8 text after {done} keywords: save it as CSV UTF-8 and import it again.") from None
    job.write()
    return job.result


class _Import:
    """Lines taken and not yet written, and what became of the others."""

    def __init__(self, project_id: str | None) -> None:
        self.project_id = project_id
        self.result = Imported()
        self.waiting = 0
        self._texts: dict[str, list[str]] = {}
        self._projects: dict[tuple[str, str], str] = {}

    def take(self, line: int, row: dict[str, str]) -> None:
        """Take one line, or name what is wrong with it."""
        try:
            if row.get(REST):
                raise ArgumentError("more columns than the header: quote a keyword that holds a comma")
            if ERROR in row:
                raise ArgumentError(row[ERROR])
            text = projects.checked_keyword(row.get("keyword", ""))
            project_id = self.project_id or self._project(row.get("project", "").strip(), row.get("domain", "").strip())
        except (ArgumentError, NotFound) as exc:
            self.result.reject(line, str(exc))
            return
        self._texts.setdefault(project_id, []).append(text)
        self.waiting += 1

    def write(self) -> None:
        """Store what was taken."""
        for project_id, texts in self._texts.items():
            added, known = keywords.add_many(project_id, texts)
            self.result.added += added
            self.result.known += known
        self._texts.clear()
        self.waiting = 0

    def _project(self, name: str, domain: str) -> str:
        if (name, domain) not in self._projects:
            wanted = name or (projects.id_for(domain) if domain else "")
            found = stored_projects.find(wanted) if projects.PROJECT_ID.fullmatch(wanted) else None
            if not found and not domain:
                raise NotFound(f"there is no project {name!r}: add it, or give its domain in a column of the file")
            if not found:
                found = projects.add(domain, projects.Options(id=name or None))
                self.result.projects_added += 1
            self._projects[name, domain] = found.id
        return self._projects[name, domain]


class _OpenQuote(csv.Error):
    """A record that does not end."""


class _Lines:
    """The lines of a file for a CSV reader. What a broken record took behind its first line is read again."""

    def __init__(self, file: TextIO) -> None:
        self.number = 1  # of the record's first line
        self._file = file
        self._taken: list[str] = []
        self._again: deque[str] = deque()

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self._taken) == RECORD_LINES:
            raise _OpenQuote("a quote is left open")
        line = self._again.popleft() if self._again else next(self._file, None)
        if line is None and self._taken:
            raise _OpenQuote("a quote is left open")
        if line is None:
            raise StopIteration
        self._taken.append(line)
        return line

    def next_record(self, *, broken: bool = False) -> None:
        """Go on behind the record, or behind its first line where it is `broken`."""
        done = 1 if broken else len(self._taken)
        self._again.extendleft(reversed(self._taken[done:]))
        self.number += done
        self._taken.clear()


def _rows(file: TextIO, path: Path, has_project: bool) -> Iterator[tuple[int, dict[str, str]]]:
    """(line number, columns) of each record behind the header; one that is no CSV has only ERROR."""
    lines = _Lines(file)
    reader = csv.reader(lines)
    header = _header(reader, path, has_project)
    lines.next_record()
    while True:
        try:
            cells = next(reader, None)
            if cells and any(name in READ and ("\n" in cell or "\r" in cell) for name, cell in zip(header, cells, strict=False)):
                raise _OpenQuote("a quote is left open")
        except csv.Error as exc:
            yield lines.number, {ERROR: f"no CSV: {exc}"}
            lines.next_record(broken=True)
            continue
        if cells is None:
            return
        if cells:
            yield lines.number, {**dict(zip(header, cells, strict=False)), REST: "".join(cells[len(header) :])}
        lines.next_record()


def _header(reader: Iterator[list[str]], path: Path, has_project: bool) -> list[str]:
    try:
        header = [name.strip().lower() for name in next(reader, [])]
    except csv.Error:
        header = []
    if "keyword" not in header or not (has_project or {"project", "domain"} & set(header)):
        wanted = "keyword" if has_project else "project,domain,keyword (project or domain may be missing, or give --project)"
        raise ArgumentError(f"{path} has no column for that in its first line: it must name {wanted}.")
    return header
