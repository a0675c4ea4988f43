"""`export`, `import`, `backup` and `restore` as somebody types them."""

import gzip
import io
import json
import os
import stat
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import Run
from topics.access import audit
from topics.tracking import projects
from topics.transfer import destinations, restoring


def filled() -> None:
    projects.add("example.com", projects.Options(id="p"))
    projects.add_keywords("p", ["shoes", "boots"])


def test_what_was_exported_is_imported_and_each_leaves_a_line_in_the_audit(run: Run, tmp_path: Path, store: Any) -> None:
    filled()
    file = tmp_path / "all.jsonl.gz"
    assert "2 keywords" in run("export", str(file)).stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    whole = gzip.decompress(file.read_bytes())
    assert run("export", "-", "--only", "keyword").stdout.count('"kind":"keyword"') == 2
    store.flushall()

    assert "Nothing was written" in run("import", str(file), "--dry-run").stdout and not projects.projects.ids()
    done = run("import", str(file), "--json")
    assert done.exit_code == 0 and json.loads(done.stdout)["totals"]["new"] == 3

    (tmp_path / "cut.jsonl").write_bytes(whole[:-50] + b"\nbroken\n")
    cut = run("import", str(tmp_path / "cut.jsonl"))
    assert cut.exit_code == 1 and "cut off" in cut.stderr and "is refused: it is no JSON" in cut.stderr
    lines = [(one.what, one.outcome) for one in audit.page(10)[0]]
    assert lines == [("manage.py import", "exit 1"), ("manage.py import", "done"), ("manage.py import", "done")]


def test_tables_go_into_a_zip_or_a_folder(run: Run, tmp_path: Path) -> None:
    filled()
    assert run("export", str(tmp_path / "all.zip")).exit_code == 0
    assert run("export", str(tmp_path / "all"), "--csv").exit_code == 0
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            path.name: path.read_bytes() for path in (tmp_path / "all").iterdir()
        }
    assert "name a file such as" in run("export", str(tmp_path / "all")).stderr


def test_a_backup_goes_to_a_file_or_object_storage_and_comes_back(run: Run, tmp_path: Path, store: Any) -> None:
    filled()
    for place in (str(tmp_path / "b.jsonl.gz"), "r2:backups/monday"):
        assert "checked by a digest" in run("backup", place).stdout
    taken = run("backup", "r2:backups/monday")
    assert taken.exit_code == 1 and "already" in taken.stderr
    assert "R2_BUCKET" in run("backup", "s3://other/monday").stderr
    for place in (str(tmp_path / "b.jsonl.gz"), "r2:backups/monday"):
        store.flushall()
        assert "would be restored" in run("restore", place, "--dry-run").stdout
        assert run("restore", place).exit_code == 0 and projects.named("p").domain == "example.com"
        assert "not empty" in run("restore", place).stderr
        assert "and stay" in run("restore", place, "--merge").stdout
    assert run("restore", str(tmp_path / "none")).exit_code == 2


def test_an_export_that_breaks_leaves_the_older_file(run: Run, tmp_path: Path, monkeypatch: Any) -> None:
    filled()
    file = tmp_path / "all.jsonl"
    run("export", str(file))
    before = file.read_bytes()
    monkeypatch.setattr("topics.transfer.keywords.read", lambda ids: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run("export", str(file))
    assert [*tmp_path.glob("*all*")] == [file] and file.read_bytes() == before


@pytest.mark.parametrize(
    ("command", "where", "says"),
    [
        (
            ("import", "FILE"),
            "topics.transfer.importing.run",
            "Interrupted: what was imported stays: import it again for the rest.\n",
        ),
        (("restore", "FILE"), "topics.transfer.restoring.run", "Interrupted: a part is restored: run it again with --merge.\n"),
        (
            ("lead", "import", "FILE"),
            "topics.leads.imports.import_csv",
            "Interrupted: what was imported stays: import it again for the rest.\n",
        ),
    ],
)
def test_ctrl_c_says_what_it_leaves(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], where: str, says: str
) -> None:
    def interrupt(*args: object, **named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(where, interrupt)
    (tmp_path / "file").write_text("name\n")
    result = run(*(str(tmp_path / "file") if word == "FILE" else word for word in command))
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", says)


def test_object_storage_that_is_not_set_is_named(run: Run) -> None:
    result = run("backup", "s3://bucket/key")
    assert result.exit_code == 2 and "set R2_BUCKET" in result.stderr and "None" not in result.stderr


def test_a_backup_goes_through_a_pipe_both_ways(run: Run, tmp_path: Path, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe can be read once, and a backup is read twice: checked, then restored."""
    filled()
    taken = run("backup", "-")
    assert taken.exit_code == 0 and json.loads(taken.stdout.splitlines()[-1])  # nothing but the backup
    assert not Path("-").exists()
    whole = taken.stdout.encode()
    store.flushall()
    with monkeypatch.context() as piped:
        piped.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(whole))))
        found = restoring.run(destinations.source("-"))
    assert found.keys and projects.named("p").domain == "example.com"

    store.flushall()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(whole,))
    writer.start()
    assert run("restore", str(pipe)).exit_code == 0 and projects.named("p").domain == "example.com"
    writer.join()
