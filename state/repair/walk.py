"""One walk over every key of the store, a step at a time: what its keys say of jobs, keywords, projects and runs."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from state.store import connection, keys

#: Keys of one step.
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Record:
    """RQ's trace of a run: an entry of a key, and the lease the run must hold."""

    key: str
    entry: str
    lease: str


@dataclass(slots=True)
class Page:
    """Keys of one step through the store, by what they tell of."""

    seen: int = 0
    jobs: list[str] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    projects: list[str] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    _executions: list[str] = field(default_factory=list)
    _workers: list[str] = field(default_factory=list)


def pages() -> Iterator[Page]:
    """The whole store, a step at a time. A key may come twice; one that comes or goes meanwhile, or not."""
    redis, cursor = connection.client(), 0
    while True:
        cursor, names = redis.scan(cursor, count=CHUNK)
        page = Page(len(names))
        for name in names:
            _sort(_text(name), page)
        page.records += _records_of(page)
        yield page
        if not cursor:
            return


def size() -> int:
    """Keys of the store."""
    return int(connection.client().dbsize())


def _sort(name: str, page: Page) -> None:
    prefix, _, rest = name.rpartition(":")
    if prefix + ":" == keys.RQ_JOB:
        page.jobs.append(rest)
    elif prefix + ":" == keys.KEYWORD:
        page.keywords.append(rest)
    elif prefix + ":" == keys.PROJECT:
        page.projects.append(rest)
    elif prefix + ":" == keys.RQ_EXECUTIONS:
        page._executions.append(name)
    elif name.startswith(keys.RQ_EXECUTION):
        page.records.append(Record(name, "", name.removeprefix(keys.RQ_EXECUTION)))
    elif name.startswith(keys.RQ_WORKER) and rest == "executions":
        page._workers.append(name)


def _records_of(page: Page) -> list[Record]:
    with connection.client().pipeline(transaction=False) as pipe:
        for key in page._executions:
            pipe.zrange(key, 0, -1)
        for key in page._workers:
            pipe.smembers(key)
        replies = pipe.execute(raise_on_error=False)
    records = []
    for key, entries in zip([*page._executions, *page._workers], replies, strict=True):
        for raw in entries if isinstance(entries, list | set) else ():
            entry = _text(raw)
            is_job = key.startswith(keys.RQ_EXECUTIONS)
            records.append(Record(key, entry, f"{key.removeprefix(keys.RQ_EXECUTIONS)}:{entry}" if is_job else entry))
    return records


def _text(raw: bytes) -> str:
    """What is no text cannot be one of ours: it is shown, and no key or entry matches it."""
    return raw.decode(errors="replace")
