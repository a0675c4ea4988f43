"""What a URL that names sentinels says, and what replicas of the primary mean."""

from pathlib import Path
from typing import Any

import pytest

import config
from errors import ConfigError
from state.store import connection, replication, sentinel, sentinel_url

S = "redis+sentinel://"


def test_a_url_names_sentinels_primary_and_database_and_the_passwords_of_both() -> None:
    url = (
        f"{S}app:p%40ss%2F@10.0.0.1:26380,sentinel-2,[::1]:26379/my.primary-1/3?sentinel_password=s%20pw&sentinel_username=watch"
    )
    read = sentinel_url.parse(url)
    assert read.sentinels == (("10.0.0.1", 26380), ("sentinel-2", 26379), ("::1", 26379)) and read.name == "my.primary-1"
    assert {name: read.store[name] for name in ("username", "password", "db")} == {
        "username": "app",
        "password": "p@ss/",
        "db": 3,
    }
    assert read.asked["username"] == "watch" and read.asked["password"] == "s pw" and read.asked["ssl"] is False
    assert read.shown == "my.primary-1/3 (sentinels 10.0.0.1:26380, sentinel-2:26379, [::1]:26379)"


@pytest.mark.parametrize(
    ("url", "store", "sentinels"),
    [
        (f"{S}h/m", False, False),
        ("rediss+sentinel://h/m", True, True),
        ("REDISS+SENTINEL://h/m", True, True),
        (f"{S}h/m?ssl=true", True, True),
        (f"{S}h/m?tls=1", True, True),
        ("rediss+sentinel://h/m?sentinel_ssl=false", True, False),
        (f"{S}h/m?sentinel_tls=yes", False, True),
    ],
)
def test_tls_holds_for_both_unless_the_url_says_otherwise(url: str, store: bool, sentinels: bool) -> None:
    read = sentinel_url.parse(url)
    assert (read.is_tls, read.asked["ssl"]) == (store, sentinels)


def test_certificates_hold_for_both_and_the_sentinels_may_have_their_own(tmp_path: Path) -> None:
    theirs, ours = tmp_path / "a", tmp_path / "b"
    theirs.touch()
    ours.touch()
    read = sentinel_url.parse(f"rediss+sentinel://h/m?ssl_ca_certs={theirs}&ssl_cert_reqs=CERT_NONE&sentinel_ssl_ca_certs={ours}")
    assert read.store["ssl_ca_certs"] == str(theirs) and read.asked["ssl_ca_certs"] == str(ours)
    assert read.store["ssl_cert_reqs"] == read.asked["ssl_cert_reqs"] == "none"


