"""Arguments and options that several commands take."""

import itertools
import re
from typing import Any, ClassVar

import rich_click as click

UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Duration(click.ParamType[float]):
    """A length of time in seconds, written `90s`, `30m`, `2h` or `1d`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds."""
        found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)([smhd])", str(value).strip().lower())
        if not found:
            self.fail(f"{value!r} is no length of time: write 90s, 30m, 2h or 1d", param, ctx)
        return float(found[1]) * UNITS_S[found[2]]


class ProjectId(click.ParamType[str]):
    """A project id; `:` and white space are refused here, because a Redis key is made of it."""

    name = "project"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The id as given."""
        if not re.fullmatch(r"[^\s:*]{1,60}", str(value)):
            self.fail(f"{value!r:.70} is no project id: `python manage.py project list` shows them", param, ctx)
        return str(value)


class Separator(click.ParamType[str]):
    """What stands between the cells of a CSV file."""

    name = "character"
    names: ClassVar = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "bar": "|"}

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The character."""
        found = self.names.get(str(value).lower(), str(value))
        if found not in self.names.values():
            self.fail(f"{value!r:.20} separates no cells: give , ; | or tab", param, ctx)
        return found


class TextCommand(click.RichCommand):
    """A command whose arguments are texts that may begin with a dash: `-minus word` is one, `--option` and `-o` are none."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click's; an unknown option is refused, and the refusal says how to mean a text."""
        named = {name for param in self.get_params(ctx) for name in (*param.opts, *param.secondary_opts)}
        options = itertools.takewhile(lambda arg: arg != "--", args)
        meant = (arg.partition("=")[0] for arg in options if arg.startswith("--") or re.fullmatch("-[A-Za-z]", arg))
        ctx.ignore_unknown_options = all(name in named for name in meant)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as exc:
            raise click.UsageError(f"{exc.format_message()} Put -- before a text that begins so", ctx) from None


PROJECT = ProjectId()
SEPARATOR = Separator()

project_option = click.option("--project", "project_id", type=PROJECT, metavar="ID", help="Only this project.")
where_option = click.option(
    "--project", "project_id", type=PROJECT, metavar="ID", help="The project, to name a keyword by its text."
)
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")
