"""REDIS_URL: every part is used as it is written, or refused with the reason; nothing is guessed, no message holds a password."""

from typing import Any

import pytest

import config
import logs
from environment import redis_url
from errors import ConfigError, StoreUnreachable
from state.store import connection, sockets

SECRET = "s3cr3t"


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("redis://h", {"scheme": "redis", "host": "h", "port": 6379, "db": 0, "username": None, "password": None}),
        ("redis://h:7/3", {"port": 7, "db": 3}),
        ("redis://h/", {"db": 0}),
        ("REDIS://h/1", {"scheme": "redis", "db": 1}),
        (" redis://h/1\n", {"host": "h", "db": 1}),
        ("redis://:p%40ss%2Fw%23r:d%25%20%C3%BC@h/0", {"password": "p@ss/w#r:d% ü", "username": None}),
        ("redis://me:p@ss@h/0", {"username": "me", "password": "p@ss"}),
        ("redis://me@h/0", {"username": "me", "password": None}),
        ("redis://h?db=4", {"db": 4}),
        ("redis://h?password=p&username=me", {"username": "me", "password": "p"}),
        ("redis://[::1]:7/0", {"host": "::1", "port": 7}),
        ("redis://[fe80::1%25eth0]/0", {"host": "fe80::1%eth0"}),
        ("unix:///run/r.sock?db=2", {"scheme": "unix", "path": "/run/r.sock", "db": 2}),
        ("unix://me:pw@/run/ü=r.sock", {"path": "/run/ü=r.sock", "username": "me", "password": "pw"}),
        ("unix:///mit leerzeichen/s", {"path": "/mit leerzeichen/s"}),
    ],
)
def test_each_part_is_read_as_it_is_written(url: str, parts: dict[str, Any]) -> None:
    read = redis_url.parse(url)
    assert {name: getattr(read, name) for name in parts} == parts


