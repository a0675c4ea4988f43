"""Addresses of our own as others see them."""

import pytest
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
