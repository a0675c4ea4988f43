"""What a page names: e-mail addresses, telephone numbers, postal addresses, hours, prices, dates, profiles, the organisation.

By rules and structured data only; each entity says where it was found.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from parsing import date_text, emails, hrefs, names, node_text, opening_hours, phones, prices, structured, urls

MAX_TEXT_CHARS = 200_000
MAX_OF_A_KIND = 200
MAX_VALUE_CHARS = 500
ORGANIZATION = (
    "Organization", "Corporation", "LocalBusiness", "Store", "Restaurant", "Hotel", "NewsMediaOrganization", "OnlineStore", "NGO",
    "EducationalOrganization", "GovernmentOrganization", "ProfessionalService", "MedicalBusiness", "Dentist", "Physician",
    "LegalService", "FinancialService", "AutomotiveBusiness", "HomeAndConstructionBusiness", "SportsOrganization", "Brand",
)  # fmt: skip
ADDRESS = ("streetAddress", "postOfficeBoxNumber", "postalCode", "addressLocality", "addressRegion", "addressCountry")
#: Hosts of profiles, by the name of the network (2026-11); `?`, `share` and `intent` in the path are buttons.
NETWORKS = {
    "facebook.com": "facebook", "fb.com": "facebook", "instagram.com": "instagram", "twitter.com": "x", "x.com": "x",
    "linkedin.com": "linkedin", "youtube.com": "youtube", "tiktok.com": "tiktok", "pinterest.com": "pinterest",
    "github.com": "github", "xing.com": "xing", "vk.com": "vk", "t.me": "telegram", "wa.me": "whatsapp",
    "threads.net": "threads", "threads.com": "threads", "bsky.app": "bluesky", "medium.com": "medium",
    "vimeo.com": "vimeo", "yelp.com": "yelp", "tripadvisor.com": "tripadvisor", "soundcloud.com": "soundcloud",
    "snapchat.com": "snapchat", "reddit.com": "reddit", "discord.gg": "discord", "weibo.com": "weibo",
}  # fmt: skip
NO_PROFILE = (
    "/share", "/sharer", "/intent", "/home", "/search", "/hashtag", "/pin/create", "/submit", "/watch", "/embed",
    "/plugins", "/tr", "/dialog",
)  # fmt: skip


POSTS = ("p/", "reel/", "reels/", "tv/", "explore/", "stories/", "accounts/")


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing a page names."""

    kind: str  # email, phone, address, organization, hours, price, date, profile
    text: str  # as the page writes it
    value: str  # in one form: an envelope's address, E.164, ISO 8601, `12.50 EUR`, a web address; else the text
    source: str  # text, link, data (structured data) or tag


def of(tree: LexborHTMLParser, data: structured.Structured, url: str, language: str = "") -> list[Entity]:
    """The entities of a page at `url`, each value once, at most `MAX_OF_A_KIND` of a kind.

    `language` is what the page says (`en-GB`): it decides what 3/4/2020 is, and the country of telephone numbers.

    >>> page = LexborHTMLParser("<p>Mail info@example.com or call <a href='tel:+44 20 7946 0958'>us</a></p>")
    >>> [(one.kind, one.value) for one in of(page, structured.Structured(), "https://example.com/")]
    [('phone', '+442079460958'), ('email', 'info@example.com')]
    """
    body = tree.body
    text = node_text.lines(body, MAX_TEXT_CHARS) if body is not None else ""
    hidden = "\n".join(node.text()[:5_000] for node in tree.css("noscript")[:50])
    nodes = list(structured.nodes(data))
    regions = phones.regions_of(_country(nodes), urls.host_of(url) or "", language, text)
    found = [
        *_of_data(nodes, regions[0]),
        *_of_links(tree, url, regions[0]),
        *_of_tags(tree),
        *of_text(f"{text}\n{hidden}" if hidden else text, language, regions),
    ]
    return _once(found)


def of_text(text: str, language: str = "", regions: list[str] | None = None) -> list[Entity]:
    """The entities of a plain text. `regions` are the countries of telephone numbers without a country code."""
    text = text[:MAX_TEXT_CHARS]
    found = [Entity("email", *pair, "text") for pair in emails.find(text)]
    found += [
        Entity("phone", *pair, "text") for pair in phones.find(text, *(regions or phones.regions_of(None, "", language, text)))
    ]
    found += [Entity("hours", line, line, "text") for line in opening_hours.in_text(text)]
    found += [Entity("price", one.text, f"{one.amount} {one.currency}", "text") for one in prices.find(text)]
    for line in text.split("\n")[:5_000]:
        if any(char.isdecimal() for char in line):
            found += [Entity("date", _part(line, one), one.day.isoformat(), "text") for one in date_text.find(line, language)]
    return _once(found)


def _part(line: str, one: date_text.Found) -> str:
    return " ".join(line.split())[one.start : one.end].strip()


