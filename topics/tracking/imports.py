"""Import of keywords from the files of this trade: what is good is taken, what is bad is named by its line."""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import models
import wording
from errors import ArgumentError, DataError
from parsing import cells, keyword_tables, markets, rank_cells
from parsing.records import Records
from state.tracking import details, keywords
from state.tracking import projects as stored_projects
from topics.tracking import adding, import_trials, keyword_files, past_ranks, projects
from topics.tracking.import_results import AS_IT_SAYS
from topics.tracking.import_results import Imported as Imported
from topics.tracking.import_results import Reading as Reading
from topics.tracking.markets import Homes, fits, words

#: Lines written at once.
CHUNK = 5000

#: Cells that tools write where they have no keyword, and what a spreadsheet leaves of one that began with = + or - (`#NAME?`).
NO_KEYWORD = re.compile(
    r"[-–—_=\s]+|\((?:not set|not provided|other)\)|#(?:NAME\?|REF!|VALUE!|NUM!|NULL!|DIV/0!|N/A|BEZUG!|WERT!|ZAHL!)",
    re.IGNORECASE,
)

#: The last lines of a Google Ads report: `Total: Search terms, --, --` (in the languages of its interface).
TOTAL = re.compile(r"(?:total|totals|gesamt|totale|totaal|suma|łącznie|итого|всего|合計|总计|總計|합계)\s?[:：]", re.IGNORECASE)

TOO_MANY = "more columns than the header: quote a keyword that holds a comma"

TABBED = "a tab in it parts two cells: give the columns names, e.g. keyword and volume"

#: The column of our own exports, whose texts are right as they stand.
OWN_COLUMN = "keyword_id"

#: Columns that say which market a line is for.
MARKET = ("country", "language", "locale", "device", "device_hint", "location", "engine", "tld")


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str
    details: details.Details
    ranks: Sequence[models.Rank] = ()  # of past days


def import_csv(
    path: Path,
    project_id: str | None = None,
    progress: Callable[[int], object] = lambda lines: None,
    reading: Reading = AS_IT_SAYS,
) -> Imported:
    """Add the keywords of a file: a table with a column for them, or a plain list.

    Where no `project_id` is given, each line names its project or domain; a domain that is not tracked is added. A line for
    another market than its project's goes to that market's project. A keyword that is there stays; volume, tags and target page
    become what the file says. `progress` gets how many lines are done. Safe to repeat. Raises ArgumentError for a file that is
    no such list, NotFound for `project_id`.
    """
    project = stored_projects.get(project_id) if project_id else None
    language = project.language if project and project.language != "en" else None
    with keyword_files.opened(path, reading.encoding, language) as file:
        table = _table(path, file, project, reading)
        job = _Import(table, project, _common_market(file, table) if project else None, reading)
        job.result.notes += [file.notice] if file.notice else []
        for line, row, problem in _rows(file, table):
            job.take(line, row, problem)
            if job.waiting >= CHUNK:
                job.write()
                progress(line)
    job.write()
    return job.finished()


def _table(path: Path, file: keyword_files.KeywordFile, project: models.Project | None, reading: Reading) -> keyword_tables.Table:
    head = list(itertools.islice(file.lines(), keyword_tables.HEAD_LINES))
    is_list = reading.is_list or path.suffix.lower() == ".txt"
    try:
        table = keyword_tables.find(head, reading.column, is_list=is_list)
    except ArgumentError as exc:
        raise ArgumentError(f"{path}: {exc}") from None
    if reading.has_ranks:
        table = replace(table, columns=rank_cells.columns(table.names) | table.columns)
    if not project and not {"project", "domain"} & set(table.columns):
        raise ArgumentError(f"{path} does not say the project: give it a column project or domain, or give --project.")
    return table


