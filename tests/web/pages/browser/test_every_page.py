"""Every page that the application has, found in its table of addresses, on a store that is hostile wherever a text can be."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI

from tests.web import chromium
from tests.web.pages import populated
from tests.web.pages.browser import looking
from tests.web.pages.populated import Populated

#: A figure may change between two looks at a page: it is looked at so often.
TRIES = 4


@pytest.fixture
def filled(store: Any, tmp_path: Path) -> Iterator[Populated]:
    yield populated.fill(store, tmp_path)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_pages_are_usable_by_all_fit_and_run_nothing(
    app: OpenAPI, address: str, browser: Any, filled: Populated, width: int, scheme: str
) -> None:
    wrong = {}
    with chromium.opened(browser, width, color_scheme=scheme) as page:
        looking.log_in(page, address, "admin")
        for path in looking.addresses(app, filled):
            if not looking.is_page(page, address + path):
                continue
            page.goto(address + path)
            page.wait_for_timeout(50)  # charts are drawn
            wrong[path] = looking.all_that_is_wrong(page)
    assert len(wrong) >= len(looking.OTHERS) + 1
    assert {path: found for path, found in wrong.items() if found} == {}


def test_every_page_answers(app: OpenAPI, address: str, browser: Any, filled: Populated) -> None:
    with chromium.opened(browser) as page:
        looking.log_in(page, address, "admin")
        answers = {path: page.request.get(address + path).status for path in looking.addresses(app, filled)}
    assert {path: status for path, status in answers.items() if status >= 400} == {}


def test_the_keyboard_reaches_everything_and_its_place_is_seen(
    app: OpenAPI, address: str, browser: Any, filled: Populated
) -> None:
    wrong = {}
    with chromium.opened(browser) as page:
        looking.log_in(page, address, "admin")
        looking.pause(page)  # a part that is shown anew on the way would have to be walked through again
        for path in looking.addresses(app, filled):
            if looking.is_page(page, address + path):
                page.goto(address + path)
                wrong[path] = looking.keyboard(page)
    assert wrong and {path: found for path, found in wrong.items() if found} == {}


def test_without_scripts_the_content_is_the_same(app: OpenAPI, address: str, browser: Any, filled: Populated) -> None:
    same = {}
    with chromium.opened(browser) as page:
        looking.log_in(page, address, "admin")
        session = page.context.storage_state()
        with chromium.opened(browser, java_script_enabled=False, storage_state=session) as bare:
            for path in looking.addresses(app, filled):
                if looking.is_page(page, address + path):
                    same[path] = any(text(page, address + path) == text(bare, address + path) for _ in range(TRIES))
    assert same and [path for path, is_same in same.items() if not is_same] == []


def text(page: Any, url: str) -> str:
    """What stands on a page."""
    page.goto(url)
    return str(looking.asked(page, "text"))


def test_a_viewer_sees_no_button_that_changes_something(app: OpenAPI, address: str, browser: Any, filled: Populated) -> None:
    own = ("/account", "/login")
    seen = {}
    with chromium.opened(browser) as page:
        looking.log_in(page, address, "viewer")
        for path in looking.addresses(app, filled):
            if looking.is_page(page, address + path) and not path.startswith(own):
                page.goto(address + path)
                seen[path] = looking.asked(page, "changing")
    assert seen and {path: found for path, found in seen.items() if found} == {}
