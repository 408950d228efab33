"""Where files are kept: whole or not at all, each once, none outside the folder."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from pentahelix.documents.arrival import Arriving
from pentahelix.documents.store import Missing, Store, Unstored


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "documents"


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A disk of a megabyte."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("only who may mount a small disk can fill one")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def content_of(store, key):
    return b"".join(store.read(key).chunks)


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_what_is_put_is_read(folder):
    store = Store.in_folder(folder)
    store.put("ab/abc", b"isi" * 1_000_000)
    assert store.read("ab/abc").size == 3_000_000
    assert content_of(store, "ab/abc") == b"isi" * 1_000_000
    assert list(store.keys()) == files_in(folder) == ["ab/abc"]


def test_any_object_store_will_do():
    store = Store(MemoryStore)
    store.put("ab/abc", b"isi")
    assert content_of(store, "ab/abc") == b"isi"
    assert list(store.keys()) == ["ab/abc"]


def test_a_key_is_written_once(folder):
    store = Store.in_folder(folder)
    store.put("ab/abc", b"yang pertama")
    with pytest.raises(Unstored):
        store.put("ab/abc", b"yang kedua")
    assert content_of(store, "ab/abc") == b"yang pertama"


@pytest.mark.parametrize("key", ["../evil", "ab/../../evil", "../../../etc/cron.d/evil"])
def test_nothing_is_put_or_read_outside_the_folder(folder, key):
    store = Store.in_folder(folder)
    with pytest.raises(Unstored):
        store.put(key, b"jahat")
    with pytest.raises(Missing):
        store.read(key)
    assert [path for path in folder.parent.rglob("*") if path.is_file()] == []


def test_what_is_not_there_is_missing(folder):
    with pytest.raises(Missing):
        Store.in_folder(folder).read("ab/abc")


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Unstored):
        Store.in_folder(tmp_path / "file" / "documents").put("ab/abc", b"isi")


def test_t14_on_a_full_disk_nothing_half_is_kept_and_later_it_works_again(small_disk):
    store = Store.in_folder(small_disk / "documents")
    store.put("ab/small", b"isi")
    filler = small_disk / "filler"
    filler.write_bytes(bytes(900_000))
    with pytest.raises(Unstored, match="No space left"):
        store.put("cd/large", bytes(500_000))
    assert files_in(small_disk / "documents") == ["ab/small"]
    filler.unlink()
    store.put("cd/large", bytes(500_000))
    assert files_in(small_disk / "documents") == ["ab/small", "cd/large"]


LIMITED = """
import resource, sys
from pathlib import Path
from pentahelix.documents.store import Store, Unstored
store = Store.in_folder(Path(sys.argv[1]))
for size in range(1, 100_001, 4_000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        store.put(f"ab/{size}", bytes(100_000))
    except Unstored:
        continue
    raise SystemExit(f"more than {size} bytes were taken")
"""


def test_t14_whatever_the_size_at_which_writing_fails_nothing_is_left(folder):
    subprocess.run([sys.executable, "-c", LIMITED, folder], check=True, timeout=60)
    assert files_in(folder) == []


# ---------------------------------------------------------------------------- on its way in


def test_a_file_arrives_as_it_was_sent():
    arriving = Arriving(limit=10)
    assert arriving.write(b"hello") == 5
    arriving.seek(0)
    assert (arriving.read(), arriving.is_too_large, arriving.found_no_room) == (b"hello", False, False)
    arriving.close()


def test_of_a_file_that_is_too_large_nothing_is_kept():
    arriving = Arriving(limit=10)
    for _piece in range(5):
        assert arriving.write(b"hello") == 5
    arriving.seek(0)
    assert (arriving.read(), arriving.is_too_large) == (b"", True)


def test_t14_a_full_disk_of_temporary_files_is_told(small_disk, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(small_disk))
    arriving = Arriving(limit=10_000_000)
    for _piece in range(20):
        assert arriving.write(bytes(100_000)) == 100_000
    arriving.seek(0)
    assert (arriving.read(), arriving.is_too_large, arriving.found_no_room) == (b"", False, True)
    arriving.close()
