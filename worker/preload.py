"""Reads what a worker process needs of the program's files, before its first job.

A new release replaces the program's folder under processes that still run. They go on until they are asked to end. So whatever
they would read later must be in memory, or open, before. Workers that start later are copies of the supervisor.
"""

import importlib
from contextlib import suppress

import config
from clients import certificates
from engine import retry_policy
from state.store import scripts

#: Modules that the standard library and others import at their first use.
LATE_IMPORTS = (
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
    retry_policy.load()
    for name in LATE_IMPORTS:
        with suppress(ImportError):  # not on every system
            importlib.import_module(name)
    if config.settings().r2_bucket:
        importlib.import_module("boto3")
    certificates.keep()
