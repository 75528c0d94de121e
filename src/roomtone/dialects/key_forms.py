"""API keys: what a form says of one.

SignalWire calls them tokens, names its parameters in small letters and wants their permissions; Twilio calls them keys
and knows a name; the permissions of a key are ours. Sources: SignalWire "API Tokens"; Twilio "Key resource".
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from roomtone.core.access import Key, Permission
from roomtone.core.ids import ProjectId
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import parameters, sids
from roomtone.dialects.fields import Fields, every, last

TOKEN_UPDATE_NAMES = frozenset({"name", "permissions", "permissions[]"})
TOKEN_CREATE_NAMES = TOKEN_UPDATE_NAMES | {"subproject_id"}
KEY_NAMES = frozenset({"FriendlyName", "Permissions", "Permissions[]"})

LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class KeyChange:
    """What a form says of a key; None: nothing."""

    name: str | None = None
    permissions: frozenset[Permission] | None = None
    subproject: ProjectId | None = None
    """Whose it is to be, if not the project's own."""

    def apply(self, key: Key, now_ms: int) -> Key:
        """Give the key as the form wants it; unchanged, its date included, if it is so already."""
        permissions = key.permissions if self.permissions is None else self.permissions
        changed = replace(key, name=self.name or key.name, permissions=permissions)
        return key if changed == key else replace(changed, updated_ms=now_ms)


def create_token(fields: Fields) -> KeyChange:
    """Read the form that makes a token.

    Raises:
        Refused: PARAMETER_MISSING: name or permissions; SUBPROJECT_INVALID; or as `update_token`.
    """
    read = update_token(fields)
    for name, value in (("name", read.name), ("permissions", read.permissions)):
        if not value:
            raise Refused(Reason.PARAMETER_MISSING, name=name)
    return replace(read, subproject=_subproject(fields))


def update_token(fields: Fields) -> KeyChange:
    """Read the form, or the JSON, that changes a token.

    Raises:
        Refused: PARAMETER_INVALID: too long a name; PERMISSION_INVALID: a word that is none.
    """
    return KeyChange(parameters.text(fields, "name", LONGEST_NAME), _permissions(fields, "permissions"))


def key(fields: Fields) -> KeyChange:
    """Read the form that makes or changes a key.

    Raises:
        Refused: as `update_token`.
    """
    return KeyChange(
        parameters.text(fields, "FriendlyName", LONGEST_NAME), _permissions(fields, "Permissions")
    )


def _permissions(fields: Fields, name: str) -> frozenset[Permission] | None:
    """A list comes as a repeated name, with brackets and without, or as words apart by spaces or commas."""
    texts = every(fields, name) + every(fields, f"{name}[]")
    words = [word for text in texts for word in text.replace(",", " ").split()]
    if not words:
        return None
    try:
        return frozenset(Permission(word.lower()) for word in words)
    except ValueError:
        known = ", ".join(sorted(Permission))
        raise Refused(Reason.PERMISSION_INVALID, name=name, problem=f"they are of {known}") from None


def _subproject(fields: Fields) -> ProjectId | None:
    text = last(fields, "subproject_id")
    if not text:
        return None
    found = sids.parse(ProjectId, text)
    if found is None:
        raise Refused(Reason.SUBPROJECT_INVALID, name="subproject_id")
    return found
