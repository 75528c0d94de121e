"""Accounts: what a form says of one, and the list's filters.

Sources: SignalWire "Accounts" (a name, which every form must bring); Twilio "Account resource" (a name, a status).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from roomtone.core.access import AccountFilter
from roomtone.core.project import Project, Standing
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import parameters
from roomtone.dialects.fields import Fields, last
from roomtone.dialects.rules import Rules

CREATE_NAMES = frozenset({"FriendlyName", "Strict"})
FILTER_NAMES = frozenset({"FriendlyName", "Status"})
UPDATE_NAMES = FILTER_NAMES | {"Strict"}
"""``Strict`` is Roomtone's own."""

_EXPECTED = "active, suspended or closed"


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What a form says of an account; None: nothing."""

    name: str | None = None
    standing: Standing | None = None
    strict: bool | None = None

    def apply(self, project: Project, now_ms: int) -> Project:
        """Give the account as the form wants it; unchanged, its date included, if it is so already.

        Raises:
            Refused: PARAMETER_INVALID: an account with none above it cannot be suspended, a closed one not be opened.
        """
        standing = self.standing or project.standing
        if standing is not project.standing:
            if project.parent is None:
                raise Refused(Reason.PARAMETER_INVALID, name="Status", expected="active for a main account")
            if project.standing is Standing.CLOSED:
                raise Refused(Reason.PARAMETER_INVALID, name="Status", expected="closed, once it is closed")
        strict = project.strict if self.strict is None else self.strict
        changed = replace(project, name=self.name or project.name, standing=standing, strict=strict)
        return project if changed == project else replace(changed, updated_ms=now_ms)


def create(fields: Fields, rules: Rules) -> AccountChange:
    """Read the form that makes an account.

    Raises:
        Refused: PARAMETER_MISSING or PARAMETER_INVALID: no name where there must be one, or too long a one.
    """
    return AccountChange(_name(fields, rules), strict=parameters.boolean(fields, "Strict"))


def update(fields: Fields, rules: Rules) -> AccountChange:
    """Read the form that changes an account.

    Raises:
        Refused: As `create`; PARAMETER_INVALID: a status that is none.
    """
    strict = parameters.boolean(fields, "Strict")
    return AccountChange(_name(fields, rules), _standing(fields, rules), strict)


def wanted(fields: Fields, rules: Rules) -> AccountFilter:
    """Read the list's filters.

    Raises:
        Refused: PARAMETER_INVALID: a status that is none.
    """
    return AccountFilter(last(fields, "FriendlyName") or None, _standing(fields, rules))


def _name(fields: Fields, rules: Rules) -> str | None:
    name = parameters.text(fields, "FriendlyName", rules.longest_account_name)
    if name is None and not rules.accounts_have_standing:
        raise Refused(Reason.PARAMETER_MISSING, name="FriendlyName")
    return name


def _standing(fields: Fields, rules: Rules) -> Standing | None:
    text = last(fields, "Status") if rules.accounts_have_standing else None
    if not text:
        return None
    try:
        return Standing(text.lower())
    except ValueError:
        raise Refused(Reason.PARAMETER_INVALID, name="Status", expected=_EXPECTED) from None
