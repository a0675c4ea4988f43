"""Debian's Chromium, driven by Playwright. On a developer's machine without it such tests are skipped; in CI they fail."""

import importlib.util
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import pytest
from flask import Flask
from werkzeug import serving

import config
from tests import patience

#: What a page waits for at most (ms): no working page waits so long.
TIMEOUT_MS = 60_000

OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]

#: Says what a policy refused, on the console.
REPORTS = """document.addEventListener('securitypolicyviolation',
    (event) => console.error(`REFUSED ${event.violatedDirective} ${event.blockedURI}`))"""


@contextmanager
def launched() -> Iterator[Any]:
    """A browser."""
    path = shutil.which("chromium") or shutil.which(str(config.Settings.model_fields["chromium_path"].default))
    if path is None:
        _missing("no chromium: apt-get install chromium")
    if importlib.util.find_spec("playwright") is None:
        _missing("no playwright: .venv/bin/pip install -r requirements-browser.txt")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        try:
            yield browser
        finally:
            browser.close()


def _missing(what: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"Pages are tested in a browser, and there is {what}")
    pytest.skip(f"There is {what}")


class _Quiet(serving.WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """The test says what it saw."""


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a port of this machine; its address."""
    server = serving.make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    server.daemon_threads = True  # type: ignore[attr-defined]  # of ThreadingMixIn
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(patience.HANG_S)


@contextmanager
def opened(browser: Any, width: int = 1280, **options: Any) -> Iterator[Any]:
    """A page that keeps in `wrong` what its console called an error, what its policy refused, and what was thrown."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    context.set_default_timeout(TIMEOUT_MS)
    page = context.new_page()
    page.wrong = []
    page.on("console", lambda message: page.wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.add_init_script(REPORTS)
    try:
        yield page
    finally:
        context.close()
