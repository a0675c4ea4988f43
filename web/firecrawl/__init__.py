"""The doors of Firecrawl's clients, v1 and v2: scrape, batch, crawl, map, search, and the account.

Read from the clients (firecrawl-py 4.55.0, @mendable/firecrawl-js 4.42.0, firecrawl-mcp 3.26.0) and from
https://docs.firecrawl.dev/api-reference (2026-11). Success is exactly 200 with `success: true`; errors have a form of their own.
"""

from flask_openapi3.openapi import OpenAPI

from web import app as apps
from web.firecrawl import account, batches, crawls, errors, maps, routes, scrapes, searches, statuses

__all__ = ["account", "batches", "crawls", "maps", "scrapes", "searches", "statuses"]


def register(app: OpenAPI) -> None:
    """Put the routes and their error form into the application."""
    errors.register()
    for api in routes.APIS.values():
        apps.register_api(app, api)
