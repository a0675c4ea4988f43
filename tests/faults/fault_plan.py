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
    "limit": 3,
    "doctor": 2,
    "silence": 1,
}

#: More of them by chance.
MORE = 3

#: Longer than a lease and the watch for lost ones; from a blink to longer than the poll; up to longer than a reply may take; a
#: crash and its restart (s).
FREEZE_WORKERS_S, FREEZE_SCHEDULER_S, PAUSE_REDIS_S, KILL_REDIS_S = (19, 22), (0.2, 8), (1, 12), (0, 3)

#: How long the primary of before lives on after a fail-over, and how long the server takes no further client (s).
FAIL_OVER_S, FULL_S = (2, 10), (1, 8)

#: Workers freeze so long before a paused Redis goes on: what ended in the pause they tell when they thaw, without a lease.
BEFORE_ITS_END_S = 0.3

#: A second outage of Redis in the same minute begins at least so long after the first.
APART_S = 3

ROUND_S = 60

FAULTS = (*LIGHT, "freeze workers", "freeze scheduler", "pause redis", "kill redis", "fail over", "full", "deploy")


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
    found.append(fault("freeze scheduler", whole, FREEZE_SCHEDULER_S))
    found.append(fault("fail over", whole, FAIL_OVER_S))
    found.append(fault("full", whole, FULL_S))
    half_s = length_s / 2
    pause = fault("pause redis", (0.0, half_s - APART_S), (PAUSE_REDIS_S[0], min(PAUSE_REDIS_S[1], half_s - APART_S)))
    found += [pause, fault("kill redis", (half_s, length_s - APART_S), KILL_REDIS_S)]
    end_s = pause.at_s + pause.lasts_s - begin_s - BEFORE_ITS_END_S
    found.append(fault("freeze workers", (end_s, end_s), FREEZE_WORKERS_S))
    return found
