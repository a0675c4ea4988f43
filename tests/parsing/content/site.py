"""A page of an invented site, put together by a test from its main part."""

NAV = "".join(
    f'<li><a href="/{word}">{word.title()}</a></li>' for word in ("news", "sport", "culture", "travel", "shop", "about")
)
TEASERS = "".join(
    f'<div class="teaser"><a href="/t{n}"><h4>Other story number {n} with a long headline</h4></a></div>' for n in range(6)
)
FOOT = (
    '<footer class="site-footer"><ul><li><a href="/imprint">Imprint</a></li><li><a href="/privacy">Privacy policy</a></li></ul>'
    "<p>{foot}</p><p>© 2026 Example Media. All rights reserved.</p></footer>"
)
PAGE = (
    '<!doctype html><html lang="en"><head><title>{title}</title>{head}</head><body>'
    '<header class="masthead"><a href="/" class="logo">Example</a><nav><ul>' + NAV + "</ul></nav></header>"
    '<div class="cookie-banner" role="dialog"><p>We use cookies to make this site better for you.</p>'
    "<button>Accept all</button></div>"
    "{main}"
    '<aside class="sidebar"><h3>Most read</h3>'
    + TEASERS
    + '<form class="newsletter"><p>Subscribe to our newsletter today.</p></form>'
    "</aside>" + FOOT + "<script>var tracking = 'never shown';</script></body></html>"
)
PARAGRAPHS = (
    "The river rose by two metres during the night, and the town woke up to flooded streets and closed schools.",
    "Volunteers had carried sandbags until three in the morning, but the old mill could not be saved from the water.",
    "According to the mayor, the new dam held where it was finished, which was the case for about half of its length.",
    "Forecasts say that the rain will stop on Thursday; until then, the bridges stay closed for cars and lorries.",
)


def page(main: str, *, title: str = "Example", head: str = "", foot: str = "Follow us on all channels.") -> str:
    return PAGE.format(title=title, main=main, head=head, foot=foot)


def article(*inside: str, after: str = "") -> str:
    """An article of four paragraphs with `inside` between them, and `after` behind the article."""
    paragraphs = [f"<p>{text}</p>" for text in PARAGRAPHS]
    body = "".join([*paragraphs[:2], *inside, *paragraphs[2:]])
    return page(
        f'<main><article class="story"><h1>River floods the old town</h1><div class="article-body">{body}</div>'
        f'<div class="share-buttons"><a href="/fb">Share</a> <a href="/tw">Tweet</a></div></article>{after}</main>',
        title="River floods the old town - Example",
        head='<meta property="og:type" content="article">',
    )
