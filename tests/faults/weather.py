"""What goes wrong in a soak and when: decided by the seed alone, before anything runs.

A fault names its victim by a share from 0 to 1: the how-manieth of those that live at that moment.
"""

import random
from dataclasses import dataclass

#: Light ones, so often in each minute.
LIGHT = {
    "kill worker": 2,
    "stop worker": 1,
    "kill child": 3,
    "kill supervisor": 1,
    "restart workers": 1,
    "kill scheduler": 2,
    "restart scheduler": 1,
    "poison": 3,
    "timeout": 3,
    "damage": 4,
}

#: More of them by chance.
MORE = 3

#: Longer than a lease; from a blink to longer than the poll; up to longer than a reply may take; a crash and its restart (s).
FREEZE_WORKERS_S, FREEZE_SCHEDULER_S, PAUSE_REDIS_S, KILL_REDIS_S = (16, 19), (0.2, 8), (1, 12), (0, 3)

#: A second outage of Redis in the same minute begins at least so long after the first.
APART_S = 3

ROUND_S = 60

FAULTS = (*LIGHT, "freeze workers", "freeze scheduler", "pause redis", "kill redis", "deploy")


@dataclass(frozen=True, order=True)
class Fault:
    """One fault: seconds from the start, its name, its victim, how long it lasts (s; 0 = no time)."""

    at_s: float
    name: str
    who: float
    lasts_s: float = 0.0


def plan(seed: int, seconds: float) -> list[Fault]:
    """All faults of a soak in order: each kind in each minute, and a deploy in the middle of the whole."""
    dice = random.Random(f"weather {seed}")
    rounds = max(1, round(seconds / ROUND_S))
    length_s = seconds / rounds
    found = [fault for number in range(rounds) for fault in _round(dice, number * length_s, length_s)]
    return sorted([*found, Fault(round(seconds / 2, 2), "deploy", 0.0)])


def _round(dice: random.Random, begin_s: float, length_s: float) -> list[Fault]:
    def fault(name: str, between: tuple[float, float], lasts: tuple[float, float] = (0, 0)) -> Fault:
        lasts_s = dice.uniform(*lasts)
        first, last = between
        at_s = dice.uniform(first, max(first, last - lasts_s))
        return Fault(round(begin_s + at_s, 2), name, round(dice.random(), 3), round(lasts_s, 2))

    whole = (0.0, length_s)
    names = [name for name, times in LIGHT.items() for _ in range(times)] + dice.choices(list(LIGHT), k=MORE)
    found = [fault(name, whole) for name in names]
    found.append(fault("freeze workers", whole, FREEZE_WORKERS_S))
    found.append(fault("freeze scheduler", whole, FREEZE_SCHEDULER_S))
    halves = [(0.0, length_s / 2 - APART_S), (length_s / 2, length_s - APART_S)]
    dice.shuffle(halves)
    longest = halves[0][1] - halves[0][0]
    found.append(fault("pause redis", halves[0], (PAUSE_REDIS_S[0], min(PAUSE_REDIS_S[1], longest))))
    found.append(fault("kill redis", halves[1], KILL_REDIS_S))
    return found
