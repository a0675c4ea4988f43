"""A web site for tests, on loopback: the test writes its pages, and sees each request."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WORDS = "The quick brown fox jumps over the lazy dog while nobody looks at all. "


@dataclass
class Answer:
    """What the site answers. `headers` go with it."""

    body: bytes | str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "text/html; charset=utf-8"


Page = Answer | str | Callable[[Mapping[str, str]], Answer]


def page(title: str, *links: str, text: str = "", head: str = "") -> str:
    """An ordinary page with these links and some text of its own."""
    anchors = "".join(f'<p><a href="{link}">{link}</a></p>' for link in links)
    own = text or f"{title.replace('0', 'zero ').replace('1', 'one ')} is what this page is about. {WORDS * 4}"
    return (
        f"<!doctype html><html><head><title>{title}</title>{head}</head><body><h1>{title}</h1><p>{own}</p>{anchors}</body></html>"
    )


def sends_to(target: str, status: int = 302) -> Answer:
    """A redirect."""
    return Answer(status=status, headers={"Location": target})


@dataclass
class Site:
    """The site. `pages` by path and query; what is not there is a 404. `asked` counts requests by path."""

    pages: dict[str, Page] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    url: str = ""
    before: Callable[[str], None] | None = None

    def times(self, path: str) -> int:
        """How often that path was asked for."""
        return self.asked[path]

    @property
    def requests(self) -> int:
        """Requests for pages: not for robots.txt and sitemaps."""
        return sum(count for path, count in self.asked.items() if path != "/robots.txt" and "sitemap" not in path)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A worker that was killed left its connection."""


@contextmanager
def served(pages: dict[str, Page] | None = None, *, on: str = "127.0.0.1") -> Iterator[Site]:
    """Serve a site until the block ends. `on` 0.0.0.0: each address of loopback is a site of its own."""
    site, lock = Site(pages or {}), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            with lock:
                site.asked[self.path] += 1
            if site.before:
                site.before(self.path)
            found = site.pages.get(self.path, Answer("<title>Not found</title>no such page", 404))
            answer = found if isinstance(found, Answer) else Answer(found) if isinstance(found, str) else found(self.headers)
            body = answer.body.encode() if isinstance(answer.body, str) else answer.body
            self.send_response(answer.status)
            for name, value in {"Content-Type": answer.kind, "Content-Length": str(len(body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if answer.status != 304:
                self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = _Server((on, 0), Handler)
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
