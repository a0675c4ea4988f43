"""Google results as JSON, by Scrape.do's Google Search plugin: 10 a page, 10 credits a call as seen in 2026-11.

Reply (scrape.do/documentation/google-search-api, 2026-11): `search_information`, `organic_results` of `{position, title, link,
snippet}`, `top_ads`, `bottom_ads`, `related_questions`, `related_searches`, `pagination`. `position` may begin at 1 on each page.
"""

import json
from urllib.parse import urlencode

import config
import errors
import models
from clients.serp import scrapedo

PATH = "/plugin/google/search"


class ScrapeDoPlugin(scrapedo.ScrapeDo):
    """The plugin. Links are resolved and the account is probed as in `ScrapeDo`."""

    name = "scrapedo-plugin"
    page_credits = 10.0  # as seen in 2026-11

    def page(self, query: models.SerpQuery, *, start: int) -> models.SerpReply:
        """One page of 10 results from `start` (0, 10, 20 …), `format="json"`: the body is a JSON object.

        Raises as `ScrapeDo.page`, and NetworkError if a 200 has no JSON object.
        """
        scrapedo.google_url(query, start=start)  # refuses the same arguments
        asked = {
            "q": query.text,
            "hl": query.language,
            "gl": scrapedo.geo_code(query),
            "device": query.device,
            "start": str(start),
            **({"location": query.location} if query.location else {}),
        }
        answer = self.api.get(PATH, asked, timed=False)  # the plugin documents no `timeout`
        if not _is_object(answer.body):
            raise errors.NetworkError(f"{self.api.base_url}{PATH} answered something else than a JSON object")
        return scrapedo.reply(answer, f"{self.api.base_url}{PATH}?{urlencode(asked)}", "json")


def make(settings: config.Settings) -> ScrapeDoPlugin:
    """The provider of these settings. Raises ConfigError without SCRAPEDO_TOKEN."""
    return ScrapeDoPlugin(settings.scrapedo_url, scrapedo.token(settings, scrapedo.WITHOUT), timeout_s=settings.request_timeout)


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):  # deep nesting
        return False
