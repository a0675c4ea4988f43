"""The pictures of the README: three pages of the demo, as Chromium shows them.

    python benchmarks/screenshots.py [--url http://127.0.0.1:8000] [--to docs/images]

Starts a demo of its own in a temporary folder, waits until its pages answer, and ends it; `--url` names one that runs. Needs
Chromium on the PATH and requirements-browser.txt. A picture that is larger than 80 KB is taken again with a lower quality.
"""

import argparse
import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import clock

PROJECT = "velo-workshop"
WIDTH, HEIGHT = 1200, 1000
MOST_BYTES, QUALITIES = 80_000, (90, 80, 70, 60, 50, 40)
START_S, DRAWN_S = 300, 2

DEMO = """
import sys
from pathlib import Path
from local import demo
from sandbox import past
sys.exit(demo.run(data_dir=Path(sys.argv[1]), past=past.of_demo(demo.SEED, demo.NO_RESULTS)))
"""


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="of a demo that runs")
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "images")
    args = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        sys.exit("There is no Chromium on the PATH: apt-get install chromium")
    args.to.mkdir(parents=True, exist_ok=True)
    from playwright.sync_api import sync_playwright

    with running(args.url) as url, sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        for name, path in pages(url).items():
            size = take(page, url + path, args.to / f"{name}.webp")
            print(f"{args.to / name}.webp  {size / 1000:.0f} KB")
        browser.close()


@contextmanager
def running(url: str | None) -> Iterator[str]:
    """The address of a demo, which ends with the block unless it ran before."""
    if url:
        yield url.rstrip("/")
        return
    home = Path(tempfile.mkdtemp(prefix="trawl-pictures-"))
    with (home / "log").open("wb") as log:
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen([sys.executable, "-c", DEMO, str(home / "data")], cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        yield address(home / "log", process)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
        shutil.rmtree(home, ignore_errors=True)


def address(log: Path, process: subprocess.Popen[bytes]) -> str:
    """Where the demo says that its pages answer."""
    deadline = clock.monotonic() + START_S
    while clock.monotonic() < deadline and process.poll() is None:
        said = re.search(r"Open (http://\S+)/ in a browser", log.read_text())
        if said:
            return said[1]
        clock.wait(0.2)
    sys.exit(f"The demo did not come to its end:\n{log.read_text()[-2000:]}")


def pages(url: str) -> dict[str, str]:
    """Name of each picture, and the path of its page."""
    rows = asked(f"{url}/api/v1/projects/{PROJECT}/keywords?limit=1000")["items"]
    liveliest = max(rows, key=lambda row: (len(set(row["line"])), row["keyword"]))
    asked(f"{url}/api/v1/projects/{PROJECT}/keywords/check", {"where": {}})  # so that the overview has something to show
    return {"overview": "/", "project": f"/projects/{PROJECT}", "keyword": f"/keywords/{liveliest['id']}?range=30"}


def asked(url: str, body: Any = None) -> Any:
    """A reply of the API."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"} if data else {})
    with urllib.request.urlopen(request, timeout=60) as reply:
        return json.load(reply)


def take(page: "Page", url: str, to: Path) -> int:
    """A picture of the top of a page as WebP; its size."""
    page.goto(url)
    page.wait_for_timeout(DRAWN_S * 1000)
    session = page.context.new_cdp_session(page)
    for quality in QUALITIES:
        shot = session.send("Page.captureScreenshot", {"format": "webp", "quality": quality})
        body = base64.b64decode(shot["data"])
        if len(body) <= MOST_BYTES:
            break
    to.write_bytes(body)
    return len(body)


if __name__ == "__main__":
    main()
