"""The Lua scripts as files: they compile, say what they are for, and survive a server that forgot them."""

from typing import Any

import pytest

from state import scripts
from tests.state import tick, tracked


@pytest.mark.parametrize("verb", scripts.verbs())
def test_a_script_begins_with_its_purpose_keys_and_reply(verb: str) -> None:
    head = (scripts.LUA / f"{verb}.lua").read_text().partition("\nlocal")[0]
    assert head.startswith("-- ") and "KEYS[1]" in head and "Returns" in head


@pytest.mark.real_redis
def test_every_script_compiles_on_a_real_server() -> None:
    assert scripts.check() == []


@pytest.mark.real_redis
def test_a_script_that_does_not_compile_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "prelude.lua").write_text("")
    (tmp_path / "broken.lua").write_text("return (")
    monkeypatch.setattr(scripts, "LUA", tmp_path)
    scripts.source.cache_clear()
    try:
        [problem] = scripts.check()
    finally:
        scripts.source.cache_clear()
    assert problem.startswith("state/lua/broken.lua: ")


def test_a_server_that_forgot_the_scripts_gets_them_again(store: Any) -> None:
    tracked(3)
    assert tick(1).total == 1
    store.script_flush()
    assert tick(2).total == 2
