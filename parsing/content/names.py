"""What class names, ids and roles say about a part of a page: the words that web designers use for it."""

import functools
import re
from collections import defaultdict

#: A group of words with one meaning. A name of several words ("post-share_buttons") can belong to several groups.
GROUPS = {
    "comment": "comment comments disqus respond replies",
    "share": "share sharing social sharedaddy facebook twitter addthis follow",
    "related": (
        "related recommend recommended recommendations recommendation suggest suggested similar also more popular"
        " trending latest recent teaser teasers readmore most upsell upsells crosssell outbrain taboola carousel slider"
        " swiper discover next previous prev"
    ),
    "side": "sidebar side rail aside complementary secondary right left col2 sidenav",
    "nav": (
        "nav navbar navigation menu menus megamenu submenu dropdown topbar toolbar hamburger drawer offcanvas toc"
        " breadcrumb breadcrumbs crumb crumbs sitemap"
    ),
    "foot": "footer foot bottom colophon copyright legal disclaimer contentinfo",
    "head": "header masthead head top hero logo banner",
    "ad": ("ad ads advert advertisement advertising adsense adslot sponsor sponsored promo promotion promoted dfp gpt affiliate"),
    "cookie": "cookie cookies consent gdpr onetrust privacy cc notice alert message notification toast",
    "sign": (
        "newsletter subscribe subscription signup sign mailing paywall cta optin register join donate login account"
        " user profile cart wishlist basket minicart checkout membership"
    ),
    "popup": "popup modal overlay lightbox dialog tooltip popover flyout",
    "page": "pagination pager paging pages paginate loadmore",
    "tag": (
        "tag tags category categories topics topic keywords label labels badge badges chip filter filters facet facets"
        " sort refine refinement"
    ),
    "meta": (
        "meta byline author date time timestamp published posted postmeta credit credits bio avatar info kicker eyebrow"
        " dateline views votes vote score stats count"
    ),
    "widget": "widget widgets module block box panel card tile tout",
    "search": "search searchform searchbox form input field",
    "hidden": (
        "hidden hide sr screen visually visuallyhidden invisible offscreen noprint skip print a11y collapsed collapse fade"
    ),
    "caption": "caption captions figcaption gallery media image photo video img picture thumb thumbnail",
    "review": "review reviews rating ratings stars testimonial testimonials feedback",
    "tool": "tools tool action actions button buttons btn icon icons link links controls control tab tabs toggle",
    "price": (
        "price prices sku stock qty quantity shipping delivery variant variants swatch swatches addtocart buy purchase offer"
    ),
    "lang": "lang language languages locale country region currency",
    "article": (
        "article story entry hentry blog blogpost news articlebody storybody postbody postcontent permalink longform editorial"
    ),
    "content": (
        "content contents maincontent body text main primary page copy richtext rte wysiwyg prose markdown wpb"
        " elementor container inner"
    ),
    "post": "post posts topicpost reply answer question thread messagecontent bbwrapper postcell cooked forum discussion",
    "product": (
        "product products description desc details detail spec specs specification specifications features feature"
        " overview summary about faq accordion ingredients"
    ),
    "item": "item items list listing listings result results grid collection cards feed archive row",
    "title": "title headline heading subtitle subheading intro lead lede excerpt deck standfirst summary",
}
ROLES = frozenset(["navigation", "banner", "contentinfo", "complementary", "search", "dialog", "alert", "main", "article"])
NONE: frozenset[str] = frozenset()
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
MAX_LENGTH = 300  # of a class attribute; what comes later is not read

_groups_of: dict[str, list[str]] = defaultdict(list)
for _group, _words in GROUPS.items():
    for _word in _words.split():
        _groups_of[_word].append(_group)


def of(attributes: dict[str, str | None]) -> frozenset[str]:
    """The groups that an element's class, id, itemprop and role belong to.

    >>> sorted(of({"class": "post-share", "role": "main"}))
    ['post', 'role=main', 'share']
    """
    found = NONE
    for name in ("class", "id", "itemprop"):
        if name in attributes and (value := attributes[name]):
            found = found | groups(value[:MAX_LENGTH]) if found else groups(value[:MAX_LENGTH])
    if "role" in attributes and (role := attributes["role"]) in ROLES:
        return found | {f"role={role}"}
    return found


@functools.lru_cache(maxsize=20_000)
def groups(name: str) -> frozenset[str]:
    """The groups of one attribute's words.

    >>> groups("relatedPosts12") == {"related", "post"}
    True
    """
    return NONE.union(*map(_groups, name.split()))


@functools.lru_cache(maxsize=20_000)
def _groups(name: str) -> frozenset[str]:
    known = _groups_of
    return NONE.union(*[known[word] for word in map(str.lower, WORD.findall(name)) if word in known])
