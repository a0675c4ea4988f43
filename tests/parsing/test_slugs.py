"""Object keys: readable, safe everywhere, and never shared by two keywords."""

import re
from datetime import date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import errors
import spelling
from parsing import slugs

DAY = date(2024, 1, 15)
NASTY = [
    "../../etc/passwd",
    "a/b",
    "a\\b",
    "\x00",
    "",
    ".",
    "..",
    "con",
    "NUL",
    "com1",
    "😀",
    "\u202e\u05d0\u05d1\u05d2",
    "x" * 10_000,
    "\ud800",
    "C:",
    "~",
    "%2e%2e",
]
TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=60) | st.text(alphabet="aAbB -_.+#éß", max_size=12)


def test_a_plain_keyword_is_its_own_slug() -> None:
    assert slugs.object_key("example.com", "python tutorial", DAY) == "example.com/python-tutorial/2024-01-15.json"


@pytest.mark.parametrize(
    ("one", "other"),
    [("C++", "C#"), ("t shirt", "t-shirt"), ("cafe", "café"), ("東京", "dong jing"), ("東京", "东京"), ("a_b", "a b"), ("", "x"),
     ("1,000", "1000"), ("\ud800", "\ud801"),
     ("x" * 200, "x" * 201), ("a.b", "ab"), ("pro&con", "pro con")],
)  # fmt: skip
def test_two_keywords_never_share_a_slug(one: str, other: str) -> None:
    assert slugs.keyword_slug(one) != slugs.keyword_slug(other)


@pytest.mark.parametrize(
    "text", ["Python  Tutorial", " python tutorial ", "PYTHON\tTUTORIAL", "ｐｙｔｈｏｎ tutorial", "py\u200bthon tutorial"]
)
def test_spellings_of_one_keyword_share_a_slug(text: str) -> None:
    assert slugs.keyword_slug(text) == "python-tutorial"


def test_sharp_s_is_folded_like_any_case() -> None:
    assert slugs.keyword_slug("Straße") == slugs.keyword_slug("STRASSE") == "strasse"


@given(TEXT, TEXT)
@example("x_7d64c5272e", "")
@example("C++", "c 2421123ec6")
def test_slugs_are_equal_only_where_the_normalised_texts_are(one: str, other: str) -> None:
    same = slugs.normalise(one) == slugs.normalise(other)

    assert (slugs.keyword_slug(one) == slugs.keyword_slug(other)) == same


@given(TEXT)
@example("con")
@example("\ud800")
def test_a_key_is_safe_and_stays_in_its_folder(text: str) -> None:
    key = slugs.object_key("example.com", text, DAY)

    folder, slug, name = key.split("/")
    assert (folder, name) == ("example.com", "2024-01-15.json")
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]*(_[0-9a-f]{10})?", slug)
    assert len(slug) <= slugs.MAX_SLUG_CHARS
    assert slug not in slugs.RESERVED


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_whatever_a_keyword_holds_its_key_is_safe(text: str) -> None:
    assert re.fullmatch(
        r"example\.com/[a-z0-9][a-z0-9-]*_[0-9a-f]{10}/2024-01-15\.json", slugs.object_key("example.com", text, DAY)
    )


@given(TEXT)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = slugs.normalise(text)

    assert slugs.normalise(once) == once


@pytest.mark.parametrize("folder", ["", "..", "a/../b", "/a", "a/", "A", "a b", "a\\b", "a.", "é"])
def test_an_unsafe_folder_is_refused_with_a_remedy(folder: str) -> None:
    with pytest.raises(errors.ArgumentError, match="folder_for"):
        slugs.object_key(folder, "x", DAY)


def test_an_unsafe_suffix_is_refused() -> None:
    with pytest.raises(errors.ArgumentError):
        slugs.object_key("a", "x", DAY, suffix="/../x")


def test_a_key_may_carry_another_suffix_and_a_datetime() -> None:
    assert slugs.object_key("a.com", "x", datetime(2024, 1, 15, 9, 30), suffix=".html.gz") == "a.com/x/2024-01-15.html.gz"


@given(TEXT)
def test_a_folder_made_of_any_text_is_accepted(text: str) -> None:
    assert slugs.object_key(slugs.folder_for(text), "x", DAY)


def test_folders_of_different_targets_differ() -> None:
    names = ["example.com", "*.example.com", "example.com/docs", "example-com", "con.example.com"]

    assert len({slugs.folder_for(name) for name in names}) == len(names)


@pytest.mark.parametrize(("one", "other"), [("in Maßen", "in Massen"), ("cat OR dog", "cat or dog"), ("m²", "m2")])
def test_two_keywords_with_one_folded_form_have_two_names(one: str, other: str) -> None:
    names = {slugs.typed_slug(text, besides=besides) for text in (one, other) for besides in (False, True)}
    assert len(names) == 4 and slugs.object_key("a.com", one, DAY) != slugs.object_key("a.com", other, DAY)


@given(TEXT, TEXT)
def test_names_are_equal_only_where_the_keys_are(one: str, other: str) -> None:
    assert (slugs.typed_slug(one) == slugs.typed_slug(other)) == (spelling.key(one) == spelling.key(other))


@given(TEXT)
def test_a_name_of_a_plain_keyword_is_what_it_always_was(text: str) -> None:
    plain = slugs.normalise(text)
    if spelling.key(plain) == plain:
        assert slugs.typed_slug(plain) == slugs.keyword_slug(plain)
