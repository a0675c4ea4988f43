"""A report as one HTML file: charts, tables and queries, with nothing from outside. It prints well, and runs nothing.

Each figure leads to the query that made it, in the list at the end.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from topics.analytics import drawings, texts

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

#: The style of the file: on screen and on paper.
STYLE = Path(__file__).with_name("report.css").read_text(encoding="utf-8")


def texts_of(told: Mapping[str, Any]) -> Iterator[str]:
    """The file, a section at a time."""
    title, queries = escape(texts.plain(str(told["title"]))), dict[str, int]()
    yield (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        f"<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        f'<p class="soft">{escape(about(told))}</p>\n'
    )
    for section in sections_of(told):
        yield _section(section, queries)
    yield _queries(queries) + "</body>\n</html>\n"


def about(told: Mapping[str, Any]) -> str:
    """What it is about, in one line."""
    parts = [f"{told['companies']:,} companies", f"made {told['made_at']}"]
    if told.get("company_ids"):
        parts.append(f"chosen: {len(told['company_ids']):,}, not found: {told.get('unknown', 0):,}")
    if told.get("since"):
        parts.append(f"changes since {told['since']}, old before {told['stale_before']}")
    return "; ".join(parts) + "."


def sections_of(told: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    """The sections of a report; those of an answer as one section like them."""
    if "sections" in told:
        found: Sequence[dict[str, Any]] = told["sections"]
        return found
    rows = told.get("rows")
    lines = (
        [{**row, "figures": {"value": {"value": row["value"], "query": row["query"]}}} for row in rows]
        if rows is not None
        else [{"label": "Answer", "figures": {"value": {"value": told["value"], "query": told["query"]}}}]
    )
    is_cut = told.get("is_cut", False)
    section = {
        "name": "answer",
        "title": "Answer",
        "about": f"{told['query']}{'. There were too many values: those that came last do not count' if is_cut else ''}",
        "head": "Value",
        "chart": "bars" if rows else "",
        "more": told.get("more", 0),
        "columns": [{"key": "value", "label": "Figure", "unit": ""}],
        "lines": lines,
    }
    return [section]


def _section(section: Mapping[str, Any], queries: dict[str, int]) -> str:
    heads = "".join(f'<th scope="col" class="numeric">{escape(texts.plain(one["label"]))}</th>' for one in section["columns"])
    rows = "".join(_row(line, section["columns"], queries) for line in section["lines"])
    rest = f'<p class="soft">{section["more"]:,} more.</p>' if section["more"] else ""
    table = (
        f"<table><caption>{escape(texts.plain(section['about']))}</caption>"
        f'<thead><tr><th scope="col">{escape(section["head"])}</th>{heads}</tr></thead>\n<tbody>{rows}</tbody></table>'
        if section["lines"]
        else '<p class="soft">Nothing.</p>'
    )
    head = f'<section id="{escape(section["name"])}">\n<h2>{escape(section["title"])}</h2>'
    return f"{head}\n{drawings.chart(dict(section))}\n{table}{rest}\n</section>\n"


def _row(line: Mapping[str, Any], columns: Sequence[Mapping[str, Any]], queries: dict[str, int]) -> str:
    cells = "".join(_cell(line["figures"].get(one["key"]), one["unit"], queries) for one in columns)
    domain = f' <span class="soft">{escape(texts.plain(line["domain"]))}</span>' if line.get("domain") else ""
    return f'<tr><th scope="row">{escape(texts.plain(line["label"]))}{domain}</th>{cells}</tr>\n'


def _cell(figure: Mapping[str, Any] | None, unit: str, queries: dict[str, int]) -> str:
    if figure is None:
        return '<td class="numeric"></td>'
    written, query = escape(texts.figure(figure["value"], unit)), figure["query"]
    if not query:
        return f'<td class="numeric">{written}</td>'
    number = queries.setdefault(query, len(queries) + 1)
    return f'<td class="numeric"><a href="#q{number}" data-q="{number}" title="{escape(texts.plain(query))}">{written}</a></td>'


def _queries(queries: Mapping[str, int]) -> str:
    items = "".join(f'<li id="q{number}"><code>{escape(texts.plain(query))}</code></li>\n' for query, number in queries.items())
    about_ = "Each figure comes again from its query: <code>python manage.py analytics analyze --query '…'</code>."
    return f'<section class="queries">\n<h2>Queries</h2>\n<p>{about_}</p>\n<ol class="queries">\n{items}</ol>\n</section>\n'
