"""What moves on a page: live figures, filters as one types, charts; and what happens while the server or Redis is away."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import clock
from local import ports
from state.store import connection
from tests import patience
from tests.local.real import until
from tests.web import chromium
from tests.web.pages import populated
from tests.web.pages.browser import looking, trial
from tests.web.servers import redis_process
from topics.access import users


@pytest.fixture
def state() -> trial.State:
    return trial.State()


@pytest.fixture
def address(state: trial.State) -> Iterator[str]:
    with chromium.served(trial.app(state)) as found:
        yield f"{found}/trial"


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    with chromium.opened(browser) as opened:
        opened.goto(address)
        opened.wait_for_selector("#gaps canvas")
        yield opened
        assert opened.wrong == []


def shows(page: Any, count: int) -> None:
    page.wait_for_selector(f"#count:text-is('{count}')")


# --- live parts ---


def test_live_parts_follow_and_charts_in_them(page: Any, state: trial.State) -> None:
    state.count = 77
    shows(page, 77)
    page.wait_for_selector("td:text-is('text 3 of 77')")
    assert "77" in page.evaluate("document.querySelector('#moving .canvas').dataset.chart")
    assert page.evaluate("document.querySelectorAll('#moving canvas').length") == 1


def test_paused_is_paused_also_on_the_next_page_of_the_tab(page: Any, state: trial.State) -> None:
    page.click("#live")
    assert page.inner_text("#live") == "Live: paused"
    page.reload()
    assert page.inner_text("#live") == "Live: paused"
    asked = state.asked
    page.wait_for_timeout(2500)
    assert state.asked == asked
    state.count = 5
    page.click("#live")
    shows(page, 5)


def test_nothing_moves_in_a_hidden_tab(page: Any, state: trial.State) -> None:
    page.evaluate(
        "Object.defineProperty(document, 'visibilityState', { get: () => window.shown ?? 'hidden', configurable: true })"
    )
    page.wait_for_timeout(1200)
    asked = state.asked
    page.wait_for_timeout(2500)
    assert state.asked == asked
    state.count = 6
    page.evaluate("window.shown = 'visible'; document.dispatchEvent(new Event('visibilitychange'))")
    shows(page, 6)


@pytest.mark.parametrize("use", ["typing", "ticked", "folded", "marked", "focused", "hovering"])
def test_a_part_in_use_stays_and_the_others_follow(page: Any, state: trial.State, use: str) -> None:
    if use == "typing":
        page.fill("input[aria-label='Text 3']", "half a wor")
    elif use == "ticked":
        page.check("input[aria-label='Tick 3']")
        page.evaluate("document.activeElement.blur()")
        page.mouse.move(1, 1)
    elif use == "folded":
        page.click("#rows details summary >> nth=2")
        page.mouse.move(1, 1)
        page.evaluate("document.activeElement.blur()")
    elif use == "marked":
        page.evaluate("getSelection().selectAllChildren(document.querySelector('#rows tbody td'))")
    elif use == "focused":
        page.focus("#rows button >> nth=1")
    else:
        page.hover("#rows button >> nth=1")
    state.count = 8
    shows(page, 8)
    assert page.inner_text("#rows td >> nth=0") == "text 0 of 0"
    if use == "typing":
        assert page.input_value("input[aria-label='Text 3']") == "half a wor"
        page.fill("input[aria-label='Text 3']", "")
    elif use == "ticked":
        page.uncheck("input[aria-label='Tick 3']")
    page.evaluate("document.activeElement.blur(); getSelection().removeAllRanges()")
    page.evaluate("document.querySelectorAll('details[open]').forEach((one) => one.open = one.matches('.menu'))")
    page.mouse.move(1, 1)
    page.wait_for_selector("td:text-is('text 3 of 8')")


def test_focus_and_scroll_are_kept(page: Any, state: trial.State) -> None:
    page.focus("#rows .scroll")
    page.evaluate("window.scrollTo(0, 300)")
    state.count = 9
    page.wait_for_selector("td:text-is('text 3 of 9')")
    assert page.evaluate("[document.activeElement.className, window.scrollY]") == ["scroll", 300]


def test_an_error_keeps_the_old_figures_with_their_time_and_passes(page: Any, state: trial.State) -> None:
    page.route("**/trial", lambda route: route.abort())
    page.wait_for_selector("#banner:has-text('These figures are of')")
    assert page.inner_text("#count") == "0" and "does not answer" in page.inner_text("#banner")
    page.unroute("**/trial")
    state.count = 10
    shows(page, 10)
    page.wait_for_selector("#banner", state="hidden")
    page.wrong.clear()  # the browser tells of each request that failed


# --- filters ---


def test_filters_find_as_one_types_and_stand_in_the_address(page: Any, address: str) -> None:
    page.focus("#f-text")
    page.keyboard.type("text 12", delay=20)
    page.wait_for_url("**/trial?text=text+12")
    until(lambda: page.locator("#rows tbody tr").count() == 1)
    assert page.evaluate("document.activeElement.id") == "f-text" and page.input_value("#f-text") == "text 12"
    until(lambda: "text=text+12" in page.get_attribute("#rows .files a", "href"))
    page.go_back()
    until(lambda: page.locator("#rows tbody tr").count() == 40)
    page.goto(f"{address}?text=text+12")
    assert page.locator("#rows tbody tr").count() == 1


def test_a_wrong_filter_says_so_on_the_page(page: Any) -> None:
    page.evaluate("document.querySelector('#f-state').innerHTML = '<option value=off selected>Off</option>'")
    page.click("form.filters button")
    page.wait_for_selector("#banner:has-text('State is one of on')")
    assert page.locator("#rows tbody tr").count() == 40
    page.wrong.clear()  # the browser calls a 422 an error


def test_who_was_logged_out_is_led_to_the_login_and_live_parts_say_so(browser: Any, address: str) -> None:
    users.add("ada", "operator", populated.PASSWORD)
    with chromium.opened(browser) as page:
        looking.log_in(page, address.removesuffix("/trial"), "ada")
        page.goto(address)
        users.end_sessions("ada")
        page.wait_for_selector("#banner:has-text('You are logged out')")
        page.focus("#f-text")
        page.keyboard.type("text 12")
        page.wait_for_url("**/login?next=/trial")
        assert page.locator("#password").count() == 1


# --- charts ---


def test_a_gap_is_a_gap_on_the_canvas(page: Any) -> None:
    drawn = trial.drawn_columns(page, "gaps")
    assert any(drawn[2:11]) and not any(drawn[16:60]) and all(drawn[66:97])


def test_charts_are_drawn_anew_for_another_width_and_another_scheme(page: Any) -> None:
    page.set_viewport_size({"width": 500, "height": 800})
    until(lambda: page.evaluate("document.querySelector('#gaps canvas').clientWidth") < 500)
    assert any(trial.drawn_columns(page, "gaps"))
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(300)
    assert not any(trial.drawn_columns(page, "gaps"))  # in another colour


def test_without_scripts_the_chart_is_there(browser: Any, address: str) -> None:
    with chromium.opened(browser, java_script_enabled=False) as page:
        page.goto(address)
        assert page.is_visible("#gaps .plot path.line") and page.get_attribute("#gaps path.line", "d").count("M") == 2
        page.click("#gaps summary")
        assert "2026-03-03\t–" in page.inner_text("#gaps table")


# --- Redis away ---


def test_redis_stops_and_starts_again(browser: Any, state: trial.State, tmp_path: Path) -> None:
    port = ports.free_port()
    connection.use(connection.connect(f"redis://127.0.0.1:{port}/0", hurried=True))
    with chromium.served(trial.app(state)) as address, chromium.opened(browser) as page:
        with redis_process(tmp_path, port):
            page.goto(f"{address}/trial")
            shows(page, 0)
        page.wait_for_selector("#banner:has-text('These figures are of')")
        assert "Redis" in page.inner_text("#banner") and page.is_visible("#rows tbody tr")
        reply = page.reload()
        assert reply.status == 503 and "Figures of" in page.inner_text("#banner") and page.is_visible("#rows tbody tr")
        other = page.goto(f"{address}/trial?text=1")
        assert other.status == 503 and "Redis does not answer" in page.inner_text("h1")
        state.count = 11
        with redis_process(tmp_path, port):
            shows(page, 11)
            assert page.is_hidden("#banner") and until(lambda: page.url.endswith("?text=1"))


def test_a_redis_that_hangs_is_said_within_three_seconds(state: trial.State, tmp_path: Path) -> None:
    port = ports.free_port()
    connection.use(connection.connect(f"redis://127.0.0.1:{port}/0", hurried=True))
    with redis_process(tmp_path, port) as process:
        client = trial.app(state).test_client()
        assert client.get("/trial", headers={"Accept": "text/html"}).status_code == 200
        process.send_signal(signal.SIGSTOP)
        begun = clock.monotonic()
        reply = client.get("/trial", headers={"Accept": "text/html"})
        took_s = clock.monotonic() - begun
        process.send_signal(signal.SIGCONT)
    assert reply.status_code == 503 and "Figures of" in reply.text and took_s < patience.leeway(3)
