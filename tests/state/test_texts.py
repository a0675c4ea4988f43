"""Keywords by their text: what was typed is stored; what an older version stored keeps its id and history."""

import base64
import hashlib
from typing import Any

import pytest

from parsing import slugs
from state.store import connection, keys
from state.tracking import keywords, texts
from tests.state import audit, due_in, project, ranked, scraped

P = "p"


def stored_before(folded: str, project_id: str = P) -> str:
    """A keyword as versions before 2026-12 stored it; returns its id."""
    digest = hashlib.blake2b(f"{project_id}\0{folded}".encode(), digest_size=8).digest()
    word = base64.b32encode(digest).decode()[:12].lower()
    redis = connection.client()
    redis.hset(keys.keyword(word), mapping={"p": project_id, "t": folded})
    redis.zadd(keys.due(project_id), {word: 0})
    redis.zadd(keys.WAITING, {project_id: 0})
    return word


def texts_of(project_id: str = P) -> set[str]:
    return {keyword.text for keyword in keywords.in_project(project_id)}


@pytest.fixture(autouse=True)
def a_project() -> None:
    project()


def test_the_text_is_stored_as_typed_and_added_once() -> None:
    assert keywords.add_many(P, ["Fußball Trikot", "cat OR dog", "fußball  trikot", "FUSSBALL trikot", "cat or dog"]) == (4, 1)
    assert texts_of() == {"Fußball Trikot", "cat OR dog", "FUSSBALL trikot", "cat or dog"}
    assert keywords.add_many(P, ["FUẞBALL TRIKOT", "Cat OR Dog", "CAT or dog"]) == (0, 3)
    assert texts_of() == {"Fußball Trikot", "cat OR dog", "FUSSBALL trikot", "cat or dog"}, "the first spelling stays"
    audit()


@pytest.mark.parametrize("order", [["in maßen", "in massen"], ["in massen", "in maßen"]])
def test_two_words_are_two_keywords_in_either_order(order: list[str]) -> None:
    assert [keywords.add_many(P, [text]) for text in order] == [(1, 0), (1, 0)]
    assert keywords.add_many(P, order) == (0, 2) and texts_of() == set(order)


@pytest.mark.parametrize(
    "typed", ["Fußball Trikot", "cat OR dog", "ξενοδοχεία Αθήνας", "Red Shoes", "m² Preis", "İstanbul", "ＡＢＣ１", "plain words"]
)
def test_a_keyword_of_an_older_version_keeps_its_id_and_gets_its_text_back(typed: str) -> None:
    word = stored_before(slugs.normalise(typed))
    scraped(word, rank=ranked(3))
    done = keywords.add_typed(P, [typed])

    assert (done.added, done.known) == (0, 1) and list(due_in(P)) == [word]
    assert keywords.get(word).text == typed and keywords.get(word).scraped_at
    assert done.respelled == (((slugs.normalise(typed), typed),) if typed != slugs.normalise(typed) else ())
    assert keywords.add_typed(P, [typed]) == texts.Added(0, 1), "said once"
    audit()


def test_an_older_keyword_stands_for_one_word_and_the_other_is_added_beside_it() -> None:
    word = stored_before("fussball trikot")
    assert keywords.add_many(P, ["Fußball Trikot", "Fussball Trikot", "fußball trikot", "FUSSBALL TRIKOT"]) == (1, 3)
    assert texts_of() == {"Fußball Trikot", "Fussball Trikot"} and keywords.get(word).text == "Fußball Trikot"
    found = texts.find(P, ["FUẞBALL trikot", "fussball trikot"])
    assert found[0] == (word, "Fußball Trikot") and found[1] and found[1][0] != word and found[1][1] == "Fussball Trikot"


def test_an_older_keyword_that_was_meant_so_is_not_given_to_another_word() -> None:
    word = stored_before("fussball trikot")
    assert keywords.add_many(P, ["fussball trikot", "Fußball Trikot"]) == (1, 1)
    assert keywords.get(word).text == "fussball trikot" and texts_of() == {"fussball trikot", "Fußball Trikot"}


def test_a_keyword_beside_an_older_one_is_found_when_that_is_gone() -> None:
    word = stored_before("fussball")
    keywords.add_many(P, ["Fußball", "Fussball"])
    keywords.remove(P, [word])
    assert keywords.add_many(P, ["fussball"]) == (0, 1) and texts_of() == {"Fussball"}
    assert keywords.add_many(P, ["Fußball"]) == (1, 0)


def test_finding_and_adding_agree_on_every_pair_of_texts() -> None:
    stored_before("masse")
    typed = ["Maße", "Masse", "MASSE", "maße", "cat OR dog", "Cat Or Dog", "cat  OR dog", "m2", "m²"]
    for text in typed:
        before = texts.find(P, [text])[0]
        assert keywords.add_many(P, [text]) == ((0, 1) if before else (1, 0)), text
        after = texts.find(P, [text])[0]
        assert after and (before is None or after[0] == before[0]), text
    audit()


def test_respelling_sets_the_text_keeps_the_rest_and_names_what_is_not_there() -> None:
    word, plain = stored_before("fussball"), stored_before("red shoes")
    scraped(word, rank=ranked(3))
    keywords.add_many(P, ["m²"])
    changed, missing = texts.respell(P, ["Fußball", "red shoes", "M²", "m2", "none"])

    assert changed == [("fussball", "Fußball"), ("m²", "M²")] and missing == ["m2", "none"]
    assert texts_of() == {"Fußball", "red shoes", "M²"} and len(due_in(P)) == 3
    assert texts.respell(P, ["Fußball", "red shoes", "M²"]) == ([], []), "again it changes nothing"
    assert keywords.add_many(P, ["fussball"]) == (1, 0), "which word it is was said"
    assert keywords.get(plain).text == "red shoes" and keywords.get(word).scraped_at


def test_a_text_that_somebody_else_changed_meanwhile_is_left_alone(monkeypatch: pytest.MonkeyPatch, store: Any) -> None:
    word = stored_before("fussball")
    real = texts.find

    def changed_meanwhile(project_id: str, wanted: Any) -> Any:
        found = real(project_id, wanted)
        store.hset(keys.keyword(word), "t", "Fussball")
        return found

    monkeypatch.setattr(texts, "find", changed_meanwhile)
    assert texts.respell(P, ["Fußball"]) == ([], []) and keywords.get(word).text == "Fussball"
