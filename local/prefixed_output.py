"""The lines of all processes on standard output, each with the name of its process."""

import os
import selectors
import sys

from honcho.colour import get_colours
from honcho.printer import Message, Printer

import clock
from local.process_manager import ManagedProcess
from processes import children

OWN_NAME = "system"  # of lines that `up` itself prints


class Output:
    """The lines of all processes on standard output, each with the name of its process."""

    def __init__(self, names: list[str]) -> None:
        self._printer = Printer(sys.stdout, width=max(map(len, names)))
        colours = get_colours()
        self._colours = {name: next(colours) for name in names}
        self._pipes = selectors.DefaultSelector()
        self._halves: dict[int, bytes] = {}  # a line's beginning, by file descriptor

    def say(self, line: str) -> None:
        """Print a line of `up` itself."""
        self._print(OWN_NAME, line)

    def follow(self, process: ManagedProcess, child: children.Child) -> None:
        """Print what this process writes from now on."""
        if child.output is not None:
            os.set_blocking(child.output.fileno(), False)
            self._pipes.register(child.output, selectors.EVENT_READ, process.name)

    def drain(self) -> None:
        """Print what ended processes have left in their pipes."""
        for _ in range(100):  # not for ever: a program that left its group may still write
            if not self.print_for(0):
                return

    def print_for(self, seconds: float) -> bool:
        """Print what has arrived, waiting up to `seconds` for the first line. Returns whether anything had."""
        if not self._pipes.get_map():
            clock.wait(seconds)
        ready = self._pipes.select(seconds)
        for key, _ in ready:
            data = os.read(key.fd, 65536)
            *lines, half = (self._halves.pop(key.fd, b"") + data).split(b"\n")
            if data:
                self._halves[key.fd] = half
            else:
                self._pipes.unregister(key.fileobj)
                key.fileobj.close()  # type: ignore[union-attr]
                lines += [half] if half else []
            for line in lines:
                self._print(key.data, line.decode(errors="replace"))
        return bool(ready)

    def _print(self, name: str, line: str) -> None:
        self._printer.write(Message("line", line or " ", clock.now().astimezone(), name, self._colours.get(name)))
