"""`.env.example` tells the truth about every setting."""

import re

import pytest

import config

EXAMPLE = config.ROOT / ".env.example"
LINE = re.compile(r"(?P<unset># )?(?P<name>[A-Z][A-Z0-9_]+)=(?P<value>.*)")


def test_it_names_every_setting_once_in_the_order_of_the_code() -> None:
    assert [name for name, _, _ in _lines()] == [name.upper() for name in config.Settings.model_fields]


def test_its_values_are_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read as a real .env, it changes nothing."""
    for name in config.Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)

    assert config.Settings(_env_file=EXAMPLE) == config.Settings(_env_file=None)  # type: ignore[call-arg]


def test_only_settings_without_a_default_are_commented_out() -> None:
    for name, unset, value in _lines():
        has_default = config.Settings.model_fields[name.lower()].default is not None
        assert has_default is not unset, name
        assert bool(value) is has_default, name


def _lines() -> list[tuple[str, bool, str]]:
    found = [LINE.fullmatch(line) for line in EXAMPLE.read_text(encoding="utf-8").splitlines()]
    return [(match["name"], bool(match["unset"]), match["value"]) for match in found if match]
