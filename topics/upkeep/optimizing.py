"""The optimisation of every week: what lost its other half is repaired, Redis rewrites its log and gives freed memory back.

Then the largest keys are told, what was slow, and when the store is full at its rate of growth.
"""

import queues
import wording
from state.engine import registries
from state.store import measures
from state.store.measures import Memory
from topics.upkeep import big_keys, figures, repair, reports, slow_log, tallies
from topics.upkeep.reports import Draft, Report

#: How long a rewrite of the append-only file is waited for (s).
PATIENCE_S = 60.0

#: From so much memory on (of the machine's, in shares of what is used) it is worth a word that much of it lies idle.
IDLE_SHARE, LEAST_IDLE = 1.5, 256 << 20


def optimize() -> Report:
    """Do all of it. What Redis refuses is told, and nothing else suffers. Safe to repeat, and while everything runs."""
    return reports.made(reports.OPTIMIZE, _optimize)


def _optimize(draft: Draft) -> None:
    _repair(draft)
    _compact(draft)
    big_keys.tell(draft, reports.OPTIMIZE)
    slow_log.tell(draft, reports.OPTIMIZE)
    figures.tell_growth(draft)


def _repair(draft: Draft) -> None:
    draft.facts["expired"] = expired = registries.prune(queues.QUEUES)
    if expired:
        draft.say(f"Removed {wording.pluralize(expired, 'entry')} of jobs whose records have expired.")
    found = {name: tally for name, tally in repair.Look(repair=True).run().items() if tally.count}
    draft.facts["repaired"] = {name: tally.count for name, tally in found.items()}
    for name, tally in found.items():
        what, fix = tallies.CLASSES[name]
        draft.say(f"Repaired {name}: {tally.count:,} were {what} ({', '.join(tally.examples)}); it {fix}.")
    if not found:
        draft.say("Nothing had lost its other half.")


def _compact(draft: Draft) -> None:
    rewrite = measures.rewrite_log(PATIENCE_S)
    draft.facts["log"] = {"outcome": rewrite.outcome, "before": rewrite.before, "after": rewrite.after}
    if rewrite.outcome == "refused":
        draft.refuse(rewrite.says)
    else:
        sizes = "" if rewrite.after is None else f" It took {_size(rewrite.before)}, and takes {_size(rewrite.after)}."
        draft.say(rewrite.says + sizes)
    draft.refuse(measures.purge())
    _say_idle(draft, measures.memory())


def _say_idle(draft: Draft, now: Memory) -> None:
    if now.used and now.resident and now.resident > IDLE_SHARE * now.used and now.resident - now.used > LEAST_IDLE:
        held = f"Redis holds {_size(now.resident)} of the machine for {_size(now.used)} in use"
        draft.say(f"{held}: `CONFIG SET activedefrag yes` gives some back, where the server knows it; a restart gives back all.")


def _size(number: int | None) -> str:
    return "an unknown size" if number is None else wording.size(number)
