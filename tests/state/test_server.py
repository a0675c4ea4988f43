"""What is asked of a server before anything starts on it, and what each answer means."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import redis

import clock
import config
import queues
from errors import StoreUnreachable, UnsafeStore
from state.store import connection, keys, rights, script_text, server
from tests.state import NOON
from worker import inline

SAFE = {
    "redis_version": "7.2.4",
    "redis_mode": "standalone",
    "role": "master",
    "cluster_enabled": 0,
    "maxmemory": 1 << 30,
    "used_memory": 1 << 20,
    "maxmemory_policy": "noeviction",
    "aof_enabled": 1,
    "aof_last_write_status": "ok",
}


@queues.job(retries=1)
def nothing(number: int) -> int:
    """Does nothing."""
    return number


def answer(monkeypatch: pytest.MonkeyPatch, info: dict[str, Any] | None = None, **told: Any) -> None:
    """Let the server answer like a safe one, but for this."""
    monkeypatch.setattr(server, "ask", lambda client: server.Answers(info=SAFE | (info or {}), **told))


def found(check: str) -> server.Verdict:
    return next(verdict for verdict in connection.examine() if verdict.check == check)


def test_a_safe_server_is_taken_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch)
    assert connection.refuse_unsafe() == []
    assert {verdict.grade for verdict in connection.examine()} == {"ok"}


REFUSED = [
    ({"redis_version": "6.0.16"}, {}, "Redis 6.0.16 is too old", "run Redis 6.2 or newer, or any Valkey"),
    ({"maxmemory_policy": "allkeys-lru"}, {}, "maxmemory-policy is allkeys-lru", "CONFIG SET maxmemory-policy noeviction"),
    ({"maxmemory_policy": "volatile-ttl"}, {}, "maxmemory-policy is volatile-ttl", "CONFIG SET maxmemory-policy noeviction"),
    ({"role": "slave", "master_host": "10.0.0.1", "master_port": 6379}, {}, "replica of 10.0.0.1:6379", "set REDIS_URL to 10."),
    ({"cluster_enabled": 1, "redis_mode": "cluster"}, {}, "cluster mode", "cluster-enabled no"),
    ({"redis_mode": "sentinel"}, {}, "a Sentinel", "set REDIS_URL to redis+sentinel://"),
    ({"aof_last_write_status": "err"}, {}, "append-only file cannot be written", "free disk space"),
    ({}, {"ahead_s": 7.24}, "clock is 7.2 s ahead of Redis's", "NTP"),
    ({}, {"ahead_s": -3600.0}, "clock is 3,600.0 s behind Redis's", "NTP"),
    ({}, {"denied": (("HSET % f v", 0),), "user": "app"}, "Our user app lacks +hset", "ACL SETUSER app +hset"),
]


@pytest.mark.parametrize(("info", "told", "says", "fix"), REFUSED, ids=lambda part: part if isinstance(part, str) else "")
def test_a_server_that_may_lose_jobs_is_refused_with_its_fix_unless_told_otherwise(
    info: dict[str, Any], told: dict[str, Any], says: str, fix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, info, **told)
    with pytest.raises(UnsafeStore) as caught:
        connection.refuse_unsafe()
    assert says in str(caught.value) and fix in str(caught.value) and "ALLOW_UNSAFE_REDIS=1" in str(caught.value)
    with config.overridden(allow_unsafe_redis=True):
        [warning] = connection.refuse_unsafe()
    assert says in warning and fix in warning


WARNED = [
    ({"aof_enabled": 0}, {}, "appendonly is off: a crash of Redis loses jobs", "CONFIG SET appendonly yes"),
    ({"aof_enabled": 0}, {"config": {"save": "60 1"}}, "what came after the last snapshot", "CONFIG SET appendonly yes"),
    ({}, {"config": {"appendfsync": "no"}}, "appendfsync is no", "CONFIG SET appendfsync everysec"),
    ({"maxmemory": 0, "total_system_memory": 8 << 30}, {}, "maxmemory is not set", "CONFIG SET maxmemory 6144mb"),
    ({"used_memory": 1000 << 20}, {}, "full, it refuses writes", "raise maxmemory"),
    ({}, {"open_at": "10.0.0.1"}, "10.0.0.1 takes in everybody", "CONFIG SET requirepass"),
    ({}, {"denied": (("info", 0),), "user": "app"}, "Our user app lacks +info", "ACL SETUSER app +info"),
]


@pytest.mark.parametrize(("info", "told", "says", "fix"), WARNED, ids=lambda part: part if isinstance(part, str) else "")
def test_what_is_only_unwise_is_a_warning_with_its_fix(
    info: dict[str, Any], told: dict[str, Any], says: str, fix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, info, **told)
    [warning] = connection.refuse_unsafe()
    assert says in warning and fix in warning


@pytest.mark.parametrize(
    ("info", "name"),
    [
        ({"redis_version": "6.2.14"}, "Redis 6.2.14"),
        ({"redis_version": "8.0-rc1"}, "Redis 8.0-rc1"),
        ({"redis_version": "255.255.255"}, "Redis 255.255.255"),
        ({"redis_version": "7.2.4", "server_name": "valkey", "valkey_version": "8.1.1"}, "Valkey 8.1.1"),
    ],
)
def test_every_server_since_6_2_is_taken_under_its_own_name(
    info: dict[str, Any], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, info)
    assert connection.refuse_unsafe() == [] and found("version").says == name


def test_a_managed_server_that_knows_no_config_is_judged_by_its_info(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, config={})
    assert connection.refuse_unsafe() == []
    monkeypatch.setattr(server, "ask", lambda client: server.Answers(info={"redis_version": "7.1.0", "aof_enabled": 1}))
    [warning] = connection.refuse_unsafe()
    assert warning.startswith("Redis does not say whether it evicts")


def test_a_server_that_tells_nothing_is_worth_one_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "ask", lambda client: server.Answers(why_not="unknown command 'info'"))
    [warning] = connection.refuse_unsafe()
    assert warning.startswith("Redis does not tell its settings (unknown command 'info')")


# --- what a server really answers ---


def test_asking_takes_one_round_trip_and_changes_no_key(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    store.set("test:key", 1)
    sent = []
    execute = redis.client.Pipeline.execute
    monkeypatch.setattr(redis.client.Pipeline, "execute", lambda self, *a, **k: sent.append(1) or execute(self, *a, **k))
    monkeypatch.setattr(store, "execute_command", None)

    server.ask(store)

    monkeypatch.undo()
    assert sent == [1] and store.keys("*") == [b"test:key"]


@pytest.mark.real_redis
@pytest.mark.parametrize(
    ("setting", "unsafe", "check", "grade"),
    [
        ("maxmemory-policy", "allkeys-lru", "eviction", "refused"),
        ("appendonly", "no", "durability", "warning"),
        ("appendfsync", "no", "durability", "warning"),
        ("maxmemory", "0", "memory", "warning"),
    ],
)
def test_an_unsafe_setting_is_seen_on_the_server(setting: str, unsafe: str, check: str, grade: str, store: Any) -> None:
    before = store.config_get(setting)[setting]
    assert {verdict.grade for verdict in connection.examine()} == {"ok"}
    store.config_set(setting, unsafe)
    try:
        assert found(check).grade == grade
        assert f"CONFIG SET {setting} " in found(check).fix
    finally:
        store.config_set(setting, before)


@pytest.mark.real_redis
def test_a_replica_is_refused(store: Any) -> None:
    """A new connection is refused at its greeting; one that was open learns it from the server's own words."""
    plain = redis.Redis(unix_socket_path=store.connection_pool.connection_kwargs["path"])  # ours would leave it
    plain.execute_command("REPLICAOF", "127.0.0.1", "1")
    try:
        with pytest.raises((UnsafeStore, StoreUnreachable), match=r"replica") as refused:
            connection.refuse_unsafe()
        if isinstance(refused.value, UnsafeStore):
            assert "set REDIS_URL to 127.0.0.1:1" in str(refused.value)
    finally:
        plain.execute_command("REPLICAOF", "NO", "ONE")
        plain.close()