def _rows(file: keyword_files.KeywordFile, table: keyword_tables.Table) -> Iterator[tuple[int, dict[str, str], str]]:
    """(line number, field → cell, what is wrong) of each record below the names."""
    lines = itertools.islice(file.lines(), table.skipped, None)
    if not table.names:
        for number, line in enumerate(lines, table.skipped + 1):
            if line.strip():
                yield number, {"keyword": line}, TABBED if "\t" in line.strip() else ""
        return
    columns, names = list(table.columns.items()), list(table.names)
    tags_may_follow = table.columns.get("tags") == len(names) - 1 and {"country", "device"} <= set(table.columns)
    records = Records(lines, table.separator, table.skipped + 1, table.columns["keyword"])
    records.columns = len(names)
    for number, found, problem in records:
        if found == names and len(names) > 1:  # files put together: the names once more
            continue
        if not problem and len(names) > 1 and not any(map(str.strip, found)):  # what a spreadsheet writes below its last row
            continue
        row = {name: cells.unguarded(cells.computed(found[at].strip())) for name, at in columns if at < len(found)}
        if OWN_COLUMN not in names:
            row = {
                name: cell if name == "keyword" else cells.mended(cell) for name, cell in row.items()
            }  # the keyword: with a note
        if "match_type" in row:
            row["keyword"] = cells.unmarked(row.get("keyword", ""))
        if TOTAL.match(row.get("keyword", "")) and "--" in map(str.strip, found):
            continue
        if len(found) > len(names):
            more = [cell for cell in found[len(names) :] if cell.strip()]
            if tags_may_follow and not cells.is_empty(row["country"]) and not cells.is_empty(row["device"]):
                row["tags"] = ",".join([row["tags"], *more])  # SerpBear joins tags with commas and quotes nothing
            elif more or tags_may_follow or _is_shifted(row):
                problem = problem or TOO_MANY
        yield number, row, problem


def _is_shifted(row: dict[str, str]) -> bool:
    """Whether a comma in a keyword has moved its rest to where the volume stands."""
    cell = row.get("volume", "")
    return not cells.is_empty(cell) and cells.volume(cell) is None


def _common_market(file: keyword_files.KeywordFile, table: keyword_tables.Table) -> markets.Market | None:
    """The market that all lines are for, where they agree in one."""
    if not set(MARKET) & set(table.columns):
        return None
    spellings: set[tuple[str, ...]] = set()
    common: markets.Market | None = None
    for _, row, problem in _rows(file, table):
        spelling = tuple(row.get(name, "") for name in MARKET)
        if problem or not row.get("keyword") or spelling in spellings:
            continue
        spellings.add(spelling)
        try:
            market = markets.read(row)
        except ArgumentError:
            return None  # each line is looked at, and named
        if common not in (None, market):
            return None
        common = market
    return common


