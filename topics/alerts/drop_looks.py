"""Looks at ranks: keywords that fell, one incident a project, and runs that are held as suspect."""

from collections.abc import Iterator
from datetime import date

from state.alerts.incidents import Finding
from state.store import connection
from state.tracking import drops, projects, suspects
from state.tracking.drops import Drop, Dropped
from state.tracking.suspects import DISCARDED, HELD, RELEASED, WATCHED, Run
from topics.alerts.looking import GRADES, Look, finding
from topics.alerts.rules import ProjectDrop, RankDrop
from topics.tracking import suspects as guard
from wording import pluralize

#: Fallen keywords that an alert names.
NAMED = 10

#: What became of a run, behind the name of its project; and for how long that is found (ms).
TITLES = {HELD: "is held as suspect", RELEASED: "is real", WATCHED: "was discarded", DISCARDED: "was discarded"}
SAID_MS = 180_000

#: Members of an incident that are told apart.
MOST = 100


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
    """Runs in which most keywords of a project fell, until a sample said whether that is so.

    One that was decided since the last looks is found for a little longer, so that its end says what came of it.
    """
    rule, now_s = look.rules.rules.suspect, connection.now().timestamp()
    for run in [*suspects.held(), *_decided(look, now_s * 1000 - SAID_MS)]:
        if project := projects.find(run.project_id):
            title = f"A mass drop of {project.domain} {TITLES[run.state]}"
            fix = f"`python manage.py project show {run.project_id}` says more."
            key = f"suspect:{run.project_id}:{run.day}"
            yield finding(key, rule, title, guard.facts(run)["says"], fix, project=run.project_id, grade=GRADES[rule.grade])


def _decided(look: Look, since_ms: float) -> Iterator[Run]:
    """Of the runs that are told of, those that were decided since then."""
    for key in sorted(look.open):
        name, _, rest = key.partition(":")
        if name == "suspect":
            project_id, _, day = rest.rpartition(":")
            run = suspects.find(project_id, date.fromisoformat(day))
            if run and run.state != HELD and run.decided_ms > since_ms:
                yield run
