"""Submission of a job: a call is checked and put into its queue. Cancellation of a job."""

import math
import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import models
from engine import descriptions, metering, ownership, registry
from errors import ArgumentError, Conflict, DataError, NotFound
from state.engine import cancelling, changes, dedup, jobs, payload, stops
from state.store import connection, scripts

MAX_DELAY_S = 366 * 86400

#: RQ splits its own keys at `:`.
JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")


def submit(
    func: Callable[..., Any],
    *args: Any,
    dedup_key: str | None = None,
    queue: str | None = None,
    delay_s: float = 0,
    meta: Mapping[str, Any] | None = None,
    labels: Mapping[str, str] | None = None,
    **kwargs: Any,
) -> models.Submission:
    """Put one call of a job in its queue. Returns the id of the new job, or of the job that already does this work.

    The answer's `warnings` say what keeps the job from starting: suspended workers, a queue without workers, a halt, a limit.

    `dedup_key` (default: the one of `@job`) names the work. A key passed here stands for exactly this call: Conflict is raised
    while another function or other arguments hold the key. `delay_s`: seconds to wait. `meta` is kept with the job.
    `labels`: host, tag and project of the job, by which the history of jobs finds it.

    Raises ArgumentError for a function that is no job, and for arguments that JSON would change or refuse. Arguments are checked
    before Redis is touched.
    """
    call = models.Call(func, args, kwargs, dedup_key, queue, delay_s, dict(meta) if meta else {}, labels=labels or {})
    new = prepare(call)
    with connection.errors_translated():
        [holder], notes = _written([new])
        if isinstance(holder, jobs.Holder) and _is_other(call, holder):
            raise Conflict(_conflict(dedup_key, holder.id, [None]), [None])
    return _submission(call, new, holder, notes)


def submit_many(calls: Iterable[models.Call | tuple[Any, ...]]) -> list[models.Submission]:
    """Submit several calls, 500 a round trip. A tuple `(func, *args)` is a call without options.

    Every call is checked before the first is written. Returns one submission a call, in order. Raises ArgumentError, and
    StoreUnreachable if Redis does not answer. Submit again then: with a dedup key nothing is queued twice. Conflict is raised
    after all other calls were submitted. Its `submissions` has one submission a call, and None for each call that was refused.
    """
    wanted = [call if isinstance(call, models.Call) else models.Call(call[0], tuple(call[1:])) for call in calls]
    new = [prepare(call) for call in wanted]
    with connection.errors_translated():
        holders, notes = _written(new)
        others = ((number, holder) for number, holder in enumerate(holders) if isinstance(holder, jobs.Holder))
        refused = {number for number, holder in others if _is_other(wanted[number], holder)}
    submissions = [_submission(*parts, notes) for parts in zip(wanted, new, holders, strict=True)]
    if refused:
        first = min(refused)
        accepted = [None if number in refused else submission for number, submission in enumerate(submissions)]
        raise Conflict(_conflict(wanted[first].dedup_key, submissions[first].job_id, accepted), accepted)
    return submissions


def _written(new: list[jobs.NewJob]) -> tuple[list[jobs.Holder | int | None], dict[str, Any]]:
    """Write jobs, after the pages that they may fetch were taken; what another job does already takes none. Raises OutOfPages."""
    if not any(job.pages for job in new):
        return jobs.submit(new)
    metering.reserve(new)
    holders, notes = jobs.submit(new)
    metering.give_back([job for job, holder in zip(new, holders, strict=True) if isinstance(holder, jobs.Holder)])
    return holders, notes


def submit_after(before: Sequence[scripts.Call], call: models.Call, needed: str) -> models.Submission | None:
    """Run scripts, then submit a call that has a new id, in one round trip; None where anything was not as it is at its first
    sending: then do it step by step, which is safe, whatever was done. Its pages are not taken here: `before` does that.

    `needed`: a key that these scripts make; without it no job is written. Each of them says 1, or 1 first, where it did its work.
    """
    new = prepare(call)
    replies, reply, notes = jobs.submit_after(before, new, needed)
    if isinstance(reply, jobs.Holder) or not all((told[0] if isinstance(told, list) else told) == 1 for told in replies):
        return None
    return _submission(call, new, reply, notes)


def _submission(
    call: models.Call, new: jobs.NewJob, reply: jobs.Holder | int | None, seen: Mapping[str, Any]
) -> models.Submission:
    notes = seen.get(new.queue)
    warnings = stops.of_submit(notes, new.queue, registry.spec_of(call.func).kind) if notes else ()
    if isinstance(reply, jobs.Holder):
        return models.Submission(reply.id, new.queue, reply.id, warnings)
    return models.Submission(new.id, new.queue, None, warnings, reply)


