"""Share links: only so many, only as long as they may, and found by their token alone."""

from typing import Any

import pytest

from errors import ArgumentError, NotAllowed, NotFound
from state.access import share_links as stored
from topics.access import share_links


def add(project: str = "p", **options: Any) -> tuple[share_links.Share, str]:
    return share_links.add(project, "born", "ada", **options)


def test_a_token_opens_its_link_and_no_other_text_does() -> None:
    made, token = add(title="  a   title ", scope="keywords", days=1)
    assert share_links.opened(token) == made and made.title == "a title"
    for wrong in ("", token[:-1], token + "x", token.swapcase(), made.id, "é", "\x00"):
        assert share_links.opened(wrong) is None


def test_a_link_lives_a_month_unless_it_is_said() -> None:
    made, _ = add()
    assert round((made.ends_at - made.made_at).total_seconds()) == 30 * 86_400
    for days in (0, -1, 365.1, float("nan"), float("inf")):
        with pytest.raises(ArgumentError):
            add(days=days)


def test_a_project_has_only_so_many_and_revoking_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "MOST", 2)
    first, _ = add()
    add()
    with pytest.raises(NotAllowed):
        add()
    assert add("another")
    share_links.revoke("p", first.id)
    assert add() and len(share_links.of("p")) == 2


def test_links_of_another_project_are_not_revoked() -> None:
    made, token = add()
    for project, name in (("q", made.id), ("p", made.id[:-1]), ("p", ""), ("p", "*" * 16)):
        with pytest.raises(NotFound):
            share_links.revoke(project, name)
    assert share_links.opened(token)


def test_the_list_lives_as_long_as_its_last_link(store: Any) -> None:
    add(days=300)
    add(days=1)
    assert store.ttl("trawl:access:shares:p") > 299 * 86_400


def test_a_link_that_is_over_is_not_brought_back_by_a_look(store: Any) -> None:
    stored.note_use("gone", 1)
    assert not list(store.scan_iter("trawl:access:share:*"))


def test_two_who_make_the_same_link_make_one(store: Any) -> None:
    """redis-py sends a command again when its reply is late."""
    fields: dict[str, str | int] = {"project": "p", "made_s": 100, "ends_s": 200}
    assert stored.put("d", fields) and stored.put("d", fields)
    assert store.zcard("trawl:access:shares:p") == 1
