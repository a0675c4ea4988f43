"""What a store holds once all work is over: the keys that stay, how large they are, and the memory all of it takes."""

import re
import signal
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from jobs import maintenance
from queues import QUEUES
from state.engine import history, quarantined, registries
from state.engine import keys as engine_keys
from state.store import connection, keys
from tests.faults import harness
from tests.local.real import until

#: Memory may differ by so much: hash seeds, encodings and the sizes of tables are not the same in every start of a server.
TOLERANCE_BYTES = 48 << 10

#: Keys that end by themselves and may be there after a quiet minute: pattern → longest lifetime (s).
SHORT_LIVED = {
    r"trawl:count:.+": 7200,
    r"trawl:hour:.+": 91 * 86400,
    r"trawl:flow:.+": 7200,
    r"trawl:told:.+": 60,
    r"trawl:alarm": 6,
    r"trawl:request:.+": 60,
    r"trawl:heartbeat:.+": 60,
    r"trawl:wake": 60,
    r"rq:worker:[^:]+": 120,
    r"rq:clean_registries:.+": 900,
}

#: Our record of an entry gains a count now and then; the last sweep is an event itself.
GROWS_A_LITTLE = re.compile(r"trawl:schedule:.+|trawl:events|trawl:history")

SIZES = {b"list": "llen", b"set": "scard", b"zset": "zcard", b"hash": "hlen", b"stream": "xlen", b"string": "strlen"}


@dataclass
class Level:
    """`lasting`: key without a lifetime → its size. `passing`: key → seconds it has left."""

    lasting: dict[str, int] = field(default_factory=dict)
    passing: dict[str, int] = field(default_factory=dict)
    memory_bytes: int = 0


def cut_short() -> dict[str, int]:
    """Let the lifetimes of what is over end now, and have the product tidy up; what its sweep did, which should be little.

    Only records that stand in RQ's registries of what is over are ended: what lies beside them is left, to be seen.
    """
    client = connection.client()
    for name in QUEUES:
        for registry in (keys.RQ_FINISHED, keys.RQ_FAILED, keys.RQ_CANCELED):
            over = client.zrange(registry + name, 0, -1)
            for at in range(0, len(over), 1000):
                with client.pipeline(transaction=False) as pipe:
                    for job in over[at : at + 1000]:
                        pipe.expire(keys.RQ_JOB.encode() + job, 0)
                        for beside in (b"rq:results:", keys.ATTEMPTS.encode(), keys.LINES.encode()):  # they live as long
                            _end_if_it_ends(pipe, beside + job)
                        pipe.zadd(registry + name, {job: 1})
                    pipe.execute()
    for worker in client.scan_iter(f"{keys.RQ_WORKER}*", _type="hash"):
        client.expire(worker, 0)
    for name in QUEUES:
        while registries.forget_cancelled(name):
            continue
    quarantined.forget(0)
    history.pack(keep_s=0)
    history.trim(days=0, most=0)
    client.xtrim(keys.EVENTS, maxlen=0)
    with client.pipeline(transaction=False) as pipe:
        for counted in (f"{keys.HOUR}*", f"{keys.FLOW}*", f"{engine_keys.FAILURES}*", f"{keys.SCHEDULE}*:runs"):
            for key in client.scan_iter(counted):
                _end_if_it_ends(pipe, key)
        pipe.execute()
    return maintenance.sweep()


def _end_if_it_ends(pipe: Any, key: bytes) -> None:
    """A key that would live for ever is not ended: it would be a leak."""
    pipe.eval("if redis.call('TTL', KEYS[1]) > 0 then redis.call('EXPIRE', KEYS[1], 0) end", 1, key)


def measure(server: harness.Server) -> Level:
    """The level, after its log was rewritten and it started anew: memory is then what its keys need, and no trace of the past."""
    client = connection.client()
    client.bgrewriteaof()
    until(lambda: not any(client.info("persistence")[f"aof_rewrite_{name}"] for name in ("in_progress", "scheduled")))
    client.connection_pool.disconnect()
    server.send(signal.SIGKILL)
    server.start()
    level = Level(memory_bytes=client.info("memory")["used_memory"])
    for raw in client.scan_iter(count=1000):
        name, left_s = raw.decode(errors="backslashreplace"), client.ttl(raw)
        if left_s >= 0:
            level.passing[name] = left_s
        elif left_s == -1:
            kind = client.type(raw)
            level.lasting[name] = getattr(client, SIZES[kind])(raw)
    return level


def compare(before: Level, after: Level, new: dict[str, int]) -> list[str]:
    """What is not as it was, one line each. `new`: keys that may have come, or grown by so much, since."""
    wrong = []
    came = {name for name in after.lasting.keys() - before.lasting.keys() if name not in new}
    if came:
        wrong.append(f"{len(came)} keys stay that were not there before: {_classes(came)}")
    gone = before.lasting.keys() - after.lasting.keys()
    if gone:
        wrong.append(f"keys are gone: {sorted(gone)[:5]}")
    for name in before.lasting.keys() & after.lasting.keys():
        was, size = before.lasting[name] + new.get(name, 0), after.lasting[name]
        if size != was and not GROWS_A_LITTLE.fullmatch(name):
            wrong.append(f"{name} held {was} and holds {size}")
    strange = [name for name, left_s in after.passing.items() if left_s > _longest_s(name)]
    if strange:
        wrong.append(f"{len(strange)} keys with a lifetime nobody stated: {_classes(strange)}")
    passing = sum(len(name) + 200 for name in after.passing)  # about what Redis needs for one
    grown = after.memory_bytes - before.memory_bytes - passing
    if grown > TOLERANCE_BYTES:
        wrong.append(f"memory: {before.memory_bytes:,} bytes before, {after.memory_bytes:,} after, {TOLERANCE_BYTES:,} allowed")
    return wrong


def _longest_s(name: str) -> int:
    return next((longest for pattern, longest in SHORT_LIVED.items() if re.fullmatch(pattern, name)), -1)


def _classes(names: Any) -> str:
    """Keys by their prefix, with an example of each."""
    counts, example = Counter[str](), dict[str, str]()
    for name in sorted(names):
        prefix = ":".join(name.split(":")[:2])
        counts[prefix] += 1
        example.setdefault(prefix, name)
    return ", ".join(f"{count} × {prefix}: (e.g. {example[prefix]})" for prefix, count in counts.most_common(6))
