"""Addresses of our own as others see them."""

import pytest
from flask import url_for
from flask_openapi3.openapi import OpenAPI

import config
from web import access, urls
from web.app import create_app

FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "192.0.2.7"}


def test_without_settings_it_is_the_host_of_the_request(app: OpenAPI) -> None:
    with app.test_request_context("/", base_url="http://box:8000", headers=FORWARDED):
        assert urls.external("/jobs/x") == "http://box:8000/jobs/x" and urls.origin() == "http://box:8000"


def test_public_url_wins_and_may_have_a_path(app: OpenAPI) -> None:
    with config.overridden(public_url="https://trawl.example/api"), app.test_request_context("/", base_url="http://box"):
        assert urls.external("/jobs/x") == "https://trawl.example/api/jobs/x"
        assert urls.origin() == "https://trawl.example"


@pytest.mark.parametrize(("proxies", "host"), [(0, "http://localhost/a"), (1, "https://evil.example/a")])
def test_headers_of_proxies_are_believed_only_as_far_as_the_setting_says(proxies: int, host: str) -> None:
    with config.overridden(trusted_proxies=proxies):
        app = create_app()
    app.add_url_rule("/a", view_func=access.public(lambda: urls.external("/a")))
    assert app.test_client().get("/a", headers=FORWARDED).text == host


@pytest.mark.parametrize("value", ["trawl.example", "ftp://a", "http://user@a", "https://a?b=c", "https://"])
def test_a_public_url_that_is_none_is_refused_with_its_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PUBLIC_URL", value)
    config.reload()
    with pytest.raises(config.ConfigError, match="PUBLIC_URL"):
        config._loaded()
    config.reload()


@pytest.mark.parametrize("path", ["/below/jobs/x", "/jobs/x"])
@pytest.mark.parametrize("headers", [{}, {"X-Forwarded-Prefix": "/below"}])
def test_below_a_path_of_public_url_links_work_whether_a_proxy_takes_it_off_or_not(path: str, headers: dict[str, str]) -> None:
    with config.overridden(trusted_proxies=1, public_url="https://trawl.example/below/"):
        app = create_app()
        app.add_url_rule("/jobs/x", "x", view_func=access.public(lambda: f"{url_for('x')} {urls.external('/jobs/x')}"))
        assert app.test_client().get(path, headers=headers).text == "/below/jobs/x https://trawl.example/below/jobs/x"
        assert app.test_client().get("/belowjobs/x").status_code == 404


def test_a_public_path_that_is_also_the_beginning_of_ours_takes_nothing_off_them() -> None:
    with config.overridden(public_url="https://trawl.example/api"):
        app = create_app()
        app.add_url_rule("/api/x", "x", view_func=access.public(lambda: url_for("x")))
        answers = [app.test_client().get(path).text for path in ("/api/x", "/api/api/x")]
    assert answers == ["/api/api/x"] * 2
