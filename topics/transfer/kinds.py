"""The kinds of lines of an export, in the order in which they stand there: what one needs comes before it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from state.tracking import projects as stored_projects
from topics.transfer import (
    companies,
    company_lines,
    flow,
    forms,
    keywords,
    ledgers,
    limits,
    projects,
    settings,
    shapes,
    sites,
    spent,
    views,
)
from topics.transfer.merging import Merging, Outcome, Record


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a store is told: everything, or what a caller with a key sees.

    `owner`: only what is that owner's, None = everybody's. `holder`: the same, of saved views. `projects`: only these, None = all
    of them.
    """

    owner: str | None = None
    holder: str | None = None
    is_admin: bool = True
    projects: tuple[str, ...] | None = None

    def project_ids(self) -> list[str]:
        """The projects it tells of."""
        return [one for one in stored_projects.ids() if self.projects is None or one in self.projects]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of line. `needs_admin`: only an admin may import it; `is_private`: only an admin may export it."""

    name: str
    shape: type[BaseModel]
    read: Callable[[Scope], Iterator[Record]]
    put: Callable[[Sequence[Any], Merging], list[Outcome]]
    count: Callable[[Scope], int] | None = None
    needs_admin: bool = False
    is_private: bool = False


KINDS = {
    kind.name: kind
    for kind in (
        Kind("setting", settings.Setting, lambda _: settings.read(), settings.put, needs_admin=True, is_private=True),
        Kind("project", shapes.Project, lambda scope: projects.read(scope.projects), projects.put),
        Kind(
            "keyword",
            shapes.Keyword,
            lambda scope: keywords.read(scope.project_ids()),
            keywords.put,
            lambda scope: keywords.count(scope.project_ids()),
        ),
        Kind("budget", spent.Budget, lambda _: spent.read(), spent.put, needs_admin=True),
        Kind("ledger", ledgers.Ledger, lambda _: ledgers.read_ledgers(), ledgers.put_ledgers, needs_admin=True),
        Kind("switch", flow.Switch, lambda _: flow.read_switches(), flow.put_switches, needs_admin=True),
        Kind("pause", flow.Pause, lambda _: flow.read_pauses(), flow.put_pauses, needs_admin=True),
        Kind("limit", limits.Limit, lambda _: limits.read_limits(), limits.put_limits, needs_admin=True),
        Kind("rate", limits.Rate, lambda _: limits.read_rates(), limits.put_rates, needs_admin=True),
        Kind("view", views.View, lambda scope: views.read(scope.holder), views.put),
        Kind("network", forms.Network, lambda scope: forms.read(scope.owner), forms.put),
        Kind("form_page", forms.FormPage, lambda scope: forms.read_pages(scope.owner), forms.put_pages),
        Kind("site", sites.Site, lambda scope: sites.read(scope.owner), sites.put),
        Kind(
            "company",
            company_lines.Company,
            lambda scope: companies.read(scope.owner),
            companies.put,
            lambda scope: companies.count(scope.owner),
        ),
    )
}


def told_in(scope: Scope, wanted: Sequence[str]) -> list[Kind]:
    """The kinds that an export of this scope holds; `wanted`: only these, () = all."""
    return [kind for kind in KINDS.values() if (not wanted or kind.name in wanted) and (scope.is_admin or not kind.is_private)]
