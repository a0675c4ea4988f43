"""Open positions that a page shows: marked as JobPosting, linked as ads below the page or at a job system, or said in words.

An ad that has ended does not count. A page that says that nothing is open counts as 0; the phrases are in `hiring_phrases.tsv`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from parsing import hrefs, links, names, node_text, structured, web_urls

#: Links that every page of a site has.
AROUND = "nav a[href], header a[href], footer a[href]"

MOST_TITLES, MOST_TITLE_CHARS, MOST_TEXT = 20, 120, 60_000

#: Hosts of job systems (2026-11), and what stands in the path of an ad there.
SYSTEMS = (
    *("greenhouse.io", "lever.co", "ashbyhq.com", "workable.com", "smartrecruiters.com", "personio.de", "personio.com"),
    *(
        "recruitee.com",
        "teamtailor.com",
        "bamboohr.com",
        "join.com",
        "softgarden.io",
        "breezy.hr",
        "jobvite.com",
        "rexx-systems.com",
    ),
    *("myworkdayjobs.com", "icims.com", "welcometothejungle.com", "factorialhr.com", "homerun.co", "dvinci-hr.com"),
)

#: The same, at those alone.
OF_SYSTEMS = frozenset(("o", "p", "j", "view"))

#: Parts of a path behind which the ad follows.
LISTS = frozenset(
    (
        *("jobs", "job", "careers", "career", "vacancies", "vacancy", "positions", "position", "openings", "opening", "stellen"),
        *(
            "stelle",
            "stellenangebote",
            "stellenangebot",
            "karriere",
            "vacatures",
            "vacature",
            "emplois",
            "offres",
            "offre",
            "empleo",
        ),
        *("ofertas", "lavoro", "posizioni", "vagas", "lediga-jobb", "jobb", "stillinger", "kariera", "praca"),
    )
)

#: Last parts of paths that are no ad.
NO_AD = re.compile(
    r"page|search|apply|application|login|register|alerts?|faq|benefits?|teams?|culture|locations?|category|tag|about"
    r"|students?|privacy|all|overview|departments?|bewerbung|initiativbewerbung|datenschutz|feed|\d{1,2}",
)


@dataclass(frozen=True, slots=True)
class Openings:
    """What a page shows. `count` None: some, and it does not say how many. `shown`: `JobPosting`, `links` or the words."""

    count: int | None
    titles: tuple[str, ...]
    shown: str


def of(tree: LexborHTMLParser, url: str, today: date, *, is_careers: bool) -> Openings | None:
    """The open positions of a page; None where it says nothing of them. `is_careers`: its links and words count, too."""
    posted = dict(_posted(structured.of(tree, url), today))
    if posted:
        return Openings(len(posted), _titles(posted.values()), "JobPosting")
    if not is_careers:
        return None
    base = hrefs.base_of(tree, url)
    around = {hrefs.absolute(node.attrs.get("href") or "", base) for node in tree.css(AROUND)[: links.MAX_LINKS]}
    linked: dict[str, str] = {}
    for address, text in _linked((link for link in links.of(tree, base) if link.url not in around), url):
        linked.setdefault(address, text)
    if linked:
        return Openings(len(linked), _titles(linked.values()), "links")
    text = f" {names.folded(node_text.of(tree.body, MOST_TEXT))} " if tree.body is not None else ""
    said = {kind: next((one for one in phrases if f" {one} " in text), "") for kind, phrases in _phrases().items()}
    if said["none"]:
        return Openings(0, (), said["none"])
    return Openings(None, (), said["apply"]) if said["apply"] else None


def merged(found: Iterable[Openings]) -> Openings | None:
    """What several pages show together: the most that one of them counts; None where none says anything."""
    ordered = sorted(found, key=lambda one: (one.count or 0, one.count is None), reverse=True)
    return ordered[0] if ordered else None


def _posted(data: structured.Structured, today: date) -> Iterator[tuple[Any, str]]:
    for node in structured.nodes(data):
        if "JobPosting" not in (node.get("@type") or ()):
            continue
        title = str(structured.first(node.get("title")) or structured.first(node.get("name")) or "")
        until = str(structured.first(node.get("validThrough")) or "")[:10]
        if title.strip() and not (re.fullmatch(r"\d{4}-\d{2}-\d{2}", until) and until < today.isoformat()):
            yield (
                (names.folded(title), str(structured.first(node.get("identifier")) or structured.first(node.get("url")) or "")),
                title,
            )


def _linked(found: Iterable[links.Link], url: str) -> Iterator[tuple[str, str]]:
    """The ads that a page links to, each once: at a job system, or below a list of positions on the same site."""
    site = web_urls.site_of(web_urls.parse(url).host)
    for link in found:
        address = web_urls.parse(link.url)
        path = [part for part in address.target.partition("?")[0].lower().split("/") if part]
        system = next((one for one in SYSTEMS if address.host == one or address.host.endswith(f".{one}")), "")
        if not link.text or not (system or web_urls.site_of(address.host) == site):
            continue
        if _is_ad(path, is_system=bool(system)):
            yield f"{address.host}/{'/'.join(path)}", link.text


def _is_ad(path: list[str], *, is_system: bool) -> bool:
    if len(path) < 2 or NO_AD.fullmatch(path[-1].rpartition(".")[0] or path[-1]):
        return False
    has_number = bool(re.search(r"\d{3,}|[0-9a-f]{8}-", path[-1]))
    if is_system:
        return has_number or any(part in LISTS | OF_SYSTEMS for part in path[:-1])
    return any(part in LISTS for part in path[:-1])


@cache
def _phrases() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for key, phrases in names.table("hiring_phrases.tsv"):
        kind = key.partition(".")[0]
        found[kind] = (*found.get(kind, ()), *map(names.folded, phrases))
    return found


def _titles(titles: Iterable[str]) -> tuple[str, ...]:
    plain = (" ".join(title.split())[:MOST_TITLE_CHARS] for title in titles)
    return tuple(dict.fromkeys(plain))[:MOST_TITLES]
