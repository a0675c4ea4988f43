"""A site on loopback with a login, frames, and forms that must never be sent: each POST is noted."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

WORDS = "<p>" + "These words are about gardens, tools and what grows in spring and autumn. " * 6 + "</p>"
SEARCH = "<form action=/search><label>Search <input type=search name=q></label><button>Search</button></form>"
CONTACT = """<form action=/contact method=post><label>Your name <input name=name required></label>
<label>Your e-mail <input type=email name=email required></label><label>Message <textarea name=message></textarea></label>
<button>Send message</button></form>"""
NEWSLETTER = """<form action=/newsletter method=post><label>Newsletter
<input type=email name=email placeholder="Your e-mail"></label>
<button>Subscribe to the newsletter</button></form>"""
TRAP = """<form action=/delete-everything method=post><input type=hidden name=sure value=yes>
<label>Reason <select name=why><option>old<option>new</select></label><button>Delete my account</button></form>"""
LOGIN = """<form action=/login method=post><input type=hidden name=csrf_token value=t0k3n>
<label>Username <input name=username></label><label>Password <input type=password name=password></label>
<label><input type=checkbox name=remember> Remember me</label><button>Log in</button></form>"""

USER, PASSWORD = "gardener", "s3cret & <b>märz</b>"


@dataclass
class FormSite:
    """The site. `pages` by path; those in `private` need the session. `posts`: path and body of each POST."""

    url: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    private: set[str] = field(default_factory=set)
    posts: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    gets: list[str] = field(default_factory=list)
    login_sends_to: str = "/home"
    login_status: int = 302


def page(title: str, *parts: str, links: tuple[str, ...] = ()) -> str:
    """A page with these parts and links."""
    anchors = "".join(f'<p><a href="{link}">{link.strip("/") or "start"}</a></p>' for link in links)
    body = f"<h1>{title}</h1>{WORDS}{''.join(parts)}{anchors}"
    return f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>"


def garden() -> dict[str, str]:
    """Pages: a search on all, a contact behind a link, a newsletter in a frame, a trap."""
    return {
        "/": page("Garden", SEARCH, links=("/contact", "/news", "/login", "/account", "/logout", "/items/3/delete", "/file.pdf")),
        "/contact": page("Contact", SEARCH, CONTACT),
        "/news": page("News", SEARCH, '<iframe src="/frames/newsletter"></iframe>'),
        "/frames/newsletter": page("Frame", NEWSLETTER),
        "/login": page("Log in", SEARCH, LOGIN),
        "/home": page("Home", SEARCH, links=("/account",)),
        "/account": page("Account", TRAP),
        "/logout": page("Good bye"),
        "/items/3/delete": page("Deleted"),
    }


@contextmanager
def served() -> Iterator[FormSite]:
    """Serve the garden until the block ends."""
    site = FormSite(pages=garden(), private={"/account", "/home"})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.gets.append(self.path)
            if self.path in site.private and "session=open" not in (self.headers.get("Cookie") or ""):
                return self._answer(302, "", Location="/login")
            found = site.pages.get(self.path)
            return self._answer(200, found) if found is not None else self._answer(404, "<title>Not found</title>no such page")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            told = dict(parse_qsl(body, keep_blank_values=True))
            site.posts.append((self.path, told))
            is_right = (told.get("username"), told.get("password"), told.get("csrf_token")) == (USER, PASSWORD, "t0k3n")
            if self.path == "/login" and is_right:
                return self._answer(
                    site.login_status, "", **{"Location": site.login_sends_to, "Set-Cookie": "session=open; Path=/"}
                )
            return self._answer(200, site.pages["/login"])

        def _answer(self, status: int, text: str, **headers: str) -> None:
            body = text.encode()
            self.send_response(status)
            for name, value in {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