# --- clocks ---


@pytest.mark.parametrize(("off_s", "grade"), [(6, "refused"), (-6, "refused"), (4, "ok"), (-4, "ok"), (0, "ok")])
def test_a_clock_that_is_off_by_more_than_five_seconds_is_refused(
    off_s: int, grade: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = clock.now
    monkeypatch.setattr(clock, "now", lambda: true() + timedelta(seconds=off_s))
    verdict = found("clock")
    assert verdict.grade == grade
    if off_s:
        assert ("ahead" if off_s > 0 else "behind") in verdict.says and f"{abs(off_s) - 0.1:.0f}" in verdict.says


def test_a_slow_answer_is_no_skew(monkeypatch: pytest.MonkeyPatch) -> None:
    true = clock.now
    moments = iter([timedelta(seconds=-20), timedelta(seconds=20)])
    monkeypatch.setattr(clock, "now", lambda: true() + next(moments))
    assert server.ask(connection.client()).ahead_s == 0


def test_a_frozen_clock_is_the_servers_too() -> None:
    with clock.frozen(NOON):
        assert found("clock").grade == "ok"


# --- who we are to it ---


@pytest.fixture
def as_user(store: Any) -> Iterator[Callable[[str], None]]:
    """Makes a user with these rules and goes on as that user."""
    clients = []

    def become(rules: str) -> None:
        store.execute_command("ACL SETUSER", "app", "reset", "on", ">pw", *rules.split())
        by = store.connection_pool.connection_kwargs
        clients.append(redis.Redis(unix_socket_path=by["path"], username="app", password="pw"))
        connection.use(clients[-1])

    yield become
    connection.use(store)
    for client in clients:
        client.close()
    store.execute_command("ACL DELUSER", "app")


@pytest.mark.real_redis
@pytest.mark.parametrize(
    ("rules", "lacks"),
    [
        ("~* &* +@all -evalsha", "+evalsha"),
        ("~* &* +@all -script", "+script|load"),
        ("~* &* +@all -hset -zadd", "+hset +zadd"),
        ("~trawl:* &* +@all", "~rq:*"),
        ("~rq:* &* +@all -hset", "~trawl:* +hset"),
        ("~* resetchannels +@all", "&rq:* +publish +subscribe"),
        ("~other:* &* +@all", "~trawl:* ~rq:*"),
    ],
)
def test_a_command_or_key_that_is_denied_is_refused_with_the_rule_that_allows_it(
    rules: str, lacks: str, as_user: Callable[[str], None]
) -> None:
    as_user(rules)
    verdict = found("rights")
    assert (verdict.grade, verdict.fix) == ("refused", f"redis-cli ACL SETUSER app {lacks}")
    as_user(f"{rules} {lacks}")
    assert found("rights").grade == "ok"


@pytest.mark.real_redis
def test_a_user_who_may_not_ask_for_info_is_told_so(as_user: Callable[[str], None]) -> None:
    as_user("~* &* +@all -info -config -acl")
    [warning] = connection.refuse_unsafe()
    assert "redis-cli ACL SETUSER app +info" in warning


@pytest.mark.real_redis
@pytest.mark.parametrize(
    "rules",
    [
        f"{server.KEYS_RULE} resetchannels {server.CHANNELS_RULE} {server.COMMANDS_RULE}",
        "~trawl:* ~rq:* resetchannels &rq:* -@all +info " + " ".join(f"+{named.split()[0].lower()}" for named in rights.COMMANDS),
    ],
    ids=["the three rules", "the commands of the table"],
)
def test_a_user_with_what_we_ask_for_can_do_everything(rules: str, as_user: Callable[[str], None]) -> None:
    as_user(rules)
    assert connection.refuse_unsafe() == []
    job = queues.submit(nothing, 1).job_id
    assert inline.run_until_idle() == 1 and connection.client().hget(keys.job(job), "status") == b"finished"


def test_the_table_of_commands_names_all_that_our_scripts_call() -> None:
    called = {word for verb in script_text.names() for word in re.findall(r"redis\.p?call\('([A-Z]+)'", script_text.source(verb))}
    assert called <= {command.split()[0] for command in rights.COMMANDS}


@pytest.mark.parametrize(
    ("address", "open_at"),
    [
        ("redis://10.0.0.1:6379/0", "10.0.0.1"),
        ("redis://redis:6379/0", "redis"),
        ("rediss://:secret@10.0.0.1:6379/0", ""),
        ("redis://localhost:6379/0", ""),
        ("redis://127.0.1.1:6379/0", ""),
        ("redis://[::1]:6379/0", ""),
        ("unix:///run/redis.sock", ""),
    ],
)
def test_a_door_without_a_password_is_seen_where_the_network_reaches_it(address: str, open_at: str) -> None:
    client = connection.connect(address)
    assert server._open_at(client.connection_pool.connection_kwargs) == open_at
    client.close()
