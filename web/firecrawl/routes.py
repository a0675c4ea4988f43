"""The two versions of a route: the same view below /v1 and /v2."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

View = TypeVar("View", bound=Callable[..., Any])

APIS = {
    version: APIBlueprint(
        f"firecrawl_{version}",
        __name__,
        url_prefix=f"/{version}",
        abp_tags=[Tag(name=f"Firecrawl {version}", description=f"As Firecrawl's {version} clients ask for it.")],
    )
    for version in ("v1", "v2")
}


def route(method: str, *paths: str) -> Callable[[View], View]:
    """Register a view below both versions, under each of its paths."""

    def add(view: View) -> View:
        for api in APIS.values():
            for path in paths:
                options = {"responses": {200: {"description": "success: true"}}, "strict_slashes": False}
                getattr(api, method)(path, **options)(view)
        return view

    return add


def version() -> str:
    """The version by which this request asks: v1 or v2."""
    return "v1" if request.path.startswith("/v1/") else "v2"
