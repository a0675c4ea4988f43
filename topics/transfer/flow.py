"""What was disabled and paused by hand, in an export; and what an import does with it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from pydantic import Field

from scheduling import entries
from state.engine import flow_copies, schedule_records
from state.engine import pauses as stored_pauses
from state.store import connection
from topics.operations import pauses, terms
from topics.transfer import shapes
from topics.transfer.merging import KEPT, UNCHANGED, Merging, Outcome, Record, changed, each, lean


class Switch(shapes.Line):
    """An entry of the schedule that is disabled by hand. Times in ms; without `until_ms` until somebody enables it."""

    entry: str = Field(pattern=r"^[A-Za-z0-9_-]{1,200}$")
    reason: shapes.Short = ""
    by: shapes.Short = ""
    since_ms: shapes.Millisecond | None = None
    until_ms: shapes.Millisecond | None = None


class Pause(shapes.Line):
    """What is paused. Times in ms."""

    scope: str = Field(max_length=stored_pauses.MAX_SCOPE_CHARS)
    reason: shapes.Short
    actor: shapes.Short
    since_ms: shapes.Millisecond
    until_ms: shapes.Millisecond | None = None


FIELDS = dict(zip(flow_copies.SWITCH, ("reason", "by", "since_ms", "until_ms"), strict=True))


def read_switches() -> Iterator[Record]:
    """Entries that are disabled by hand, by id."""
    for record in sorted(schedule_records.records(), key=lambda one: one.id):
        if (told := flow_copies.switch(record)) is not None:
            times = {name: int(value) if FIELDS[name].endswith("_ms") else value for name, value in told.items()}
            yield lean({"entry": record.id, **{FIELDS[name]: value for name, value in times.items()}})


def put_switches(lines: Sequence[Switch], merging: Merging) -> list[Outcome]:
    """What becomes of these; an entry that is enabled here is disabled, unless ours is to stay."""
    return each(lines, lambda line: _put_switch(line, merging))


def _put_switch(line: Switch, merging: Merging) -> Outcome:
    record = schedule_records.find(line.entry)
    ours = flow_copies.switch(record) if record else None
    told = {stored: getattr(line, name) for stored, name in FIELDS.items()}
    theirs = {name: str(value) for name, value in told.items() if value not in (None, "")}
    if ours is not None and ours != theirs and not merging.theirs_win(int(ours.get("off_since") or 0), line.since_ms or 0):
        return KEPT
    return changed(merging, ours is not None, ours == theirs, lambda: flow_copies.put_switch(line.entry, theirs))


def read_pauses() -> Iterator[Record]:
    """Pauses in force."""
    for one in pauses.every():
        until_ms = _ms(one.until.timestamp()) if one.until else None
        facts = {"scope": one.scope, "reason": one.reason, "actor": one.actor, "since_ms": _ms(one.since.timestamp())}
        yield lean(facts | {"until_ms": until_ms})


def put_pauses(lines: Sequence[Pause], merging: Merging) -> list[Outcome]:
    """What becomes of these; one that is over by now pauses nothing."""
    return each(lines, lambda line: _put_pause(line, merging))


def _put_pause(line: Pause, merging: Merging) -> Outcome:
    scope = line.scope if _may_come(line.scope, merging) else pauses.checked(line.scope)
    if line.until_ms is not None and line.until_ms <= connection.now().timestamp() * 1000:
        return UNCHANGED
    here = next((one for one in pauses.every() if one.scope == scope), None)
    theirs = (scope, terms.reason(line.reason), terms.actor(line.actor), line.since_ms, line.until_ms)
    if here is not None:
        until_ms = _ms(here.until.timestamp()) if here.until else None
        since_ms = _ms(here.since.timestamp())
        if (scope, here.reason, here.actor, since_ms, until_ms) == theirs:
            return UNCHANGED
        if not merging.theirs_win(since_ms, line.since_ms):
            return KEPT

    def write() -> None:
        until = None if line.until_ms is None else datetime.fromtimestamp(line.until_ms / 1000, UTC)
        stored_pauses.put(*theirs[:3], until)  # it holds from now on, and idle workers learn of its end
        flow_copies.put_pause(*theirs)

    return changed(merging, here is not None, False, write)


def _may_come(scope: str, merging: Merging) -> bool:
    """Whether it names a project that this import adds, or an entry: the scheduler of an empty store has registered none yet."""
    kind, _, name = scope.partition(":")
    is_entry = kind == stored_pauses.SCHEDULE and bool(entries.NAME.fullmatch(name))
    return is_entry or (kind == stored_pauses.PROJECT and name in merging.coming)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
