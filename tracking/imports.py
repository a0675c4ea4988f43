"""Import of keywords from CSV: what is good is taken, what is bad is named by its line."""

import csv
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

#: Names of columns that no file has.
REST, ERROR = "\0rest", "\0error"

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
        raise ArgumentError(f"{path} is not UTF-8 text after {done} keywords: save it as CSV UTF-8 and import it again.") from None
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
            text = projects.checked_keyword(row["keyword"])
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
            found = stored_projects.find(wanted) if wanted else None
            if not found and not domain:
                raise NotFound(f"there is no project {name!r}: add it, or give its domain in a column of the file")
            if not found:
                found = projects.add(domain, projects.Options(id=name or None))
                self.result.projects_added += 1
            self._projects[name, domain] = found.id
        return self._projects[name, domain]


def _rows(file: TextIO, path: Path, has_project: bool) -> Iterator[tuple[int, dict[str, str]]]:
    """(line number, columns) of each line behind the header; a line that is no CSV has only ERROR."""
    reader: csv.DictReader[str] = csv.DictReader(file, restkey=REST, restval="")
    header = [name.strip().lower() for name in reader.fieldnames or []]
    reader.fieldnames = header
    if "keyword" not in header or not (has_project or {"project", "domain"} & set(header)):
        wanted = "keyword" if has_project else "project,domain,keyword (project or domain may be missing, or give --project)"
        raise ArgumentError(f"{path} has no column for that in its first line: it must name {wanted}.")
    while True:
        try:
            row = next(reader, None)
        except csv.Error as exc:
            row = {ERROR: f"no CSV: {exc}"}
        if row is None:
            return
        yield reader.line_num, row
