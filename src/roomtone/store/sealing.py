"""Secrets at rest: what customers tell the house is sealed before it is written to the database.

Whoever gets the database file alone (a stolen backup, a disk that was sold) reads neither signing keys nor passwords of
trunks, digests of phones, bearer tokens in documents, or user and password in URLs. The key is a file of its own
beside the database, for its owner alone. Whoever gets both reads everything: back both up, and not to the same place.

A sealed value is bytes: a version, four bytes that name the key, a nonce of twelve bytes, and AES-256-GCM's output, bound
to the column it stands in. Text in such a column was written before there were seals; it is read as it is.

Sources: NIST SP 800-38D (GCM; random nonces of 96 bits, section 8.2.2); `cryptography`'s `AESGCM`.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import stat
from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Text, func, literal_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from roomtone.store.faults import KeyProblem

FILE = "secret.key"
"""The key file's name, beside the database."""

_VERSION = b"\x01"
_NAME, _NONCE, _KEY = 4, 12, 32
_FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Keyring:
    """Seals with the first key, opens with each.

    Args:
        keys: Of 32 bytes; the newest first.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._ciphers = {sha256(b"roomtone" + key).digest()[:_NAME]: AESGCM(key) for key in keys}
        self._first = next(iter(self._ciphers))

    def seal(self, text: str | None, place: str) -> bytes | None:
        """Seal a text for a column; None stays None."""
        if text is None:
            return None
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._ciphers[self._first].encrypt(nonce, text.encode(), place.encode())
        return _VERSION + self._first + nonce + sealed

    def unseal(self, value: bytes | str | None, place: str) -> str | None:
        """Open what was sealed for a column; text is given as it is.

        Raises:
            KeyProblem: No key fits, or somebody changed the value.
        """
        if value is None or isinstance(value, str):
            return value
        nonce_at = len(_VERSION) + _NAME
        cipher = self._ciphers.get(value[len(_VERSION) : nonce_at])
        if not value.startswith(_VERSION) or cipher is None:
            raise KeyProblem(f"{place} was sealed with another key")
        try:
            rest = value[nonce_at + _NONCE :]
            return cipher.decrypt(value[nonce_at : nonce_at + _NONCE], rest, place.encode()).decode()
        except InvalidTag as changed:
            raise KeyProblem(f"{place} was changed by somebody else") from changed

    def install(self, connection: sqlite3.Connection) -> None:
        """Let a connection's statements say ``seal(text, place)`` and ``unseal(value, place)``."""
        connection.create_function("seal", 2, self.seal)
        connection.create_function("unseal", 2, self.unseal, deterministic=True)


class Sealed(TypeDecorator[str]):
    """A text that stands in the database sealed.

    Args:
        place: The table's and the column's name, ``table.column``: a value sealed for one cannot be put into another.
    """

    impl = Text
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def bind_expression(self, bindparam: Any) -> Any:
        """Seal on the way in."""
        return func.seal(bindparam, self._spelled(), type_=self)

    def column_expression(self, column: Any) -> Any:
        """Open on the way out."""
        return func.unseal(column, self._spelled(), type_=self)

    def _spelled(self) -> Any:
        return literal_column(f"'{self.place}'")

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:  # noqa: ARG002 - SQLAlchemy's
        """Compare with nothing: two seals of one text differ."""
        raise TypeError(f"{self.place} is sealed and cannot be searched")


def open_keyring(file: Path, *, may_make: bool) -> Keyring:
    """Read the key file, or make it.

    Args:
        file: One key in base64 a line, the newest first.
        may_make: Whether a missing file is made: not where something was sealed already.

    Raises:
        KeyProblem: It is missing, readable by others, or holds no keys.
    """
    if may_make:
        _make(file)
    try:
        mode = file.stat().st_mode
        lines = file.read_text("ascii").split()
        keys = [b64decode(line, validate=True) for line in lines]
    except FileNotFoundError as missing:
        raise KeyProblem(
            f"{file} is missing, and the database beside it was sealed with it: restore it from where it was backed up"
        ) from missing
    except (OSError, ValueError) as problem:
        raise KeyProblem(f"{file}: {problem}") from problem
    if mode & _FOR_OTHERS:
        raise KeyProblem(f"{file} is readable by others than its owner: chmod 600 it")
    if not keys or any(len(key) != _KEY for key in keys):
        raise KeyProblem(f"{file}: takes one key of {_KEY} bytes in base64 on each line, the newest first")
    return Keyring(keys)


def _make(file: Path) -> None:
    """Make a key file unless there is one; whole or not at all, whoever else does the same at the same moment."""
    if file.exists():
        return
    beside = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as made:
            made.write(b64encode(secrets.token_bytes(_KEY)) + b"\n")
            give_to_owner(made.fileno(), file.parent)
            made.flush()
            os.fsync(made.fileno())
        try:
            os.link(beside, file)
            _keep_names(file.parent)
        except FileExistsError:
            pass  # somebody else was faster
        finally:
            beside.unlink()
    except OSError as fault:
        raise KeyProblem(f"{file}: {fault.strerror}") from fault


def give_to_owner(descriptor: int, folder: Path) -> None:
    """Have a file that root makes belong to whom its folder belongs to: the server's user must read it."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def _keep_names(folder: Path) -> None:
    """Have the names in a folder be on the disk: what is sealed is lost without its key."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
