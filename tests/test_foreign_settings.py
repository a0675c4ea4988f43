"""Names that nobody reads are not ignored without a word."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import config
import errors
from environment import foreign_settings

Read = Callable[[dict[str, str], dict[str, str]], config.Settings]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Read]:
    """Reads the settings of an environment and a `.env`."""

    def read(environment: dict[str, str], file: dict[str, str]) -> config.Settings:
        monkeypatch.setattr(config, "_override", None)
        monkeypatch.setattr(config, "ROOT", tmp_path)
        monkeypatch.delenv("TRAWL_NO_DOTENV", raising=False)
        (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in file.items()))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        config.reload()
        return config.settings()

    yield read
    config.reload()


URL = "redis://elsewhere:6379/0"


@pytest.mark.parametrize("place", ["environment", "file"])
@pytest.mark.parametrize(
    "name",
    [
        "CELERY_BROKER_URL",
        "BROKER_URL",
        "RQ_REDIS_URL",
        "REDIS_TLS_URL",
        "HEROKU_REDIS_ROSE_URL",
        "VALKEY_URL",
        "FLY_REDIS_CACHE_URL",
    ],
)
def test_a_url_under_another_systems_name_is_refused_with_a_hint_wherever_it_stands(read: Read, name: str, place: str) -> None:
    with pytest.raises(errors.ConfigError, match=f"{name} is set but not read here: put its redis:// URL into REDIS_URL"):
        read(*(({name: URL}, {}) if place == "environment" else ({}, {name: URL})))


@pytest.mark.parametrize("ours", ["environment", "file"])
@pytest.mark.parametrize("theirs", ["environment", "file"])
@pytest.mark.parametrize("setting", [{"REDIS_URL": URL}, {"REDIS_HOST": "elsewhere"}])
def test_nobody_complains_where_redis_url_is_set_anywhere(read: Read, ours: str, theirs: str, setting: dict[str, str]) -> None:
    given: dict[str, dict[str, str]] = {"environment": {}, "file": {}}
    given[ours] |= setting
    given[theirs] |= {"CELERY_BROKER_URL": "redis://other"}

    assert read(given["environment"], given["file"]).configured_redis_url


def test_a_broker_that_is_no_redis_is_another_programs_matter(read: Read) -> None:
    assert read({"BROKER_URL": "amqp://rabbit"}, {}).configured_redis_url is None


SETTINGS = [name.upper() for name in config.Settings.model_fields]


@pytest.mark.parametrize(
    ("file", "environment", "says"),
    [
        ({"REDIS_ULR": "x"}, {}, "REDIS_ULR in .env is no setting: is REDIS_URL meant?"),
        ({"WORKER_THREAD": "4"}, {}, "is WORKER_THREADS meant?"),
        ({}, {"WORKER_THREAD": "4"}, "WORKER_THREAD in the environment is no setting: is WORKER_THREADS meant?"),
        ({}, {"SCRAPEDO_TOKN": "x"}, "is SCRAPEDO_TOKEN meant?"),
        ({"R2_NONSENSE": "x"}, {}, "see .env.example"),
        ({"DOWNLOAD_DELAY": "3"}, {}, "set REQUEST_DELAY"),
        ({}, {"CONCURRENCY": "3"}, "WORKERS (processes) or WORKER_THREADS"),
        ({}, {"CELERYD_CONCURRENCY": "3"}, "set WORKER_THREADS"),
        ({"CELERY_TASK_SERIALIZER": "json"}, {}, "jobs are JSON"),
        ({}, {"CELERY_TIMEZONE": "UTC"}, "times are UTC"),
        ({"CELERY_BROKER_URL": URL}, {}, "REDIS_URL is both"),
        ({"OPENAI_API_KEY": "x"}, {}, "set LLM_API=openai, LLM_API_KEY and LLM_MODEL"),
        ({"AWS_DEFAULT_REGION": "x"}, {}, "set R2_REGION"),
    ],
)
def test_a_name_that_nobody_reads_is_told_with_what_is_meant(
    file: dict[str, str], environment: dict[str, str], says: str
) -> None:
    [hint] = foreign_settings.hints(file, environment, SETTINGS)
    assert says in hint


@pytest.mark.parametrize(
    ("file", "environment"),
    [
        (dict.fromkeys(SETTINGS, "x"), dict.fromkeys(SETTINGS, "x")),
        ({"redis_url": "x", "DATABASE_URL": "x", "CONCURRENCY": ""}, {"PATH": "x", "WORKER": "x", "LOG_LEVELS": "x"}),
        ({}, {"TRAWL_NO_DOTENV": "1"}),
        ({}, {"OPENAI_API_KEY": "x", "AWS_ACCESS_KEY_ID": "x", "CELERY_BROKER_URL": URL}),
    ],
)
def test_names_that_are_read_or_none_of_ours_are_left_alone(file: dict[str, str], environment: dict[str, str]) -> None:
    assert list(foreign_settings.hints(file, environment, SETTINGS)) == []


U = "redis://app:p%40w@h:7001/2"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"REDIS_HOST": "h", "REDIS_USERNAME": "app"}, "REDIS_USERNAME is not read here: put it into REDIS_URL (redis://USER:"),
        ({"REDIS_HOST": "h", "REDIS_SSL": "true"}, "REDIS_SSL is not read here: put it into REDIS_URL (rediss://)"),
        ({"REDIS_SENTINELS": "a:26379"}, "REDIS_SENTINELS is not read here: put it into REDIS_URL (redis+sentinel://"),
        ({"REDIS_URL": "redis://h", "REDIS_MASTER_NAME": "m"}, "REDIS_MASTER_NAME is not read here"),
        ({"REDIS_URL": "redis://h", "REDIS_PASSWORD": "pw"}, "REDIS_PASSWORD is not read beside REDIS_URL"),
        ({"REDIS_URL": U, "REDIS_PASSWORD": "p%40w"}, "REDIS_PASSWORD is not read beside REDIS_URL"),
        ({"REDIS_URL": U, "REDIS_HOST": "other"}, "REDIS_HOST is not read beside REDIS_URL"),
        ({"REDIS_URL": U, "REDIS_PORT": "7002"}, "REDIS_PORT is not read beside REDIS_URL"),
        ({"REDIS_URL": U, "REDIS_DB": "3"}, "REDIS_DB is not read beside REDIS_URL"),
        ({"REDIS_PASSWORD": "pw"}, "REDIS_PASSWORD is not read without REDIS_HOST"),
        ({"REDIS_PORT": "7001"}, "REDIS_PORT is not read without REDIS_HOST"),
        ({"redis_db": "2"}, "REDIS_DB is not read without REDIS_HOST"),
    ],
)
def test_a_part_of_an_address_that_nobody_reads_is_told_and_no_password_with_it(given: dict[str, str], says: str) -> None:
    [hint] = foreign_settings.unread_parts(given)
    assert says in hint and "pw" not in hint


@pytest.mark.parametrize(
    "given",
    [
        {"REDIS_PORT": "6379", "REDIS_DB": "0"},
        {"REDIS_HOST": "h", "REDIS_PORT": "7001", "REDIS_DB": "2", "REDIS_PASSWORD": "pw", "REDIS_SSL": "false"},
        {
            "REDIS_URL": U,
            "REDIS_HOST": "h",
            "REDIS_PORT": "7001",
            "REDIS_DB": "2",
            "REDIS_PASSWORD": "p@w",
            "REDIS_USERNAME": "app",
        },
        {"REDIS_URL": "redis://h", "REDIS_HOST": "h", "REDIS_PORT": "tcp://10.0.0.1:6379", "REDIS_DB": ""},
        {"REDIS_URL": "rediss+sentinel://a/m?sentinel_password=s", "REDIS_SENTINELS": "a", "REDIS_SENTINEL_PASSWORD": "s"},
    ],
)
def test_parts_that_are_read_or_say_the_same_are_left_alone(given: dict[str, str]) -> None:
    assert list(foreign_settings.unread_parts(given)) == []


def test_what_kubernetes_sets_stops_nobody_who_names_a_url(read: Read) -> None:
    assert read({"REDIS_URL": URL, "REDIS_PORT": "tcp://10.0.0.1:6379"}, {}).configured_redis_url == URL
    with pytest.raises(errors.ConfigError, match="Kubernetes sets it for a service named redis"):
        read({"REDIS_URL": "", "REDIS_HOST": "h", "REDIS_PORT": "tcp://10.0.0.1:6379"}, {})
