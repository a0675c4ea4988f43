"""`alerts rules`: the rules of alerts as they are now."""

import rich_click as click

from commands import output

RULES = ("rule", "on", "grade", "after min", "over after min", "figures", "what it looks at")


@click.command()
@output.json_option
def rules(as_json: bool) -> None:
    """Show the rules as they are now: their figures, and what each looks at. ALERT_RULES names a file that changes them."""
    from topics.alerts import views

    found = views.rule_rows()
    if as_json:
        output.json_list(found)
        return
    figures = [", ".join(f"{name} {value}" for name, value in one["figures"].items()) for one in found]
    rows = [
        [one["rule"], "yes" if one["enabled"] else "no", one["grade"], one["for_min"], one["clear_min"], told, one["says"]]
        for one, told in zip(found, figures, strict=True)
    ]
    output.table(RULES, rows)
