"""A bare loop of threads with pycurl, in processes that share the frontier by the hash of the address."""

import io
import multiprocessing
import os
import queue
import threading
import time
import zlib
from collections.abc import Sequence
from typing import Any

import pycurl

from benchmarks.crawl_rules import TIMEOUT_S, Rules, canonical, nowhere, read, seeds

OPTIONS = (
    (pycurl.NOSIGNAL, 1),
    (pycurl.TIMEOUT_MS, TIMEOUT_S * 1000),
    (pycurl.FOLLOWLOCATION, 1),
    (pycurl.MAXREDIRS, 5),
    (pycurl.ACCEPT_ENCODING, "gzip, deflate, br"),
)
PROCESSES = 2


def crawl(origin: str, count: int) -> None:
    """Crawl a site with so many threads in all."""
    pending: Any = multiprocessing.Value("i", 1)
    inboxes: list[Any] = [multiprocessing.Queue() for _ in range(PROCESSES)]
    shares = [Share(number, origin, inboxes, pending) for number in range(PROCESSES)]
    made = [multiprocessing.Process(target=share.run, args=(count // PROCESSES,)) for share in shares]
    for process in made:
        process.start()
    for process in made:
        process.join()


class Share:
    """What one process crawls. `pending`: the addresses that are not done, of all processes."""

    def __init__(self, me: int, origin: str, inboxes: Sequence[Any], pending: Any) -> None:
        self.me, self.origin, self.inboxes, self.pending = me, origin, inboxes, pending

    def run(self, threads: int) -> None:
        """Crawl in this process until nothing is pending anywhere. It ends the process."""
        self.rules, self.seen, self.out = Rules(self.origin), set[str](), nowhere()
        self.todo: queue.SimpleQueue[tuple[str, int]] = queue.SimpleQueue()
        self.lock, self.local = threading.Lock(), threading.local()
        for target in (self._receive, *[self._work] * threads):
            threading.Thread(target=target, daemon=True).start()
        if self.me == 0:
            self._offer(seeds(self.origin))
            self._count(-1)
        while self.pending.value > 0:
            time.sleep(0.02)
        os._exit(0)

    def _count(self, more: int) -> None:
        with self.pending.get_lock():
            self.pending.value += more

    def _offer(self, urls: list[str]) -> None:
        mine, theirs = [], []
        with self.lock:
            for url in urls:
                if url in self.seen:
                    continue
                self.seen.add(url)
                owner = zlib.crc32(url.encode()) % len(self.inboxes)
                if owner != self.me:
                    theirs.append((owner, url))
                elif self.rules.wants(url):
                    mine.append(url)
        self._count(len(mine) + len(theirs))
        for url in mine:
            self.todo.put((url, 0))
        for owner, url in theirs:
            self.inboxes[owner].put(url)

    def _receive(self) -> None:
        while True:
            url = self.inboxes[self.me].get()
            with self.lock:
                is_new = url not in self.seen and self.rules.wants(url)
                self.seen.add(url)
            if is_new:
                self.todo.put((url, 0))
            else:
                self._count(-1)

    def _work(self) -> None:
        while True:
            url, tries = self.todo.get()
            try:
                self._page(url)
            except OSError as exc:
                if tries < 1 and exc.args[0] != pycurl.E_TOO_MANY_REDIRECTS:
                    self._count(1)
                    self.todo.put((url, tries + 1))
            finally:
                self._count(-1)

    def _page(self, url: str) -> None:
        status, kind, final, body = self._get(url)
        if status >= 500:
            raise OSError(0)
        if status == 200 and "html" in kind:
            final = canonical(final)
            with self.lock:
                self.seen.add(final)
            links, line = read(final, body)
            self.out.write(line or "")
            self._offer(links)

    def _get(self, url: str) -> tuple[int, str, str, bytes]:
        """Status, type, final address and body. Raises OSError."""
        curl, body = self._curl(), io.BytesIO()
        curl.setopt(pycurl.URL, url)
        curl.setopt(pycurl.WRITEFUNCTION, body.write)
        try:
            curl.perform()
        except pycurl.error as exc:
            raise OSError(exc.args[0]) from None
        kind = curl.getinfo(pycurl.CONTENT_TYPE) or ""
        return curl.getinfo(pycurl.RESPONSE_CODE), kind, curl.getinfo(pycurl.EFFECTIVE_URL), body.getvalue()

    def _curl(self) -> pycurl.Curl:
        if not hasattr(self.local, "curl"):
            self.local.curl = pycurl.Curl()
            for option, value in OPTIONS:
                self.local.curl.setopt(option, value)
        curl: pycurl.Curl = self.local.curl
        return curl
