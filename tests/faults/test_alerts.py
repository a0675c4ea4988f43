"""Alerts while those who look and send are killed: each opening and each end reaches the target, and a double has the same id."""

import re
import subprocess
import sys

import pytest
from pydantic import SecretStr

import clock
import config
from state.alerts import incidents, outgoing
from state.store import connection
from tests.topics.webhooks.receiver import receiving
from topics.alerts import delivering

pytestmark = [pytest.mark.real_redis, pytest.mark.long]  # a dozen processes

#: Looks for what one key of the store says, and sends, until it is killed.
LOOKER = """
import sys, config
from pydantic import SecretStr
from state.alerts import incidents, messages
from state.alerts.incidents import Finding, Plan
from state.store import connection
from topics.alerts import delivering, telling
import secrets
connection.use(connection.connect(sys.argv[1]))
with config.overridden(alert_urls=SecretStr(sys.argv[2]), redis_url=sys.argv[1]):
    target = telling.targets()[0].id
    while True:
        wrong = connection.client().get("trawl:test:wrong")
        found = [Finding(f"k{n}", "queue", 1, f"Trouble {n}", "says", clear_s=0) for n in range(3)] if wrong == b"1" else []
        incidents.look(found, (), Plan(secrets.token_hex(5), (target,), most=1000))
        for one in messages.due():
            delivering.deliver(one)
"""

ROUNDS, PROCESSES = 12, 3


def test_no_alert_is_lost_and_a_double_has_the_same_id(real_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "HOLD_MS", 1000)
    with receiving() as receiver:
        url = f"ops=json://127.0.0.1:{receiver.server_port}"
        code = f"import state.alerts.messages as m; m.HOLD_MS = 1000\n{LOOKER}"
        running: list[subprocess.Popen[bytes]] = []

        def start() -> None:
            command = [sys.executable, "-c", code, real_server, url]
            running.append(subprocess.Popen(command, cwd=config.ROOT, stderr=subprocess.DEVNULL))

        try:
            for _ in range(PROCESSES):
                start()
            clock.wait(2)
            for number in range(ROUNDS):
                connection.client().set("trawl:test:wrong", str((number + 1) % 2), ex=600)
                until = clock.monotonic() + 10
                while len(incidents.events()) < 3 * (number + 1) and clock.monotonic() < until:
                    clock.wait(0.05)
                killed = running.pop(0)
                killed.kill()
                killed.wait()
                start()
        finally:
            for process in running:
                process.kill()
                process.wait()
        clock.wait(1.1)
        with config.overridden(alert_urls=SecretStr(url)):
            for target in outgoing.due():
                delivering.deliver(target)
        told = [one.json["message"] for one in receiver.received]
    ids = [re.findall(r"Message (\w+)", text)[0] for text in told]
    events = {
        (line, text_id)
        for text, text_id in zip(told, ids, strict=True)
        for line in re.findall(r"(?:Alert|Over): Trouble \d", text)
    }
    assert len(incidents.events()) == 3 * ROUNDS, "each is decided once"
    assert len(events) == 3 * ROUNDS, "and each reached the target, under one id"
    assert len(told) - len(set(ids)) <= ROUNDS, "at most one double a kill"
