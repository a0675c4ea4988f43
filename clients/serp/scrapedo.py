"""Google result pages as HTML, fetched by Scrape.do.

Asked with `render=true`, because Google answers a client without JavaScript with a gate and no results, whatever its address
(2026-11), and with `super=true`, because datacenter addresses meet the captcha and serve only 45 countries. By the price
list that is 25 credits a page; the plugin (`SERP_PROVIDER=scrapedo-plugin`) was seen at 10. Each reply says what it cost.
No `num`: Google has ignored it since 2025-09; a page is 10 results, `start` moves on.
"""

from urllib.parse import urlencode, urljoin, urlsplit

from pydantic import SecretStr

import config
import errors
import models
from clients.serp import api, uule

GOOGLE = "https://www.google.com"
PAGE_SIZE = 10
DEVICES = ("desktop", "mobile")
ASKED_PAGE = {"super": "true", "render": "true"}
ASKED_LINK = {"super": "true", "disableRedirection": "true"}
GEO_CODES = {"uk": "gb"}  # Google's gl where it is not the ISO code that geoCode takes
REMEDY = "Check the network of this machine and status.scrape.do; the check is tried again"


class ScrapeDo:
    """Pages of google.com by Scrape.do. Safe for any number of threads."""

    name = "scrapedo"
    is_sandbox = False

    def __init__(self, base_url: str, token: SecretStr, *, timeout_s: float) -> None:
        self.api = api.Api(base_url, token, timeout_s=timeout_s, remedy=self._remedy(), direct=self.is_sandbox)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} {self.api.base_url}>"

    def page(self, query: models.SerpQuery, *, start: int) -> models.SerpReply:
        """One page of 10 results from `start` (0, 10, 20 …) as HTML; a captcha, gate or consent page is a reply too.

        Raises ArgumentError, BadToken, OutOfCredits, ProviderBusy, NetworkError or DataError. Costs credits each time.
        """
        url = google_url(query, start=start)
        asked = {"url": url, "geoCode": geo_code(query), "device": query.device, **ASKED_PAGE}
        return reply(self.api.get("/", asked), url, "html")

    def resolve(self, goto_url: str) -> str | None:
        """Where an opaque link of a result page leads, without going there; None where Google does not tell. Costs credits.

        Google answers 30x, and was seen to answer 402, with a `Location` (2026-11). Raises as `page` does.
        """
        link = urljoin(GOOGLE, goto_url)
        if urlsplit(link).path != "/goto":
            raise errors.ArgumentError(f"{goto_url[:100]!r} is no /goto link of a Google page")
        answer = self.api.get("/", {"url": link, **ASKED_LINK})
        target = answer.headers.get("Scrape.do-Target-Redirected-Location") or answer.headers.get("Location")
        return target if target and urlsplit(target).scheme in ("http", "https") else None

    def probe(self) -> api.ProviderHealth:
        """State of the account; free. Raises as `page` does."""
        return self.api.health()

    def _remedy(self) -> str:
        return REMEDY


def make(settings: config.Settings) -> ScrapeDo:
    """The provider of these settings. Raises ConfigError without SCRAPEDO_TOKEN."""
    return ScrapeDo(settings.scrapedo_url, token(settings), timeout_s=settings.request_timeout)


def token(settings: config.Settings) -> SecretStr:
    """SCRAPEDO_TOKEN, or a ConfigError that says where to get one and what works without."""
    if settings.scrapedo_token is None or not settings.scrapedo_token.get_secret_value().strip():
        raise errors.ConfigError(
            "SCRAPEDO_TOKEN is not set: copy it from dashboard.scrape.do into .env, "
            "or set SERP_PROVIDER=sandbox, which needs none and invents its results"
        )
    return settings.scrapedo_token


def google_url(query: models.SerpQuery, *, start: int) -> str:
    """The address of one result page. The + of `uule` is Google's own and is not escaped: it is so in the addresses it makes.

    >>> google_url(models.SerpQuery("c++ & c#", country="de", language="de"), start=10)
    'https://www.google.com/search?q=c%2B%2B+%26+c%23&hl=de&gl=de&start=10'
    """
    if start < 0 or start % PAGE_SIZE:
        raise errors.ArgumentError(f"start={start}: a page begins at 0, 10, 20 …")
    if query.device not in DEVICES:
        raise errors.ArgumentError(f"device={query.device!r}: use one of {', '.join(DEVICES)}")
    url = f"{GOOGLE}/search?" + urlencode({"q": query.text, "hl": query.language, "gl": query.country, "start": start})
    return f"{url}&uule={uule.encode(query.location)}" if query.location else url


def geo_code(query: models.SerpQuery) -> str:
    """The country the request leaves from, ISO 3166 in lower case."""
    country = query.country.lower()
    return GEO_CODES.get(country, country)


def reply(answer: api.Answer, url: str, form: str) -> models.SerpReply:
    """An answer as what all providers return; `url` without any token."""
    return models.SerpReply(
        body=answer.body,
        format=form,
        url=url,
        cost=answer.number("Scrape.do-Request-Cost"),
        remaining=answer.number("Scrape.do-Remaining-Credits"),
        elapsed_ms=answer.elapsed_ms,
        request_id=answer.headers.get("Scrape.do-Request-Id"),
    )
