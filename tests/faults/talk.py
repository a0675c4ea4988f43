"""Jobs that log and note something, and then end in many ways. Imported by worker programs beside `work`."""

import asyncio
import ctypes
import logging
import os
import signal

import clock
import queues
from tests.faults import work

log = logging.getLogger("test.talk")

SECRET = "xyz" + "789"


class Asked(ValueError):
    """A failure that may be tried again soon."""

    retry_after_s = 0.5


class Endless:
    """Its text never ends."""

    def __str__(self) -> str:
        while True:
            clock.wait(0.05)


class Raises:
    """Its text cannot be read."""

    def __str__(self) -> str:
        raise ValueError(SECRET)


def end(how: str) -> str:
    """Say three lines, and end in that way."""
    log.info("begins %s token=%s", how, "abc123")
    log.debug("not kept")
    queues.note("noted, password=geheim")
    log.warning("the last line")
    if how == "fail":
        raise Asked(f"failed as asked, token={SECRET}")
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "segfault":
        ctypes.string_at(0)
    if how == "hold":
        work.wait_for_the_test()
    if how == "chatter":
        for number in range(5000):
            log.info("line %d %s", number, "x" * 100)
    return how


@queues.job(retries=1)
def say(how: str) -> str:
    """In a thread."""
    with work.noted():
        return end(how)


@queues.job(retries=1)
async def say_on_loop(how: str) -> str:
    """On the event loop; a part of it in a thread that the loop gives it."""
    with work.noted():
        await asyncio.sleep(0.01)
        return await asyncio.to_thread(end, how)


@queues.job(retries=1, isolated=True)
def say_apart(how: str) -> str:
    """In a process of its own."""
    with work.noted():
        return end(how)


@queues.job(retries=0, timeout_s=work.TIMEOUT_S)
def log_endless() -> None:
    """Log something whose text never ends."""
    log.info("%s", Endless())


@queues.job(retries=0)
def log_raising() -> str:
    """Log something whose text raises."""
    log.info("%s", Raises())
    return "went on"
