"""What a check saw is stored with its rank, whatever the page names as domains; a reparse stores it anew."""

import contextlib
from dataclasses import replace

import pytest

import clock
import errors
from jobs import serp
from state.tracking import serp_summaries
from tests import fakes
from tests.state import NOON, TODAY, tracked
from topics.tracking import check, reparse


def checked(monkeypatch: pytest.MonkeyPatch, *pages: object, **project: object) -> tuple[str, fakes.Store]:
    [word] = tracked(**{"depth": 10 * len(pages), **project})
    _, store = fakes.use(monkeypatch, lambda text, start: pages[start // 10])
    with clock.frozen(NOON), contextlib.suppress(errors.TrawlError):
        serp.track_keyword(word)
    return word, store


def seen(word: str) -> serp_summaries.Summary | None:
    [found] = serp_summaries.latest_of_many([word])
    return found


def test_a_check_stores_the_registrable_domains_and_our_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    results = [
        "https://www.shop.co.uk/a",
        "https://de.wikipedia.org/x",
        "https://example.com/p?srsltid=A#:~:text=b",
        "http://127.0.0.1/",
    ]
    word, _ = checked(monkeypatch, fakes.serp([*results, "https://sub.example.com/q"]))
    assert seen(word) == serp_summaries.Summary(
        TODAY,
        (("shop.co.uk", 1), ("wikipedia.org", 2), ("example.com", 3), ("127.0.0.1", 4), ("example.com", 5)),
        frozenset({"general"}),
        (("https://example.com/p", 3), ("https://sub.example.com/q", 5)),
        scanned=5,
    )


def test_an_opaque_result_has_the_domain_that_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    word, _ = checked(monkeypatch, fakes.serp(["https://a.test/", ("/goto?url=x", "www.b.test"), "https://c.test/"]))
    found = seen(word)
    assert found and found.hosts == (("a.test", 1), ("b.test", 2), ("c.test", 3))


def test_20_results_are_kept_of_a_deep_scan_and_our_addresses_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [fakes.page_of_others(start) for start in (0, 10, 20)]
    word, _ = checked(monkeypatch, *pages, fakes.serp([*fakes.others(4, 30), "https://example.com/"]))
    found = seen(word)
    assert found and len(found.hosts) == 20 and found.ours == (("https://example.com/", 35),) and found.scanned == 35


def test_a_page_without_results_is_seen_too(monkeypatch: pytest.MonkeyPatch) -> None:
    word, _ = checked(monkeypatch, fakes.NO_RESULTS)
    found = seen(word)
    assert found and (found.hosts, found.scanned) == ((), 0)


@pytest.mark.parametrize("page", [fakes.CAPTCHA, fakes.STRANGE, errors.NetworkError("late")])
def test_a_failed_check_leaves_what_was_seen_before(monkeypatch: pytest.MonkeyPatch, page: object) -> None:
    word, _ = checked(monkeypatch, fakes.serp(["https://a.test/"]))
    before = seen(word)
    fakes.use(monkeypatch, page)  # type: ignore[arg-type]
    with clock.frozen(NOON.replace(day=3)), contextlib.suppress(errors.TrawlError):
        serp.track_keyword(word)
    assert before and seen(word) == before


def test_a_reparse_stores_it_anew_and_without_a_fetch(monkeypatch: pytest.MonkeyPatch) -> None:
    word, store = checked(monkeypatch, fakes.serp(["https://a.test/", "https://b.test/"]))
    read = check.read

    def other(*given: object) -> object:
        page = read(*given)  # type: ignore[arg-type]
        return replace(page, organic=page.organic[:1], features=frozenset({"videos"}))

    monkeypatch.setattr(check, "read", other)
    assert reparse.day(store, TODAY).read == 1
    found = seen(word)
    assert found and (found.hosts, found.features) == ((("a.test", 1),), {"videos"})
