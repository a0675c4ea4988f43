"""The rules of alerts as rows: their figures, and what each looks at."""

from topics.alerts import views
from web.pages.tables import Column, Row

COLUMNS = (
    Column("rule", "Rule"),
    Column("says", "Looks at"),
    Column("on", "On"),
    Column("grade", "Grade"),
    Column("for_min", "Told after, min", numeric=True),
    Column("clear_min", "Over after, min", numeric=True),
    Column("figures", "Figures"),
)


def of() -> list[Row]:
    """A row for each rule, as it is now."""
    return [
        {
            **one,
            "on": "yes" if one["enabled"] else "no",
            "figures": ", ".join(f"{name} {value}" for name, value in one["figures"].items()),
        }
        for one in views.rule_rows()
    ]
