"""What is told of keywords beside their texts: written in chunks, safe to repeat."""

import pytest

from errors import NotFound
from state.tracking import details, keywords
from state.tracking.details import Details
from tests.state import project, tracked


def told(keyword_id: str) -> tuple[int | None, tuple[str, ...], str | None]:
    found = keywords.get(keyword_id)
    return found.volume, found.tags, found.target_url


def test_what_is_written_is_read_back_and_writing_it_again_changes_nothing() -> None:
    first, second = tracked(2)
    one = Details(10, ("a", "b c"), "https://example.com/=?a")
    assert details.write_many("p", {first: one, second: Details(tags=("x",))}) == details.Written(2, ())
    assert told(first) == (10, ("a", "b c"), "https://example.com/=?a") and told(second) == (None, ("x",), None)
    assert details.write_many("p", {first: one}) == details.Written(0, ())


def test_none_leaves_what_is_there_and_each_field_can_be_taken_away() -> None:
    [word] = tracked()
    details.write_many("p", {word: Details(0, ("a",), "/x")})
    assert told(word) == (0, ("a",), "/x")
    assert details.write_many("p", {word: Details()}).changed == 0 and told(word) == (0, ("a",), "/x")
    assert details.write_many("p", {word: Details(-1, (), "")}).changed == 1 and told(word) == (None, (), None)
    assert details.write_many("p", {word: Details(-1, (), "")}).changed == 0


def test_a_keyword_that_is_not_there_or_is_another_projects_is_named_and_not_made(store) -> None:  # type: ignore[no-untyped-def]
    [word] = tracked()
    project("q")
    assert details.write_many("p", {"nosuch": Details(1), word: Details(2)}) == details.Written(1, ("nosuch",))
    assert details.write_many("q", {word: Details(9)}) == details.Written(0, (word,)) and told(word)[0] == 2
    assert not store.exists("trawl:keyword:nosuch")
    with pytest.raises(NotFound):
        details.write_many("nope", {word: Details(1)})


def test_many_are_written_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(details, "CHUNK", 7)
    words = tracked(50)
    assert details.write_many("p", {word: Details(n) for n, word in enumerate(words)}).changed == 50
    assert [told(word)[0] for word in words] == list(range(50))
