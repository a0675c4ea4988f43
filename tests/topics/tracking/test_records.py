"""Where a check is stored: one readable path a keyword, and the path of an older version's keyword stays."""

from datetime import date

import models
from state.store import connection, keys
from state.tracking import keywords
from tests.state import project
from tests.state.test_texts import stored_before
from topics.tracking import records

DAY = date(2026, 3, 2)


def path_of(keyword_id: str) -> str:
    keyword = keywords.get(keyword_id)
    return records.key_of(models.Project(keyword.project_id, "example.com", "", folder="example.com"), keyword, DAY)


def test_an_older_keyword_goes_on_under_its_name_and_no_other_gets_it() -> None:
    project()
    word = stored_before("fussball trikot")
    before = path_of(word)
    keywords.add_many("p", ["Fußball Trikot", "Fussball Trikot"])
    paths = [path_of(found) for found in keywords.ids_of("p")]

    assert path_of(word) == before == "example.com/fussball-trikot/2026-03-02.json"
    assert len(set(paths)) == 2 and connection.client().hget(keys.keyword(word), "t") == "Fußball Trikot".encode()


def test_keywords_of_one_folded_form_never_share_a_path() -> None:
    project()
    keywords.add_many("p", ["Maße", "Masse", "cat OR dog", "Cat or dog", "m²", "m2", "C++", "c"])
    paths = {path_of(found) for found in keywords.ids_of("p")}
    assert len(paths) == 8 and "example.com/masse/2026-03-02.json" in paths and "example.com/cat-or-dog/2026-03-02.json" in paths


def test_a_new_keyword_may_be_named_by_its_text() -> None:
    project()
    keywords.add_many("p", ["Maße"])
    [word] = keywords.ids_of("p")
    assert path_of(word) == records.key_of(models.Project("p", "", "", folder="example.com"), "maße", DAY)
