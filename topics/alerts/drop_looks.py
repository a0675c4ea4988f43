"""Looks at ranks: keywords that fell, one incident a project, and runs that are held as suspect."""

from collections.abc import Iterator

from state.alerts.incidents import Finding
from state.store import connection
from state.tracking import drops, projects, suspects
from state.tracking.drops import Drop, Dropped
from topics.alerts.looking import GRADES, Look, finding
from topics.alerts.rules import ProjectDrop, RankDrop
from wording import pluralize

#: Fallen keywords that an alert names.
NAMED = 10

#: Members of an incident that are told apart.
MOST = 200


def fallen(look: Look) -> Iterator[Finding]:
    """Keywords that fell by so many places, or out of the results; one finding a project, with the worst of them."""
    rule = look.rules.rules.rank_drop
    since_ms = round((connection.now().timestamp() - drops.KEEP_S) * 1000)
    for one in drops.every(since_ms):
        own = rule.projects.get(one.project_id, ProjectDrop())
        found = {name: drop for name, drop in one.drops.items() if own.enabled and counts(drop, rule, own)}
        if found and (project := projects.find(one.project_id)):
            yield _of_project(project.domain, one, found, rule)


def counts(drop: Drop, rule: RankDrop, own: ProjectDrop) -> bool:
    """Whether a drop is one by the rule and what the project says."""
    if drop.was > (own.from_rank or rule.from_rank):
        return False
    if drop.to is None:
        return rule.vanished if own.vanished is None else own.vanished
    return drop.to - drop.was >= (own.places or rule.places)


def _of_project(domain: str, one: Dropped, found: dict[str, Drop], rule: RankDrop) -> Finding:
    worst = sorted(found, key=lambda name: (found[name].was, found[name].text))
    lines = [f"{found[name].says} on {found[name].day}" for name in worst[:NAMED]]
    more = len(found) - NAMED + one.others
    lines += [f"… and {pluralize(more, 'more keyword')}"] if more > 0 else []
    count = pluralize(len(found) + one.others, "keyword")
    fix = f"`python manage.py keyword list {one.project_id}` shows its ranks."
    shown = {"project": one.project_id, "lines": tuple(lines), "members": tuple(sorted(worst[:MOST]))}
    says = f"{count} of {domain} fell: {lines[0]}." if len(lines) == 1 else f"{count} of {domain} fell."
    return finding(f"rank_drop:{one.project_id}", rule, f"{count} of {domain} fell", says, fix, **shown)


def suspect(look: Look) -> Iterator[Finding]:
    """Runs in which most keywords of a project fell, until a sample said whether that is so."""
    rule = look.rules.rules.suspect
    for run in suspects.held():
        if (project := projects.find(run.project_id)) is None:
            continue
        domain = project.domain
        fell = f"{run.fallen:,} of {run.compared:,} comparable ranks of {domain} fell on {run.day}"
        says = f"{fell}: they are held, and a sample is checked again."
        fix = f"`python manage.py project show {run.project_id}` shows what came of it."
        title = f"A mass drop of {domain} is held as suspect"
        yield finding(
            f"suspect:{run.project_id}:{run.day}", rule, title, says, fix, project=run.project_id, grade=GRADES[rule.grade]
        )
