"""`GET /r/https://example.com/`: a page as markdown or text, for a person with curl; and the loader of Open WebUI.

Headers are those of Jina's reader (https://github.com/jina-ai/reader, 2026-11), as far as they are offered: web/reader/asked.py.
"""

from flask_openapi3.openapi import OpenAPI

from web import app as apps
from web.reader import loader, pages

__all__ = ["loader", "pages"]


def register(app: OpenAPI) -> None:
    """Put the routes into the application."""
    for api in (pages.api, loader.api):
        apps.register_api(app, api)