@pytest.mark.parametrize("url", [f"{S}h/0?service_name=m", f"{S}h?master_name=m", f"{S}h/m", f"{S}h/m/0", f"{S}h/m?db=0"])
def test_the_forms_of_other_systems_are_read(url: str) -> None:
    read = sentinel_url.parse(url)
    assert (read.name, read.store["db"], read.sentinels) == ("m", 0, (("h", 26379),))


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("h", "must name the primary"),
        ("h/", "must name the primary"),
        ("h/a b", "must name the primary"),
        ("h/m/1/2", "must name the primary"),
        ("/m", "sentinels as host:port"),
        ("h:x/m", "sentinels as host:port"),
        ("h:0/m", "sentinels as host:port"),
        ("h:70000/m", "sentinels as host:port"),
        ("h,,i/m", "sentinels as host:port"),
        ("h/m/x", "no number"),
        ("h/m/-1", "no number"),
        ("h/m?db=x", "no number"),
        ("h/m?tls=perhaps", "true or false"),
        ("h/m?socket_timeout=soon", "socket_timeout"),
        ("h/m?sentinel_socket_timeout=soon", "socket_timeout"),
        ("h/m?no_such=1", "no_such"),
        ("h/m?sentinel_no_such=1", "no_such"),
        ("h/m?max_connections=many", "max_connections"),
        ("h/m/3?db=3", "db twice"),
        ("h/m?db=2&db=3", "db= twice"),
        ("h/m?socket_timeout=1&socket_timeout=2", "socket_timeout= twice"),
        ("h/m?service_name=n", "primary twice"),
        ("h:1,user:hidden@i:1/m", "before the first sentinel"),
        ("h:1/6;sentinel://user:hidden@i:1/6", "before the first sentinel"),
        ("'h/m", "sentinels as host:port"),
        ("h/m?sentinel_db=1", "sentinel_db"),
        ("h/m?sentinel_max_connections=9", "sentinel_max_connections"),
        ("h/m?sentinel_socket_timeout=0", "sentinel_socket_timeout"),
        ("h/m?sentinel_tls=1&sentinel_ssl_ca_certs=/no/such", "sentinel_ssl_ca_certs=/no/such"),
        ("h/m?ssl_cert_reqs=none", r"only for rediss\+sentinel"),
        ("h/m?sentinel_password=hidden+x", "%2B"),
        ("h/m?sentinel_password=x&hidden", "%26"),
        ("h/m?sentinel_password=hidden#x", "%23"),
    ],
)
def test_a_wrong_url_is_one_line_that_names_the_part_and_no_password(end: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        connection.connect(f"{S}user:hidden@{end}")
    assert "REDIS_URL" in str(caught.value) and "hidden" not in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(("sign", "written"), [("/", "%2F"), ("?", "%3F"), ("#", "%23"), (",", "%2C")])
def test_a_sign_that_stands_in_a_password_as_it_is_is_named_with_how_it_is_written(sign: str, written: str) -> None:
    for url in (f"{S}:hid{sign}den@h/m", f"rediss+sentinel://user:{sign}hidden@h:1,i:2/m/3?ssl_cert_reqs=none"):
        with pytest.raises(ConfigError, match=written) as caught:
            sentinel_url.parse(url)
        assert "hid" not in str(caught.value) and "den" not in str(caught.value)


@pytest.mark.parametrize("url", [f"{S}[fe80::1%eth0]:1/m", f"{S}[fe80::1%25eth0]:1/m", f" {S}[fe80::1%eth0]:1/m\n"])
def test_a_sentinel_may_have_an_ipv6_address_with_its_zone(url: str) -> None:
    assert sentinel_url.parse(url).sentinels == (("fe80::1%eth0", 1),)


@pytest.mark.parametrize("url", ["sentinel://h:26379", "redis-sentinel://h/m", "Sentinel+rediss://h/m", "rediss-sentinel://h"])
def test_the_spellings_of_other_systems_are_refused_with_ours(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", url)
    with pytest.raises(ValueError, match=r"redis\+sentinel://host:26379,host:26379/NAME/0"):
        config.Settings(_env_file=None)  # type: ignore[call-arg]


def test_nothing_is_asked_of_anybody_before_the_first_command() -> None:
    client = connection.connect(f"{S}127.0.0.1:1/m?max_connections=7")
    assert sentinel.primary_of(client) is None and client.connection_pool.max_connections == 7


# --- replicas ---

P = "10.0.0.1:6379"


def replica(number: int, lag: int = 0, state: str = "online") -> dict[str, Any]:
    return {f"slave{number}": {"ip": f"10.0.0.{number + 2}", "port": 6379, "state": state, "lag": lag}}


def judged(replicas: dict[str, Any], minimum: str = "", primary: str = "", wanted: int = 0) -> Any:
    settings = {replication.MIN_REPLICAS: minimum} if minimum else {}
    with config.overridden(submit_wait_replicas=wanted):
        return replication.judge({"role": "master", **replicas}, settings, primary, "redis-cli -h p")


def test_a_server_of_which_nobody_expects_replicas_is_not_judged() -> None:
    assert judged({}) is None and judged({}, minimum="0") is None
    assert replication.judge({"role": "slave", **replica(0)}, {}, P, "") is None and replication.judge({}, {}, "", "") is None


@pytest.mark.parametrize(
    ("given", "words", "fix"),
    [
        ({"replicas": {}, "primary": P}, "nothing can take over", "start its replicas"),
        ({"replicas": replica(0, state="wait_bgsave"), "primary": P}, "nothing can take over", "start its replicas"),
        ({"replicas": replica(0, lag=60), "minimum": "1"}, "10.0.0.2:6379 (60 s)", "network"),
        ({"replicas": {}, "wanted": 1}, "SUBMIT_WAIT_REPLICAS is 1 and 0 replicas follow", "SUBMIT_WAIT_REPLICAS=0"),
        ({"replicas": replica(0) | replica(1), "wanted": 3}, "is 3 and 2 replicas follow", "SUBMIT_WAIT_REPLICAS=0"),
        (
            {"replicas": replica(0) | replica(1), "minimum": "0", "primary": P},
            "goes on taking jobs, and they are lost",
            "redis-cli -h p CONFIG SET min-replicas-to-write 1, then CONFIG REWRITE; the same on 10.0.0.2:6379, 10.0.0.3:6379",
        ),
    ],
)
def test_what_a_fail_over_would_lose_is_a_warning_with_its_fix(given: dict[str, Any], words: str, fix: str) -> None:
    grade, says, remedy = judged(**given)
    assert grade == "warning" and words in says and fix in remedy


def test_replicas_that_follow_are_said_with_their_lag_and_who_waits_for_them() -> None:
    grade, says, fix = judged(replica(0, lag=1) | replica(1), minimum="1", primary=P, wanted=1)
    assert (grade, fix) == ("ok", "")
    assert says == "2 replicas follow, at most 1 s behind, min-replicas-to-write 1, a submit waits for 1"
    assert "no submit waits" in judged(replica(0))[1], "a managed server that tells no CONFIG"


def test_a_primary_that_takes_no_writes_for_lack_of_replicas_says_so() -> None:
    info = {"role": "master", "min_slaves_good_slaves": 1}
    assert replication.refusal(info, {replication.MIN_REPLICAS: "1"}) is None
    says = replication.refusal(info, {replication.MIN_REPLICAS: "2"})
    assert says == "min-replicas-to-write is 2 and 1 replica follows: Redis refuses all writes."
    for other in ({"role": "slave", "min_slaves_good_slaves": 0}, {"role": "master"}, {}):
        assert replication.refusal(other, {replication.MIN_REPLICAS: "2"}) is None
    assert replication.refusal(info, {}) is None, "a managed server that tells no CONFIG"
