"""The templates of rq-dashboard are those that were made safe, and every page has a policy of its own."""

import re
from typing import Any

import pytest
import rq_dashboard.web
from flask import Flask
from flask.testing import FlaskClient

from web import errors
from web.app import create_app
from web.dashboard import compiled, guard, mount, templates


def of_the_release(name: str) -> str:
    loader: Any = rq_dashboard.web.blueprint.jinja_loader
    return str(loader.get_source(None, f"rq_dashboard/{name}")[0])


def test_the_installed_release_is_the_one_that_was_made_safe() -> None:
    mount.check()


@pytest.mark.parametrize("name", [name for name, edits in templates.EDITS.items() if any(old == "<%=" for old, *_ in edits)])
def test_one_more_unescaped_value_does_not_load(name: str) -> None:
    text = of_the_release(name)
    assert "<%=" not in templates.edited(name, text)
    with pytest.raises(templates.OtherRelease, match="<%="):
        templates.edited(name, text + "<%= d.new %>")
    with pytest.raises(templates.OtherRelease, match="<%="):
        templates.edited(name, text.replace("<%= d", "<%- d", 1))


@pytest.mark.parametrize("name", list(templates.EDITS))
def test_one_more_script_does_not_load(name: str) -> None:
    if name.endswith(".html"):
        with pytest.raises(templates.OtherRelease):
            templates.edited(name, of_the_release(name) + '<script src="x"></script>')


def test_the_other_texts_of_a_template_are_as_the_release_has_them() -> None:
    """An edit replaces what it names, and nothing else."""
    for name in templates.EDITS:
        ours, theirs = (re.sub(r"\s+", "", text) for text in (templates.edited(name, of_the_release(name)), of_the_release(name)))
        assert len(ours) > 0.6 * len(theirs)


def test_a_template_that_nobody_looked_at_does_not_load() -> None:
    with pytest.raises(templates.OtherRelease):
        templates.source("rq_dashboard/new.html")


@pytest.mark.parametrize("change", ["view", "template", "name"])
def test_another_release_is_not_mounted_and_the_rest_works(monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    if change == "view":
        monkeypatch.setattr(guard, "READING", guard.READING - {"job_view"})
    elif change == "template":
        monkeypatch.setitem(templates.EDITS, "job.html", (("<%=", "<%-", 14),))
    else:
        monkeypatch.setitem(mount.NAMES, "Gone", None)
    app = Flask("other")
    errors.register(app)
    mount.register(app)
    for path in ("/rq/", "/rq/0/view/jobs"):
        reply = app.test_client().get(path)
        assert reply.status_code == 503
        assert ("any more" if change == "name" else "made safe") in reply.json["detail"]


def test_two_apps_live_in_one_process() -> None:
    create_app()
    assert create_app().test_client().get("/rq/").status_code == 200


def test_a_page_allows_only_scripts_with_its_own_nonce(client: FlaskClient) -> None:
    seen = set()
    for path in ("/rq/", "/rq/0/view/workers", "/rq/0/view/jobs"):
        reply = client.get(path)
        [nonce] = re.findall(r"script-src 'nonce-([\w-]+)';", reply.headers["Content-Security-Policy"])
        assert "unsafe" not in reply.headers["Content-Security-Policy"] and " style=" not in reply.text
        code = [tag for tag in re.findall(r"<script[^>]*>", reply.text) if "text/template" not in tag]
        assert len(code) == 5 and all(f'nonce="{nonce}"' in tag for tag in code)
        assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
        seen.add(nonce)
    assert len(seen) == 3


def test_every_template_of_a_page_becomes_a_function_of_its_script(client: FlaskClient) -> None:
    for path, count in (("/rq/", 2), ("/rq/0/view/workers", 2), ("/rq/0/view/jobs", 10), ("/rq/0/view/job/x", 0)):
        text = client.get(path).text
        names = re.findall(r'<script name="([\w-]+)" type="text/template">', text)
        assert len(names) == count and all(f'"{name}": function (obj)' in text for name in names)
        assert compiled.MARK not in text


def test_a_template_becomes_what_underscore_makes_of_it() -> None:
    made = compiled.function('<b title="<%- d.x %>"><% if (d.y) { %></script>\u2028<% } %>')
    assert "value = ( d.x ); page += value == null ? '' : _.escape(value);" in made and " if (d.y) { " in made
    assert "<" not in made.replace("if (d.y) {", "") and "\\u2028" in made
    with pytest.raises(ValueError, match="not escaped"):
        compiled.function("<%= d.x %>")


def test_a_page_below_a_prefix_of_a_proxy_finds_its_data(client: FlaskClient) -> None:
    text = client.get("/rq/", environ_overrides={"SCRIPT_NAME": "/trawl"}).text
    assert 'var url = "/trawl/rq/"' in text and 'src="/trawl/rq/static/js/jquery' in text
