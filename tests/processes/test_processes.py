"""Child processes never outlive their parent."""

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import clock
from processes import children, descendants, forks, parent_death
from tests import patience
from tests.local import real

pytestmark = pytest.mark.real_redis  # real processes: once, beside the other tests on a real server

SLEEP = [sys.executable, "-c", "import time; time.sleep(300)"]

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(300)"

#: Takes its time to end.
SLOW = """
import pathlib, signal, sys, time
folder = pathlib.Path(sys.argv[1])
def end(*_):
    time.sleep(0.5)
    (folder / "ended").touch()
    sys.exit()
signal.signal(signal.SIGTERM, end)
(folder / "begun").touch()
time.sleep(300)
"""

#: A parent with a program, that program's own child (which ignores SIGTERM), and a fork of the parent.
FAMILY = """
import time
from pathlib import Path
from processes import children as processes

folder = Path({folder!r})
shell = processes.start(["/bin/sh", "-c", {inner!r} + " & echo $! > grandchild; wait"], name="shell", cwd=folder)
fork = processes.fork(lambda: time.sleep(300) or 0, name="fork")
(folder / "pids.new").write_text(f"{{shell.pid}} {{fork.pid}}")
(folder / "pids.new").rename(folder / "pids")
time.sleep(300)
"""


def test_nothing_survives_a_kill_9_of_the_parent(tmp_path: Path) -> None:
    deaf = tmp_path / "deaf.py"
    deaf.write_text(DEAF)
    code = FAMILY.format(folder=str(tmp_path), inner=f"{sys.executable} {deaf} > deaf.log")

    with real.program(code, tmp_path / "log", MARK=str(tmp_path)) as parent:
        real.until(lambda: (tmp_path / "pids").exists() and "deaf" in _text(tmp_path / "deaf.log"))
        pids = [int(word) for word in (_text(tmp_path / "pids") + " " + _text(tmp_path / "grandchild")).split()]
        assert len(pids) == 3 and all(real.lives(pid) for pid in pids)
        parent.kill()
        parent.wait()

    real.until(lambda: not any(real.lives(pid) for pid in pids))
    real.until(lambda: not real.left_over(str(tmp_path)))  # the watchdog too


def test_the_parent_may_lose_its_watchdog(tmp_path: Path) -> None:
    first = children.start(SLEEP, name="first")
    watchdog = children._group_killer._process
    assert watchdog is not None
    watchdog.kill()
    watchdog.wait()

    second = children.start(SLEEP, name="second")

    replaced = children._group_killer._process
    assert replaced is not None and replaced.pid != watchdog.pid and replaced.poll() is None
    children.stop([first, second], grace_s=10)


def test_a_polite_end_comes_before_a_hard_one() -> None:
    """The polite child ends by itself, the deaf one is killed after the grace."""
    polite = children.start(SLEEP, name="polite")
    deaf = children.start([sys.executable, "-c", DEAF], name="deaf", output=subprocess.PIPE)
    assert deaf.output is not None and deaf.output.readline() == b"deaf\n"

    children.stop([polite, deaf], grace_s=0.3)

    assert (polite.ending, deaf.ending) == ("was killed by SIGTERM", "was killed by SIGKILL")
    deaf.output.close()


def test_a_program_says_how_it_ended() -> None:
    child = children.start([sys.executable, "-c", "raise SystemExit(7)"], name="seven")

    assert child.ending == "still runs"
    real.until(lambda: child.poll() is not None)
    assert child.ending == "ended with exit code 7"


def test_a_program_that_is_not_there_ends_with_the_reason() -> None:
    child = children.start(["/no/such/program"], name="none", output=subprocess.PIPE)

    assert child.output is not None
    assert b"cannot start /no/such/program: No such file" in child.output.read()
    real.until(lambda: child.poll() is not None)
    child.output.close()


def test_what_a_dead_leader_leaves_in_its_group_is_ended(tmp_path: Path) -> None:
    child = children.start(["/bin/sh", "-c", "sleep 300 & echo $! > pid; wait"], name="leader", cwd=tmp_path)
    left = int(real.until(lambda: (tmp_path / "pid").exists() and _text(tmp_path / "pid").strip()))

    os.kill(child.pid, signal.SIGKILL)

    real.until(lambda: child.poll() is not None and not real.lives(left))


def test_the_programs_of_a_shell_have_their_grace_though_the_shell_ends_first(tmp_path: Path) -> None:
    slow = tmp_path / "slow.py"
    slow.write_text(SLOW)
    shell = children.start(["/bin/sh", "-c", f"{sys.executable} {slow} {tmp_path}; true"], name="shell")
    shell.ask_group = True
    real.until(lambda: (tmp_path / "begun").exists())

    children.stop([shell], patience.HANG_S)

    assert (tmp_path / "ended").exists() and shell.returncode == -signal.SIGTERM


