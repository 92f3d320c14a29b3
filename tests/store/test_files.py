import errno
import os
from pathlib import Path

import pytest

from core.errors import StoreError
from core.store import files


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "permission denied"),
        (errno.EIO, "fault"),
        (errno.ENAMETOOLONG, "File name too long"),
    ],
)
def test_sentence_names_the_file_and_the_remedy(code: int, words: str) -> None:
    """A fault of the system is one sentence with the file's name."""
    sentence = files.sentence(Path("/house/spool"), OSError(code, os.strerror(code)))

    assert sentence.startswith("/house/spool: ")
    assert words in sentence


def test_replace_is_private_and_leaves_nothing_else(tmp_path: Path) -> None:
    """A replaced file has mode 0600, whatever it had before, and stands alone."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o644)

    files.replace(path, b"new")

    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o600)
    assert _names(tmp_path) == ["file"]


def test_replace_keeps_the_old_file_when_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the new file cannot be written whole, the old one is there and no temporary one."""
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def full(fd: int, data: memoryview, offset: int) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(StoreError, match="disk is full"), files.faults(path):
        files.replace(path, b"new")

    assert path.read_bytes() == b"old"
    assert _names(tmp_path) == ["file"]


def test_write_all_goes_on_after_short_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system may take a single byte at a time."""
    whole = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, offset: whole(fd, data[:1], offset))
    fd = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)

    assert files.write_all(fd, b"letter", 2) == 8
    assert os.pread(fd, 10, 0) == b"\0\0letter"
    os.close(fd)


def test_make_folder_makes_private_folders(tmp_path: Path) -> None:
    """Every missing folder above is made, for its owner only, and a second time is no fault."""
    files.make_folder(tmp_path / "mail" / "paul")
    files.make_folder(tmp_path / "mail" / "paul")

    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("mail", "mail/paul")] == [0o700, 0o700]


def test_sweep_takes_the_files_of_the_dead_only(tmp_path: Path) -> None:
    """A temporary file goes when its process has ended; others stay."""
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    (tmp_path / f".a.eml.{child}.00ff.tmp").touch()
    (tmp_path / f".a.eml.{os.getpid()}.00ff.tmp").touch()
    (tmp_path / "a.eml").touch()

    assert files.sweep(tmp_path) == 1
    assert _names(tmp_path) == [f".a.eml.{os.getpid()}.00ff.tmp", "a.eml"]