@pytest.mark.parametrize(
    ("option", "name", "value"),
    [
        *(
            (f"ssl_cert_reqs={word}", "ssl_cert_reqs", "none")
            for word in ("none", "None", "NONE", "CERT_NONE", "cert_none", "ssl.CERT_NONE")
        ),
        *((f"ssl_cert_reqs={word}", "ssl_cert_reqs", "required") for word in ("required", "CERT_REQUIRED", "Required")),
        ("ssl_cert_reqs=CERT_OPTIONAL", "ssl_cert_reqs", "optional"),
        ("ssl_check_hostname=False", "ssl_check_hostname", False),
        ("max_connections=5", "max_connections", 5),
        ("socket_timeout=2.5", "socket_timeout", 2.5),
        ("socket_connect_timeout=1", "socket_connect_timeout", 1.0),
        ("socket_keepalive=no", "socket_keepalive", False),
        ("health_check_interval=30", "health_check_interval", 30),
        ("protocol=3", "protocol", 3),
        ("protocol=2", "protocol", 2),
        ("client_name=web-1", "client_name", "web-1"),
        ("retry_on_timeout=true", "retry_on_timeout", True),
        ("decode_responses=false", "decode_responses", False),
    ],
)
def test_each_option_reaches_the_connection(option: str, name: str, value: Any) -> None:
    assert sockets.options(f"rediss://h/0?{option}")[name] == value
    connection.connect(f"rediss://h/0?{option}").connection_pool.make_connection()  # redis-py takes it


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "must begin with redis://"),
        ("localhost:6379", "must begin with redis://"),
        ("http://h:6379", "must begin with redis://"),
        ("redis:/h", "must begin with redis://"),
        ('"redis://h/0"', "without quotes"),
        ("'redis://h/0'", "without quotes"),
        ("redis://h/0\nredis://i/0", "line break"),
        ("redis://", "names no host"),
        ("redis:///0", "names no host"),
        ("redis://:6379/0", "names no host"),
        (f"redis://:{SECRET}@/0", "names no host"),
        ("redis://h:abc/0", "port that is no number"),
        ("redis://h:/0", "port that is no number"),
        ("redis://h:0/0", "port that is no number"),
        ("redis://h:99999/0", "port that is no number"),
        ("redis://h:-1/0", "port that is no number"),
        ("redis://h:6379 /0", "port that is no number"),
        ("redis://h :6379/0", "no name and no address"),
        ("redis://h,i:6379/0", "no name and no address"),
        ("redis://::1:6379/0", "in brackets"),
        ("redis://[::1/0", "in brackets|its brackets"),
        ("redis://[h]:6379/0", "its brackets"),
        ("redis://h/abc", "database that is no number"),
        ("redis://h/-1", "database that is no number"),
        ("redis://h/1.5", "database that is no number"),
        ("redis://h/0/1", "a / too many"),
        (f"redis://:{SECRET}/x@h:6379/0", "%2F"),
        (f"redis://:{SECRET}#x@h:6379/0", "%23"),
        (f"redis://:{SECRET}?x@h:6379/0", "%3F"),
        ("redis://h/0?db=", "with a value it does not take"),
        ("redis://h?db=abc", "with a value it does not take"),
        ("redis://h/1?db=2", "db twice"),
        ("redis://h?db=1&db=2", "db= twice"),
        (f"redis://h?password={SECRET}+x", "%2B"),
        (f"redis://h?password=x&{SECRET}", "%26"),
        (f"redis://me:{SECRET}@h?password=x", "password twice"),
        ("redis://h?max_connections=1", "from 5 to"),
        ("redis://h?max_connections=2", "from 5 to"),
        ("redis://h?max_connections=abc", "from 5 to"),
        ("redis://h?socket_timeout=abc", "seconds above 0"),
        ("redis://h?socket_timeout=-1", "seconds above 0"),
        ("redis://h?socket_timeout=0", "seconds above 0"),
        ("redis://h?socket_timeout=inf", "seconds above 0"),
        ("redis://h?socket_timeout=", "seconds above 0"),
        ("redis://h?protocol=4", "from 2 to 3"),
        ("redis://h?health_check_interval=0", "from 1 to"),
        ("redis://h?retry_on_timeout=false", "leave it out"),
        ("redis://h?decode_responses=true", "leave it out"),
        ("redis://h?client_name=a b", "without spaces"),
        ("redis://h?client_name=", "without spaces"),
        ("redis://h?no_such=x", r"\?no_such=.*there are db, username"),
        ("redis://h?virtual_host=x", r"\?virtual_host=.*\?db=N"),
        ("redis://h?ssl=true", r"\?ssl=.*TLS is rediss://"),
        ("redis://h?sentinels=a", r"\?sentinels=.*redis\+sentinel://"),
        ("valkey://h", "valkey:// is redis:// here"),
        ("Valkeys://h", "valkeys:// is rediss:// here"),
        ("redis+socket:///s", r"redis\+socket:// is unix:// here"),
        ("redis+unix:///s", r"redis\+unix:// is unix:// here"),
        ("https://h", "https:// is rediss:// here"),
        ("redis://h?DB=1", r"\?\*\*\*="),
        ("redis://h?ssl_cert_reqs=none", "only for rediss://"),
        ("unix:///s?socket_keepalive=true", "only for redis:// and rediss://"),
        ("rediss://h?ssl_cert_reqs=maybe", "required, optional or none"),
        ("rediss://h?ssl_cert_reqs=", "required, optional or none"),
        ("rediss://h?ssl_keyfile=/k", "without .ssl_certfile"),
        ("rediss://h?ssl_check_hostname=true&ssl_cert_reqs=none", "looks at no certificate"),
        ("unix://", "names no socket"),
        ("unix:///", "names no socket"),
        ("unix://run/r.sock", "three slashes"),
        ("unix:///" + "x" * 110, "107 bytes"),
    ],
)
def test_what_is_wrong_is_refused_with_its_reason_and_without_the_password(
    url: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        redis_url.parse(url)
    said = str(caught.value)
    assert SECRET not in said and logs.without_secrets(said) == said == logs.redact(said)
    with pytest.raises(StoreUnreachable, match=words):
        connection.connect(url)
    monkeypatch.setenv("REDIS_URL", url)
    config.reload()
    if url and not url.startswith(('"', "'")):  # the environment's own quotes are taken off
        with pytest.raises(ConfigError, match=words):
            config._loaded()
    config.reload()


@pytest.mark.parametrize("name", ["ssl_ca_certs", "ssl_ca_path", "ssl_certfile"])
def test_a_file_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(StoreUnreachable, match=f"{name}=/no/such, which is not there"):
        connection.connect(f"rediss://h/0?{name}=/no/such")


@pytest.mark.parametrize(
    ("parts", "url"),
    [
        ({"REDIS_HOST": "h"}, "redis://h:6379/0"),
        ({"REDIS_HOST": " h ", "REDIS_PORT": "7", "REDIS_DB": "2"}, "redis://h:7/2"),
        ({"REDIS_HOST": "::1"}, "redis://[::1]:6379/0"),
        ({"REDIS_HOST": "[::1]"}, "redis://[::1]:6379/0"),
        ({"REDIS_HOST": "h", "REDIS_PASSWORD": "p@ss/w#r:d%25 ü"}, "redis://:p%40ss%2Fw%23r%3Ad%2525%20%C3%BC@h:6379/0"),
    ],
)
def test_the_parts_make_the_url(parts: dict[str, str], url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read = loaded(parts, monkeypatch).configured_redis_url
    assert read == url
    redis_url.parse(read)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"REDIS_HOST": "redis://h:6379/0"}, "REDIS_HOST"),
        ({"REDIS_HOST": "h:6379"}, "the port belongs in REDIS_PORT"),
        ({"REDIS_HOST": "h/0"}, "REDIS_HOST|host"),
        ({"REDIS_HOST": "h", "REDIS_PORT": "0"}, "REDIS_PORT"),
        ({"REDIS_HOST": "h", "REDIS_PORT": "65536"}, "REDIS_PORT"),
        ({"REDIS_HOST": "h", "REDIS_PORT": "tcp://10.0.0.1:6379"}, "enableServiceLinks"),
        ({"REDIS_HOST": "h", "REDIS_DB": "-1"}, "REDIS_DB"),
        ({"REDIS_HOST": "h", "REDIS_DB": "x"}, "REDIS_DB"),
    ],
)
def test_parts_that_cannot_be_are_named(parts: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=words):
        loaded(parts, monkeypatch)


def loaded(parts: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> config.Settings:
    for name, value in parts.items():
        monkeypatch.setenv(name, value)
    config.reload()
    try:
        return config._loaded()
    finally:
        config.reload()


def test_no_message_shows_user_password_or_options() -> None:
    with config.overridden(redis_url=f"redis://me:{SECRET}@h:7/1?password2"):
        assert SECRET not in connection.where()
    with config.overridden(redis_url=f"unix:///s?password={SECRET}"):
        assert connection.where() == "/s?db=0"
