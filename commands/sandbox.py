"""`sandbox`: the provider whose results are invented."""

from pathlib import Path
from typing import Any

import rich_click as click

SHARE = click.FloatRange(0, 1)


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Where to listen on 127.0.0.1. [default: that of SANDBOX_URL]")
@click.option("--latency-ms", type=click.FloatRange(min=0), help="Wait before each page. [default: SANDBOX_LATENCY_MS]")
@click.option("--seed", type=int, help="Another seed, other results. [default: 0]")
@click.option("--domains", metavar="A,B", help="Hosts that rank for most keywords. [default: example.com and its sisters]")
@click.option("--captcha", type=SHARE, help="Share of pages that are a captcha.")
@click.option("--js-required", type=SHARE, help="Share that are a JavaScript gate.")
@click.option("--consent", type=SHARE, help="Share that are a consent page.")
@click.option("--status-429", type=SHARE, help="Share refused as too many at once.")
@click.option("--status-502", type=SHARE, help="Share that fail.")
@click.option("--no-results", type=SHARE, help="Share of keywords for which nothing is found.")
@click.option("--opaque", type=SHARE, help="Share of pages with opaque links. [default: 0.1]")
@click.option("--credits", type=click.FloatRange(min=0), help="What the account holds. [default: 1000000]")
@click.option("--concurrency", type=click.IntRange(min=1), help="Requests the plan allows at once. [default: 1000]")
@click.option("--replay", type=click.Path(path_type=Path), metavar="FOLDER", help="Serve recorded real pages instead.")
def sandbox(port: int | None, **knobs: Any) -> None:
    """Run the sandbox provider: it speaks like Scrape.do, and its results are invented."""
    from urllib.parse import urlsplit

    import config
    from sandbox import server
    from sandbox.options import Options, split_domains

    settings = config.settings()
    given = {name: value for name, value in knobs.items() if value is not None}
    if "domains" in given:
        given["domains"] = split_domains(given["domains"])
    listens = port or urlsplit(settings.sandbox_url).port or 8089
    server.serve(Options(**{"latency_ms": settings.sandbox_latency_ms, **given}), port=listens, say=click.echo)
