"""Recorded pages instead of invented ones: a folder with `serp/truth.jsonl`, or that `serp` folder itself.

One line is one page: `file` (gzipped HTML, relative to the folder that holds `serp`), `query` or `query_url`, `device`,
`captured`, `organic`. Beside it `serp/goto/NAME.html.gz` may be the same page with opaque links, and
`NAME.locations.json` where they lead.
"""

import gzip
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import errors
from sandbox import markup
from sandbox.page_requests import PageRequest


class Recorded:
    """The recorded pages of a folder; a keyword recorded twice gives its newest page."""

    def __init__(self, folder: Path) -> None:
        """Reads the index. Raises ConfigError where there is none."""
        self._root = folder.parent if (folder / "truth.jsonl").exists() else folder
        index = self._root / "serp" / "truth.jsonl" if self._root == folder else folder / "truth.jsonl"
        if not index.exists():
            raise errors.ConfigError(f"{folder} holds no recorded pages: serp/truth.jsonl is missing")
        self._goto = index.parent / "goto"
        self._lines: dict[tuple[str, str], dict[str, Any]] = {}
        for text in index.read_text(encoding="utf-8").splitlines():
            line = json.loads(text)
            query = _query(line)
            key = (query, line.get("device", "desktop"))
            if query and line["captured"] >= self._lines.get(key, line)["captured"]:
                self._lines[key] = line
        self._locations: dict[str, str] = {}
        for path in sorted(self._goto.glob("*.locations.json")):
            self._locations.update(json.loads(path.read_text(encoding="utf-8")))

    def page(self, request: PageRequest, *, opaque: bool) -> str | None:
        """The recorded page, marked as the sandbox's; None for an unknown keyword and behind the first page."""
        line = self._line(request)
        if line is None:
            return None
        name = Path(line["file"]).name
        path = self._goto / name if opaque and (self._goto / name).exists() else self._root / line["file"]
        html = gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
        head, found, rest = html.partition("<head>")
        return head + found + markup.MARK + rest if found else markup.MARK + html

    def rows(self, request: PageRequest) -> list[dict[str, Any]]:
        """The organic results of the page, from the index."""
        line = self._line(request) or {}
        return [
            {"position": number, "title": row.get("title") or "", "link": row["url"]}
            for number, row in enumerate(line.get("organic") or [], start=1)
        ]

    def location(self, goto: str) -> str | None:
        """Where a recorded opaque link leads."""
        return self._locations.get(goto)

    def _line(self, request: PageRequest) -> dict[str, Any] | None:
        if request.start:
            return None
        text = _folded(request.query.text)
        other = "mobile" if request.query.device == "desktop" else "desktop"
        return self._lines.get((text, request.query.device)) or self._lines.get((text, other))


def _query(line: dict[str, Any]) -> str:
    text = line.get("query") or parse_qs(urlsplit(line.get("query_url") or "").query).get("q", [""])[0]
    return _folded(text)


def _folded(text: str) -> str:
    return " ".join(text.lower().split())
