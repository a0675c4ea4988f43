"""Fields that stand in no form, as pages made by scripts have them: grouped by the container around them.

A group is the smallest container with something to type in and a button. What is left beside exactly one group, as a user name
is beside a password with a button that shows it, joins that group.
"""

from collections import defaultdict

from parsing.forms import features
from parsing.forms.elements import Control, Group

MAX_GROUPS = 50
NEAR = 4  # containers between a group and what joins it


def of(loose: list[Control]) -> list[Group]:
    """The groups among fields outside of forms, in the order of the page. Fields that are in none say nothing."""
    inside: dict[int, list[Control]] = defaultdict(list)
    depth: dict[int, int] = {}
    for control in loose:
        if control.type != "hidden":
            for level, number in enumerate(control.path or (0,)):
                inside[number].append(control)
                depth[number] = level
    order = sorted(inside, key=lambda one: -depth[one])
    owner: dict[int, int] = {}  # the container of each field that is in a group
    for test in (is_form, asks_login, is_locked):
        for number in order:
            members = [control for control in inside[number] if control.number not in owner]
            if members and test(members):
                owner |= {control.number: number for control in members}
        if test is not is_form:
            _join(inside, depth, order, owner)
    groups: dict[int, Group] = {}
    for control in loose:
        if control.number in owner:
            groups.setdefault(owner[control.number], Group({}, is_formless=True)).controls.append(control)
    return list(groups.values())[:MAX_GROUPS]


def _join(inside: dict[int, list[Control]], depth: dict[int, int], order: list[int], owner: dict[int, int]) -> None:
    """Gives fields that are left to the one group near them."""
    for number in order:
        near = {owner[control.number] for control in inside[number] if control.number in owner}
        if len(near) == 1 and depth[min(near)] - depth[number] <= NEAR:
            owner |= {control.number: min(near) for control in inside[number]}


def is_form(members: list[Control]) -> bool:
    """Whether fields make a form: something to type in, and a button. A button beside a password may only show it."""
    kinds = {features.kind(control) for control in members}
    return bool(kinds & (features.TYPED - {"password"}) and kinds & features.BUTTONS)


def asks_login(members: list[Control]) -> bool:
    """Whether fields ask for a name and a password: what sends them may be no button at all."""
    kinds = {features.kind(control) for control in members}
    return "password" in kinds and bool(kinds & (features.TYPED - {"password"}))


def is_locked(members: list[Control]) -> bool:
    """Whether fields ask for a password alone."""
    kinds = {features.kind(control) for control in members}
    return "password" in kinds and bool(kinds & features.BUTTONS)
