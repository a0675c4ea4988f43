"""The rules that the contenders of `benchmarks/crawl.py` share: what is a page, what is a trap. They are tuned to such sites.

Each contender writes the same line a page, and keeps nothing else: no queue, no ledger, no politeness.
"""

import gzip
import json
import os
import re
from typing import TextIO
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit
from urllib.request import urlopen
from urllib.robotparser import RobotFileParser

from selectolax.lexbor import LexborHTMLParser

DROPPED = ("utm_source", "sessionid")
FILES = (".pdf", ".zip", ".jpg", ".png")
MOST_OF_A_PATH, MOST_PARAMETERS, MOST_DEPTH = 60, 2, 8
TIMEOUT_S = 10


class Rules:
    """One canonical form, one filter."""

    def __init__(self, origin: str) -> None:
        self.host, self.counts = urlsplit(origin).netloc, dict[str, int]()
        self.robots = RobotFileParser()
        self.robots.parse(urlopen(f"{origin}/robots.txt").read().decode().splitlines())

    def wants(self, url: str) -> bool:
        """Whether a page is worth a request."""
        parts = urlsplit(url)
        if parts.netloc != self.host or parts.path.lower().endswith(FILES) or parts.path.count("/") > MOST_DEPTH:
            return False
        names = [part for part in parts.path.split("/") if part]
        if any(names.count(name) > 2 for name in names):
            return False
        if parts.query:
            self.counts[parts.path] = self.counts.get(parts.path, 0) + 1
            if self.counts[parts.path] > MOST_OF_A_PATH or parts.query.count("&") >= MOST_PARAMETERS:
                return False
        return self.robots.can_fetch("bench", url)


def canonical(url: str) -> str:
    """One form of an address."""
    parts = urlsplit(url)
    fields = sorted((name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in DROPPED)
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", urlencode(fields), ""))


def nowhere() -> TextIO:
    """Where lines are written that nobody reads."""
    return open(os.devnull, "w")


def seeds(origin: str) -> list[str]:
    """The start page and what the sitemaps name."""
    todo, done, found = [f"{origin}/sitemap.xml"], set[str](), [f"{origin}/"]
    while todo:
        name = todo.pop()
        if name in done:
            continue
        done.add(name)
        body = urlopen(name).read()
        body = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
        names = [match.decode() for match in re.findall(rb"<loc>([^<]+)</loc>", body)]
        if b"<sitemapindex" in body:
            todo += names
        else:
            found += map(canonical, names)
    return found


def read(url: str, body: bytes) -> tuple[list[str], str | None]:
    """The links of a page, and its line; no line where it is another page by its own word."""
    tree = LexborHTMLParser(body)
    named = tree.css_first('link[rel="canonical"]')
    if named and (href := named.attributes.get("href")) and (other := canonical(urljoin(url, href))) != url:
        return [other], None
    links = [canonical(urljoin(url, href.strip())) for a in tree.css("a") if (href := a.attributes.get("href"))]
    title = tree.css_first("title")
    return links, json.dumps({"url": url, "title": title.text() if title else None, "links": len(links)})