def _of_data(nodes: list[dict[str, Any]], region: str) -> Iterator[Entity]:
    for node in nodes:
        types = node.get("@type") or ()
        for value in _texts(node.get("email")):
            if address := emails.normal(value):
                yield Entity("email", value, address, "data")
        for key in ("telephone", "faxNumber"):
            for value in _texts(node.get(key)):
                if number := phones.normal(value.removeprefix("tel:"), region):
                    yield Entity("phone", value, number, "data")
        if "PostalAddress" in types or "streetAddress" in node:
            parts = [part for name in ADDRESS for part in _texts(_named(node.get(name)))[:2]]
            if line := ", ".join(" ".join(part.split()) for part in parts):
                yield Entity("address", line, line, "data")
        if not set(types).isdisjoint(ORGANIZATION):
            for name in _texts(node.get("name"))[:1]:
                yield Entity("organization", name, " ".join(name.split()), "data")
        for hours in opening_hours.in_data(node):
            yield Entity("hours", hours, hours, "data")
        yield from _offer(node)
        for address in _texts(node.get("sameAs")):
            if profile := _profile(address):
                yield Entity("profile", address, profile, "data")


def _offer(node: dict[str, Any]) -> Iterator[Entity]:
    """The price of an offer of schema.org, where `.` is the decimal mark."""
    for key in ("price", "lowPrice", "highPrice"):
        for written in (str(one) for one in _list(node.get(key)) if isinstance(one, str | int | float)):
            amount = prices.number(written.strip("$€£ "), "." if "," not in written else None)
            for currency in _texts(node.get("priceCurrency"))[:1]:
                if amount is not None and len(currency) == 3:
                    yield Entity("price", f"{written} {currency}", f"{amount} {currency.upper()}", "data")


def _of_links(tree: LexborHTMLParser, url: str, region: str) -> Iterator[Entity]:
    read = hrefs.resolver(hrefs.base_of(tree, url))
    for node in tree.css("a[href], [data-cfemail]")[:20_000]:
        attrs = node.attrs
        if code := attrs.get("data-cfemail"):
            if address := emails.decode_cloudflare(code):
                yield Entity("email", address, address, "link")
            continue
        href = (attrs.get("href") or "").strip()
        low = href[:60].lower()
        if low.startswith("mailto:"):
            for part in href[7:].partition("?")[0].split(",")[:20]:
                if address := emails.normal(part):
                    yield Entity("email", part.strip(), address, "link")
        elif low.startswith(("tel:", "callto:")):
            if number := phones.normal(href.partition(":")[2].replace("%20", " "), region):
                yield Entity("phone", href.partition(":")[2].strip(), number, "link")
        elif "/cdn-cgi/l/email-protection#" in href:
            if address := emails.decode_cloudflare(href.rpartition("#")[2]):
                yield Entity("email", address, address, "link")
        elif (absolute := read(href)) and (profile := _profile(absolute)):
            yield Entity("profile", href, profile, "link")


def _of_tags(tree: LexborHTMLParser) -> Iterator[Entity]:
    """`<address>` elements that hold a number, as a house and a postcode have: others only name an author."""
    for node in tree.css("address, .adr, .h-adr")[:100]:
        lines = [line for line in node_text.lines(node, 1_000).split("\n") if "@" not in line]
        text = ", ".join(line.strip(" ,") for line in lines if line.strip(" ,"))
        if 10 <= len(text) <= MAX_VALUE_CHARS and any(char.isdecimal() for char in text):
            yield Entity("address", text, text, "tag")


def _profile(url: str) -> str | None:
    found = profile(url)
    return found[1] if found else None


def profile(url: str) -> tuple[str, str] | None:
    """The network and the address of a profile, without parameters; None for another address and for the button to share a page.

    >>> profile("https://www.facebook.com/acme?ref=1"), profile("https://facebook.com/sharer.php?u=x")
    (('facebook', 'https://facebook.com/acme'), None)
    """
    host = (urls.host_of(url) or "").removeprefix("www.").removeprefix("m.")
    network = next((name for name in NETWORKS if host == name or host.endswith("." + name)), None)
    path = url.partition("//")[2].partition("/")[2].partition("?")[0].partition("#")[0].strip("/")
    is_post = NETWORKS.get(network or "") == "instagram" and path.lower().startswith(POSTS)
    if network is None or not path or f"/{path}".lower().startswith(NO_PROFILE) or len(path) > 200 or is_post:
        return None
    return NETWORKS[network], f"https://{host}/{path}"


def _country(nodes: list[dict[str, Any]]) -> str | None:
    """The country of the first postal address in structured data, as a code of two letters."""
    for node in nodes:
        for text in _texts(_named(node.get("addressCountry"))):
            code = text.strip().upper()
            return code if len(code) == 2 else (names.country_codes().get(names.folded(text)) or "").upper() or None
    return None


def _named(value: Any) -> Any:
    """The name of an object, the value itself where it is none."""
    return value.get("name") if isinstance(value, dict) else value


def _texts(value: Any) -> list[str]:
    return [one for one in _list(value)[:50] if isinstance(one, str) and one.strip()]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _once(found: list[Entity]) -> list[Entity]:
    """Each value of a kind once, in the order found, cut to `MAX_OF_A_KIND`."""
    kept: dict[tuple[str, str], Entity] = {}
    counts: dict[str, int] = {}
    for one in found:
        key = (one.kind, one.value.casefold())
        if key not in kept and counts.get(one.kind, 0) < MAX_OF_A_KIND:
            counts[one.kind] = counts.get(one.kind, 0) + 1
            kept[key] = Entity(one.kind, one.text[:MAX_VALUE_CHARS], one.value[:MAX_VALUE_CHARS], one.source)
    return list(kept.values())
