"""Result pages in the markup of 2026, put together by a test from blocks."""

import html

HEAD = (
    '<!doctype html><html itemscope itemtype="http://schema.org/SearchResultsPage" lang="xx"><head><title>{title}</title></head>'
)
BODY = (
    '<body class="srp" id="gsr"><div id="searchform"><form id="tsf" action="/search">{box}</form></div>'
    '<div id="main"><div id="rcnt"><div id="center_col">{stats}<div id="taw">{taw}</div><div id="topstuff">{top}</div>'
    '<div id="res"><div id="search"><div id="rso">{rows}</div></div></div><div id="botstuff">{bottom}</div>'
    "</div></div></div></body></html>"
)


def result(url: str, title: str = "A title", shown: str | None = None) -> str:
    """One organic result with all its marks."""
    green = f"<cite>https://{shown or url.split('/')[2]}</cite>"
    return (
        f'<div class="MjjYud"><div class="Ww4FFb tF2Cxc"><div class="yuRUbf"><a jsname="UWckNb" href="{html.escape(url)}">'
        f'<h3 class="LC20lb">{title}</h3>{green}</a></div><div class="VwiC3b">Some words.</div></div></div>'
    )


def page(*rows: str, query: str = "qzxv", title: str | None = None, box: bool = True, **parts: str) -> str:
    """A whole page; `parts` are `stats`, `taw`, `top` and `bottom`."""
    typed = f'<textarea name="q">{html.escape(query)}</textarea>' if box else ""
    named = html.escape(f"{query} - Google Search" if title is None else title)
    places = {name: parts.get(name, "") for name in ("stats", "taw", "top", "bottom")}
    return HEAD.format(title=named) + BODY.format(box=typed, rows="".join(rows), **places)


def card(sentence: str, query: str = "qzxv", *, advice: str = "<ul><li>Lorem.</li><li>Ipsum.</li></ul>") -> str:
    """The card of "nothing found" (recorded in April 2026); `{}` stands for the query."""
    quoted = sentence.format(f"<span><em>{html.escape(query)}</em></span>")
    heading = f'<p aria-level="3" role="heading">{quoted}</p>'
    return f'<div><div class="mnr-c"><div class="JPMJ2c">{heading}<p>Dolor:</p>{advice}</div></div></div>'


def stats(text: str) -> str:
    """The line that claims how many results there are."""
    return f'<div id="result-stats">{text}<nobr>(0.25s)</nobr></div>'
