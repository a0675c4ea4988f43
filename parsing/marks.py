"""Marks of one impression or click in an address. They name a visit, not a page. Nothing here raises.

Google gives the result of a shop a new `srsltid` for each impression. With such a mark the same page looks new every day. `utm_…`
stays: it names a campaign and is the same each day, and some sites serve another page for it.
"""

import re
from urllib.parse import unquote_plus

# Names with a new value for each impression, click or visitor. They are in most public lists: Brave, Firefox's query stripping,
# ClearURLs, MPC's registry of tracking parameters (read 2026-11).
NAMES = frozenset(
    (
        "srsltid",
        "gclid",
        "gclsrc",
        "dclid",
        "gbraid",
        "wbraid",
        "gad_source",
        "gad_campaignid",
        "_ga",
        "_gl",
        "_gac",
        "_gcl_au",  # Google
        "fbclid",
        "fb_action_ids",
        "fb_action_types",
        "igshid",
        "igsh",  # Meta
        "msclkid",
        "cvid",
        "oicd",  # Microsoft
        "twclid",
        "ttclid",
        "li_fat_id",
        "epik",
        "rdt_cid",
        "sccid",
        "scclid",  # X, TikTok, LinkedIn, Pinterest, Reddit, Snapchat
        "yclid",
        "ysclid",
        "ymclid",
        "_openstat",
        "admitad_uid",  # Yandex and its neighbours
        "mc_eid",
        "_hsenc",
        "_hsmi",
        "__hssc",
        "__hstc",
        "__hsfp",
        "hsctatracking",
        "mkt_tok",
        "vero_id",
        "vero_conv",
        "__s",  # mailings
        "oly_enc_id",
        "oly_anon_id",
        "ml_subscriber",
        "ml_subscriber_hash",
        "_kx",
        "irclickid",
        "awclid",
        "rb_clickid",
        "wickedid",
        "dicbo",
        "tblci",
        "obclid",  # advertisers' networks
        "_branch_match_id",
        "_branch_referrer",
        "_bhlid",
        "ck_subscriber_id",
        "mibextid",
        "sfnsn",
        "s_kwcid",
        "_sid",
        "phpsessid",
        "jsessionid",  # shares, mailings and sessions
        "guce_referrer",
        "guce_referrer_sig",
    )
)
SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)  # in a path, with a new value for each visitor
ROUTE = re.compile(r"#[!/]")  # a fragment that an application reads as the path of a page
TEXT = ":~:"  # begins the part of a fragment that marks words on the page (`#:~:text=…`)


def without(url: str) -> str:
    """The address of a page without marks and without its fragment, unless the fragment is a path.

    >>> without("https://shop.example.com/p?size=4&srsltid=Af1#:~:text=Blue%20shoes")
    'https://shop.example.com/p?size=4'
    >>> without("https://example.com/?gclid=1"), without("https://example.com/#/docs")
    ('https://example.com/', 'https://example.com/#/docs')
    """
    address = identity(url)
    return address if ROUTE.search(address) else address.partition("#")[0]


def identity(url: str) -> str:
    """The part that all addresses of one result share: the address without marks and marked words.

    >>> identity("https://example.com/p?fbclid=x&b=%20#reviews:~:text=good")
    'https://example.com/p?b=%20#reviews'
    """
    page, _, fragment = url.partition("#")
    path, _, query = page.partition("?")
    kept = "&".join(part for part in query.split("&") if _name(part) not in NAMES)
    fragment = fragment.partition(TEXT)[0].removesuffix("#")
    path = SESSION.sub("", path) if ";" in path else path
    return path + (f"?{kept}" if kept else "") + (f"#{fragment}" if fragment else "")


def _name(part: str) -> str:
    return unquote_plus(part.partition("=")[0]).strip().lower()
