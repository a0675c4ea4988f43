"""What is done on a rendered page before it is read: wait, click, write, press, scroll; and its picture.

{"type": "wait", "milliseconds": 500}   or   {"type": "wait", "selector": "#list"}
{"type": "click", "selector": "button.more", "all": false}
{"type": "write", "text": "oak"}                     into what has the focus; {"selector": …} gives it the focus first
{"type": "press", "key": "Enter"}
{"type": "scroll", "direction": "down", "selector": "#list"}    by one screen; without a selector the page
"""

from collections.abc import Mapping, Sequence
from typing import Any

import clock
from clients.fetch.messages import Onscreen
from errors import ArgumentError, DataError

Action = Mapping[str, Any]

#: Members of each action; those with `!` must be there.
MEMBERS = {
    "wait": ("milliseconds", "selector"),
    "click": ("selector!", "all"),
    "write": ("text!", "selector"),
    "press": ("key!",),
    "scroll": ("direction", "selector"),
}
DIRECTIONS = ("up", "down")
MOST_WAIT_MS, MOST_CHARS, MOST_CLICKS = 60_000, 5_000, 20

#: A picture of a longer page ends here (pixels): Chromium draws no more.
MOST_HEIGHT, QUALITY = 16_000, 80

#: The screen of a telephone, and that of a desk (pixels).
MOBILE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
DESK = {"viewport": {"width": 1280, "height": 800}}


def check(actions: Sequence[Action]) -> None:
    """Raises ArgumentError that names the first action that cannot be done."""
    for number, action in enumerate(actions, 1):
        kind = action.get("type") if isinstance(action, Mapping) else None
        if kind not in MEMBERS:
            raise ArgumentError(f"actions: number {number} is {str(kind)!r:.40}; there are {', '.join(MEMBERS)}")
        known = {name.rstrip("!") for name in MEMBERS[kind]}
        if unknown := set(action) - known - {"type"}:
            raise ArgumentError(
                f"actions: number {number} ({kind}) has no {min(unknown)!r:.40}; it takes {', '.join(sorted(known))}"
            )
        missing = [name for name in MEMBERS[kind] if name.endswith("!") and not action.get(name[:-1])]
        if missing:
            raise ArgumentError(f"actions: number {number} ({kind}) needs {missing[0][:-1]}")
        _check_values(number, action)


def _check_values(number: int, action: Action) -> None:
    for name in ("selector", "text", "key"):
        value = action.get(name, "")
        if not isinstance(value, str) or len(value) > MOST_CHARS:
            raise ArgumentError(f"actions: {name} of number {number} must be a text of up to {MOST_CHARS} characters")
    ms = action.get("milliseconds", 0)
    if isinstance(ms, bool) or not isinstance(ms, int | float) or not 0 <= ms <= MOST_WAIT_MS:
        raise ArgumentError(f"actions: milliseconds of number {number} must be from 0 to {MOST_WAIT_MS:,}")
    if action.get("direction", "down") not in DIRECTIONS:
        raise ArgumentError(f"actions: direction of number {number} must be up or down")


async def act(page: Any, screen: Onscreen, left_s: float) -> bytes:
    """Do what is asked for on a page within so many seconds, and take its picture; b"" where none is asked for."""
    begun = clock.monotonic()
    await run(page, screen.actions, left_s * 1000)
    left_s -= clock.monotonic() - begun
    if screen.wait_s:
        await page.wait_for_timeout(max(0.0, min(screen.wait_s, left_s)) * 1000)
    return await picture(page, full=screen.picture == "page") if screen.picture else b""


async def run(page: Any, actions: Sequence[Action], left_ms: float) -> None:
    """Do them, one after the other. Raises DataError where the page has not what an action names."""
    from playwright.async_api import Error

    for number, action in enumerate(actions, 1):
        try:
            await _do(page, action, max(1.0, left_ms))
        except Error as exc:
            said = str(exc).splitlines()[0][:200]
            raise DataError(f"actions: number {number} ({action['type']}) could not be done on the page: {said}") from None


async def _do(page: Any, action: Action, timeout_ms: float) -> None:
    kind, selector = action["type"], action.get("selector")
    if kind == "wait":
        if selector:
            await page.wait_for_selector(selector, timeout=timeout_ms)
        else:
            await page.wait_for_timeout(min(timeout_ms, action.get("milliseconds", 1_000)))
    elif kind == "click":
        for target in await _targets(page, selector, timeout_ms, every=bool(action.get("all"))):
            await target.click(timeout=timeout_ms)
    elif kind == "write":
        if selector:
            await page.focus(selector, timeout=timeout_ms)
        await page.keyboard.type(action["text"])
    elif kind == "press":
        await page.keyboard.press(action["key"])
    else:
        await _scroll(page, selector, 1 if action.get("direction", "down") == "down" else -1, timeout_ms)


async def _targets(page: Any, selector: Any, timeout_ms: float, *, every: bool) -> list[Any]:
    found = page.locator(selector)
    await found.first.wait_for(state="attached", timeout=timeout_ms)
    return list((await found.all())[:MOST_CLICKS]) if every else [found.first]


async def _scroll(page: Any, selector: str | None, sign: int, timeout_ms: float) -> None:
    if selector:
        await page.locator(selector).first.evaluate(
            "(node, sign) => node.scrollBy(0, sign * node.clientHeight)", sign, timeout=timeout_ms
        )
    else:
        await page.evaluate("(sign) => scrollBy(0, sign * innerHeight)", sign)


async def picture(page: Any, *, full: bool) -> bytes:
    """A JPEG of what is seen, or of the whole page as far as it can be drawn."""
    options: dict[str, Any] = {"type": "jpeg", "quality": QUALITY}
    if full:
        width, height = await page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        options |= {
            "full_page": True,
            "clip": {"x": 0, "y": 0, "width": max(1, width), "height": max(1, min(MOST_HEIGHT, height))},
        }
    return bytes(await page.screenshot(**options))
