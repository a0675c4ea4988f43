"""Export, import, backup and restore at size: keywords a second, bytes a keyword, and how much memory they take more.

    python benchmarks/transfer.py [--keywords 100000] [--days 90]

A project on a throw-away server, each keyword with so many days, ten pages and no summaries. Files are packed. Memory is the peak
of the process above what it had before, so that of `export` holds the ids of the project. Compare only figures of one run.
"""

import argparse
import gc
import resource
import sys
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import chunks
import clock
from benchmarks import servers
from state.store import connection
from state.tracking import copies, history, texts
from topics.tracking import projects
from topics.transfer import backups, files, importing, restoring, writing
from topics.transfer.kinds import Scope
from topics.transfer.merging import Merging

PROJECT, PAGES = "p", [f"https://example.com/{number}\tPage {number}" for number in range(10)]


def main() -> None:
    """Fill a throw-away server, and print a line for each step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keywords", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=90)
    args = parser.parse_args()
    with servers.throw_away(), tempfile.TemporaryDirectory() as folder:
        fill(args.keywords, args.days)
        export, backup = Path(folder) / "export.jsonl.gz", Path(folder) / "backup.jsonl.gz"
        print(f"{args.keywords:,} keywords of {args.days} days")
        step("export", args.keywords, lambda: writing.to_file(export, Scope(), (), lambda done, total: None))
        step("backup", args.keywords, lambda: _back_up(backup))
        step("import of what is there", args.keywords, lambda: _import(export))
        connection.client().flushall()
        step("import into an empty store", args.keywords, lambda: _import(export))
        connection.client().flushall()
        step("restore", args.keywords, lambda: restoring.run(lambda: files.opened(backup)))
        for path in (export, backup):
            print(f"{path.name:<28}{path.stat().st_size / args.keywords:>8.0f} bytes a keyword")


def fill(keywords: int, days: int) -> None:
    """Keywords as checks have left them."""
    projects.add("example.com", projects.Options(id=PROJECT))
    first = (clock.now().date() - timedelta(days) - history.EPOCH).days
    for chunk in chunks.of(range(keywords), copies.CHUNK):
        copies.put_many(PROJECT, [(_keyword(number, first, days), None) for number in chunk])


def _keyword(number: int, first: int, days: int) -> copies.Copy:
    text = f"keyword number {number}"
    ranks = b"".join(history.RECORD.pack(first + day, 1, 1 + (number + day) % 50, 50, day % 10) for day in range(days))
    fields = {"p": PROJECT, "t": text, "k": "", "d": "1800000000", "s": "1790000000", "v": "100"}
    return copies.Copy(texts.ids_for(PROJECT, text).own, fields, ranks, PAGES, score=1_800_000_000)


def step(name: str, keywords: int, work: Callable[[], object]) -> None:
    """Do it, and print how fast it was and what it took."""
    gc.collect()
    before, began = _peak_mb(), clock.monotonic()
    work()
    seconds = clock.monotonic() - began
    print(f"{name:<28}{keywords / seconds:>8,.0f} keywords/s{max(0.0, _peak_mb() - before):>8.1f} MB more", flush=True)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _import(path: Path) -> None:
    with files.opened(path) as file:
        assert importing.run(file, Merging()).totals["refused"] == 0


def _back_up(path: Path) -> None:
    with files.written(path) as file:
        backups.write(file)


if __name__ == "__main__":
    main()