def _is_other(call: models.Call, holder: jobs.Holder) -> bool:
    """Whether another call holds the caller's own key.

    An equal call can be stored differently (keyword arguments, RQ's compression), so parsed arguments are compared.
    """
    if holder.same_data or call.dedup_key is None:
        return False
    try:
        path, args, kwargs = payload.of_job(jobs.data_of(holder.id))
        theirs = payload.bind(registry.function(path), path, args, kwargs)
    except DataError:
        return True
    mine = registry.spec_of(call.func).path
    return path != mine or not payload.same(theirs, payload.bind(registry.function(mine), mine, call.args, call.kwargs))


def _conflict(key: str | None, holder: str, accepted: list[models.Submission | None]) -> str:
    text = f"The dedup key {key!r:.80} is held by job {holder} for another call: wait until that job ended, or use another key."
    if len(accepted) > 1:
        text += f" {accepted.count(None):,} of {len(accepted):,} calls were refused for this reason; the others were submitted."
    return text


def prepare(call: models.Call) -> jobs.NewJob:
    """Check a call and make the record that will be written. Raises ArgumentError."""
    spec = registry.spec_of(call.func)
    bound = payload.bind(registry.function(spec.path), spec.path, call.args, call.kwargs)
    if not isinstance(call.delay_s, int | float) or not math.isfinite(call.delay_s) or not 0 <= call.delay_s <= MAX_DELAY_S:
        raise ArgumentError(f"delay_s must be seconds from 0 to a year, not {call.delay_s!r}.")
    data = payload.to_json([spec.path, None, list(call.args), call.kwargs], spec.path)
    owner = ownership.current_owner() if call.owner is None else call.owner
    name = call.dedup_key if call.dedup_key is not None else _name_of(spec, bound, owner)
    if name is not None and (not isinstance(name, str) or not 1 <= len(name) <= 500 or not payload.is_text(name)):
        raise ArgumentError(f"dedup_key must be 1 to 500 characters of text, not {name!r:.80}.")
    if call.job_id is not None and not JOB_ID.fullmatch(call.job_id):
        raise ArgumentError(f"the job id {call.job_id!r:.60} must be up to 200 letters, digits, - and _.")
    return jobs.NewJob(
        id=call.job_id or secrets.token_hex(16),
        queue=registry.named(call.queue) if call.queue else spec.queue,
        data=data,
        description=descriptions.of(spec.path, bound),
        timeout_s=spec.timeout_s,
        retries=spec.retries,
        delay_ms=round(call.delay_s * 1000),
        meta=payload.to_json(call.meta, f"{spec.path} meta") if call.meta else "",
        claim=dedup.split(name) if name else None,
        labels=_labels(call, owner, spec),
        owner=owner,
        pages=(spec.pages if call.pages is None else call.pages) if owner else 0,
    )


def _labels(call: models.Call, owner: str, spec: models.JobSpec) -> str:
    """More fields of the record, as the script takes them: labels, and by RQ's name how long its result is kept."""
    labels = changes.labels_text(call.labels, call.retry_of, owner, call.parent)
    if call.keep_s is None and not spec.listed:
        return labels
    kept = ["result_ttl", str(int(call.keep_s))] if call.keep_s is not None else []
    return "\t".join([*([labels] if labels else []), *kept, *(["listed", spec.kind] if spec.listed else [])])


def _name_of(spec: models.JobSpec, bound: Mapping[str, Any], owner: str) -> str | None:
    """The dedup key by the declaration: one owner's job never stands for another's, unless the key is shared."""
    if not spec.dedup_key:
        return None
    name = spec.dedup_key.format(**bound)
    return f"{name}@{owner}" if owner and not spec.shared else name


def cancel(job_id: str) -> str:
    """Cancel a job; returns the state that the job was in.

    `queued` and `scheduled`: the job is cancelled now. `started`: the job ends at its next progress(), or is interrupted within
    seconds. A final state: nothing was changed. The jobs that it waits for (`models.Call.parent`) are cancelled with it. Raises
    NotFound. Safe to repeat.
    """
    with connection.errors_translated():
        before = cancelling.cancel(job_id)
    if before is None:
        raise NotFound(f"No job {job_id}: it never existed, or its record has expired.")
    return before
