"""Commands that people paste reach the server in use, and tell no password."""

import pytest

import config
from state.store import connection, sentinel_url, server, shell


@pytest.mark.parametrize(
    ("url", "cli", "rq"),
    [
        (None, "redis-cli", "rq resume"),
        ("redis://127.0.0.1:6379/0", "redis-cli", "rq resume"),
        ("redis://127.0.0.1:7001/0", "redis-cli -h 127.0.0.1 -p 7001", "rq resume --url redis://127.0.0.1:7001/0"),
        ("redis://h/2", "redis-cli -h h -p 6379 -n 2", "rq resume --url redis://h:6379/2"),
        ("redis://localhost:6379/3", "redis-cli -n 3", "rq resume --url redis://localhost:6379/3"),
        ("redis://:pw@h:7001", "redis-cli -h h -p 7001 --askpass", "rq resume --url 'redis://:***@h:7001/0'"),
        (
            "rediss://u:p%40w@h:6380/0",
            "redis-cli -h h -p 6380 --tls --user u --askpass",
            "rq resume --url 'rediss://u:***@h:6380/0'",
        ),
        ("redis://[::1]:7001/0", "redis-cli -h ::1 -p 7001", "rq resume --url 'redis://[::1]:7001/0'"),
        ("unix:///run/a b?db=1", "redis-cli -s '/run/a b' -n 1", "rq resume --url 'unix:///run/a b?db=1'"),
        ("redis+sentinel://a:1/m/0", "redis-cli -h PRIMARY -p 6379", "rq resume --url redis://PRIMARY:6379/0"),
        (
            "rediss://h?ssl_cert_reqs=CERT_NONE",
            "redis-cli -h h -p 6379 --tls --insecure",
            "rq resume --url 'rediss://h:6379/0?ssl_cert_reqs=none'",
        ),
        (
            "rediss://h?ssl_ca_certs=/a%20b&ssl_certfile=/c&ssl_keyfile=/k&ssl_password=x",
            "redis-cli -h h -p 6379 --tls --cacert '/a b' --cert /c --key /k",
            "rq resume --url 'rediss://h:6379/0?ssl_ca_certs=%2Fa%20b&ssl_certfile=%2Fc&ssl_keyfile=%2Fk'",
        ),
    ],
)
def test_a_command_leads_to_the_server_of_the_url(url: str | None, cli: str, rq: str) -> None:
    assert (shell.redis_cli(url), shell.rq(url, "resume")) == (cli, rq)


@pytest.mark.parametrize(
    ("url", "cli", "rq"),
    [
        ("redis+sentinel://a:1,b:2/m/0", "redis-cli -h 10.0.0.7 -p 7001", "rq resume --url redis://10.0.0.7:7001/0"),
        (
            "redis+sentinel://u:p%2Fw@a/m/3?sentinel_password=s",
            "redis-cli -h 10.0.0.7 -p 7001 -n 3 --user u --askpass",
            "rq resume --url 'redis://u:***@10.0.0.7:7001/3'",
        ),
        (
            "rediss+sentinel://a/m?ssl_cert_reqs=none",
            "redis-cli -h 10.0.0.7 -p 7001 --tls --insecure",
            "rq resume --url 'rediss://10.0.0.7:7001/0?ssl_cert_reqs=none'",
        ),
    ],
)
def test_behind_sentinels_a_command_leads_to_the_primary(url: str, cli: str, rq: str) -> None:
    primary = ("10.0.0.7", 7001)
    assert (shell.redis_cli(url, primary), shell.rq(url, "resume", primary)) == (cli, rq)


def test_a_command_for_a_sentinel_has_its_own_password_and_tls() -> None:
    led = sentinel_url.parse("redis+sentinel://:store@a:1,[::1]/m/3?sentinel_password=s&sentinel_tls=1&ssl_cert_reqs=none")
    assert shell.sentinel_cli(led, led.sentinels[1]) == "redis-cli -h ::1 -p 26379 --tls --insecure --askpass"


FIXED = [
    {"maxmemory_policy": "allkeys-lru"},
    {"aof_enabled": 0},
    {"aof_enabled": 1, "maxmemory": 0},
    {"maxmemory": 100, "used_memory": 100},
]


@pytest.mark.parametrize("info", FIXED)
def test_every_fix_of_the_server_names_it(info: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "ask", lambda client: server.Answers(info=info, denied=(("GET %", 0),), open_at="h"))
    with config.overridden(redis_url="redis://h:7001/0"):
        fixes = [verdict.fix for verdict in connection.examine() if "redis-cli" in verdict.fix]
    assert len(fixes) > 2 and all("redis-cli -h h -p 7001 " in fix for fix in fixes)


@pytest.mark.parametrize(
    ("info", "settings"),
    [
        ({"maxmemory": 100, "used_memory": 101}, {}),
        ({"aof_enabled": 1, "aof_last_write_status": "err"}, {}),
        ({"aof_enabled": 0, "rdb_last_bgsave_status": "err"}, {"save": "60 1"}),
        ({"aof_enabled": 1, "rdb_last_bgsave_status": "err"}, {"save": "60 1", "stop-writes-on-bgsave-error": "yes"}),
        ({"role": "slave", "master_host": "a", "master_port": 1}, {}),
    ],
)
def test_a_server_that_takes_no_writes_stops_all(info: dict[str, object], settings: dict[str, str]) -> None:
    assert [one.stops for one in server.judge(server.Answers(info=info, config=settings))].count(True) == 1


@pytest.mark.parametrize("settings", [{}, {"save": ""}, {"save": "60 1", "stop-writes-on-bgsave-error": "no"}])
def test_a_snapshot_that_failed_stops_nothing_where_writes_go_on(settings: dict[str, str]) -> None:
    told = server.Answers(info={"aof_enabled": 1, "rdb_last_bgsave_status": "err"}, config=settings)
    assert not any(one.stops for one in server.judge(told))
