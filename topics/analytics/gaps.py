"""Where the data of companies is wanting: what is missing, old, wrong, or there twice. Each row has the query that lists whom it
counts.
"""

from collections.abc import Callable
from dataclasses import replace

from topics.analytics import derived, sections, validity
from topics.analytics.passes import Pass
from topics.analytics.queries import Query
from topics.analytics.sections import Column, Line, Part, Section

COLUMNS = (Column("count", "Companies"), Column("share", "Share", "percent"))

#: Facts that grow old, and values that two companies should not share.
AGING, SINGLE = (
    ("phones", "emails", "address", "industry", "employees", "technologies", "people", "hiring"),
    ("name", "phones", "emails"),
)

#: Companies that `show` lists.
SHOWN = 100


def gaps(within: str, stale_before: str) -> Part:
    """All of them. `stale_before`: what was read before that day is old."""
    conditions = {
        **{f"{name} missing": f"{name} missing" for name in derived.CORE},
        "nothing to reach them by": "emails missing and phones missing",
        "no score": "score missing",
        **{f"{name} read before {stale_before}": f"{name}.at < {stale_before}" for name in AGING},
        **{f"{name} invalid": f"{name} invalid" for name in validity.CHECKS},
    }
    about = (
        f"Missing, read before {stale_before}, of a form that cannot be right, or the same as of another company. "
        "Of companies that share a value the first does not count."
    )
    section = Section("gaps", "Gaps", about, "Gap", COLUMNS, chart="bars")

    def put(asked: Pass) -> Callable[[], Section]:
        told = {
            label: [asked.single(Query(what, where=where, within=within)) for what in ("count", "share")]
            for label, where in conditions.items()
        }
        doubles = {name: asked.single(Query("doubles", name, within=within)) for name in SINGLE}

        def make() -> Section:
            lines = [
                Line(label, {one.query.measure: sections.figure(one, asked) for one in found}, show=show(found[0].query))
                for label, found in told.items()
            ]
            lines += [
                Line(f"{name} of another company", {"count": sections.figure(one, asked)}, show=str(one.query))
                for name, one in doubles.items()
            ]
            return sections.filled(section, [line for line in lines if line.figures["count"].value])

        return make

    return put


def show(query: Query) -> str:
    """The query that lists whom a query counts, the most complete first."""
    return str(replace(query, measure="list", of="completeness", most=SHOWN))
