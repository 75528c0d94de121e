"""Settings composed, checked, and completed by the files they name."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from roomtone.archive import Bucket, read_url
from roomtone.archive import Settings as ArchiveSettings
from roomtone.config.readers import READERS
from roomtone.config.settings import ConfigProblem, Settings
from roomtone.core.ice import IceServers
from roomtone.core.routing import Trunk, with_logins

PREFIX = "ROOMTONE_"
"""An environment variable is this and the setting's name in capitals: ``ROOMTONE_RTP_PORTS``."""


DECLARED = ("endpoint", "domain", "trunk")
"""Tables of a file that are no settings (`roomtone.declared` reads them)."""


def load(options: Mapping[str, str | None], environment: Mapping[str, str], file: Path | None) -> Settings:
    """Compose the settings: an option beats the environment, that beats the file, that beats the default.

    Args:
        options: Setting names and texts from the command line; None: not given.
        environment: The process's environment.
        file: A TOML file with setting names as keys, or None.

    Raises:
        ConfigProblem: A name is unknown or a value breaks its rule.
    """
    texts = _file_texts(file)
    for name in _names():
        if (found := environment.get(PREFIX + name.upper())) is not None:
            texts[name] = found
        if (given := options.get(name)) is not None:
            texts[name] = given
    settings = Settings(**{name: _read(name, text) for name, text in texts.items()})  # type: ignore[arg-type]
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        raise ConfigProblem("tls_certificate and tls_key: one is of no use without the other")
    archive(settings)
    if ice(settings).need_secret:
        raise ConfigProblem(
            "ice_servers: turn: needs turn_secret_file, the secret that the TURN server knows, too"
        )
    return settings


def ice(settings: Settings) -> IceServers:
    """Give the STUN and TURN servers, with what passes are made of.

    Raises:
        ConfigProblem: The secret cannot be read.
    """
    file = settings.turn_secret_file
    try:
        secret = "" if file is None else file.read_text().strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigProblem(f"turn_secret_file: {file}: {problem}") from problem
    return IceServers(settings.ice_servers, secret)


def trunks(settings: Settings) -> tuple[Trunk, ...]:
    """Give the trunks with what they are told of who calls.

    Raises:
        ConfigProblem: The file cannot be read, or has a line of another shape.
    """
    file = settings.trunk_logins_file
    if file is None:
        return settings.trunks
    try:
        return with_logins(settings.trunks, file.read_text())
    except (OSError, ValueError) as problem:
        raise ConfigProblem(f"trunk_logins_file: {file}: {problem}") from problem


def archive(settings: Settings) -> ArchiveSettings:
    """Give what the archive of recordings is to know.

    Raises:
        ConfigProblem: The login cannot be read, or is of another shape.
    """
    bucket = None
    if settings.recording_storage:
        key_id, secret = _login(settings.recording_s3_login_file)
        named = read_url(settings.recording_storage)
        bucket = Bucket(
            named.name,
            named.prefix,
            settings.recording_s3_endpoint,
            settings.recording_s3_region,
            key_id,
            secret,
        )
    return ArchiveSettings(
        settings.data, settings.recording_form, settings.recording_cache_mb * 1_000_000, bucket
    )


def _login(file: Path | None) -> tuple[str, str]:
    """Read the login of a bucket; empty: the environment has it, or the machine."""
    if file is None:
        return "", ""
    try:
        words = file.read_text().split()
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigProblem(f"recording_s3_login_file: {file}: {problem}") from problem
    if len(words) != 2:
        raise ConfigProblem(f"recording_s3_login_file: {file}: takes one line, KEY-ID SECRET")
    return words[0], words[1]


def _names() -> list[str]:
    return [field.name for field in fields(Settings)]


def _file_texts(file: Path | None) -> dict[str, str]:
    if file is None:
        return {}
    try:
        table = tomllib.loads(file.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ConfigProblem(f"{file}: {problem}") from problem
    table = {name: value for name, value in table.items() if name not in DECLARED}
    for group in [name for name, value in table.items() if isinstance(value, dict)]:
        table |= {f"{group}_{name}": value for name, value in table.pop(group).items()}
    for name in table:
        if name not in _names():
            raise ConfigProblem(f"{file}: {name}: there is no such setting; known: {', '.join(_names())}")
    return {name: ",".join(value) if isinstance(value, list) else str(value) for name, value in table.items()}


def _read(name: str, text: str) -> object:
    try:
        return READERS[name](text.strip())
    except ValueError as problem:
        raise ConfigProblem(f"{name}: {text!r}: {problem}") from problem
