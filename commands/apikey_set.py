"""`apikey set`: other limits or another role of a key."""

import rich_click as click

from commands import output
from commands.root import writes


@click.command("set")
@click.argument("key", metavar="KEY")
@click.option("--role", metavar="ROLE", help="viewer, operator or admin.")
@click.option("--days", metavar="N", help="How long it is valid from now on; none = until it is revoked.")
@click.option("--rate", metavar="N", help="Requests a minute, 0 = no limit; none = KEY_RATE.")
@click.option("--pages-a-month", metavar="N", help="Pages it may fetch in a month; none = no quota.")
@output.json_option
@writes
def set_(key: str, as_json: bool, **limits: str | None) -> None:
    """Change the limits or the role of a key, by its id or name. It stays the same key."""
    from topics.access import api_keys

    if not any(value is not None for value in limits.values()):
        raise click.UsageError("Name what is to be changed: --role, --days, --rate or --pages-a-month.")
    done = api_keys.change(key, **{name: _limit(name, value) for name, value in limits.items()})
    if as_json:
        output.as_json({"id": done.id, "name": done.name, "role": done.role.word, "rate": done.rate, "pages": done.pages_a_month})
    else:
        output.line(f"The key {done.name} ({done.id}) is changed; it holds within 5 s.")


def _limit(name: str, text: str | None) -> float | str | None:
    """A number; "" for none."""
    if text is None or name == "role":
        return text
    if text == "none":
        return ""
    try:
        return float(text) if name == "days" else int(text)
    except ValueError:
        raise click.UsageError(f"--{name.replace('_', '-')} {text!r:.40} is no number: give one, or none.") from None
