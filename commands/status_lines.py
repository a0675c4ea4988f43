"""What `status` shows for people, line by line."""

from typing import Any

import wording

#: Reasons that are named; jobs with others are counted together.
REASONS = 5


def of(now: Any) -> list[tuple[str, object]]:
    """Names and what they say, in order."""
    beat = now.scheduler_beat
    memory = now.redis_memory_bytes
    return [
        *(("attention" if stop.wrong else "note", str(stop)) for stop in now.stops),
        ("projects", f"{now.projects:,}"),
        ("keywords", f"{now.keywords:,}"),
        ("processing", f"{now.processing:,}"),
        ("eligible", f"{now.eligible:,}"),
        ("scraped in the last hour", f"{now.scraped_last_hour:,}"),
        ("failed", f"{now.failed:,}"),
        ("queues", ", ".join(f"{name} {depth:,}" for name, depth in now.queue_depths.items())),
        *([("limits", ", ".join(map(_limit_words, now.limits)))] if now.limits else []),
        *([("blocked", _counts_words(now.blocked))] if now.blocked else []),
        *([("parked", _counts_words(now.parked))] if now.parked else []),
        ("workers", _worker_words(now) if now.workers else "no worker: `python manage.py worker`"),
        ("scheduler", f"alive {wording.duration((now.at - beat).total_seconds())} ago" if beat else "no scheduler"),
        ("schedule in the last hour", f"{now.missed_last_hour:,} missed, {now.late_last_hour:,} late"),
        ("halted", f"{now.halted} (`python manage.py serp resume` ends it)" if now.halted else "no"),
        ("redis memory", f"{memory / 1e6:,.1f} MB" if memory is not None else None),
        ("provider", "SANDBOX: its ranks are invented" if now.provider == "sandbox" else now.provider),
    ]


def _worker_words(now: Any) -> str:
    memory = [worker.memory_mb for worker in now.worker_records if worker.memory_mb is not None]
    uses = f", {sum(memory):,} MB (the largest {max(memory):,})" if memory else ""
    return f"{now.workers} alive, {now.busy_workers} busy{uses}"


def _counts_words(counts: dict[str, int]) -> str:
    shown = list(counts.items())[:REASONS]
    others = sum(counts.values()) - sum(count for _, count in shown)
    words = [f"{count:,} {reason}" for reason, count in shown]
    return ", ".join([*words, f"{others:,} for other reasons"] if others else words)


def _limit_words(limit: Any) -> str:
    waiting = f", {limit.blocked:,} blocked" if limit.blocked else ""
    return f"{limit.kind} {limit.running:,} of {limit.most:,}{waiting}"
