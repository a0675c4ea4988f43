"""Small drawings of ranks by the server: how many keywords stand where, the course of a rank. Each says the same in words."""

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup

import models

#: How keywords stand, in the words of people, from the best on; and how dark each is drawn. 0 = only its border.
STANDS = {
    "top_3": ("1–3", 1.0),
    "top_10": ("4–10", 0.75),
    "top_20": ("11–20", 0.5),
    "top_100": ("21–100", 0.3),
    "not_found": ("not found", 0.1),
    "unknown": ("unknown", 0.0),
    "unchecked": ("not checked", 0.0),
}

#: The drawings (px).
WIDTH, HEIGHT = 120, 24

#: The lowest rank that is told apart.
LOWEST = 100


def words(distribution: Mapping[str, int]) -> str:
    """How many keywords stand where.

    >>> words({"top_3": 2, "unknown": 1})
    '2 at 1–3, 1 unknown'
    """
    named = ((distribution.get(name, 0), label) for name, (label, _) in STANDS.items())
    found = [f"{number:,} {'at ' if label[0].isdigit() else ''}{label}" for number, label in named if number]
    return ", ".join(found) or "no keywords"


def bar(distribution: Mapping[str, int]) -> Markup:
    """How many keywords stand where, as one bar from the best to the unknown."""
    total, at, drawn = sum(distribution.values()) or 1, 0.0, list[Markup]()
    for name, (_, share) in STANDS.items():
        width = WIDTH * distribution.get(name, 0) / total
        if width:
            mark = Markup('<rect x="{:.1f}" y="4" width="{:.1f}" height="16" fill="currentColor" fill-opacity="{}"/>')
            drawn.append(mark.format(at, width, share))
        at += width
    border = Markup('<rect x=".5" y="4.5" width="{}" height="15" fill="none" stroke="currentColor"/>').format(WIDTH - 1)
    return _drawing("bar", words(distribution), [*drawn, border])


def course(ranks: Sequence[models.Rank | None]) -> Markup:
    """The course of a rank, 1 on top, on one scale for all keywords. Unknown days are gaps with a dot, those not found dashes.

    None = not checked that day.
    """
    step, parts, line = WIDTH / max(1, len(ranks)), list[Markup](), list[str]()
    for number, rank in enumerate(ranks):
        x = (number + 0.5) * step
        if rank and rank.rank:
            line.append(f"{x:.1f},{_height(rank.rank):.1f}")
            continue
        parts, line = [*parts, *_line(line)], []
        if rank:
            is_absent = rank.state is models.RankState.NOT_FOUND
            parts.append(_path(f"{x - step / 3:.1f},{HEIGHT - 1}h{step / 1.5:.1f}" if is_absent else f"{x:.1f},{HEIGHT / 2}h.1"))
    return _drawing("spark", course_words(ranks), [*parts, *_line(line)])


def course_words(ranks: Sequence[models.Rank | None]) -> str:
    """The same in words."""
    known = [rank.rank for rank in ranks if rank and rank.rank]
    states = [rank.state for rank in ranks if rank]
    absent, unknown = states.count(models.RankState.NOT_FOUND), states.count(models.RankState.UNKNOWN)
    found = [f"best {min(known)}, worst {max(known)}, last {known[-1]}"] if known else []
    found += [f"not found on {_days(absent)}"] if absent else []
    found += [f"{_days(unknown)} unknown"] if unknown else []
    return f"{len(ranks)} days: " + ("; ".join(found) or "never checked")


def _days(number: int) -> str:
    return f"{number} day" if number == 1 else f"{number} days"


def _height(rank: int) -> float:
    """Half of the height is for the first ten."""
    return 2 + (HEIGHT - 6) * math.log(min(rank, LOWEST)) / math.log(LOWEST)


def _line(points: Sequence[str]) -> list[Markup]:
    """A line through points; a single one is a dot."""
    return [_path("L".join(points) if len(points) > 1 else f"{points[0]}h.1")] if points else []


def _path(course: str) -> Markup:
    return Markup('<path d="M{}"/>').format(course)


def _drawing(name: str, text: str, parts: Sequence[Markup]) -> Markup:
    box = Markup('<svg class="{}" viewBox="0 0 {} {}" width="{}" height="{}"').format(name, WIDTH, HEIGHT, WIDTH, HEIGHT)
    named = Markup(' role="img" aria-label="{}"><title>{}</title>{}</svg>').format(text, text, Markup("").join(parts))
    return box + named
