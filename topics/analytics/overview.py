"""The parts of a report about all companies: how many, what is known, how they are spread, the best, those that changed."""

from collections.abc import Callable
from dataclasses import replace

from topics.analytics import derived, derived_groups, sections
from topics.analytics.passes import Pass
from topics.analytics.queries import Query
from topics.analytics.sections import Column, Line, Part, Section, Shown

#: Whoever can be written to or called.
REACHABLE = "emails known or phones known"

VALUE = (Column("value", "Companies"),)
COUNTS = (Column("count", "Companies"), Column("share", "Share", "percent"))

#: By field: the title of its section, and its chart.
SPREADS = {
    "industry": ("Industries", "bars"),
    "country": ("Countries", "bars"),
    "size": ("Sizes by employees", "columns"),
    "technologies": ("Technologies", "bars"),
    "score.band": ("Scores", "columns"),
}

#: Spreads whose values have an order: all of them are shown.
ORDERED = {
    "size": [word for _, word in derived_groups.SIZES],
    "score.band": [derived_groups.band_of(least) for least in range(0, 100, 10)],
}


def overview(within: str) -> Part:
    """Single figures."""
    told = {
        "Companies": Query("count"),
        "With a score": Query("count", where="score known"),
        "Score, mean": Query("mean", "score"),
        "Score, median": Query("median", "score"),
        "Completeness, mean (%)": Query("mean", "completeness"),
        "With an e-mail address or a phone": Query("count", where=REACHABLE),
        "The same, share of all (%)": Query("share", where=REACHABLE),
        "Industries": Query("distinct", "industry"),
        "Countries": Query("distinct", "country"),
        "Technologies": Query("distinct", "technologies"),
    }
    about = f"Completeness is the share of these that is known: {', '.join(derived.CORE)}."
    section = Section("overview", "Overview", about, "Figure", (Column("value", "Value", "score"),))
    return sections.singles(section, [(label, _within(query, within)) for label, query in told.items()])


def coverage(within: str, names: tuple[str, ...]) -> Part:
    """How many companies have each field."""
    section = Section("coverage", "What is known", "Companies that have each field.", "Field", COUNTS, chart="bars")

    queries = {what: _within(Query(what, by="known"), within) for what in ("count", "share")}

    def put(asked: Pass) -> Callable[[], Section]:
        known = {what: asked.grouped(query) for what, query in queries.items()}

        def make() -> Section:
            lines = [Line(name, {what: sections.of_group(one, name, asked) for what, one in known.items()}) for name in names]
            return sections.filled(section, sorted(lines, key=lambda line: (-line.figures["count"].value, line.label)))

        return make

    return put


def spread(field: str, within: str, most: int = 20) -> Part:
    """How companies are spread over the values of a field."""
    title, chart = SPREADS[field]
    about = f"Companies by {field}; one with several values counts for each."
    section = Section(f"by-{field.replace('.', '-')}", title, about, field, COUNTS, chart=chart)
    queries = {what: _within(Query(what, by=field), within) for what in ("count", "share")}
    unknown = _within(Query("count", where=f"{field} missing"), within)
    return sections.grouped(section, queries, _in_order(field) or sections.highest(most), unknown)


def top(within: str, most: int = 20) -> Part:
    """The companies with the highest scores."""
    section = Section("top", "Best leads", "Companies with the highest scores.", "Company", (Column("value", "Score", "score"),))
    return sections.leads(section, _within(Query("list", "score", most=most), within))


def changed(within: str, since: str, *, lowest: bool, most: int = 20) -> Part:
    """The companies whose scores rose most, or fell most."""
    name, title, verb = ("fallen", "Fell most", "fell") if lowest else ("risen", "Rose most", "rose")
    where = "score.change < 0" if lowest else "score.change > 0"
    section = Section(
        name,
        title,
        f"Companies whose scores {verb} since {since}: the most first.",
        "Company",
        (Column("value", "Change", "change"),),
    )
    return sections.leads(
        section, _within(Query("list", "score.change", where=where, since=since, most=most, lowest=lowest), within)
    )


def _within(query: Query, within: str) -> Query:
    return replace(query, within=within)


def _in_order(field: str) -> Shown | None:
    """All values of a field that has few, in their order."""
    values = ORDERED.get(field, ())
    return (lambda groups: values) if values else None
