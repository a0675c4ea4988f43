"""`manage.py web`: the web process. What it runs is given by manage.py: commands and web do not know each other."""

from collections.abc import Callable

import rich_click as click


def command(run: Callable[[str | None, int | None], int]) -> click.Command:
    """The command, which calls `run(host, port)`; None = the setting."""

    @click.command()
    @click.option("--host", metavar="ADDRESS", help="Where to listen; 0.0.0.0 = everywhere. [default: WEB_HOST]")
    @click.option("--port", type=click.IntRange(1, 65535), help="[default: PORT]")
    def web(host: str | None, port: int | None) -> int:
        """Serve the HTTP API until SIGTERM or Ctrl-C."""
        return run(host, port)

    return web
