"""Places for jobs that fetch several pages in one go: maps, and the first pages of crawls. They wait for turns in their thread.

A site may ask for minutes between two requests. So only half of the threads of a process wait so, and few of them for one host:
the others are left for whoever else wants something.
"""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import clock
import config
import errors
from parsing import web_urls

#: Threads that may wait for one host, of a process.
OF_ONE_HOST = 3

#: A job without a place asks again after so long (s), at random: all at the same time would be turned away again.
AGAIN_S = (4.0, 12.0)

_guard = threading.Lock()
_taken: Counter[str] = Counter()


@contextmanager
def place(url: str) -> Iterator[None]:
    """A place for the job that fetches pages of this site. Raises NotNow where all are taken: nothing was fetched then."""
    host = web_urls.parse(url).host
    _take(host)
    try:
        yield
    finally:
        with _guard:
            _taken[host] -= 1
            if not _taken[host]:
                del _taken[host]


def _take(host: str) -> None:
    most = max(1, config.settings().worker_threads // 2)
    with _guard:
        if _taken[host] < OF_ONE_HOST and _taken.total() < most:
            _taken[host] += 1
            return
        if not _taken[host]:
            del _taken[host]
    until = clock.now() + timedelta(seconds=random.uniform(*AGAIN_S))
    raise errors.NotNow(until, "as many maps and crawls as may wait in threads are looking for their first pages")
