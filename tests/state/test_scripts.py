"""The Lua scripts as files: they compile, say what they are for, and survive a server that forgot them."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from state.engine import jobs
from state.store import constants, script_text, scripts
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


# --- the contract between a script and its declaration ---------------------------------------------------------------


Write = Callable[[str, str], None]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[Write]:
    """Writes scripts and parts of a room of their own."""
    monkeypatch.setattr(script_text, "STATE", tmp_path)
    (tmp_path / "room" / "lua" / "parts").mkdir(parents=True)

    def write(name: str, text: str) -> None:
        (tmp_path / "room" / "lua" / f"{name}.lua").write_text(text)

    for cached in (script_text.source, scripts.sha):
        cached.cache_clear()
    yield write
    for cached in (script_text.source, scripts.sha):
        cached.cache_clear()


SUM = """-- Adds numbers.
-- Uses room/adding
-- KEYS
--   total       where the sum is kept;
--               it counts on
-- ARGV
--   first
--   others...   what is added
-- Returns the sum.
return add(total, first, others_at)
"""
ADDING = """-- Uses room/deeper
-- Constants MOST_WAKEUPS
local function add(key, first, others_at)
  redis.call('INCRBY', key, first)
  for i = others_at, #ARGV do redis.call('INCRBY', key, ARGV[i]) end
  return {deeper(), redis.call('GET', key), MOST_WAKEUPS}
end
"""


def test_a_declared_script_gets_its_arguments_by_name_and_its_parts_in_order(
    written: Callable[[str, str], None], store: Any
) -> None:
    written("parts/deeper", "local function deeper() return 'deep' end")
    written("parts/adding", ADDING)
    written("sum", SUM)

    @scripts.script("room/sum")
    def add(*, total: str, first: int, others: Sequence[int]) -> list[Any]:
        raise scripts.InLua

    assert add(total="t", first=1, others=[2, 3]) == [b"deep", b"6", constants.MOST_WAKEUPS]
    assert add(total="t", first=1, others=[])[1] == b"7"
    both = scripts.run_together([add.call(total="t", first=0, others=[]), add.call(total="t", first=1, others=[1])])
    assert [reply[1] for reply in both] == [b"7", b"9"]
    store.delete("t")


CHOOSING = """-- Answers with a part, where it is asked to.
-- Uses room/adding
-- KEYS
--   total
-- ARGV
--   first
-- Returns what it was told.
local told = first
if first == 'yes' then
  -- Uses room/louder, room/deeper
  told = louder() .. MOST_WAKEUPS
end
local _, found = pcall(function() return louder end)
return {told, type(found) == 'function' and 'here' or 'not here', deeper()}
"""


def test_what_a_block_uses_stands_in_that_block_with_its_constants_and_nothing_twice(written: Write, store: Any) -> None:
    written("parts/deeper", "local function deeper() return 'deep' end")
    written("parts/louder", "-- Uses room/deeper\nlocal function louder() return deeper() .. ' and loud ' end")
    written("parts/adding", ADDING)
    written("choose", CHOOSING)

    @scripts.script("room/choose")
    def choose(*, total: str, first: str) -> list[Any]:
        raise scripts.InLua

    assert choose(total="t", first="no") == [b"no", b"not here", b"deep"], "outside its block there is no such function"
    assert choose(total="t", first="yes") == [b"deep and loud %d" % constants.MOST_WAKEUPS, b"not here", b"deep"]
    assert script_text.source("room/choose").count("local function deeper") == 1


def test_a_declaration_that_does_not_fit_the_header_is_refused_at_import(written: Write) -> None:
    written("sum", SUM)
    with pytest.raises(TypeError, match=r"sum\.lua takes total, first, others; it is declared with total, others, first"):

        @scripts.script("room/sum")
        def other_order(*, total: str, others: Sequence[int], first: int) -> None:
            raise scripts.InLua

    with pytest.raises(TypeError, match="keyword-only"):

        @scripts.script("room/sum")
        def by_place(total: str, first: int, others: Sequence[int]) -> None:
            raise scripts.InLua


def test_a_header_gives_the_names_and_not_the_lines_that_explain_them() -> None:
    header = script_text.header_of(SUM)
    assert (header.keys.all(), header.args.all(), header.args.rest) == (("total",), ("first", "others"), "others")
    assert script_text.header_of("-- Does nothing.\n-- Returns nothing.\n").all() == ()
