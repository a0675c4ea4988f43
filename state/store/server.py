"""What a Redis must promise to hold our jobs, judged by its own answers: one round trip at the start of a process.

It must be new enough, take writes, never evict, keep what it was told and agree with our clock, and our user must be allowed all
that we send. `ask` gets the answers, `judge` reads them: what loses jobs is refused, what is unwise is a warning, each with its
fix. A server that does not tell (managed ones know no CONFIG, some no INFO) is judged by what it does tell.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from redis.exceptions import NoPermissionError

import clock
import config
from state.store import keys, replication, rights, script_text

#: refused: jobs may get lost, nothing starts. warning: worth a line to people.
Grade = Literal["ok", "warning", "refused"]

#: Oldest server with every command we use (LMOVE, ZADD GT/LT, GETDEL): Redis 6.2; Valkey says 7.2.4.
OLDEST = (6, 2, 0)

#: Most seconds between our clock and the server's: RQ's records and our logs hold times of both.
MAX_SKEW_S = 5.0

#: Share of maxmemory from which on the server counts as nearly full.
NEARLY_FULL = 0.9

#: Settings we ask for one by one: all of them at once would bring the password.
ASKED = ("appendfsync", "maxmemory-policy", "save", "stop-writes-on-bgsave-error", replication.MIN_REPLICAS)

#: How a URL names sentinels.
SENTINELS = "redis+sentinel://HOST:26379/NAME/0, with the name that SENTINEL MASTERS shows there"

#: What helps where Redis cannot write its files.
DISK = "free disk space on Redis's machine"
FREEING = "free some: jobs cleanup --days 0, keyword remove, project remove"

#: Not run by scripts.run, which needs the connection that is judged here.
DENIED_LUA = script_text.source("store/denied")

#: What our user needs: our keys and RQ's, RQ's channels, and no command that is dangerous (before Redis 7 all of CLIENT is).
KEYS_RULE, CHANNELS_RULE, COMMANDS_RULE = "~trawl:* ~rq:*", "&rq:*", "+@all -@dangerous +info +client|setname +client|info"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found about one thing; `fix` is the command or the deed that mends it. `stops`: no write succeeds as it is now."""

    check: str
    grade: Grade
    says: str
    fix: str = ""
    stops: bool = False

    def __str__(self) -> str:
        return f"{self.says} Fix: {self.fix}" if self.fix else self.says


@dataclass(frozen=True, slots=True)
class Answers:
    """What a server told about itself. `info` is empty where it does not tell; `why_not` says why."""

    info: dict[str, Any] = field(default_factory=dict)
    why_not: str = ""
    config: dict[str, str] = field(default_factory=dict)
    ahead_s: float = 0.0  # of our clock over the server's; negative: behind
    user: str = "default"
    denied: tuple[tuple[str, int], ...] = ()  # command, and the key it is denied on: 1 ours, 2 RQ's, 0 both
    primary: str = ""  # host:port that sentinels led us to; '' without them
    cli: str = "redis-cli"  # with the options that lead to this server, for the fixes
    open_at: str = ""  # host that takes everybody in over the network; '' = it asks for a password, or is this machine


def ask(client: Any) -> Answers:
    """All we want to know of a server, in one round trip (before Redis 7: three). What it refuses to tell is left out.

    No key is changed.
    """
    waits = ("WAIT 0 0",) if config.settings().submit_wait_replicas else ()
    with client.pipeline(transaction=False) as pipe:
        pipe.info()
        pipe.time()
        pipe.execute_command("ACL WHOAMI")
        for name in ASKED:
            pipe.config_get(name)
        pipe.script_load(DENIED_LUA)
        pipe.evalsha(hashlib.sha1(DENIED_LUA.encode()).hexdigest(), 0, keys.LEASES, keys.RQ_QUEUES, *rights.COMMANDS, *waits)
        before = clock.now()
        info, time, user, *settings, loaded, denied = pipe.execute(raise_on_error=False)
        after = clock.now()
    if denied is None:  # a Redis before 7 cannot tell in a script
        denied = [
            part for pair in rights.denied(client, (*rights.COMMANDS, *waits), (keys.LEASES, keys.RQ_QUEUES)) for part in pair
        ]
    by, led = client.connection_pool.connection_kwargs, getattr(client.connection_pool, "primary", None)
    return Answers(
        info=info if isinstance(info, dict) else {},
        why_not="" if isinstance(info, dict) else str(info),
        config={name: value for told in settings if isinstance(told, dict) for name, value in told.items()},
        ahead_s=_ahead_s(before, time, after) if isinstance(time, tuple) else 0.0,
        user=_text(user) if isinstance(user, bytes | str) else by.get("username") or "default",
        denied=(*_refused({"info": info, "script load": loaded, "evalsha": denied}), *_pairs(denied)),
        primary=_joined(*led) if led else "",
        open_at=_open_at({**by, "host": led[0]} if led else by),
    )


