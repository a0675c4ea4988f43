"""The lines that a job logs: kept with its attempt, so that people see them beside its error.

A line is made in the thread, coroutine or process of the job, where its text may take any time and fail in any way. What others
read of it is short and plain. A job is known by the context variable of its run: `asyncio.to_thread` passes that on, a thread
that a job starts by itself does not.
"""

import json
import logging
from collections import deque
from collections.abc import Callable

import clock
import config
import logs
import queues
import traces
from errors import Interruption

#: Characters of one line and of its trace, and of all lines of an attempt.
MOST_LINE, MOST_CHARS = 2000, 16_000

#: The levels of a line that says how many are missing before it, and of one that the job noted.
MISSING, NOTE = "missing", "note"


class Lines:
    """The last lines of one execution, each the JSON of [ms since 1970, level, logger, text].

    `send` takes each line as well, where the job runs in a process of its own.
    """

    __slots__ = ("_chars", "_is_adding", "_kept", "_most", "_stored", "count", "left_out", "send")

    def __init__(self, send: Callable[[str], None] | None = None) -> None:
        self.count = self.left_out = 0  # lines that were added, and of those the ones that are not kept any more
        self.send = send
        self._kept: deque[str] = deque()
        self._most = config.settings().job_log_lines
        self._chars = self._stored = 0
        self._is_adding = False

    def add(self, level: str, logger: str, text: str, at_s: float) -> None:
        """Add a line, without its secrets. `text` is plain and bounded."""
        line = json.dumps([int(at_s * 1000), level, logger, text], ensure_ascii=False)
        self.add_written(line.encode(errors="replace").decode())  # half a surrogate pair cannot be sent

    def add_written(self, line: str) -> None:
        """Add a line that was written as JSON; none where none are to be kept."""
        if not self._most:
            return
        self._kept.append(line)
        self.count += 1
        self._chars += len(line)
        while len(self._kept) > self._most or (self._chars > MOST_CHARS and len(self._kept) > 1):
            self._chars -= len(self._kept.popleft())
            self.left_out += 1
        if self.send:
            self.send(line)

    def add_record(self, record: logging.LogRecord) -> None:
        """Add what was logged. A text that logs something itself adds no line within its line."""
        if self._is_adding:
            return
        self._is_adding = True
        try:
            text = logs.line_of(record, MOST_LINE)
            self.add(record.levelname.lower()[:10], traces.plain(record.name, 100), text, record.created)
        finally:
            self._is_adding = False

    def note(self, text: str) -> None:
        """Add a line that the job writes for people."""
        self.add(NOTE, "", logs.redacted_start(traces.plain(str(text), MOST_LINE + 1), MOST_LINE), clock.now().timestamp())

    def written(self) -> str:
        """All lines as a JSON array; the first says how many are missing."""
        for _ in range(10):
            try:
                kept = list(self._kept)
                break
            except RuntimeError:  # the job added one meanwhile
                continue
        else:
            kept = []
        if self.left_out:
            kept.insert(0, json.dumps([0, MISSING, "", f"{self.left_out:,} earlier lines are not kept"]))
        return f"[{','.join(kept)}]"

    def unstored(self) -> str | None:
        """All lines where some are newer than the last that were stored. None = there is nothing new."""
        if self.count == self._stored:
            return None
        self._stored = self.count
        return self.written()

    def store_again(self) -> None:
        """Note that the last ones were not stored after all."""
        self._stored = -1


class Handler(logging.Handler):
    """Gives each line to the job that logged it. It has no lock: no job waits for the text of another."""

    def createLock(self) -> None:
        """None: see above."""
        self.lock = None

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line; raises nothing but an interruption of the job."""
        try:
            run = queues.current_run.get()
            if run is not None:
                run.logged().add_record(record)
        except (Interruption, KeyboardInterrupt):
            raise
        except BaseException:  # the text of what was logged is the job's own
            return


_handler = Handler(logging.INFO)


def install() -> None:
    """Keep the lines of jobs from now on. Safe to call again: a job that configures logging removes the handler."""
    root = logging.getLogger()
    if config.settings().job_log_lines and _handler not in root.handlers:
        root.addHandler(_handler)
