"""The chart of a keyword: the course of its rank over a range of days."""

from datetime import UTC, date, datetime, time

from topics.operations import keyword_looks
from topics.operations.keyword_looks import KeywordLook
from web.pages import charts, filters
from web.pages.filters import Filter

#: Days of the chart, and what is shown where the address does not say.
RANGES, DEFAULT = (("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("365", "A year"), ("all", "All")), "90"

FILTERS = (Filter("range", "range", RANGES),)


def days_of() -> str:
    """How many days the chart shows, as the address asks."""
    return filters.values(FILTERS)["range"] or DEFAULT


def of(look: KeywordLook) -> charts.Chart:
    """The chart over the days that the address asks for."""
    chosen = days_of()
    course, noted = keyword_looks.drawn(look, None if chosen == "all" else int(chosen))
    series = [charts.Series("Rank", course.ranks), charts.Series("Not found, as deep as was looked", course.not_found)]
    series += [charts.Series(url, values) for url, values in course.pages.items()]
    marks = [charts.Note(_seconds(note.day), note.text) for note in noted]
    return charts.Chart("course", course.says, [_seconds(day) for day in course.days], series, inverted=True, notes=marks)


def _seconds(day: date) -> float:
    return datetime.combine(day, time(), UTC).timestamp()
