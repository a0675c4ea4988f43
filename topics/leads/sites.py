"""The site of a company: its canonical address, and the registrable domain by which the company is known."""

import re
from urllib.parse import parse_qs

import errors
from parsing import company_names, domains, site_builders, urls, web_urls
from topics.leads import tables

#: A scheme as people write it: `http//`, `htttp://`, `ttp://`, and twice, `https://http://`.
SCHEME = re.compile(r"(?:(?:h?t{1,3}ps{0,2}|ttps?)(?::/{0,3}|//+)|//)+", re.IGNORECASE)

#: An address in a link of Markdown or HTML.
LINK = re.compile(r"""\]\((https?://[^)\s]+)\)|\bhref=["'](https?://[^"'\s]+)""", re.IGNORECASE)

#: Hosts that send on to what a parameter of their address names.
SENDS_ON = {
    **dict.fromkeys(("l.facebook.com", "lm.facebook.com", "l.instagram.com", "l.messenger.com"), "u"),
    **{"linkedin.com/redir": "url", "away.vk.com": "to", "t.umblr.com": "z", "slack-redir.net": "url"},
    **{"youtube.com/redirect": "q", "out.reddit.com": "url", "steamcommunity.com/linkfilter": "url"},
}

#: Ends of names that no registry sells (RFC 2606, 6761, 6762, 8375), and usual ones of networks of companies.
OWN_NETWORK = frozenset(
    {"localhost", "local", "internal", "intranet", "lan", "corp", "home", "arpa", "example", "test", "invalid", "onion"}
)


def canonical(text: str) -> str:
    """The address of a site as it is kept: its first page, or a whole address on a host that many share.

    What is written without a scheme is https. Raises DataError for what names no site.

    >>> canonical("HTTP://www.Example.com:80/about?x=1"), canonical("example.com"), canonical("facebook.com/acme/")
    ('http://www.example.com/', 'https://example.com/', 'https://facebook.com/acme/')
    """
    written = text.strip().strip("<>\"'").strip()
    if link := LINK.search(text):
        written = link[1] or link[2]
    written = _sent_on(written) or written
    if "/url?" in written and written.startswith(("/url?", "http")):  # how map scrapers keep a link of Google's
        written = urls.unwrap(written).url or written
    if "@" in written.partition("/")[0] or " " in written:
        raise errors.DataError(f"{text!r:.100} names no site: give example.com or https://example.com/.")
    match = SCHEME.match(written)
    told = match[0].lower() if match else ""
    scheme = "http://" if "t" in told and "s" not in told else "https://"
    parsed = web_urls.parse(scheme + written[len(told) :])
    is_name = "." in parsed.host or ":" in parsed.host or parsed.host == "localhost"
    is_other = re.fullmatch(r"[\d.]+", parsed.host) and parsed.host not in written  # `1.2.3` is no address
    if parsed.userinfo or not is_name or is_other or not _may_exist(parsed.host):
        raise errors.DataError(f"{text!r:.100} names no site: give example.com or https://example.com/.")
    return web_urls.canonical(parsed.href) if is_shared(parsed.href) else f"{parsed.origin.rstrip('.')}/"


def _may_exist(host: str) -> bool:
    """Whether a host ends in a domain that there is, is an address, or a name of one's own network."""
    last = host.rstrip(".").rpartition(".")[2]
    return last in OWN_NETWORK or last.isdigit() or ":" in host or domains.is_top_level(last)


def domain_of(site: str, name: str = "") -> str:
    """The registrable domain that a company is known by; "" where the site is none of its own.

    Many write `facebook.com` for the site of a pizzeria: so a host that many share is the site of a company of that name alone.

    >>> domain_of("https://shop.example.co.uk/"), domain_of("https://acme.github.io/"), domain_of("https://facebook.com/acme")
    ('example.co.uk', 'acme.github.io', '')
    >>> domain_of("https://acme.business.site/"), domain_of("https://www.acme.weebly.com/"), domain_of("https://www.weebly.com/")
    ('acme.business.site', 'acme.weebly.com', 'weebly.com')
    >>> domain_of("https://facebook.com/", "Doner Pizzeria"), domain_of("https://facebook.com/", "Facebook, Inc.")
    ('', 'facebook.com')
    """
    host = web_urls.parse(site).host
    if own := site_builders.own_part(host):
        return own
    domain = web_urls.site_of(host)
    if is_shared(site):
        return ""
    is_of_others = (
        name and tables.listed().kind_of(site) and domain.partition(".")[0] not in company_names.key(name).replace(" ", "")
    )
    return "" if is_of_others else domain


def _sent_on(text: str) -> str | None:
    """The address that a link of a network sends on to, which it puts before addresses of others; None for no such link."""
    bare = SCHEME.sub("", text, count=1).removeprefix("www.")
    name = next((name for host, name in SENDS_ON.items() if bare.lower().startswith(host)), None)
    found = parse_qs(bare.partition("?")[2]).get(name, [""])[0] if name else ""
    return found if "." in found else None


def is_shared(url: str) -> bool:
    """Whether an address is a page on a host that many share. The first page of such a host is the company's that runs it."""
    parsed = web_urls.parse(url)
    is_page = parsed.path.strip("/") != "" and site_builders.own_part(parsed.host) is None
    return is_page and tables.listed().kind_of(url) is not None


def read(value: object) -> str | None:
    """The canonical address in a value; None where it is none."""
    try:
        return canonical(value) if isinstance(value, str) else None
    except errors.DataError:
        return None


def host_of(value: str) -> str:
    """The host of a site as it is written anywhere; "" where it is none."""
    site = read(value)
    return web_urls.parse(site).host if site else ""
