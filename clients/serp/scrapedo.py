"""Google result pages as HTML, fetched by Scrape.do.

Each request has these parameters (2026-11):

- `render=true`, because Google shows a client without JavaScript a gate and no results, whatever its address,
- `super=true`, because datacenter addresses meet the captcha, and serve only 45 countries,
- no `num`: Google has ignored it since 2025-09. A page is 10 results, and `start` moves on.

By the price list that is 25 credits a page. The plugin (`SERP_PROVIDER=scrapedo-plugin`) was seen at 10. Each reply names its
cost.
"""

from dataclasses import replace
from urllib.parse import urlencode, urljoin, urlsplit

from pydantic import SecretStr

import config
import errors
import models
from clients.serp import answers, api, uule
from clients.serp.content_type import charset_of

GOOGLE = "https://www.google.com"
PAGE_SIZE = 10
DEVICES = ("desktop", "mobile")
ASKED_PAGE = {"super": "true", "render": "true"}
ASKED_LINK = {"super": "true", "disableRedirection": "true"}
GEO_CODES = {"uk": "gb"}  # codes of Google's `gl` that are not the ISO code of `geoCode`
REMEDY = "Check the network of this machine and status.scrape.do; the check is tried again"


class ScrapeDo:
    """Pages of google.com by Scrape.do. Safe for any number of threads."""

    name = "scrapedo"
    is_sandbox = False
    page_credits = 25.0  # super and render, by the price list (2026-11)

    def __init__(self, base_url: str, token: SecretStr, *, timeout_s: float) -> None:
        self.api = api.Api(base_url, token, timeout_s=timeout_s, remedy=self._remedy(), direct=self.is_sandbox)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} {self.api.base_url}>"

    def page(self, query: models.SerpQuery, *, start: int) -> models.SerpReply:
        """One page of 10 results from `start` (0, 10, 20 …) as HTML. A captcha, gate or consent page is a reply too.

        Raises ArgumentError, BadToken, OutOfCredits, ProviderBusy, NetworkError or DataError. Costs credits each time.
        """
        url = google_url(query, start=start)
        asked = {"url": url, "geoCode": geo_code(query), "device": query.device, **ASKED_PAGE}
        return reply(self.api.get("/", asked), url, "html")

    def resolve(self, goto_url: str) -> str | None:
        """The target of an opaque link of a result page, without opening the target; None if Google does not say. Costs credits.

        Google answers 30x, and was seen to answer 402, with a `Location` (2026-11). Raises as `page` does.
        """
        link = urljoin(GOOGLE, goto_url)
        if urlsplit(link).path != "/goto":
            raise errors.ArgumentError(f"{goto_url[:100]!r} is no /goto link of a Google page")
        answer = self.api.get("/", {"url": link, **ASKED_LINK})
        target = answer.headers.get("Scrape.do-Target-Redirected-Location") or answer.headers.get("Location")
        return target if target and urlsplit(target).scheme in ("http", "https") else None

    def probe(self) -> api.ProviderHealth:
        """The state of the account; free. Raises as `page` does."""
        return replace(self.api.health(), page_credits=self.page_credits)

    def _remedy(self) -> str:
        return REMEDY


#: What checks ranks without a token.
WITHOUT = "set SERP_PROVIDER=sandbox, which needs none and invents its results"


def make(settings: config.Settings) -> ScrapeDo:
    """The provider of these settings. Raises ConfigError without SCRAPEDO_TOKEN."""
    return ScrapeDo(settings.scrapedo_url, token(settings, WITHOUT), timeout_s=settings.request_timeout)


def token(settings: config.Settings, without: str) -> SecretStr:
    """SCRAPEDO_TOKEN. Without it, raises ConfigError that says where to get a token, and what works `without`."""
    if settings.scrapedo_token is None or not settings.scrapedo_token.get_secret_value().strip():
        raise errors.ConfigError(f"SCRAPEDO_TOKEN is not set: copy it from dashboard.scrape.do into .env, or {without}")
    return settings.scrapedo_token


def google_url(query: models.SerpQuery, *, start: int) -> str:
    """The address of one result page. Google does not escape the + of `uule` in its own addresses, and neither do we.

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


def reply(answer: answers.Answer, url: str, form: str) -> models.SerpReply:
    """An answer in the form that all providers return. `url` holds no token."""
    return models.SerpReply(
        body=answer.body,
        format=form,
        url=url,
        cost=answer.number("Scrape.do-Request-Cost"),
        remaining=answer.number("Scrape.do-Remaining-Credits"),
        elapsed_ms=answer.elapsed_ms,
        request_id=answer.headers.get("Scrape.do-Request-Id"),
        charset=charset_of(answer.headers.get("Content-Type")),
    )
