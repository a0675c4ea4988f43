"""The options that say how a project is checked."""

from collections.abc import Callable
from typing import Any

import rich_click as click

from commands.parameters import HourOfDay, Hours


def options(defaults: dict[str, str]) -> Callable[[Any], Any]:
    """The options that say how a project is checked, with what holds where one is not given."""
    made: list[tuple[str, dict[str, Any]]] = [
        ("--name", {"help": "Name for people."}),
        ("--weight", {"type": float, "help": "Share of a batch, relative to other projects."}),
        ("--country", {"metavar": "CC", "help": "Country of the search: a code of Google's gl, e.g. us or gb."}),
        ("--language", {"metavar": "LL", "help": "Language of the search: a code of Google's hl, e.g. en, pt-BR or es-419."}),
        ("--device", {"type": click.Choice(["desktop", "mobile"], case_sensitive=False), "help": "Device of the search."}),
        ("--depth", {"type": int, "help": "Results to scan: 10, 20 … 100."}),
        ("--every", {"type": Hours(), "metavar": "HOURS", "help": "Hours between checks, also as 7d, daily or weekly."}),
        ("--zone", {"metavar": "ZONE", "help": "Time zone of its days, e.g. Europe/Berlin."}),
        (
            "--hour",
            {"type": HourOfDay(), "metavar": "0-23", "help": "Hour of the day, in its zone, at which its checks are due."},
        ),
        ("--location", {"metavar": "PLACE", "help": 'Town or region of the search, e.g. "Austin, Texas, United States".'}),
    ]

    def with_options(command: Any) -> Any:
        for flag, words in reversed(made):
            name = flag.removeprefix("--")
            help_text = words["help"] + (f" [default: {defaults[name]}]" if name in defaults else "")
            names = [flag, "every_h"] if name == "every" else [flag]
            command = click.option(*names, **{**words, "help": help_text})(command)
        return command

    return with_options


def changes(options: dict[str, Any], off: dict[str, bool]) -> dict[str, Any]:
    """The settings to change; None = it is taken away. Refuses contradictions, and nothing at all."""
    given = {name: value for name, value in options.items() if value is not None}
    for name in (name for name, is_off in off.items() if is_off):
        if name in given:
            raise click.UsageError(f"--{name} and --no-{name} exclude each other")
        given[name] = None
    if not given:
        raise click.UsageError("Nothing to change: name a setting, e.g. --depth 20")
    return given
