"""Objects in a folder: any keys, no way out of it, and a disk that fails."""

import errno
import multiprocessing
import os
import resource
import shutil
import signal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import errors
from clients import storage
from tests import patience

PARTS = st.text(st.characters(codec="utf-8", exclude_characters="/\\\0"), min_size=1, max_size=20).filter(
    lambda part: part not in (".", "..") and not part.startswith(storage.TEMPORARY) and len(part.encode()) < 100
)
KEYS = st.lists(PARTS, min_size=1, max_size=4).map("/".join)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(KEYS, st.binary(max_size=20), max_size=6))
def test_a_folder_holds_any_set_of_keys_and_lists_them_in_byte_order(
    tmp_path_factory: pytest.TempPathFactory, objects: dict[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("objects")
    store = storage.LocalStore(folder)
    kept: dict[str, bytes] = {}
    for key, body in objects.items():
        if any(key.startswith(other + "/") or other.startswith(key + "/") for other in kept):
            with pytest.raises(errors.DataError, match="cannot be a file"):
                store.put(key, body, content_type="text/plain")
        else:
            store.put(key, body, content_type="text/plain")
            kept[key] = body

    assert list(store.keys("")) == sorted(kept, key=str.encode)
    assert {key: store.get(key) for key in kept} == kept
    store.delete(kept)
    assert list(folder.iterdir()) == []
    shutil.rmtree(folder)


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_no_key_leads_out_of_the_folder(tmp_path_factory: pytest.TempPathFactory, key: str) -> None:
    root = Path("/nowhere/objects")
    try:
        path = Path(os.path.normpath(root / storage.checked(key)))
    except errors.DataError:
        return
    assert path.is_relative_to(root) and path != root


def test_a_half_written_file_is_no_object(tmp_path: Path) -> None:
    store = storage.LocalStore(tmp_path)
    store.put("a/b", b"x", content_type="text/plain")
    (tmp_path / "a" / f"{storage.TEMPORARY}123-abc").write_bytes(b"half")

    assert list(store.keys("")) == ["a/b"]


def _write_with_no_room(folder: Path, results: "multiprocessing.Queue[str]") -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
    try:
        storage.LocalStore(folder).put("a/new", b"x" * 200_000, content_type="text/plain")
    except errors.SystemFault as exc:
        results.put(str(exc))
    else:
        results.put("no error")


def test_a_full_disk_leaves_the_old_object_whole_and_nothing_half_written(tmp_path: Path) -> None:
    store = storage.LocalStore(tmp_path)
    store.put("a/new", b"old", content_type="text/plain")
    fork = multiprocessing.get_context("fork")
    results: multiprocessing.Queue[str] = fork.Queue()
    child = fork.Process(target=_write_with_no_room, args=(tmp_path, results))
    child.start()
    said = results.get(timeout=patience.HANG_S)
    child.join()
    results.close()
    results.join_thread()

    assert "DATA_DIR" in said and "room" in said
    assert store.get("a/new") == b"old"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["new"]


@pytest.mark.parametrize(
    ("number", "error", "word"),
    [
        (errno.ENOSPC, errors.SystemFault, "room"),
        (errno.EACCES, errors.SystemFault, "refuses access"),
        (errno.EROFS, errors.SystemFault, "refuses access"),
        (errno.EIO, errors.SystemFault, "check the disk"),
        (errno.ENAMETOOLONG, errors.DataError, "cannot be a file"),
    ],
)
@pytest.mark.parametrize("call", ["open", "fsync", "replace"])
def test_what_goes_wrong_on_the_disk_says_what_to_do_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int, error: type[errors.TrawlError], word: str
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    store = storage.LocalStore(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, call, fails)
        with pytest.raises(error, match=word):
            store.put("a/b", b"x", content_type="text/plain")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_folder_deleted_under_a_write_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, removed = os.open, []

    def open_late(path: object, *arguments: int) -> int:
        if storage.TEMPORARY in str(path) and not removed:
            removed.append((tmp_path / "a").rmdir())
        return real(str(path), *arguments)

    monkeypatch.setattr(os, "open", open_late)
    store = storage.LocalStore(tmp_path)
    store.put("a/b", b"x", content_type="text/plain")
    assert store.get("a/b") == b"x" and removed
