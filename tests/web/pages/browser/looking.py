"""What is looked at on a page: axe, width, keyboard, text, scripts that ran. Each function returns what is wrong, in words."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from tests.web.pages.populated import PASSWORD, Populated

#: Pages that are no `…_page`.
OTHERS = ("/login", "/docs", "/account")

#: Places in the order of the tab key that are walked over on one page.
MOST_PLACES = 80

#: Tab keys that are pressed for them.
MOST_TABS = 2 * MOST_PLACES


@cache
def scripts() -> str:
    """axe and what we look at ourselves."""
    return "\n".join((Path(__file__).parent / name).read_text(encoding="utf-8") for name in ("axe.min.js", "looking.js"))


def rules(app: Flask) -> Iterator[Rule]:
    """Every page that is read: its name ends in `_page`, or in `_page_` and more."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.partition("_page")[1:2] == ("_page",) and "GET" in (rule.methods or ()) and "." not in rule.endpoint:
            yield rule


def addresses(app: Flask, filled: Populated) -> list[str]:
    """The addresses of all pages, with what stands for their arguments."""
    return sorted({*(filled.address(rule) for rule in rules(app)), *OTHERS})


def log_in(page: Any, address: str, name: str) -> None:
    """As a person does it."""
    page.goto(f"{address}/login")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/account")


def pause(page: Any) -> None:
    """Let no page of this tab show its live parts anew, as its button does."""
    page.goto(page.url.replace("/account", "/"))
    page.click("#live")
    assert page.inner_text("#live") == "Live: paused"


def is_page(page: Any, url: str) -> bool:
    """Whether there is HTML of ours at an address: no file, no stored page of another site."""
    with_headers = page.request.get(url, headers={"Accept": "text/html"}, max_redirects=0)
    kind, policy = with_headers.headers.get("content-type", ""), with_headers.headers.get("content-security-policy", "")
    return "text/html" in kind and "sandbox" not in policy and with_headers.status < 300


def asked(page: Any, what: str) -> Any:
    """What a function of looking.js returns."""
    if not page.evaluate("'looking' in window"):
        page.evaluate(scripts())
    return page.evaluate(f"looking.{what}()")


def all_that_is_wrong(page: Any) -> list[str]:
    """What axe finds, what is too wide, and which script ran where none may."""
    found = [f"axe {one}" for one in asked(page, "violations")]
    if (wide := asked(page, "wide")) is not None:
        found.append(f"wider than the window: {wide}")
    if ran := page.evaluate("window.ran || null"):
        found.append(f"a script of {ran} ran")
    found += [f"console: {text}" for text in page.wrong]
    page.wrong.clear()
    return found


def keyboard(page: Any) -> list[str]:
    """What the tab key does not reach, and where one does not see that one is."""
    wanted, reached, found, pressed = asked(page, "places")[:MOST_PLACES], set[str](), list[str](), 0
    known = {place for place, _ in wanted}
    while len(reached) < len(wanted) and pressed < MOST_TABS:
        for _ in range(len(wanted) - len(reached)):  # once more for what is left: a date is several places of the keyboard
            page.keyboard.press("Tab")
            pressed += 1
        for place, is_seen, shown in asked(page, "visited"):
            if place in known:
                reached.add(place)
                if not is_seen:
                    found.append(f"focus is not seen on {shown}")
    found += [f"the keyboard does not reach {shown}" for place, shown in wanted if place not in reached]
    return found[:5]
