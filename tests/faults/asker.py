"""A process that asks a language model once, and dies by SIGKILL: `python -m tests.faults.asker REDIS MODEL WHEN`.

WHEN: `before` the request is sent, `during` it (whoever started it kills it), `after` the answer, before it is settled; `never`.
"""

import os
import signal
import sys
from decimal import Decimal
from typing import Any

import config
from clients.llm import client
from state.store import connection
from topics import llm


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, model: str, when: str) -> None:
    connection.use(connection.connect(url))
    asks = client.Client.ask

    def dies_after(*args: Any) -> Any:
        asks(*args)
        die()

    if when == "after":
        client.Client.ask = dies_after  # type: ignore[method-assign]
    if when == "before":
        from topics.budgets import Held

        Held.ask = die  # type: ignore[method-assign]
    price = {"llm_price_input": Decimal(3), "llm_price_output": Decimal(15)}
    with config.overridden(llm_api="openai", llm_base_url=model, llm_model="a-model", **price):
        llm.ask(llm.Request((llm.Message("user", "Hello"),), max_tokens=100), purpose="test", scopes=("project:a",))


if __name__ == "__main__":
    main(*sys.argv[1:])
