"""Values of the environment as the file they come from meant them.

A shell takes quotes and line ends off; `docker run --env-file`, older Compose files and some panels hand them on as they stand in
the file. A token with a quote or a carriage return is wrong, and a folder of that name is one nobody looks into.
"""

import re
from pathlib import Path
from typing import Any

from pydantic_settings import EnvSettingsSource, PydanticBaseSettingsSource

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
    _: Any, __: Any = None, *, init_settings: Source, env_settings: Source, dotenv_settings: Source, **___: Any
) -> tuple[Source, ...]:
    """Where the settings are read: arguments, the environment with its values plain, `.env`. An empty value is not set."""
    if isinstance(env_settings, EnvSettingsSource):
        found = env_settings.env_vars.items()
        env_settings.env_vars = {name: value for name, text in found if (value := plain(text or ""))}
    return init_settings, env_settings, dotenv_settings


def folder(path: Path) -> Path:
    """The path with a `~` at its beginning read as the home folder, as a shell would. Raises ValueError if there is none."""
    try:
        return path.expanduser()
    except RuntimeError as exc:
        raise ValueError("begins with ~, and this user has no home folder: write the whole path") from exc
