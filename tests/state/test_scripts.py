"""The Lua scripts as files: they compile, say what they are for, and survive a server that forgot them."""

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest

from state.engine import jobs
from state.store import script_text, scripts
from tests.state import tick, tracked


@pytest.mark.parametrize("name", script_text.names())
def test_a_script_begins_with_its_purpose_keys_and_reply(name: str) -> None:
    head = "\n".join(itertools.takewhile(lambda line: line.startswith("--"), script_text.text_of(name).splitlines()))
    assert head.startswith("-- ") and "KEYS" in head and "Returns" in head


@pytest.mark.real_redis
def test_every_script_compiles_on_a_real_server() -> None:
    assert scripts.check() == []


@pytest.mark.real_redis
def test_a_script_that_does_not_compile_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    folder = tmp_path / "engine" / "lua"
    folder.mkdir(parents=True)
    (folder / "broken.lua").write_text("-- Breaks.\n-- KEYS\n--   nothing\nreturn (")
    monkeypatch.setattr(script_text, "STATE", tmp_path)
    script_text.source.cache_clear()
    try:
        [problem] = scripts.check()
    finally:
        script_text.source.cache_clear()
    assert problem.startswith("state/engine/lua/broken.lua: ")


@pytest.mark.parametrize(
    "moment",
    [
        "1970-01-01T00:00:00.000000Z",
        "1999-12-31T23:59:59.999000Z",
        "2000-02-29T12:00:00.001000Z",
        "2024-02-29T23:00:59.500000Z",
        "2026-03-01T00:00:00.000000Z",
        "2026-12-31T10:09:08.007000Z",
        "2100-02-28T01:02:03.004000Z",
        "2100-03-01T00:00:00.000000Z",
    ],
)
def test_a_script_writes_times_as_rq_does(store: Any, moment: str) -> None:
    at = datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    part = (script_text.STATE / "store" / "lua" / "parts" / "rq_time.lua").read_text()
    assert store.eval(part + "return rq_time(tonumber(ARGV[1]))", 0, round(at.timestamp() * 1000)).decode() == moment
    assert jobs.rq_time(at) == moment


def test_a_server_that_forgot_the_scripts_gets_them_again(store: Any) -> None:
    tracked(3)
    assert tick(1).total == 1
    store.script_flush()
    assert tick(2).total == 2
