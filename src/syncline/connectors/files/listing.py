"""The files of a connection: which there are, in which order they count, and how each is opened safely."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from syncline.connectors.base import Note
from syncline.connectors.files.settings import FileSettings
from syncline.core.errors import AccessError, ConfigError, UnavailableError

ENDINGS = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
MOST_FILES = 10_000
_CHUNK = 1 << 20

Sign = tuple[int, int, int]
"""Size, time of the last write in nanoseconds, and inode: another sign is another state of a file."""


@dataclass(frozen=True, slots=True)
class File:
    """One file as it was listed."""

    path: Path
    format: str
    sign: Sign

    @property
    def name(self) -> str:
        return self.path.name


def list_files(settings: FileSettings) -> tuple[list[File], list[Note]]:
    """The files to read, the one written last first: of a company in several files, the newest row counts.

    Folders are not looked into below the first level. What is no plain file is left out with a note: a link may
    lead anywhere, and a pipe would be waited for.
    """
    path = settings.path
    try:
        if path.is_dir():
            return _in_folder(settings)
        found = path.stat()
    except OSError as error:
        raise unreachable(path, error) from error
    if not stat.S_ISREG(found.st_mode):
        raise ConfigError(f"{path} is neither a file nor a folder.", hint="Correct the option path.")
    kind = settings.format or ENDINGS.get(path.suffix.lower())
    if kind is None:
        raise ConfigError(
            f"{path.name} does not end in {', '.join(ENDINGS)}, so its format is not known.",
            hint="Set the option format to csv or jsonl.",
        )
    return [File(path.resolve(), kind, sign_of(found))], []


def _in_folder(settings: FileSettings) -> tuple[list[File], list[Note]]:
    files: list[File] = []
    notes: list[Note] = []
    with os.scandir(settings.path) as entries:
        for entry in entries:
            ending = ENDINGS.get(Path(entry.name).suffix.lower())
            if ending is None or entry.name.startswith(".") or settings.format not in {"", ending}:
                continue
            try:
                found = entry.stat(follow_symlinks=False)
            except FileNotFoundError:  # it was moved away since the folder was listed
                continue
            if stat.S_ISREG(found.st_mode):
                files.append(File(Path(entry.path), ending, sign_of(found)))
            elif not stat.S_ISDIR(found.st_mode):
                notes.append(_refused(entry.name, found.st_mode))
    if len(files) > MOST_FILES:
        raise ConfigError(
            f"{settings.path} holds {len(files):,} files; {MOST_FILES:,} are read at most.",
            hint="Move old files to another folder.",
        )
    if not files:
        notes.append(Note("no-files", str(settings.path), f"no file here ends in {', '.join(ENDINGS)}"))
    return sorted(files, key=_newest_first), sorted(notes, key=lambda note: note.place)


def _newest_first(file: File) -> tuple[int, str]:
    return -file.sign[1], file.name


def _refused(name: str, mode: int) -> Note:
    if stat.S_ISLNK(mode):
        return Note("link", name, "a symbolic link is not followed; put the file itself into the folder")
    return Note("no-file", name, "this is a pipe, socket or device and is not opened")


def sign_of(found: os.stat_result) -> Sign:
    return found.st_size, found.st_mtime_ns, found.st_ino


@contextmanager
def opened(file: File) -> Iterator[BinaryIO]:
    """A listed file, opened unless something else took its place meanwhile; raises `RemoteError`."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        stream = os.fdopen(os.open(file.path, flags | getattr(os, "O_BINARY", 0)), "rb", buffering=_CHUNK)
    except OSError as error:
        raise unreachable(file.path, error) from error
    with stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise AccessError(f"{file.name} is no longer a plain file")
        yield stream


def digest(file: File) -> str:
    """What a file holds, in short."""
    found = hashlib.blake2b(digest_size=16)
    with opened(file) as stream:
        while chunk := stream.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def unreachable(path: Path, error: OSError) -> AccessError | UnavailableError:
    """What an error of the operating system means for the connection."""
    if isinstance(error, PermissionError):
        return AccessError(
            f"{path} may not be read: {error.strerror}",
            hint="Let the user that runs Syncline read the file and its folder.",
        )
    return UnavailableError(
        f"{path} cannot be read: {error.strerror}",
        sent=False,
        hint="Check the option path, and whether the disk or share it is on is mounted.",
    )
