"""An invented result: its address, title and snippet for a keyword."""

import random
import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from sandbox import rankings

TITLES = (
    "{k}: What You Need to Know",
    "The Complete Guide to {k}",
    "{k} | {s}",
    "Best {k} of {y}: Tested and Compared",
    "{k} Explained in Plain Words - {s}",
    "10 Things About {k} Most People Miss",
    "How {k} Works & Why It Matters",
    "{k} – Prices, Reviews and Tips",
)
SNIPPETS = (
    "Everything about <em>{k}</em>: how it works, what it costs and which mistakes to avoid.",
    "We compared the most popular options for <em>{k}</em> and request the people who use them every day.",
    "A short introduction to <em>{k}</em>, with examples, pictures and answers to common questions.",
    "Find out what experts say about <em>{k}</em> and where to start if you are new to it.",
)


@dataclass(frozen=True, slots=True)
class Result:
    """One invented organic result. `cite` is what Google shows as its green line; `snippet` is HTML with `{k}` still in it."""

    url: str
    title: str
    site: str
    cite: str
    snippet: str


def describe(text: str, day: date, place: rankings.Place) -> Result:
    """The result that stands at a place for the keyword `text`."""
    _, host, path, shown = place
    pick = random.Random(f"{text.lower()}|{host}")
    site = host.removeprefix("www.").split(".")[0].replace("-", " ").title()
    plain = path == "" and shown is None
    path = pick.choice(rankings.SECTIONS) if plain else path
    page = "" if plain and pick.random() < 0.2 else path + slug(text)
    crumbs = "".join(f" › {part}" for part in page.split("?")[0].split("/")[:2] if part)
    title = pick.choice(TITLES).format(k=text.strip().title(), s=site, y=day.year)
    cite = shown or f"https://{host}{crumbs}"
    return Result(f"https://{host}/{page}", title, site, cite, pick.choice(SNIPPETS))


def slug(text: str) -> str:
    """The keyword as a part of an address: never empty.

    >>> slug("Best C++ books!"), slug("東京 タワー")
    ('best-c-books', '%E6%9D%B1%E4%BA%AC-%E3%82%BF%E3%83%AF%E3%83%BC')
    """
    return quote("-".join(re.findall(r"\w+", text.lower()))[:80]) or "page"
