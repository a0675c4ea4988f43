"""The power goes: what Redis had only written, and not fsynced, is gone. What that costs is what `appendfsync` says."""

import random
import signal
import sys
from pathlib import Path

import pytest

import clock
import models
from errors import StoreUnreachable
from tests.faults import harness, work
from tests.faults.callers import PRODUCERS, again_until_done, beside, ids_of, queued
from tests.local.real import until

pytestmark = [
    pytest.mark.real_redis,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets us see another program's fsyncs"),
]

SUBMITS = 1200

#: With `appendfsync everysec` so much may be lost: a second, and one more that Redis allows a slow disk.
LOST_S = 2.0


def test_power_cuts_under_appendfsync_always_lose_nothing_that_was_acknowledged(
    tmp_path: Path, store: object, dice: random.Random
) -> None:
    server, acked = harness.MainsServer("always"), list[models.Submission]()
    cuts = sorted(dice.uniform(0.1, 0.9) for _ in range(3))

    def produce(number: int) -> None:
        for turn in range(SUBMITS // PRODUCERS):
            again_until_done(models.Call(work.nap, (0.0,), dedup_key=f"nap:{number}-{turn}"), acked)

    def disturb() -> None:
        for share in cuts:
            until(lambda: len(acked) >= share * SUBMITS)  # noqa: B023 (called in this turn)
            server.cut()
            server.start()

    with harness.opened(tmp_path, server):
        beside(disturb, produce)
        ids = ids_of(acked)
        assert len(set(ids)) == SUBMITS and queued() == dict.fromkeys(ids, 1)
        harness.audit(ids).verify()


def test_a_power_cut_under_appendfsync_always_takes_back_no_outcome(tmp_path: Path, store: object) -> None:
    server = harness.MainsServer("always")
    with harness.opened(tmp_path, server) as scene:
        ids = harness.submit(work.nap, 0.02, times=200)
        scene.worker(2, 4)
        for done in (40, 90, 140):
            until(lambda: scene.ledger.count("end") >= done)  # noqa: B023 (called in this turn)
            server.cut()
            server.start()
        scene.settled(ids).verify()
        assert scene.ledger.runs() == dict.fromkeys(ids, 1), "what ended while the power was off is told once it is back"


def test_a_power_cut_under_appendfsync_everysec_loses_only_what_was_acknowledged_just_before(
    tmp_path: Path, store: object
) -> None:
    """That it loses something at all is what tells this cut from a kill -9."""
    server, acked = harness.MainsServer("everysec"), dict[str, float]()
    cut_at = []

    def produce(number: int) -> None:
        while not cut_at:
            try:
                [job] = harness.submit(work.nap, 0.0)
            except StoreUnreachable:
                return
            acked[job] = clock.monotonic()

    def stands_between_two_syncs() -> bool:
        synced, known = server.disk.syncs, len(acked)
        until(lambda: len(acked) > known + 20)
        server.send(signal.SIGSTOP)
        if server.disk.syncs == synced:
            return True
        server.send(signal.SIGCONT)
        return False

    def disturb() -> None:
        until(lambda: len(acked) > 200)
        before = server.disk.syncs
        until(lambda: server.disk.syncs > before and stands_between_two_syncs())
        cut_at.append(clock.monotonic())
        assert server.cut() > 0

    with harness.opened(tmp_path, server):
        beside(disturb, produce)
        server.start()
        found = harness.audit(acked)
        assert found.lost, "the cut was none"
        assert all(acked[job] > cut_at[0] - LOST_S for job in found.lost)
        kept = sorted(acked.keys() - set(found.lost))
        assert kept and set(kept) <= set(queued())
        harness.audit(kept).verify()
