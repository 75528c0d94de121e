"""How a browser comes to one call: our ICE name and password, and who begins the handshake.

Both stay for as long as the browser keeps its own name: another is an ICE restart, which gets fresh ones (RFC 8839, section
4.4.3). Who begins stays so, too: the keys have been agreed on by then.
"""

from __future__ import annotations

from dataclasses import replace

from roomtone.sdp.agreement import Agreement
from roomtone.sdp.doors import Ours, Setup, Theirs
from roomtone.switchboard.ports import Dice, Media

_NAME_BYTES, _PASSWORD_BYTES = 6, 16
"""At least 24 and 128 random bits (RFC 8445, section 5.3)."""


class Doorway:
    """Of one call."""

    def __init__(self, media: Media, dice: Dice) -> None:
        self._media = media
        self._dice = dice
        self._ours: Ours | None = None
        self._theirs: Theirs | None = None
        self.offered = False
        """Whether our own offer was for a browser."""

    def offer(self) -> Ours:
        """Give what our own offer tells; the same for each description of the call."""
        self.offered = True
        self._ours = self._ours or self._mint(Setup.ACTPASS)
        return self._ours

    def answer(self, agreement: Agreement) -> Agreement:
        """Add our side to what a browser offers; what is no browser's stays as it is."""
        theirs = agreement.browser
        if theirs is None:
            return agreement
        before, self._theirs = self._theirs, theirs
        if self._ours is None or (before is not None and before.username != theirs.username):
            self._ours = self._mint(Setup.PASSIVE)
        setup = self._ours.setup
        if setup is Setup.ACTPASS or before is None or before.fingerprint != theirs.fingerprint:
            setup = Setup.PASSIVE if theirs.begins else Setup.ACTIVE
        self._ours = replace(self._ours, setup=setup)
        return replace(agreement, door=self._ours)

    def settle(self, agreement: Agreement) -> Agreement:
        """Add our side to a browser's answer to our offer."""
        theirs = agreement.browser
        if theirs is None:
            return agreement
        self._theirs = theirs
        self._ours = replace(self.offer(), setup=Setup.PASSIVE if theirs.begins else Setup.ACTIVE)
        return replace(agreement, door=self._ours)

    def _mint(self, setup: Setup) -> Ours:
        return Ours(
            username=self._dice.secret(_NAME_BYTES).hex(),
            password=self._dice.secret(_PASSWORD_BYTES).hex(),
            fingerprint=self._media.fingerprint or "",
            hosts=self._media.addresses,
            setup=setup,
        )
