"""Commands whose arguments are texts that may begin with a dash."""

import itertools
import re

import rich_click as click


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
