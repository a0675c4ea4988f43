"""The parts of a report about all companies: how many, what is known, how they are spread, the best, those that changed."""

from collections.abc import Callable
from dataclasses import replace

from topics.analytics import derived, sections
from topics.analytics.passes import Grouped, Pass
from topics.analytics.queries import Query
from topics.analytics.sections import Column, Figure, Line, Part, Section

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

#: Spreads whose values have an order.
ORDERED = ("score.band",)


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

    def put(asked: Pass) -> Callable[[], Section]:
        known = {what: asked.grouped(_within(Query(what, by="known"), within)) for what in ("count", "share")}

        def make() -> Section:
            lines = [Line(name, {what: _known(one, name, asked) for what, one in known.items()}) for name in names]
            return sections.filled(section, sorted(lines, key=lambda line: (-line.figures["count"].value, line.label)))

        return make

    return put


def spread(field: str, within: str, most: int = 20) -> Part:
    """How companies are spread over the values of a field."""
    title, chart = SPREADS[field]
    about = f"Companies by {field}; one with several values counts for each."
    section = Section(f"by-{field.replace('.', '-')}", title, about, field, COUNTS, chart=chart)
    queries = {what: _within(Query(what, by=field), within) for what in ("count", "share")}
    return sections.grouped(section, queries, most=most, by_key=field in ORDERED)


def top(within: str, most: int = 20) -> Part:
    """The companies with the highest scores."""
    section = Section("top", "Best leads", "Companies with the highest scores.", "Company", (Column("value", "Score", "score"),))
    return sections.leads(section, _within(Query("list", "score", most=most), within))


def changed(within: str, since: str, *, lowest: bool, most: int = 20) -> Part:
    """The companies whose scores rose most, or fell most."""
    name, title = ("fallen", "Fell most") if lowest else ("risen", "Rose most")
    where = "score.change < 0" if lowest else "score.change > 0"
    section = Section(name, title, f"Change of the score since {since}.", "Company", (Column("value", "Change", "change"),))
    return sections.leads(
        section, _within(Query("list", "score.change", where=where, since=since, most=most, lowest=lowest), within)
    )


def _within(query: Query, within: str) -> Query:
    return replace(query, within=within)


def _known(one: Grouped, name: str, asked: Pass) -> Figure:
    found = sections.of_group(one, name, name, asked)
    return found if found.value is not None else found._replace(value=0)
