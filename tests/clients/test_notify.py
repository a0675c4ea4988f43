"""What a library says of a target is told without any part of its address."""

from typing import Any

import pytest

from clients import notify
from clients.notify import Target

TARGET = Target("1", "ops", "slack://tokenA99/tokenB99/?to=#room,me@host.test&key=p%40ss")


@pytest.mark.parametrize(
    "said",
    [
        "could not send to slack://tokenA99/tokenB99/?to=#room,me@host.test&key=p%40ss",
        "POST https://hooks.test/services/tokenA99/tokenB99 failed",
        "key p%40ss refused by host.test",
        "key p@ss refused",
    ],
)
def test_no_part_of_an_address_is_told(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    class Plugin:
        notify_format = "text"

        def notify(self, **_: Any) -> bool:
            raise ValueError(said + "\n\x1b[31m")

    monkeypatch.setattr(notify, "_plugin", lambda _: Plugin())
    sent = notify.send(TARGET, "t", "b", 20)
    assert not sent.ok and "***" in sent.says and sent.says.isprintable()
    assert not any(part in sent.says for part in ("tokenA99", "tokenB99", "p%40ss", "p@ss", "host.test"))


def test_without_the_library_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(notify.importlib, "import_module", missing)
    assert "pip install -r requirements-alerts.txt" in notify.problem(TARGET)
    assert "pip install -r requirements-alerts.txt" in notify.send(TARGET, "t", "b", 5).says
