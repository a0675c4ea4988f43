"""`lead model`: the points model, checked and shown."""

from pathlib import Path

import rich_click as click

from commands import output


@click.command()
@click.option("--check", "file", type=click.Path(path_type=Path, dir_okay=False), help="Check this file instead.")
@output.json_option
def model(file: Path | None, as_json: bool) -> None:
    """Check the points model, and show its parts and rules. What is wrong is named with its line."""
    from topics.leads import condition_words, model_file

    found = model_file.read(file) if file else model_file.current()
    if as_json:
        output.as_json(model_file.told(found))
        return
    output.fields([("file", file or model_file.path()), ("model", found.name), ("version", found.version)])
    output.table(("part", "weight", "full"), [(name, part.weight, part.full) for name, part in found.parts.items()])
    rows = [(one.part, one.name, one.points, one.most, condition_words.wanted(one), one.line) for one in found.rules]
    output.table(("part", "rule", "points", "most", "where", "line"), rows)
