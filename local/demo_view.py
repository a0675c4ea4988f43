"""What the demo shows: progress while it runs, a table of ranks at its end."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

import clock
import config
import models
from parsing import slugs
from state.store import connection
from state.tracking import keywords, projects
from topics.tracking import ranks

SHOWN = 4  # best ranks of a project
BAR_S = 0.5  # between two looks at the ranks
LINE_S = 2.0  # the same where there is no terminal, and each look is a line
PLAIN_WIDTH = 100  # characters, where there is no terminal

INVENTED = "These ranks are INVENTED: they come from the sandbox on this machine, not from Google."

#: Reasons for an unknown rank that the page itself explains; other reasons are failures of the network or of this program.
PAGE_CLASSES = frozenset(page_class.value for page_class in models.PageClass)


class View:
    """Prints for one run of the demo; `project_ids` are the demo's own."""

    def __init__(self, project_ids: list[str]) -> None:
        self.project_ids = project_ids
        self._console = Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
        self._progress: Progress | None = None
        self._total = 0
        self._started_at = self._looked_at = clock.monotonic()
        self._took_s: float | None = None

    def say(self, line: str) -> None:
        """One line, above the progress bar where there is one."""
        self._console.print(line, markup=False, soft_wrap=True)

    @contextmanager
    def progress(self, total: int) -> Iterator[None]:
        """Show how far the block has come with `total` keywords; `update` moves it."""
        self._total, self._started_at = total, clock.monotonic()
        self.say(self._begins(total))
        if self._console.is_terminal:
            bar = Progress(BarColumn(30), MofNCompleteColumn(), TextColumn("{task.fields[words]}"), console=self._console)
            bar.add_task("", total=total, words="")
            self._progress = bar
            with bar:
                yield
            self._progress = None
        else:
            yield
        self._took_s = clock.monotonic() - self._started_at

    def _begins(self, total: int) -> str:
        """Keywords with a fresh rank are not fetched again. Keywords that failed are, and are counted apart."""
        every = [keyword for project_id in self.project_ids for keyword in keywords.in_project(project_id)]
        failed = sum(keyword.failures > 0 for keyword in every)
        fresh = sum(_is_fresh(keyword) for keyword in every)
        if fresh and total <= failed and fresh + failed == len(every):
            return f"Trying {total} of {failed} keywords again that failed; the other {fresh} are fresh:"
        return f"Checking {total} keywords:"

    def update(self, left: int) -> None:
        """Show that `left` keywords are left."""
        if left and clock.monotonic() - self._looked_at < (BAR_S if self._progress else LINE_S):
            return
        self._looked_at = clock.monotonic()
        done = max(0, self._total - left)
        if self._progress:
            self._progress.update(self._progress.task_ids[0], completed=done, words=self._words(done))
        else:
            self.say(f"  {done} of {self._total}; {self._words(done)}")

    def _words(self, done: int) -> str:
        """The ranks of today, those of an earlier run and of this moment included: they may be more than `done`."""
        today = clock.now().date().isoformat()
        counts = Counter(_kind(row) for row in self._rows() if row["day"] == today)
        rate = done / max(0.001, clock.monotonic() - self._started_at)
        kinds = ", ".join(f"{counts[kind]} {kind}" for kind in ("ranked", "not found", "unknown", "failed"))
        return f"today {kinds}; {rate:.0f}/s"

    def _rows(self) -> list[dict[str, object]]:
        return [row for project_id in self.project_ids for row in ranks.rows(project_id, with_history=False)]

    def show_result(self) -> None:
        """The ranks of each project, what is unknown, where the results lie, and what comes next."""
        rows = self._rows()
        self._console.print(self._table(rows))
        for row in rows:
            if _kind(row) in ("unknown", "failed"):
                again = keywords.next_due(str(row["keyword_id"]))
                wait = f"; tried again in {_span(again - connection.now())}" if again else ""
                self.say(f"  {row['says']}: {row['keyword']} ({row['project']}){wait}")
        self.say(INVENTED)
        if self._took_s is not None:
            self.say(f"Checked {self._total} keywords in {self._took_s:.0f} s.")
        self.say(self._freshness())
        self._say_where(rows)

    def _table(self, rows: list[dict[str, object]]) -> Table:
        table = Table(title="Sandbox ranks", title_justify="left", box=box.SIMPLE_HEAD, show_lines=True)
        table.add_column("project")
        for name in ("keywords", "ranked", "not found", "unknown"):
            table.add_column(name, justify="right")
        table.add_column("best", no_wrap=True)
        for project_id in self.project_ids:
            own = [row for row in rows if row["project"] == project_id]
            kinds = Counter(_kind(row) for row in own)
            best = sorted((row for row in own if row["rank"]), key=lambda row: (row["rank"], row["keyword"]))[:SHOWN]
            counts = (len(own), kinds["ranked"], kinds["not found"], kinds["unknown"] + kinds["failed"])
            table.add_row(project_id, *map(str, counts), Text("\n".join(f"{row['rank']:>2}  {row['keyword']}" for row in best)))
        return table

    def _freshness(self) -> str:
        now = connection.now()
        every = [keyword for project_id in self.project_ids for keyword in keywords.in_project(project_id)]
        fresh = [keyword.due_at for keyword in every if keyword.due_at and _is_fresh(keyword)]
        line = f"{len(fresh)} of {len(every)} keywords are fresh"
        return f"{line}; next check in {_span(min(fresh) - now)}." if fresh else f"{line}."

    def _say_where(self, rows: list[dict[str, object]]) -> None:
        objects = config.settings().data_dir / "objects"
        read = next((row for row in rows if row["rank"]), None)
        self.say(f"Stored results: {short(objects)}/DOMAIN/KEYWORD/YYYY-MM-DD.json")
        if read:
            folder = projects.get(str(read["project"])).folder
            found = sorted((objects / folder / slugs.typed_slug(str(read["keyword"]))).glob("*.json"))
            self.say(f"  e.g. {short(found[-1])}" if found else "  (the folder is empty: it was removed since)")


def short(path: Path) -> str:
    """The path as one would type it from the project's folder."""
    return str(path.relative_to(config.ROOT)) if path.is_relative_to(config.ROOT) else str(path)


def _is_fresh(keyword: models.Keyword) -> bool:
    return bool(keyword.due_at and keyword.due_at > connection.now() and not keyword.failures)


def _kind(row: dict[str, object]) -> str:
    if row["state"] == models.RankState.RANKED.value:
        return "ranked"
    if row["state"] == models.RankState.NOT_FOUND.value:
        return "not found"
    if row["day"] is None:
        return "not checked"
    return "unknown" if row["reason"] in PAGE_CLASSES else "failed"


def _span(span: timedelta) -> str:
    """24 hours and less, for people: 23 h 59 m, 4 m, 50 s."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60} m" if seconds >= 3600 else f"{seconds // 60} m"
