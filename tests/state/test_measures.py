"""What a server says of its memory and its log, whatever it refuses or how long it takes."""

from typing import Any

import pytest

import clock
from state.store import connection, measures, slow_commands
from topics.upkeep import optimizing
from topics.upkeep.reports import Draft

ON: dict[str, Any] = {"aof_enabled": 1, "aof_current_size": 9, "aof_last_bgrewrite_status": "ok"}
BUSY = ON | {"aof_rewrite_in_progress": 1}


class Server:
    """Answers INFO with the next of these, and BGREWRITEAOF as told."""

    def __init__(self, infos: list[dict[str, Any]], refuses: str = "") -> None:
        self.infos, self.refuses, self.asked = infos, refuses, 0

    def info(self, section: str) -> dict[str, Any]:
        return self.infos.pop(0) if len(self.infos) > 1 else self.infos[0]

    def execute_command(self, *words: str) -> None:
        self.asked += 1
        if self.refuses:
            raise connection.ResponseError(self.refuses)


OUTCOMES: dict[str, tuple[list[dict[str, Any]], str, int]] = {
    "off": ([{"aof_enabled": 0}], "", 0),
    "done": ([ON, BUSY, BUSY, ON | {"aof_current_size": 3}], "", 1),
    "failed": ([ON, BUSY, ON | {"aof_last_bgrewrite_status": "err"}], "", 1),
    "under way": ([BUSY], "", 1),
    "refused": ([ON], "NOPERM no permissions", 1),
}


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_rewrite_of_the_log_is_waited_for_and_told(monkeypatch: pytest.MonkeyPatch, outcome: str) -> None:
    infos, refuses, asked = OUTCOMES[outcome]
    waits: list[float] = []
    monkeypatch.setattr(clock, "wait", waits.append)
    monkeypatch.setattr(clock, "monotonic", lambda: float(sum(waits)))
    server = Server(list(infos), refuses)
    monkeypatch.setattr(connection, "client", lambda: server)
    found = measures.rewrite_log(5.0)
    assert (found.outcome, server.asked) == (outcome, asked) and found.says and sum(waits) <= 5.5
    if outcome == "done":
        assert (found.before, found.after) == (9, 3)
    if outcome == "refused":
        assert found.says == "BGREWRITEAOF: NOPERM no permissions"


def test_a_rewrite_that_was_under_way_is_no_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server([ON], "Background append only file rewriting already in progress")
    monkeypatch.setattr(connection, "client", lambda: server)
    assert measures.rewrite_log(1.0).outcome == "under way"


def test_a_server_that_does_not_tell_leaves_all_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        def info(self, section: str) -> None:
            raise connection.ResponseError("NOPERM")

    monkeypatch.setattr(connection, "client", Silent)
    assert measures.memory() == measures.Memory()


@pytest.mark.parametrize(("resident", "says"), [(3 << 30, True), (1 << 30, False), (None, False)])
def test_memory_that_lies_idle_is_worth_a_word(resident: int | None, says: bool) -> None:
    draft = Draft()
    optimizing._say_idle(draft, measures.Memory(used=1 << 30, resident=resident))
    assert bool(draft.lines) is says and (not says or "Redis holds 3 GiB of the machine for 1 GiB in use" in draft.lines[0])


@pytest.mark.real_redis
def test_a_real_server_tells_its_memory_its_log_and_what_was_slow(store: Any) -> None:
    found = measures.memory()
    assert found.used and found.resident and found.system and found.most == 4 << 30 and found.log is not None
    store.config_set("slowlog-log-slower-than", 0)
    store.execute_command("ECHO", "secret data " * 5)
    told = slow_commands.slow_log()
    store.config_set("slowlog-log-slower-than", 10_000)
    assert not told.refused and any(entry.command.startswith("ECHO") for entry in told.entries)
    assert all(len(entry.command) <= slow_commands.MOST_SHOWN for entry in told.entries)
