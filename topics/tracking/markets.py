"""Which project a line of a keyword file belongs to: by its id or its domain, and by the market the line is for."""

from collections.abc import Iterator
from typing import Any

import models
from errors import AlreadyExists, ArgumentError, NotFound
from parsing import domains, markets
from parsing.names import folded
from state.tracking import projects as stored
from topics.tracking import projects


class Homes:
    """Finds the project of each line, and adds those that are missing.

    `fixed` = the project that is given for all lines: then only the market of a line can lead to another one, of the same domain.
    `is_trial`: those that are missing are only thought of, and nothing is stored.
    """

    def __init__(self, fixed: models.Project | None = None, *, is_trial: bool = False) -> None:
        self.added: list[models.Project] = []
        self.beside: list[models.Project] = []  # of these: for another market of a domain that was tracked
        self.astray = 0  # lines that name a project of another market than their own
        self.foreign: dict[str, int] = {}  # projects and domains that lines name beside the one that is given for all
        self._fixed, self._is_trial = fixed, is_trial
        self._known: dict[tuple[str, str, markets.Market], str] = {}
        self.by_id: dict[str, models.Project] = {}
        self._look()

    def project_for(self, name: str, domain: str, market: markets.Market) -> str:
        """The id of a line's project. Raises DataError where there is none and none can be added."""
        key = (name, domain, market)
        if key not in self._known:
            self._known[key] = self._find(name, domain, market).id
        if self._fixed and (other := _other_than(self._fixed, name, domain)):
            self.foreign[other] = self.foreign.get(other, 0) + 1
        elif name and market and not fits(self.by_id[self._known[key]], market):
            self.astray += 1
        return self._known[key]

    def _look(self) -> None:
        self.by_id = {project.id: project for project in stored.every()}

    def _find(self, name: str, domain: str, market: markets.Market) -> models.Project:
        if self._fixed:
            return self._of_domain(self._fixed.domain, market, self._fixed)
        if not name and not domain:
            raise NotFound("there is no project in this line: give its id or its domain, or --project for all lines")
        target = str(domains.parse_target(domain)) if domain else ""
        if not name:
            return self._of_domain(target, market, None)
        named = self._named(name, target)
        if named and target and named.domain != target:
            raise ArgumentError(f"project {name!r} tracks {named.domain}, and this line says {domain!r}")
        if named:
            return named
        if not target:
            raise NotFound(f"there is no project {name!r}: add it, or give its domain in a column of the file")
        label = {"id": name} if projects.PROJECT_ID.fullmatch(name) else {"name": name}
        return self._add(target, _options(market, **label))

    def _named(self, name: str, target: str) -> models.Project | None:
        found = self.by_id.get(name) or self.by_id.get(name.lower())
        if found:
            return found
        same = [one for one in self.by_id.values() if folded(one.name) == folded(name) and target in ("", one.domain)]
        if len(same) > 1:
            raise ArgumentError(f"{len(same)} projects are named {name!r}: give the id ({_ids(same)})")
        return same[0] if same else None

    def _of_domain(self, target: str, market: markets.Market, base: models.Project | None) -> models.Project:
        """The project of a domain that tracks this market; a new one beside its others where none does."""
        there = [one for one in self.by_id.values() if one.domain == target]
        if not there:
            return self._add(target, _options(market))
        if base and fits(base, market):
            return base
        fitting = [one for one in there if fits(one, market) and (not base or fits(one, _rest(base, market)))]
        if fitting:
            return self._main(target, fitting)
        return self._add_beside(base or self._main(target, there), market)

    def _main(self, target: str, found: list[models.Project]) -> models.Project:
        if len(found) == 1:
            return found[0]
        usual = next((one for one in found if one.id == projects.id_for(target)), None)
        if not usual:
            raise ArgumentError(f"{len(found)} projects track {target} ({_ids(found)}): name one in a column project")
        return usual

    def _add_beside(self, base: models.Project, market: markets.Market) -> models.Project:
        """A project of the same domain for another market, otherwise like `base`."""
        if market.location and not markets.same_location(market.location, base.location):
            raise ArgumentError(f"no project of {base.domain} tracks the location {market.location!r}: add one for it first")
        parts = list(_differing(base, market))
        options = projects.Options(
            id="-".join([base.id, *parts]).lower(),
            name=f"{base.name} ({', '.join(parts)})",
            weight=base.weight,
            country=market.country or base.country,
            language=market.language or base.language,
            device=market.device or base.device,
            location=None if market.country else base.location,
            depth=base.depth,
            every_h=base.every_h,
            zone=base.zone,
            hour=base.hour,
        )
        project = self._add(base.domain, options)
        self.beside.append(project)
        return project

    def _add(self, target: str, options: projects.Options) -> models.Project:
        try:
            project = self._thought_of(target, options) if self._is_trial else projects.add(target, options)
        except AlreadyExists:
            if not self._is_trial:
                self._look()  # somebody else added it meanwhile, or it is another one's
            project = self.by_id[options.id or projects.id_for(options.name or target)]
            if project.domain != target:
                raise
            return project
        self.by_id[project.id] = project
        self.added.append(project)
        return project

    def _thought_of(self, target: str, options: projects.Options) -> models.Project:
        project = projects.planned(target, options)
        if project.id in self.by_id:
            raise AlreadyExists(f"Project {project.id} exists already: give another --id.")
        return project


def _other_than(project: models.Project, name: str, domain: str) -> str:
    """What a line names that is not this project; empty where it names nothing else."""
    if name and folded(name) not in (folded(project.id), folded(project.name)):
        return name
    try:
        return domain if domain and str(domains.parse_target(domain)) != project.domain else ""
    except ArgumentError:
        return domain


def fits(project: models.Project, market: markets.Market) -> bool:
    """Whether a project tracks this market, as far as the line says it."""
    return not any(_differing(project, market)) and (
        market.location is None or markets.same_location(market.location, project.location)
    )


def words(project: models.Project) -> str:
    """The market of a project for people."""
    return str(markets.Market(project.country, project.language, project.device, project.location))


def _differing(project: models.Project, market: markets.Market) -> Iterator[str]:
    if market.country and not markets.same_country(market.country, project.country):
        yield market.country
    if market.language and not markets.same_language(market.language, project.language):
        yield market.language
    if market.device and market.device != project.device:
        yield market.device


def _rest(base: models.Project, market: markets.Market) -> markets.Market:
    """What a line leaves open is as in `base`."""
    return markets.Market(
        None if market.country else base.country,
        None if market.language else base.language,
        None if market.device else base.device,
    )


def _options(market: markets.Market, **label: Any) -> projects.Options:
    """Options of a new project for a market; what the line leaves open has its default."""
    parts = {"country": market.country, "language": market.language, "device": market.device, "location": market.location}
    given: dict[str, Any] = {name: value for name, value in parts.items() if value}
    return projects.Options(**given, **label)


def _ids(found: list[models.Project]) -> str:
    return ", ".join(sorted(one.id for one in found)[:5])
