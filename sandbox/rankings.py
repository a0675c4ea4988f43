"""Who ranks where, invented: the same for the same keyword, country, device, day and seed, and close to it on the next day.

Each candidate has a base place for a keyword, shifted a little by country and device, plus a slow wave and a small jitter over
the days; the list is sorted by the sum. The named domains get places of their own, so adding one never reshuffles the rest.
"""

import functools
import hashlib
import math
import random
import re
from datetime import date

import models

MOST_RESULTS = 90  # of a keyword; Google itself rarely shows more than 100
FEWEST_RESULTS = 35
OWN_SHARE = 0.92  # of keywords for which a named domain ranks at all
DRIFT = 1.2  # places a result wanders in the slow wave, up and down
WAVE_DAYS = 9  # days in one radian of the slow wave
JITTER = 0.6  # places of change from one day to the next
REGION = 2.5  # places between two countries or devices

#: Sites that rank for everything: host, path before the slug, and what Google shows instead of an address (2026-11), if it does.
BIG_SITES = (
    ("en.wikipedia.org", "wiki/", None),
    ("www.reddit.com", "r/answers/comments/", "{n}+ comments  ·  {y} years ago"),
    ("www.youtube.com", "watch?v=", "{n}K+ views  ·  {y} years ago"),
    ("www.quora.com", "", "{n}+ answers  ·  {y} years ago"),
    ("www.amazon.com", "s/", None),
    ("medium.com", "@writer/", None),
    ("www.facebook.com", "groups/", "{n}+ reactions  ·  {y} years ago"),
    ("www.forbes.com", "advisor/", None),
    ("www.nytimes.com", "guides/", None),
    ("www.britannica.com", "topic/", None),
)
NOUNS = ("guide", "hub", "lab", "base", "review", "store", "daily", "craft", "works", "market", "school", "planet", "report")
PREFIXES = ("the", "my", "best", "go", "all", "top", "pro", "get")
SUFFIXES = (".com", ".com", ".com", ".org", ".net", ".io", ".co", ".shop")
SECTIONS = ("blog/", "guides/", "", "articles/", "reviews/", "learn/")

#: (score, host, path before the slug, the shown line where it is no address)
Place = tuple[float, str, str, str | None]


def roll(*parts: object) -> float:
    """A number in [0, 1), always the same for the same parts."""
    digest = hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2.0**64


def ranking(query: models.SerpQuery, day: date, *, seed: int, domains: tuple[str, ...]) -> list[Place]:
    """All places of a keyword on a day, in order; 35 to 90. `describe` makes a result of one."""
    keyword = " ".join(query.text.lower().split())
    region = f"{query.country.lower()}|{query.language.lower()}|{query.device}"
    candidates, number = _candidates(keyword, region, seed)
    by_day = random.Random(f"{seed}|{keyword}|{day.toordinal()}")
    scored = [
        (_score(place, host, day, by_day.random(), here), host, path, shown) for place, host, path, shown, here in candidates
    ]
    for host in domains:
        place = _own_place(seed, keyword, host)
        if place is not None:
            today, here = roll(seed, keyword, host, day.toordinal()), roll(seed, keyword, host, region)
            scored.append((_score(place, host, day, today, here), host, "", None))
    scored.sort(key=lambda entry: entry[0])
    return scored[:number]


@functools.lru_cache(64)
def _candidates(keyword: str, region: str, seed: int) -> tuple[list[tuple[float, str, str, str | None, float]], int]:
    """What is the same on every day: (place, host, path, shown line, roll of the region) of each site, and how many rank."""
    rng, by_region = random.Random(f"{seed}|{keyword}"), random.Random(f"{seed}|{keyword}|{region}")
    sites = [(*site, by_region.random()) for site in _invented(rng, keyword)]
    return sites, rng.randint(FEWEST_RESULTS, MOST_RESULTS)


def _score(place: float, host: str, day: date, today: float, here: float) -> float:
    """A place with its slow wave, the jitter of the day and the shift of the country and device; both rolls in [0, 1)."""
    wave = math.sin(day.toordinal() / WAVE_DAYS + len(host) + place)
    return place + DRIFT * wave + JITTER * (2 * today - 1) + REGION * (here - 0.5)


def _own_place(seed: int, keyword: str, host: str) -> float | None:
    """Where a named domain stands for a keyword: mostly on the first page; None where it does not rank."""
    if roll(seed, "ranks", keyword, host) > OWN_SHARE:
        return None
    return 1 + 40 * math.pow(roll(seed, "place", keyword, host), 5)


def _invented(rng: random.Random, keyword: str) -> list[Place]:
    """(place, host, path before the slug, shown line) of the sites that nobody tracks."""
    words = re.findall(r"[a-z0-9]+", keyword) or [f"site{int(roll(keyword) * 9000) + 1000}"]
    stem = "".join(words)[:24]
    sites: list[Place] = []
    for host, path, shown in BIG_SITES:
        place = 1 + 45 * rng.random()
        note = shown and shown.format(n=rng.randint(2, 90), y=rng.randint(2, 6))
        sites.append((place, host, path + (f"{rng.randrange(16**6):06x}-" if shown else ""), note))
    seen = set()
    while len(sites) < MOST_RESULTS:
        word = words[int(rng.random() * len(words))]
        noun = NOUNS[int(rng.random() * len(NOUNS))]
        base = rng.choice((stem, word + noun, rng.choice(PREFIXES) + word + noun, f"{word}-{noun}", noun + word))
        host = base[:40].strip("-") + rng.choice(SUFFIXES)
        section = rng.choice(SECTIONS)
        place = 1 + 95 * rng.random()
        if host not in seen:
            seen.add(host)
            sites.append((place, "www." + host if rng.random() < 0.5 else host, section, None))
    return sites
