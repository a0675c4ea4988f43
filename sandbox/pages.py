"""Google's pages in miniature: invented content in the markup of `markup.py`. Every page is marked as the sandbox's."""

import html
import random
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote_plus

import models
from sandbox import invented_results, markup, rankings

QUESTIONS = ("What is {k}?", "How much does {k} cost?", "Is {k} worth it?", "What should I know about {k}?", "Who needs {k}?")
RELATED = ("{k} near me", "cheap {k}", "{k} reviews", "best {k}", "{k} for beginners", "{k} vs alternatives", "{k} 2026")

#: Share of first pages that have such a block around the organic results; named as `parsing.serp` names them.
FEATURES = {"ad": 0.3, "ai_overview": 0.4, "people_also_ask": 0.9, "videos": 0.25, "searches_related": 1.0}


@dataclass(frozen=True, slots=True)
class Link:
    """One organic result as shown: `href` is its address or an opaque /goto link."""

    href: str
    result: invented_results.Result


@dataclass(frozen=True, slots=True)
class Sheet:
    """One result page to render."""

    query: models.SerpQuery
    start: int
    links: Sequence[Link]
    features: frozenset[str]
    total: int  # "About 1,230 results"
    more: bool  # whether there is a next page


def features_of(keyword: str, start: int, seed: int) -> frozenset[str]:
    """Which blocks stand around the organic results; the same for the same keyword. Later pages have related searches at most."""
    names = FEATURES if start == 0 else ("searches_related",)
    return frozenset(name for name in names if rankings.roll(seed, name, keyword) < FEATURES[name])


def results(sheet: Sheet) -> str:
    """An ordinary result page."""
    text = sheet.query.text
    rng = random.Random(f"{text}|{sheet.start}")
    blocks = [_organic(link, sheet, place) for place, link in enumerate(sheet.links)]
    for name, render in (("people_also_ask", _people_also_ask), ("videos", _videos)):
        if name in sheet.features:
            blocks.insert(rng.randint(1, 4), render(text))
    body = markup.RESULTS.format(
        total=f"{sheet.total:,}",
        hundredths=rng.randint(10, 99),
        text=_escape(text),
        ads=_ads(text) if "ad" in sheet.features else "",
        overview=markup.OVERVIEW if "ai_overview" in sheet.features else "",
        blocks="\n".join(blocks),
        related=_related(text) if "searches_related" in sheet.features else "",
        next=markup.NEXT.format(query=quote_plus(text), start=sheet.start + 10) if sheet.more else "",
    )
    return _page(f"{text} - Google Search", body, sheet.query.language)


def no_results(text: str) -> str:
    """The page for a keyword without results, and for a page behind the last one."""
    return _page(f"{text} - Google Search", markup.NO_RESULTS.format(text=_escape(text)))


def captcha(url: str) -> str:
    """Google's /sorry/index page in front of `url`."""
    return _page(url, markup.CAPTCHA.format(url=_escape(url)))


def js_required(text: str) -> str:
    """The shell without results that a client without JavaScript gets."""
    return _page(f"{text} - Google Search", markup.JS_REQUIRED.format())


def consent(url: str) -> str:
    """The consent page that stands before Google in Europe."""
    return _page("Before you continue to Google Search", markup.CONSENT.format(url=_escape(url)))


def _page(title: str, body: str, language: str = "en") -> str:
    return markup.PAGE.format(title=_escape(title), body=body, language=_escape(language), mark=markup.MARK, banner=markup.BANNER)


def _organic(link: Link, sheet: Sheet, place: int) -> str:
    found = link.result
    head, _, crumbs = found.cite.partition(" › ")
    trail = markup.TRAIL.format(crumbs=_escape(crumbs)) if crumbs else ""
    return markup.ORGANIC.format(
        place=place,
        language=_escape(sheet.query.language),
        href=_escape(link.href),
        ping=f' ping="/url?sa=t&amp;source=web&amp;{_escape(link.href[6:])}"' if link.href.startswith("/goto?") else "",
        heading=markup.HEADING.format(title=_escape(found.title)),
        green=markup.GREEN.format(site=_escape(found.site), head=_escape(head), trail=trail),
        snippet=found.snippet.format(k=_escape(sheet.query.text)),
    )


def _block(place: int, inner: str) -> str:
    return markup.BLOCK.format(place=place, inner=inner)


def _heading(title: str) -> str:
    return markup.BLOCK_HEADING.format(title=title)


def _people_also_ask(text: str) -> str:
    asked = [_escape(question.format(k=text)) for question in QUESTIONS]
    answer = markup.ANSWER.format(slug=invented_results.slug(text), title=_escape(text.title()))
    pairs = "".join(
        markup.QUESTION.format(asked=question, answer="" if number else answer) for number, question in enumerate(asked)
    )
    return _block(10, markup.QUESTIONS.format(text=_escape(text), heading=_heading("People also ask"), pairs=pairs))


def _videos(text: str) -> str:
    cards = "".join(markup.VIDEO.format(title=_escape(text.title()), number=number) for number in (1, 2, 3))
    return _block(12, markup.VIDEOS.format(heading=_heading("Videos"), cards=cards))


def _ads(text: str) -> str:
    return markup.ADS.format(ads="".join(markup.AD.format(title=_escape(text.title()), number=number) for number in (1, 2)))


def _related(text: str) -> str:
    lines = [pattern.format(k=text) for pattern in RELATED]
    links = "".join(markup.RELATED_LINK.format(query=quote_plus(line), line=_escape(line)) for line in lines)
    return markup.RELATED.format(heading=_heading("People also search for"), links=links)


def _escape(text: str) -> str:
    return html.escape(text, quote=True)
