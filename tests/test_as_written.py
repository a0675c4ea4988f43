"""Values that a container or a panel hands on as they stand in a file are read as the file meant them."""

from collections.abc import Callable
from pathlib import Path

import pytest

import config
from environment import as_written, redis_url
from errors import ConfigError


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Callable[..., config.Settings]:
    def settings(**given: str) -> config.Settings:
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(config, "_override", None)
        config.reload()
        return config.settings()

    return settings


@pytest.fixture(autouse=True)
def forget() -> None:
    config.reload()


@pytest.mark.parametrize("form", ['"{}"', "'{}'", "{}\r", "  {} ", '"{}"\r\n'])
@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SERP_PROVIDER", "sandbox", "sandbox"),
        ("SERP_BATCH_SIZE", "100", 100),
        ("OBEY_ROBOTS", "false", False),
        ("R2_BUCKET", "results", "results"),
        ("PUBLIC_URL", "https://trawl.example", "https://trawl.example"),
        ("REDIS_URL", "redis://h/0", "redis://h/0"),
        ("DATA_DIR", "/srv/data", Path("/srv/data")),
    ],
)
def test_quotes_and_line_ends_of_an_env_file_are_no_part_of_a_value(
    read: Callable[..., config.Settings], form: str, name: str, value: str, expected: object
) -> None:
    assert getattr(read(**{name: form.format(value)}), name.lower()) == expected


def test_secrets_are_read_alike(read: Callable[..., config.Settings]) -> None:
    found = read(SCRAPEDO_TOKEN='"abc"', R2_SECRET_ACCESS_KEY="k\r").model_dump()

    assert found["scrapedo_token"].get_secret_value() == "abc"
    assert found["r2_secret_access_key"].get_secret_value() == "k"


@pytest.mark.parametrize("value", ['a"b', "'", 'it"', '"a'])
def test_a_quote_that_is_part_of_a_value_stays(read: Callable[..., config.Settings], value: str) -> None:
    found = read(REDIS_PASSWORD=value).redis_password

    assert found is not None and found.get_secret_value() == value


def test_a_value_of_quotes_alone_counts_as_not_set(read: Callable[..., config.Settings]) -> None:
    assert read(SERP_BATCH_SIZE='""').serp_batch_size == config.Settings.model_fields["serp_batch_size"].default


@pytest.mark.parametrize("value", ["${TOKEN}", "${{ Redis.REDIS_URL }}", "{{ token }}", "$(TOKEN)"])
@pytest.mark.parametrize("name", ["SCRAPEDO_TOKEN", "REDIS_URL", "R2_BUCKET"])
def test_a_reference_that_nothing_replaced_is_named(read: Callable[..., config.Settings], name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"{name}=.*nothing replaced"):
        read(**{name: value})


def test_a_reference_inside_an_address_is_named() -> None:
    with pytest.raises(ValueError, match="nothing replaced"):
        redis_url.parse("redis://${USER}:${PASSWORD}@h:6379/0")


def test_a_home_folder_is_read_as_a_shell_reads_it(
    read: Callable[..., config.Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))

    assert read(DATA_DIR="~/trawl").data_dir == tmp_path / "trawl"
    assert as_written.folder(Path("data")) == Path("data")


@pytest.mark.parametrize(
    ("option", "words"), [("family=0", "both tried"), ("timeout=5", "socket_timeout"), ("pool_size=9", "max_con")]
)
def test_options_of_other_clients_say_what_is_meant(option: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        redis_url.parse(f"redis://h/0?{option}")


def test_a_setting_may_lie_in_a_file(read: Callable[..., config.Settings], tmp_path: Path) -> None:
    (tmp_path / "token").write_text("abc\n")
    (tmp_path / "url").write_text("redis://h:6380/1\r\n")
    found = read(SCRAPEDO_TOKEN_FILE=str(tmp_path / "token"), REDIS_URL_FILE=str(tmp_path / "url"), SERP_BATCH_SIZE="7")

    assert found.scrapedo_token is not None and found.scrapedo_token.get_secret_value() == "abc"
    assert (found.redis_url, found.serp_batch_size) == ("redis://h:6380/1", 7)
    assert not [hint for hint in config.hints() if "_FILE" in hint]


def test_a_setting_itself_wins_over_its_file(read: Callable[..., config.Settings], tmp_path: Path) -> None:
    assert read(R2_BUCKET="a", R2_BUCKET_FILE=str(tmp_path / "none")).r2_bucket == "a"


def test_a_file_that_cannot_be_read_is_named(read: Callable[..., config.Settings], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"SCRAPEDO_TOKEN_FILE=.*No such file"):
        read(SCRAPEDO_TOKEN_FILE=str(tmp_path / "none"))


@pytest.mark.parametrize(("written", "level"), [("debug", "DEBUG"), ("warn", "WARNING"), ("Error", "ERROR")])
def test_levels_of_the_log_are_read_in_any_case(read: Callable[..., config.Settings], written: str, level: str) -> None:
    assert read(LOG_LEVEL=written).log_level == level


@pytest.mark.parametrize("value", ["p:8080", "http://p:8080/", "http://p:8080"])
def test_a_proxy_needs_no_scheme(read: Callable[..., config.Settings], value: str) -> None:
    assert read(FETCH_PROXY=value).fetch_proxy == "http://p:8080"


@pytest.mark.parametrize("value", ["socks5://p:1080", "https://p", "http://p/x", "http://"])
def test_a_proxy_that_is_not_spoken_is_refused_before_anything_starts(read: Callable[..., config.Settings], value: str) -> None:
    with pytest.raises(ConfigError, match=r"FETCH_PROXY=.*http://"):
        read(FETCH_PROXY=value)
