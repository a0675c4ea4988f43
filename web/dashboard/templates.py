"""The templates of rq-dashboard, made safe as they are loaded.

Underscore's `<%=` writes what it is given as HTML, and a scraped page decides what that is; `<%-` escapes it. Each replacement is
counted: where a release has another number of them, its template does not load, and a test fails before anybody is attacked.
"""

from collections.abc import Callable
from typing import Any

import jinja2
import rq_dashboard.web
from flask import Flask

from web.dashboard import extras

#: What a template of another release raises.
OTHER = "rq-dashboard's template {name} has {found} times {old!r}, not {count}: it is not the release that was made safe here."

#: What no page may hold: values as they are, styles and handlers in attributes.
NOTHING_ELSE = (("|safe", "", 0), (" style=", "", 0), (" onclick=", "", 0), (" onload=", "", 0))

#: Template → (text, what replaces it, how often it is there). They are replaced in this order.
EDITS: dict[str, tuple[tuple[str, str, int], ...]] = {
    "base.html": (
        ("{{ url_for('static', filename='favicon.ico') }}", "{{ url_for('rq_dashboard.static', filename='favicon.ico') }}", 1),
        ("</head>", extras.STYLE + "</head>", 1),
        ("<body>", "<body>" + extras.BANNER, 1),
        ("{% block content_scripts %}{% endblock %}", extras.SCRIPT + "{% block content_scripts %}{% endblock %}", 1),
        ("<script ", '<script nonce="{{ g.rq_nonce }}" ', 5),
        (' style="text-align: center;"', "", 1),
        *NOTHING_ELSE,
    ),
    "job.html": (
        ("<%=", "<%-", 13),
        ('btn-sm" style="display: none"', 'btn-sm off"', 1),
        ("<script ", "<script ", 1),
        *NOTHING_ELSE,
    ),
    "jobs.html": (
        ("<%= $('<div/>').text(d.description).html() %>", "<%- d.description %>", 1),
        ("<%= $('<div/>').text(d.exc_info).html() %>", "<%- d.exc_info %>", 1),
        ("<%=", "<%-", 12),
        (extras.COMPACT, "", 1),
        (' style="float: right; margin-right: 8px;"', ' data-side="right"', 1),
        (' style="float: right"', ' data-side="right"', 1),
        (' style=""', "", 1),
        *NOTHING_ELSE,
        ("<script ", "<script ", 10),
    ),
    "queues.html": (("<%=", "<%-", 15), ("<script ", "<script ", 2), *NOTHING_ELSE),
    "workers.html": (("<%=", "<%-", 9), ("<%-", "<%-", 10), ("<script ", "<script ", 2), *NOTHING_ELSE),
    "navbar.html": (("<script ", "", 0), *NOTHING_ELSE),
    "footer.html": (("<script ", "", 0), *NOTHING_ELSE),
    "inline_js.html": (("<script ", "", 0), *NOTHING_ELSE),
    "scripts/dashboard.js": (
        ("{{", "{{", 13),
        ("|safe", "", 13),
        ('getCookie("_csrf_token")', "{{ g.rq_token|tojson }}", 1),
        (".html(", ".html(", 0),
    ),
    "scripts/job.js": (
        ("{{ id|tojson|safe }}", "{{ id|tojson }}", 2),
        (
            "            if (err) {\n                return;",
            "            if (err) {\n                if (done) { done(); }\n                return;",
            1,
        ),
        ("innerHTML", "innerHTML", 1),
    ),
    "scripts/jobs.js": (("'{{ queue.name }}'", "{{ queue.name|tojson }}", 1), ("{{", "{{", 7), ("innerHTML", "innerHTML", 1)),
    "scripts/queues.js": (("{{", "{{", 0), ("innerHTML", "", 0)),
    "scripts/workers.js": (("{{", "{{", 0), ("innerHTML", "", 0)),
}

PREFIX = "rq_dashboard/"


class OtherRelease(jinja2.TemplateError):
    """A template is not the one that was made safe."""


def loader(app: Flask) -> jinja2.BaseLoader:
    """Loads rq-dashboard's templates with our edits; all other templates as before."""
    before = app.jinja_loader or jinja2.DictLoader({})
    ours = jinja2.FunctionLoader(source)
    return jinja2.ChoiceLoader([ours, before])


def source(name: str) -> tuple[str, str | None, Callable[[], bool]] | None:
    """An edited template; None for one that is not rq-dashboard's. Raises OtherRelease."""
    if not name.startswith(PREFIX):
        return None
    own = name.removeprefix(PREFIX)
    if own not in EDITS:
        raise OtherRelease(f"rq-dashboard has a template {own} that was not made safe here.")
    blueprint: Any = rq_dashboard.web.blueprint
    text, path, is_new = blueprint.jinja_loader.get_source(None, name)
    return edited(own, text), path, is_new


def edited(name: str, text: str) -> str:
    """The text of a template with its edits. Raises OtherRelease where one does not fit."""
    for old, new, count in EDITS[name]:
        found = text.count(old)
        if found != count:
            raise OtherRelease(OTHER.format(name=name, found=found, old=old, count=count))
        text = text.replace(old, new)
    return text


def check() -> None:
    """Raises OtherRelease unless every template is there and is the one that was made safe."""
    blueprint: Any = rq_dashboard.web.blueprint
    names = {name.removeprefix(PREFIX) for name in blueprint.jinja_loader.list_templates() if name.startswith(PREFIX)}
    if names != set(EDITS):
        raise OtherRelease(f"rq-dashboard has other templates than were made safe here: {sorted(names ^ set(EDITS))}.")
    for name in EDITS:
        source(PREFIX + name)
