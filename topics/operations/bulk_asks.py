"""What a bulk action is asked to do: run again, cancel or move all jobs that filters let through, or some jobs by their ids.

It acts only on jobs that were there when it was asked.
"""

import hashlib
import json
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

import queues
from errors import ArgumentError
from models import JobStatus
from state.store import connection
from topics.operations import states
from topics.operations.job_filters import Wanted

LIVING = frozenset(JobStatus) - states.ENDED
DELAYED = frozenset({JobStatus.RETRY, JobStatus.SCHEDULED, JobStatus.PARKED})

#: What each action can be done to.
CAN = {
    "retry": DELAYED | {JobStatus.FAILED, JobStatus.CANCELLED},
    "cancel": LIVING,
    "move": LIVING - {JobStatus.RUNNING},
}

#: What it is done to where no state is asked for. Who wants to run cancelled or delayed jobs says so.
MEANT = {"retry": frozenset({JobStatus.FAILED}), "cancel": LIVING, "move": LIVING - {JobStatus.RUNNING}}

#: The actions in words: before it is done, and after.
WORDS = {"retry": ("Run again", "run again"), "cancel": ("Cancel", "cancelled"), "move": ("Move", "moved")}

#: Jobs that may be named one by one.
MOST_IDS = 1000

ALL_STATES = frozenset(JobStatus)


@dataclass(frozen=True, slots=True)
class Ask:
    """An action on the jobs of `ids`, or where these are empty on all that `wanted` lets through. `to`: the queue to move to."""

    action: str
    wanted: Wanted
    asked_at: datetime
    to: str = ""
    ids: tuple[str, ...] = ()

    @property
    def print(self) -> str:
        """Tells asks apart."""
        return hashlib.blake2b(json.dumps(self.told(), sort_keys=True).encode(), digest_size=12).hexdigest()

    def told(self) -> dict[str, Any]:
        """The same as JSON can hold it."""
        filters = {one.name: _plain(getattr(self.wanted, one.name)) for one in fields(self.wanted)}
        return {
            "action": self.action,
            "to": self.to,
            "asked_at": self.asked_at.isoformat(),
            "ids": list(self.ids),
            "filters": {name: value for name, value in filters.items() if value is not None},
        }


def make(action: str, wanted: Wanted, *, to: str = "", ids: tuple[str, ...] = (), asked_at: datetime | None = None) -> Ask:
    """An ask for now. Raises ArgumentError for an action or queue that is none, and for states that the action cannot change."""
    if action not in CAN:
        raise ArgumentError(f"no action {action!r:.40}: there are {', '.join(CAN)}.")
    if len(ids) > MOST_IDS:
        raise ArgumentError(f"at most {MOST_IDS:,} jobs can be named one by one, not {len(ids):,}: use filters.")
    if action == "move":
        to = queues.named(to)
    elif to:
        raise ArgumentError(f"only the action move has a queue to move to, not {action}.")
    now = connection.now()
    at = asked_at or now
    if at > now:
        raise ArgumentError(f"an action acts on jobs that are there, and cannot be asked for at {at.isoformat()}.")
    ends = at + timedelta(microseconds=1000 - at.microsecond % 1000)  # the history counts in ms
    until = min(wanted.until, ends) if wanted.until else ends
    statuses = _statuses(action, wanted.statuses)
    return Ask(action, replace(wanted, statuses=statuses, until=until, parts=False), at, to, tuple(dict.fromkeys(ids)))


def read(told: dict[str, Any]) -> Ask:
    """An ask as `told` wrote it."""
    filters = dict(told["filters"])
    filters["statuses"] = frozenset(map(JobStatus, filters["statuses"]))
    for name in ("since", "until"):
        if name in filters:
            filters[name] = datetime.fromisoformat(filters[name])
    asked_at = datetime.fromisoformat(told["asked_at"])
    return Ask(told["action"], Wanted(**filters), asked_at, told["to"], tuple(told["ids"]))


def _statuses(action: str, asked: frozenset[JobStatus]) -> frozenset[JobStatus]:
    if asked == ALL_STATES:
        return MEANT[action]
    if found := asked & CAN[action]:
        return found
    can = ", ".join(sorted(CAN[action]))
    raise ArgumentError(f"jobs that are {' or '.join(sorted(asked))} cannot be {WORDS[action][1]}: those that are {can} can.")


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(one.value for one in value)
    return value.isoformat() if isinstance(value, datetime) else value
