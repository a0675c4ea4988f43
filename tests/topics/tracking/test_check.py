"""One check by itself: what is fetched, what ends it, and what it leaves in the store."""

import json
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime

import pydantic
import pytest

import errors
import models
from parsing import domains
from tests import fakes
from topics.tracking import check, records

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def one(answers: object, **project: object) -> tuple[check.Check, fakes.Provider, fakes.Store]:
    provider, store = fakes.Provider(answers), fakes.Store()  # type: ignore[arg-type]
    fields = {"id": "p", "domain": "example.com", "name": "p", "folder": "example.com", **project}
    keyword = models.Keyword("k", "p", "red shoes")
    made = check.Check(keyword, models.Project(**fields), check.Tools(provider, store), nullcontext, at=AT)  # type: ignore[arg-type]
    return made, provider, store


@pytest.mark.parametrize(("depth", "pages"), [(10, 1), (20, 2), (100, 10)])
def test_as_many_pages_are_fetched_as_the_depth_asks(depth: int, pages: int) -> None:
    made, provider, _ = one(lambda text, start: fakes.page_of_others(start), depth=depth)
    assert made.run().scanned == depth
    assert provider.asked == [("red shoes", 10 * number) for number in range(pages)]


def test_a_provider_is_asked_for_the_text_and_the_place_and_both_are_stored() -> None:
    made, provider, store = one(
        fakes.serp(fakes.others(10)), country="uk", language="es-419", location="Austin,Texas,United States"
    )
    made.keyword = models.Keyword("k", "p", "Fußball OR -Trikot")
    made.day = date(2026, 2, 28)
    rank = made.run()

    assert provider.queries == [models.SerpQuery("Fußball OR -Trikot", "uk", "es-419", "desktop", "Austin,Texas,United States")]
    [key] = [key for key in store.objects if key.endswith("2026-02-28.json")]
    stored = records.get(store, key)
    assert stored and (stored.keyword, stored.location) == ("Fußball OR -Trikot", "Austin,Texas,United States")
    assert rank.day == date(2026, 2, 28) and stored.checked_at == AT


def test_what_an_older_version_stored_has_no_place() -> None:
    made, _, store = one(fakes.serp(fakes.others(10)))
    made.run()
    [key] = [key for key in store.objects if key.endswith("03-01.json")]
    older = json.loads(store.objects[key])
    del older["location"]
    store.objects[key] = json.dumps(older).encode()
    found = records.get(store, key)
    assert found and found.location is None


def test_every_request_is_made_inside_a_slot() -> None:
    made, provider, _ = one(fakes.serp([("/goto?url=CAESours", "example.com")]))
    seen: list[str] = []

    class Slot:
        def __enter__(self) -> None:
            seen.append("in")

        def __exit__(self, *_: object) -> None:
            seen.append(f"out after {len(provider.asked) + len(provider.resolved)}")

    made.slot = Slot  # type: ignore[assignment]
    made.run()
    assert seen == ["in", "out after 1", "in", "out after 2"]


def test_a_link_that_cannot_be_resolved_for_a_moment_costs_only_its_certainty() -> None:
    made, provider, _ = one(fakes.serp([("/goto?url=CAESours", "example.com"), *fakes.others(2)]))
    provider.links["https://www.google.com/goto?url=CAESours"] = errors.NetworkError("timed out")
    rank = made.run()
    assert (rank.rank, rank.approximate, rank.url) == (1, True, None)


def test_a_refusal_during_resolving_ends_the_check() -> None:
    made, provider, _ = one(fakes.serp([("/goto?url=CAESours", "example.com")]))
    provider.links["https://www.google.com/goto?url=CAESours"] = errors.OutOfCredits("none")
    with pytest.raises(check.CheckFailed) as caught:
        made.run()
    assert isinstance(caught.value.error, errors.OutOfCredits) and caught.value.rank.state is models.RankState.UNKNOWN


def test_a_failure_before_any_page_stores_nothing() -> None:
    made, _, store = one(errors.NetworkError("timed out"))
    with pytest.raises(check.CheckFailed) as caught:
        made.run()
    assert caught.value.rank.reason == "network" and store.objects == {}


def test_a_path_target_is_not_matched_by_the_host_alone() -> None:
    made, _, _ = one(
        fakes.serp(["https://example.com/blog", ("/goto?url=CAESx", "example.com"), "https://example.com/docs/a"]),
        domain="example.com/docs",
    )
    assert made.run().rank == 3


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (errors.BlockedError("x", "consent"), "consent"),
        (errors.ParseFailure("x"), "parse_failure"),
        (errors.ProviderBusy("x"), "network"),
        (errors.OutOfCredits("x"), "budget"),
        (errors.BadToken("x"), "config"),
        (errors.DataError("x"), "data"),
        (errors.StoreUnreachable("x"), "system"),
    ],
)
def test_the_reason_of_an_unknown_is_its_page_class_or_category(error: errors.TrawlError, reason: str) -> None:
    assert check.reason_of(error) == reason


def test_the_schema_takes_no_rank_that_is_a_guess() -> None:
    for state, rank in (
        (models.RankState.UNKNOWN, 3),
        (models.RankState.NOT_FOUND, 1),
        (models.RankState.RANKED, None),
        (models.RankState.RANKED, 0),
    ):
        with pytest.raises(pydantic.ValidationError):
            records.StoredRank(state=state, rank=rank, url=None, title=None, scanned=10, approximate=False, reason=None)


def test_organic_results_of_all_pages_are_told_in_rank_order() -> None:
    result = models.Organic(2, "https://example.com/", None, "T", "example.com")
    page = models.SerpPage(models.PageClass.RESULTS, (models.Organic(1, None, "g", "U", "x.test"), result))
    rows = records.organic_of([(0, page), (10, page)], domains.parse_target("example.com"))
    assert [(row.rank, row.ours) for row in rows] == [(1, False), (2, True), (11, False), (12, True)]


def test_tools_are_made_once_and_a_missing_token_is_named(settings: object) -> None:
    import config

    assert check.tools() is check.tools() and check.tools().provider.is_sandbox
    check.tools.cache_clear()
    with (
        config.overridden(serp_provider="scrapedo", scrapedo_token=None),
        pytest.raises(errors.ConfigError, match="SCRAPEDO_TOKEN"),
    ):
        check.tools()


def test_a_charset_that_only_the_header_names_is_used_and_kept_for_a_reparse(monkeypatch: pytest.MonkeyPatch) -> None:
    made, provider, store = one(fakes.serp(["https://www.example.com/p"]).replace(b"Title 1", "Café crème".encode("latin-1")))
    real = provider.page
    monkeypatch.setattr(provider, "page", lambda query, *, start: replace(real(query, start=start), charset="iso-8859-1"))
    rank = made.run()

    assert rank.title == "Café crème"
    [key] = [key for key in store.objects if key.endswith("03-01.json")]
    kept = records.get(store, key)
    assert kept and kept.pages[0].charset == "iso-8859-1"
