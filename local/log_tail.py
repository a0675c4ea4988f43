"""New lines of a log file, as they come."""

from pathlib import Path


class Tail:
    """New lines of a log file that hold `word`."""

    def __init__(self, path: Path, word: str) -> None:
        self._path, self._word = path, word
        self._read = path.stat().st_size if path.exists() else 0

    def fresh(self) -> list[str]:
        """The lines since the last call, without their time."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._read)
            whole, newline, _ = file.read().rpartition(b"\n")
        self._read += len(whole) + len(newline)
        lines = whole.decode(errors="replace").splitlines()
        return [line.partition(" ")[2] for line in lines if self._word in line]
