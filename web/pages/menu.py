"""The menu: where each of its entries leads, and who sees it."""

from typing import NamedTuple

from web.access import Role


class Entry(NamedTuple):
    """An entry of the menu: where it leads, and who sees it."""

    label: str
    path: str
    role: Role = Role.VIEWER


MENU = (
    ("Work", (Entry("Overview", "/"), Entry("Jobs", "/jobs"), Entry("Failures", "/failures"), Entry("Batches", "/batches"))),
    ("Ranks", (Entry("Projects", "/projects"),)),
    ("Sites", (Entry("Businesses", "/business"), Entry("Networks", "/networks"))),
    ("Companies", (Entry("Companies", "/leads"), Entry("Analytics", "/analytics"))),
    (
        "System",
        (
            Entry("Alerts", "/alerts"),
            Entry("Schedule", "/schedule"),
            Entry("Workers", "/workers"),
            Entry("Hosts", "/hosts"),
            Entry("Pauses", "/pauses"),
            Entry("Limits", "/limits"),
            Entry("Budgets", "/budgets"),
            Entry("Upkeep", "/maintenance", Role.OPERATOR),
            Entry("Webhooks", "/webhooks"),
            Entry("Export and import", "/transfer", Role.OPERATOR),
            Entry("Keys", "/keys", Role.ADMIN),
            Entry("People", "/people", Role.ADMIN),
            Entry("Audit", "/audit", Role.ADMIN),
            Entry("RQ", "/rq/"),
        ),
    ),
)