def _joined(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def judge(told: Answers) -> list[Verdict]:
    """A verdict on each thing the answers tell of."""
    looks: list[Callable[[Answers], Verdict | None]] = [
        _rights,
        _version,
        _role,
        _replication,
        _eviction,
        _durability,
        _memory,
        _clocks,
        _door,
    ]
    return [verdict for look in looks if (verdict := look(told))]


def remedy_of(error: Exception, cli: str = "redis-cli") -> str | None:
    """The rule that gives our user what an error says is denied, as a command of `cli`; None where it says nothing of that."""
    text = str(error)
    if not isinstance(error, NoPermissionError) and "executing the script can't" not in text:
        return None
    named = re.search(r"'([^']+)' command", text)
    rule = f"+{named[1]}" if named else KEYS_RULE if "key" in text else COMMANDS_RULE
    return f"{cli} ACL SETUSER <user> {rule}"


# --- reading the answers ---


def _ahead_s(before: datetime, told: tuple[int, int], after: datetime) -> float:
    """Seconds our clock is ahead of the server's; what the round trip itself may explain counts as none."""
    if clock.script_now_ms():  # a test froze the clock, and the server's with it
        return 0.0
    server = datetime.fromtimestamp(told[0] + told[1] / 1e6, UTC)
    return max(0.0, (before - server).total_seconds()) or min(0.0, (after - server).total_seconds())


def _refused(replies: dict[str, Any]) -> list[tuple[str, int]]:
    """Of these commands and their replies, those that were denied at once."""
    return [(command, 0) for command, reply in replies.items() if isinstance(reply, NoPermissionError)]


def _pairs(words: Any) -> list[tuple[str, int]]:
    """What denied.lua lists."""
    told = words if isinstance(words, list) else []
    return [(_text(command), number) for command, number in zip(told[::2], told[1::2], strict=True)]


def _open_at(by: dict[str, Any]) -> str:
    host = str(by.get("host") or "")
    is_here = host in ("", "localhost", "::1") or host.startswith("127.")
    return "" if is_here or by.get("password") or by.get("credential_provider") else host


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


# --- judging them ---


def _rights(told: Answers) -> Verdict | None:
    if told.denied:
        rule = _rule(told.denied)
        grade: Grade = "warning" if rule == "+info" else "refused"
        return Verdict("rights", grade, f"Our user {told.user} lacks {rule}.", f"{told.cli} ACL SETUSER {told.user} {rule}")
    if told.why_not:
        return Verdict("rights", "warning", f"Redis does not tell its settings ({told.why_not}): whether it evicts is unknown.")
    return Verdict("rights", "ok", f"our user {told.user} may do all we need")


def _rule(denied: tuple[tuple[str, int], ...]) -> str:
    """What to add to our user: keys, channels, commands. Where nothing works on any key, keys are what he lacks first."""
    no_key = {command for command in rights.COMMANDS if "%" in command} <= {command for command, key in denied if key == 0}
    ours, rqs = KEYS_RULE.split()
    rule = {ours if key == 1 else rqs for _, key in denied if key} | ({ours, rqs} if no_key else set())
    rule |= {CHANNELS_RULE for command, _ in denied if keys.RQ_PUBSUB in command}
    for command, key in denied:
        first, *rest = command.lower().split()
        if key == 0 and not (no_key and "%" in command):
            rule.add("+" + (f"{first}|{rest[0]}" if first in ("script", "client") and rest else first))
    return " ".join(sorted(rule, key=lambda part: (part != ours, "~&+".index(part[0]), part)))


def _version(told: Answers) -> Verdict | None:
    if "redis_version" not in told.info:
        return None
    said = str(told.info["redis_version"])
    name = f"Valkey {told.info['valkey_version']}" if "valkey_version" in told.info else f"Redis {said}"
    if tuple(int(part) for part in re.findall(r"\d+", said)[:3]) < OLDEST:
        return Verdict("version", "refused", f"{name} is too old.", "run Redis 6.2 or newer, or any Valkey")
    return Verdict("version", "ok", name)


def _role(told: Answers) -> Verdict | None:
    info = told.info
    mode = info.get("redis_mode", "standalone")
    if mode == "sentinel":
        return Verdict("role", "refused", "This is a Sentinel, not a store.", f"set REDIS_URL to {SENTINELS}")
    if mode == "cluster" or info.get("cluster_enabled"):
        fix = "set REDIS_URL to a server without cluster mode (cluster-enabled no)"
        return Verdict("role", "refused", "Redis runs in cluster mode: one step of ours changes keys of several slots.", fix)
    if info.get("role") == "slave":
        primary = f"{info.get('master_host', '?')}:{info.get('master_port', '?')}"
        says = f"Redis is a replica of {primary}: writes fail or get lost."
        return Verdict("role", "refused", says, f"set REDIS_URL to {primary}", stops=True)
    says = f"{told.primary} is the primary, as its sentinels say" if told.primary else "takes writes, no cluster"
    return Verdict("role", "ok", says) if "role" in info else None


def _replication(told: Answers) -> Verdict | None:
    if says := replication.refusal(told.info, told.config):
        return Verdict(
            "replication",
            "warning",
            says,
            f"start its replicas, or {told.cli} CONFIG SET {replication.MIN_REPLICAS} 0",
            stops=True,
        )
    found = replication.judge(told.info, told.config, told.primary, told.cli)
    return Verdict("replication", *found) if found else None


def _eviction(told: Answers) -> Verdict | None:
    policy = told.info.get("maxmemory_policy") or told.config.get("maxmemory-policy")
    if policy is None:
        says, fix = "Redis does not say whether it evicts.", "see in its settings that maxmemory-policy is noeviction"
        return Verdict("eviction", "warning", says, fix) if told.info else None
    if policy != "noeviction":
        fix = f"{told.cli} CONFIG SET maxmemory-policy noeviction"
        return Verdict("eviction", "refused", f"maxmemory-policy is {policy}: jobs may be evicted without a trace.", fix)
    return Verdict("eviction", "ok", "never (noeviction)")


def _durability(told: Answers) -> Verdict | None:
    if "aof_enabled" not in told.info:
        return None
    takes_snapshots = told.config.get("save") and told.config.get("stop-writes-on-bgsave-error") != "no"
    if takes_snapshots and told.info.get("rdb_last_bgsave_status", "ok") != "ok":
        return Verdict("durability", "warning", "The last snapshot failed: Redis refuses all writes.", DISK, stops=True)
    if not int(told.info["aof_enabled"]):
        rest = "a crash loses what came after the last snapshot" if told.config.get("save") else "a crash of Redis loses jobs"
        return Verdict("durability", "warning", f"appendonly is off: {rest}.", f"{told.cli} CONFIG SET appendonly yes")
    if told.info.get("aof_last_write_status", "ok") != "ok":
        return Verdict("durability", "refused", "The append-only file cannot be written.", DISK, stops=True)
    if told.config.get("appendfsync") == "no":
        says, fix = "appendfsync is no: a power cut loses half a minute.", f"{told.cli} CONFIG SET appendfsync everysec"
        return Verdict("durability", "warning", says, fix)
    return Verdict("durability", "ok", f"append-only file, written out {told.config.get('appendfsync', 'as its settings say')}")


def _memory(told: Answers) -> Verdict | None:
    if "maxmemory" not in told.info:
        return None
    most, used = int(told.info["maxmemory"]), int(told.info.get("used_memory", 0))
    if not most:
        total = int(told.info.get("total_system_memory", 0))
        fix = f"{told.cli} CONFIG SET maxmemory {f'{total * 3 // 4 >> 20}mb' if total else '1gb'}"
        return Verdict("memory", "warning", "maxmemory is not set: a Redis that grows is killed by its machine.", fix)
    share = f"{used / 1e6:,.0f} of {most / 1e6:,.0f} MB"
    if used >= most:
        fix = f"raise maxmemory ({told.cli} CONFIG SET maxmemory {(used * 3 // 2 >> 20) + 1}mb), or {FREEING}"
        return Verdict("memory", "warning", f"{share} are used: Redis refuses all writes.", fix, stops=True)
    if used > NEARLY_FULL * most:
        return Verdict("memory", "warning", f"{share} are used: full, it refuses writes.", f"raise maxmemory, or {FREEING}")
    return Verdict("memory", "ok", share)


def _clocks(told: Answers) -> Verdict:
    by = f"{abs(told.ahead_s):,.1f} s {'ahead of' if told.ahead_s > 0 else 'behind'} Redis's"
    if abs(told.ahead_s) > MAX_SKEW_S:
        fix = "let NTP set the clocks of both machines (timedatectl set-ntp true)"
        return Verdict("clock", "refused", f"This machine's clock is {by}; {MAX_SKEW_S:g} s are allowed.", fix)
    return Verdict("clock", "ok", f"{by} at least" if told.ahead_s else "agrees with Redis's")


def _door(told: Answers) -> Verdict:
    if told.open_at:
        fix = f"{told.cli} CONFIG SET requirepass PASSWORD, and put it into REDIS_URL"
        return Verdict("password", "warning", f"{told.open_at} takes in everybody who can reach it: no password is asked.", fix)
    return Verdict("password", "ok", "asked for, or not reached over the network")