def test_programs_of_a_shell_that_do_not_listen_are_killed(tmp_path: Path) -> None:
    deaf = tmp_path / "deaf.py"
    deaf.write_text(DEAF)
    shell = children.start(["/bin/sh", "-c", f"{sys.executable} {deaf} > {tmp_path}/log; true"], name="shell")
    shell.ask_group = True
    real.until(lambda: "deaf" in _text(tmp_path / "log"))

    children.stop([shell], 0.3)

    assert not descendants.group_runs(shell.pid)


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="this system tells of an end by reaping")
def test_killed_programs_of_a_shell_count_until_they_are_gone_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine the end of a killed process takes its time; where its disk hangs, it never comes."""
    now = clock.monotonic()
    monkeypatch.setattr(clock, "monotonic", lambda: now)
    monkeypatch.setattr(descendants, "group_runs", lambda group: True)
    shell = children.start(["/bin/sh", "-c", "sleep 300; true"], name="shell")
    shell.ask_group = True
    shell.send(signal.SIGTERM)
    shell.kill()
    ended = os.waitid(os.P_PID, shell.pid, os.WEXITED | os.WNOWAIT)

    assert ended and shell.poll() is None
    shell.kill()
    now += children.DYING_S + 0.1
    assert shell.poll() in (-signal.SIGTERM, -signal.SIGKILL)


@pytest.mark.skipif(not descendants.PROC.exists(), reason="needs /proc")
def test_a_process_whose_name_is_cut_within_a_letter_is_read_as_any_other() -> None:
    """The system keeps 15 bytes of a name, whatever they are."""
    code = "import ctypes, time; ctypes.CDLL(None).prctl(15, 'prüfungsdiensä'.encode()); print(flush=True); time.sleep(60)"
    named = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
    try:
        assert named.stdout and named.stdout.readline()
        assert descendants.group_runs(named.pid)
    finally:
        named.kill()
        named.communicate()


@pytest.mark.skipif(not descendants.PROC.exists(), reason="needs /proc")
def test_a_group_of_ended_processes_does_not_run(tmp_path: Path) -> None:
    zombie = subprocess.Popen(["true"], process_group=0)
    real.until(lambda: descendants._stat(descendants.PROC / str(zombie.pid))[:1] == ["Z"])

    assert parent_death.signal_group(zombie.pid, 0) and not descendants.group_runs(zombie.pid)

    zombie.wait()
    assert not descendants.group_runs(zombie.pid)


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="this system tells of an end by reaping")
def test_a_group_is_ended_before_its_leader_is_reaped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Afterwards the number may be another's, and the signal would end strangers."""
    seen: list[bool] = []

    def signal_group(group: int, signum: int) -> bool:
        if signum == signal.SIGKILL:
            seen.append(os.waitid(os.P_PID, group, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None)
        return True

    child = children.start(["true"], name="true")
    monkeypatch.setattr(parent_death, "signal_group", signal_group)
    real.until(lambda: child.poll() is not None)
    child.kill()
    child.kill()

    assert seen == [True] and child.returncode == 0, "and a child that was reaped gets no signal any more"


def test_where_an_end_is_told_by_reaping_only_groups_are_ended_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """macOS before Python 3.13 has no waitid."""
    monkeypatch.delattr(os, "waitid", raising=False)
    ended: list[int] = []
    codes = iter([None, 7])
    assert forks.reap(4321, lambda: ended.append(1), lambda: next(codes)) is None and not ended
    assert forks.reap(4321, lambda: ended.append(1), lambda: next(codes)) == 7 and ended == [1]


@pytest.mark.skipif(not descendants.PROC.exists(), reason="needs /proc")
def test_a_process_whose_first_thread_ended_runs_as_long_as_another_does() -> None:
    code = "import ctypes, threading, time; threading.Thread(target=time.sleep, args=(300,)).start()"
    code += "; ctypes.CDLL(None).pthread_exit(0)"
    with subprocess.Popen([sys.executable, "-c", code], process_group=0) as process:
        try:
            real.until(lambda: descendants._stat(descendants.PROC / str(process.pid))[:1] == ["Z"])
            assert descendants.group_runs(process.pid)
        finally:
            process.kill()


def test_a_fork_returns_its_exit_code_and_an_exception_is_1(tmp_path: Path) -> None:
    """In a process of its own: a fork of a test runner with threads is not what is tested."""
    code = """
from processes import children as processes
import clock
def fails(): raise RuntimeError("as asked")
children = [processes.fork(lambda: 5, name="five"), processes.fork(fails, name="fails")]
while None in [child.poll() for child in children]: clock.wait(0.01)
print([child.returncode for child in children])
"""
    with real.program(code, tmp_path / "log") as program:
        assert program.wait(timeout=patience.HANG_S) == 0

    log = _text(tmp_path / "log")
    assert "[5, 1]" in log and "RuntimeError: as asked" in log


def test_stopping_what_has_ended_waits_for_nothing() -> None:
    child = children.start(["/bin/sh", "-c", "exit 3"], name="short")
    real.until(lambda: child.poll() is not None)

    def pause() -> None:
        raise AssertionError("it waits for nobody")

    children.stop([child], grace_s=60, pause=pause)
    child.kill()

    assert child.ending == "ended with exit code 3", "how it ended is not forgotten"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which thread started a program")
def test_programs_a_thread_started_since_then_are_ended_and_those_below_them_and_no_others() -> None:
    ours = threading.get_native_id()
    before = subprocess.Popen(SLEEP)
    others: list[subprocess.Popen[bytes]] = []
    thread = threading.Thread(target=lambda: others.append(subprocess.Popen(SLEEP)))
    thread.start()
    thread.join()
    tick = clock.monotonic() + 0.1  # the kernel counts starts in hundredths of a second
    real.until(lambda: clock.monotonic() > tick)
    since = clock.monotonic()
    shell = subprocess.Popen(["/bin/sh", "-c", "sleep 300 & echo $!; wait"], stdout=subprocess.PIPE)
    assert shell.stdout
    below = int(shell.stdout.readline())

    assert descendants.end_of_thread(ours, since) == 2

    assert shell.wait(patience.HANG_S) == -signal.SIGKILL
    real.until(lambda: not real.lives(below))
    assert before.poll() is None and others[0].poll() is None
    assert descendants.end_of_thread(1 << 30, since) == 0, "of a thread that is gone there is nothing to end"
    for left in (before, *others):
        left.kill()
        left.wait()
    shell.stdout.close()


#: A parent that lost its watchdog; each of its children tells its number.
ORPHANS = """
import os, time
from pathlib import Path
from processes import children as processes

folder = Path({folder!r})
sleep = ["/bin/sh", "-c", "echo $$ > start; exec sleep 300"]
started = processes.start(sleep, name="start", cwd=folder)
forked = processes.fork(lambda: time.sleep(300) or 0, name="fork")
grouped = processes.fork(lambda: time.sleep(300) or 0, name="group", own_group=True)
processes._group_killer._process.kill()
processes._group_killer._process.wait()
(folder / "pids.new").write_text(f"{{started.pid}} {{forked.pid}} {{grouped.pid}}")
(folder / "pids.new").rename(folder / "pids")
time.sleep(300)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the watchdog does it alone")
def test_without_a_watchdog_the_kernel_ends_each_child_of_a_dead_parent(tmp_path: Path) -> None:
    with real.program(ORPHANS.format(folder=str(tmp_path)), tmp_path / "log") as parent:
        real.until(lambda: (tmp_path / "pids").exists() and (tmp_path / "start").exists())
        pids = [int(word) for word in _text(tmp_path / "pids").split()]
        assert len(pids) == 3 and all(real.lives(pid) for pid in pids)
        parent.kill()
        parent.wait()

    real.until(lambda: not any(real.lives(pid) for pid in pids))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the watchdog does it alone")
def test_a_child_whose_parent_died_before_it_asked_ends_at_once(tmp_path: Path) -> None:
    code = "from processes import parent_death; parent_death.die_with_parent(1 << 30); print('it lives')"
    with real.program(code, tmp_path / "log") as program:
        assert program.wait(patience.HANG_S) == -signal.SIGKILL
    assert _text(tmp_path / "log") == ""


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux sends a signal of choice")
def test_a_process_dies_when_the_other_end_of_its_socket_closes_unless_it_says_otherwise(tmp_path: Path) -> None:
    code = """
import os, signal, socket, sys
from processes import parent_death
pids = []
for outlives in (False, True):
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        parent_death.die_with_peer(theirs.fileno())
        if outlives:
            parent_death.outlive_peer(theirs.fileno())
        theirs.send(b"armed")
        if not outlives:
            signal.pause()  # not recv: that would return a moment before the signal comes
        theirs.recv(1)  # returns at the end of the other side
        os._exit(7)
    theirs.close()
    ours.recv(5)
    ours.close()
    pids.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
print(pids)
"""
    with real.program(code, tmp_path / "log") as process:
        assert process.wait(patience.HANG_S) == 0
    assert _text(tmp_path / "log").strip() == "[-9, 7]"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux sends a signal of choice")
def test_where_the_kernel_knows_no_such_signal_a_process_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> int:
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(parent_death.fcntl, "fcntl", unknown)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.close()
        parent_death.die_with_peer(theirs.fileno())