class _Import:
    """Lines taken and not yet written, and what became of the others."""

    def __init__(
        self, table: keyword_tables.Table, project: models.Project | None, common: markets.Market | None, reading: Reading
    ) -> None:
        self.result = Imported(unused=table.unused)
        self.waiting = 0
        self._homes = Homes(project, is_trial=reading.is_trial)
        self._trial = import_trials.Trial() if reading.is_trial else None
        self._is_own = OWN_COLUMN in table.names
        self._tags, self._has_ranks = reading.tags, reading.has_ranks
        self._lines: dict[str, list[_Line]] = {}
        self._no_volume: list[tuple[int, str]] = []
        self._no_url: list[tuple[int, str]] = []
        self._broken: list[tuple[str, str]] = []
        self._market_columns = [name for name in MARKET if name in table.columns] if common is None else []
        self._markets: dict[tuple[str, ...], markets.Market] = {}
        if project and common and not fits(project, common):
            self.result.notes.append(
                f"The file is for {common}, {project.id} is checked for {words(project)}: all lines go there, as --project says."
            )

    def take(self, number: int, row: dict[str, str], problem: str) -> None:
        """Take one line, or name what is wrong with it."""
        try:
            if problem:
                raise ArgumentError(problem)
            text = self._mended(_keyword(row.get("keyword", "")))
            home = self._homes.project_for(row.get("project", ""), row.get("domain", ""), self._market(row))
            ranks = past_ranks.of_row(row, self._homes.by_id[home].domain) if self._has_ranks else ()
        except DataError as exc:
            self.result.reject(number, str(exc))
            return
        self._lines.setdefault(home, []).append(_Line(number, text, self._details(number, row), ranks))
        self.waiting += 1

    def write(self) -> None:
        """Store what was taken."""
        for project_id, lines in self._lines.items():
            for at in range(0, len(lines), keywords.CHUNK):
                self._write(project_id, lines[at : at + keywords.CHUNK])
        self._lines.clear()
        self.waiting = 0

    def finished(self) -> Imported:
        """What became of all lines."""
        result = self.result
        result.projects_added = len(self._homes.added)
        added = "Would add" if self._trial else "Added"
        result.notes += [f"{added} project {one.id} for {one.domain}: {words(one)}." for one in self._homes.beside]
        if self._homes.astray:
            lines = "1 line names" if self._homes.astray == 1 else f"{self._homes.astray:,} lines name"
            result.notes.append(f"{lines} a project of another market than their own; they went to the project they name.")
        if self._homes.foreign:
            named = ", ".join(list(self._homes.foreign)[:3]) + (" …" if len(self._homes.foreign) > 3 else "")
            lines = wording.pluralize(sum(self._homes.foreign.values()), "line")
            result.notes.append(f"{lines} of another project or domain ({named:.200}): --project takes all lines.")
        if self._broken:
            before, after = self._broken[0]
            count = wording.pluralize(len(self._broken), "keyword")
            result.notes.append(
                f"Put right, as some tool read it in a wrong encoding: {count}, e.g. {before!r:.60} is {after!r:.60}."
            )
        for unread, what in ((self._no_volume, "volume"), (self._no_url, "target page")):
            if unread:
                number, cell = unread[0]
                were = f"{what} was" if len(unread) == 1 else f"{what}s were"
                result.notes.append(f"{len(unread):,} {were} left out, e.g. {cell!r:.60} in line {number}.")
        result.notes += [price] if self._trial and (price := self._trial.price(self._homes.by_id)) else []
        return result

    def _mended(self, text: str) -> str:
        mended = text if self._is_own else cells.mended(text)
        if mended != text:
            self._broken.append((text, mended))
        return mended

    def _market(self, row: dict[str, str]) -> markets.Market:
        if not self._market_columns:
            return markets.NOTHING
        key = tuple(row.get(name, "") for name in self._market_columns)
        if key not in self._markets:
            self._markets[key] = markets.read(dict(zip(self._market_columns, key, strict=True)))
        return self._markets[key]

    def _details(self, number: int, row: dict[str, str]) -> details.Details:
        volume = url = tags = None
        cell = row.get("volume", "")
        if not cell and row.get("volume_from") and row.get("volume_to"):
            cell = f"{row['volume_from']} - {row['volume_to']}"
        if cell and not cells.is_empty(cell):
            volume = cells.volume(cell)
            if volume is None:
                self._no_volume.append((number, cell))
        cell = row.get("target_url", "")
        if cell and not cells.is_empty(cell):
            url = cells.target_url(cell)
            if url is None:
                self._no_url.append((number, cell))
        if row.get("tags") or self._tags:
            tags = cells.tags(",".join((*cells.tags(row.get("tags", "")), *self._tags))) or None
        return details.Details(volume, tags, url) if volume is not None or url or tags else adding.NO_DETAILS

    def _write(self, project_id: str, lines: list[_Line]) -> None:
        try:
            self._store(project_id, lines)
        except DataError as exc:
            if len(lines) == 1:
                self.result.reject(lines[0].number, str(exc))
                return
            for line in lines:  # one of them is bad, or their project is gone
                self._write(project_id, [line])

    def _store(self, project_id: str, lines: list[_Line]) -> None:
        described = {line.text: line.details for line in lines if line.details}
        done = (self._trial or adding).store(project_id, [line.text for line in lines], described)
        self.result.added, self.result.known = self.result.added + done.added, self.result.known + done.known
        self.result.updated += done.updated
        self.result.respelled += done.respelled
        ranks = [(line.text, rank) for line in lines for rank in line.ranks]
        if ranks and not self._trial:
            put, kept = past_ranks.store(project_id, ranks)
            self.result.ranks, self.result.ranks_known = self.result.ranks + put, self.result.ranks_known + kept


def _keyword(cell: str) -> str:
    if cell and NO_KEYWORD.fullmatch(cell):
        raise ArgumentError(f"the keyword {cell!r} says that there is none")
    text = projects.checked_keyword(cell)
    if "\ufffd" in text:
        raise ArgumentError(f"the keyword {text!r:.60} has a letter that could not be read: save the file as CSV UTF-8")
    return text
