"""The sandbox (`sandbox/`): the same client, for the local server. It needs no token, and its results are invented."""

from pydantic import SecretStr

import config
from clients.serp import scrapedo


class Sandbox(scrapedo.ScrapeDo):
    """Invented result pages from SANDBOX_URL."""

    name = "sandbox"
    is_sandbox = True

    def _remedy(self) -> str:
        return "Is the sandbox running? Start it with `python manage.py sandbox`, or correct SANDBOX_URL"


def make(settings: config.Settings) -> Sandbox:
    """The provider of these settings. Raises nothing."""
    return Sandbox(settings.sandbox_url, SecretStr("sandbox"), timeout_s=settings.request_timeout)
