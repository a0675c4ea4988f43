"""Values of the environment as the file they come from meant them.

A shell takes quotes and line ends off; `docker run --env-file`, older Compose files and some panels hand them on as they stand in
the file. A token with a quote or a carriage return is wrong, and a folder of that name is one nobody looks into.
"""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource

from errors import ConfigError

#: Behind the name of a setting: the value names a file that holds the setting.
FILE = "_file"

#: A value that should have been replaced before it came here: `${NAME}`, `${{ name }}`, `{{ name }}`, `$(NAME)`.
_UNREPLACED = re.compile(r"\$\{\{?[^{}]+\}\}?|\{\{[^{}]+\}\}|\$\([A-Za-z_][A-Za-z0-9_]*\)")


def plain(value: str) -> str:
    """The value without white space around it and without one pair of quotes."""
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


def refuse_unreplaced(value: object, *, anywhere: bool = False) -> object:
    """The value as it is. Raises ValueError if it is a reference to another value, or has one anywhere in it."""
    if isinstance(value, str):
        found = _UNREPLACED.search(value) if anywhere else _UNREPLACED.fullmatch(value.strip())
        if found:
            raise ValueError(f"has {found[0]} where its value should be, which nothing replaced: write the value itself")
    return value


def referring(value: object) -> object:
    """The value of a setting as it is. Raises ValueError if it is nothing but a reference."""
    return refuse_unreplaced(value)


Source = PydanticBaseSettingsSource


def sources(
    settings_cls: type[BaseSettings],
    _: Any = None,
    *,
    init_settings: Source,
    env_settings: Source,
    dotenv_settings: Source,
    **__: Any,
) -> tuple[Source, ...]:
    """Where the settings are read: arguments, the environment with its values plain, `.env`. An empty value is not set.

    Raises ConfigError for a file that NAME_FILE names and nobody can read.
    """
    for source in (env_settings, dotenv_settings):
        if isinstance(source, EnvSettingsSource):
            found = {name: text or "" for name, text in source.env_vars.items()}
            if source is env_settings:
                found = {name: value for name, text in found.items() if (value := plain(text))}
            source.env_vars = _from_files(found, settings_cls.model_fields)
    return init_settings, env_settings, dotenv_settings


def _from_files(found: Mapping[str, str], settings: Collection[str]) -> dict[str, str]:
    """The same, each `NAME_FILE` of a setting read as what that file holds: a secret of Docker, Podman or systemd."""
    values = dict(found)
    for name in found:
        setting = name.lower().removesuffix(FILE)
        if setting != name.lower() and setting in settings and setting not in found:
            values[setting] = _content(setting.upper(), Path(found[name]))
    return values


def _content(setting: str, path: Path) -> str:
    try:
        return plain(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "no text"
        raise ConfigError(f"{setting}_FILE={path} cannot be read ({reason}): name another file, or set {setting}.") from exc


def folder(path: Path) -> Path:
    """The path with a `~` at its beginning read as the home folder, as a shell would. Raises ValueError if there is none."""
    try:
        return path.expanduser()
    except RuntimeError as exc:
        raise ValueError("begins with ~, and this user has no home folder: write the whole path") from exc


def _in_capitals(value: object) -> object:
    """`debug` as `DEBUG`, and `WARN` as the word that it is short for."""
    return {"WARN": "WARNING"}.get(value.upper(), value.upper()) if isinstance(value, str) else value


Level = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_in_capitals)]
