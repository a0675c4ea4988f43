"""What can be done with a job now: the buttons of its page."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from models import JobStatus
from topics.operations import priority, states
from topics.operations.job_records import Job

#: States in which a job may be moved to another queue.
WAITING = (JobStatus.PENDING, JobStatus.SCHEDULED, JobStatus.RETRY)


class Action(NamedTuple):
    """Something that can be done with a job."""

    label: str
    path: str
    fields: Mapping[str, str] = MappingProxyType({})


def of(found: Job, whole: str) -> list[Action]:
    """What can be done with it now."""
    allowed = [state.value for state in states.BY_HAND[found.status]]
    here, can = f"/jobs/{found.id}", []
    if "cancelled" in allowed and not found.cancel_asked:
        can.append(Action(f"Cancel this {whole or 'job'}", f"{here}/cancel"))
    if "pending" in allowed and (found.kept or whole):
        label = "Run it now" if found.status not in states.ENDED else "Go on with it" if whole else "Run it again"
        can.append(Action(label, f"{here}/retry"))
    if found.kept and not whole and found.status in WAITING and (higher := priority.higher(found)):
        can.append(Action(f"Move it to {higher}", f"{here}/move", {"queue": higher}))
    return can
