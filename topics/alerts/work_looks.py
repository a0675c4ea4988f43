"""Looks at work: failures, breakers and budgets."""

from collections.abc import Iterator

import config
from state.alerts.incidents import CRITICAL, MUTED, Finding
from state.scraping import hosts
from topics import budgets
from topics.alerts.looking import GRADES, Look, finding
from topics.alerts.rules import Budget
from topics.budgets import Scope
from topics.operations import failures
from topics.scraping import host_looks
from wording import duration

#: Findings of one rule; what is open already comes first.
MOST = 100


def failing(look: Look) -> Iterator[Finding]:
    """Jobs that failed for good with one fingerprint, this hour and the last."""
    rule = look.rules.rules.failures
    rows = sorted(failures.all_of("day"), key=lambda row: (f"failures:{row.failure.id}" not in look.open, -sum(row.hours[-2:])))
    for row in rows[:MOST]:
        one, key = row.failure, f"failures:{row.failure.id}"
        count = sum(row.hours[-2:])
        if not look.is_at(key, count, rule.jobs):
            continue
        says = f"{count:,} jobs of the kind {one.kind or '-'} failed this hour and the last: {one.message or one.shape}"
        where = f" at {one.host}" if one.host else ""
        grade = MUTED if one.muted else GRADES[rule.grade]
        fix = f"`python manage.py failures list` shows them; `failures mute {one.id}` ends this alert."
        yield finding(key, rule, f"Jobs of {one.kind or 'some kind'} fail{where}", says, fix, grade=grade)


def broken_off(look: Look) -> Iterator[Finding]:
    """Hosts that are not asked, and the provider."""
    rule = look.rules.rules.breaker
    found = sorted(host_looks.open_breakers(), key=lambda one: (f"breaker:{one.state.host}" not in look.open, one.state.host))
    for one in found[:MOST]:
        host = one.state.host
        again = f"is asked again in {duration(one.state.breaker_s)}"
        says = f"{host} failed too often, and {again}; its breaker opened {one.state.openings} times in a row."
        fix = f"`python manage.py hosts show {host}` says more; `hosts reset {host}` asks at once."
        yield finding(f"breaker:{host}", rule, f"The breaker of {host} is open", says, fix)
    provider = config.settings().serp_provider
    word, passes_s = hosts.provider_breaker(provider)
    if word != "closed":
        says = f"The provider {provider} failed too often, and is asked again in {duration(passes_s)}."
        yield finding(
            f"breaker:provider:{provider}",
            rule,
            f"The breaker of {provider} is open",
            says,
            "`python manage.py serp status` says more.",
        )


def spent(look: Look) -> Iterator[Finding]:
    """Budgets that are nearly or wholly used up."""
    rule = look.rules.rules.budget
    for one in budgets.every(MOST):
        percent = max((unit.percent for unit in (one.micro_usd, one.milli_credits) if unit.percent is not None), default=0.0)
        if percent >= rule.percent:
            yield _of_budget(one, rule, percent)


def _of_budget(one: Scope, rule: Budget, percent: float) -> Finding:
    is_over = percent >= rule.critical_percent
    says = budgets.warning(one) or f"The budget of {one.scope} is used up to {percent:g} %"
    fix = f"`python manage.py budget set {one.scope}` raises it; its jobs go on at once."
    grade = CRITICAL if is_over else GRADES[rule.grade]
    project = one.scope.removeprefix("project:") if one.scope.startswith("project:") else ""
    title = f"The budget of {one.scope} is used up{'' if percent >= 100 else f' to {percent:.0f} %'}"
    return finding(f"budget:{one.scope}:{one.month}", rule, title, f"{says.rstrip('.')}.", fix, grade=grade, project=project)
