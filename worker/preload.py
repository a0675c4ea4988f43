"""Reads what a worker process needs of the program's files, before its first job.

A release is replaced under processes that run: its folder is renamed or removed, and they go on until they are asked to end.
Whatever they would read later must be in memory, or open, by then. Workers that are started later are copies of the supervisor.
"""

import importlib
from contextlib import suppress

import config
from clients import certificates
from state.store import scripts

#: What the standard library and others import at their first use.
LATE = (
    "encodings.idna",
    "encodings.unicode_escape",
    "zoneinfo",
    "concurrent.futures.thread",
    "concurrent.futures.process",
    "multiprocessing.popen_fork",
    "multiprocessing.pool",
    "multiprocessing.queues",
    "multiprocessing.synchronize",
    "asyncio.base_subprocess",
    "traceback",
    "linecache",
    "smtplib",
    "tempfile",
    "stringprep",
    "rq.results",
    "rq.registry",
    "rq.command",
)


def everything() -> None:
    """Read all of it. To be called before the first fork."""
    scripts.load()
    for name in LATE:
        with suppress(ImportError):  # not on every system
            importlib.import_module(name)
    if config.settings().r2_bucket:
        importlib.import_module("boto3")
    certificates.keep()
