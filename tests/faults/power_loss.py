"""A Redis whose power can be cut: what it wrote and did not fsync is gone.

After kill -9 everything that was written is still there, in the kernel's memory. So here the kernel stops Redis at every fsync
and asks us (seccomp user notification: Linux 5.0, no root, no compiler, any server binary). We note how long the file is and
answer that it was synced; a cut is kill -9, after which each file of the AOF is cut back to its length at its last fsync.

    power_loss.py SOCKET PROGRAM [ARGUMENT ...]   turn into PROGRAM, whose fsyncs are asked for through what is sent over SOCKET
"""

import ctypes
import errno
import fcntl
import os
import platform
import select
import socket
import stat
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

#: Machine → numbers of seccomp, fsync and fdatasync (asm/unistd.h).
CALLS = {"x86_64": (317, 74, 75), "aarch64": (277, 82, 83)}

PR_SET_NO_NEW_PRIVS = 38  # linux/prctl.h
SET_MODE_FILTER, NEW_LISTENER = 1, 8  # linux/seccomp.h, as is what follows
ASK, ALLOW = 0x7FC00000, 0x7FFF0000
RECEIVE, ANSWER = 0xC0502100, 0xC0182101
QUESTION, QUESTION_BYTES = struct.Struct("=QIIiIQQ"), 80  # id, thread, flags, call, machine, where, first argument …
REPLY = struct.Struct("=QqiI")  # id, value, error, flags


class Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))


def become(channel: int, argv: list[str]) -> None:
    """Turn this process into `argv`, after its listener was sent over `channel`."""
    seccomp, *asked = CALLS[platform.machine()]
    load, jump, end = 0x20, 0x15, 0x06  # of the packet filter: a word of the call, jump if equal, return
    code = [(load, 0, 0, 0), (jump, 1, 0, asked[0]), (jump, 0, 1, asked[1]), (end, 0, 0, ASK), (end, 0, 0, ALLOW)]
    packed = b"".join(struct.pack("=HBBI", *one) for one in code)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    listener = libc.syscall(seccomp, SET_MODE_FILTER, NEW_LISTENER, ctypes.byref(Program(len(code), packed)))
    if listener < 0:
        reason = os.strerror(ctypes.get_errno())
        sys.exit(f"The kernel shows no fsyncs ({reason}): run this on Linux 5.0 or newer, where seccomp is allowed.")
    with socket.socket(fileno=channel) as out:
        socket.send_fds(out, [b"."], [listener])
    os.execvp(argv[0], argv)


class Disk:
    """How much of each file would outlive a power cut."""

    def __init__(self) -> None:
        self.syncs = 0
        self._durable: dict[tuple[int, int], int] = {}  # device and number of a file → bytes

    def serve(self, listener: int) -> None:
        """Answer each fsync until the last thread that could ask is gone."""
        poll = select.poll()
        poll.register(listener, select.POLLIN)
        while True:
            [(_, events)] = poll.poll()
            if not events & select.POLLIN:
                break
            question = bytearray(QUESTION_BYTES)
            try:
                fcntl.ioctl(listener, RECEIVE, question)
                number, thread, _, _, _, _, file = QUESTION.unpack_from(question)
                self._sync(f"/proc/{thread}/fd/{file}")
                fcntl.ioctl(listener, ANSWER, REPLY.pack(number, 0, 0, 0))
            except OSError as exc:  # it was killed in the middle of its fsync
                if exc.errno not in (errno.ENOENT, errno.EINTR, errno.ESRCH):
                    raise
        os.close(listener)

    def _sync(self, path: str) -> None:
        found = os.stat(path)
        if stat.S_ISREG(found.st_mode):
            self._durable[found.st_dev, found.st_ino] = found.st_size
            self.syncs += 1

    def lose(self, files: Iterable[Path]) -> int:
        """Cut these back to what was synced, with nobody writing to them; says how many bytes are gone."""
        gone = 0
        for path in files:
            found = path.stat()
            kept = min(found.st_size, self._durable.get((found.st_dev, found.st_ino), 0))
            self._durable[found.st_dev, found.st_ino] = kept
            os.truncate(path, kept)
            gone += found.st_size - kept
        return gone


if __name__ == "__main__":
    become(int(sys.argv[1]), sys.argv[2:])
