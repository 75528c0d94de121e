"""How one call's sound is encrypted: what may be agreed on, and which keys are ours.

A key of ours stays for as long as the peer's does, so that the count of its packets goes on; wherever theirs changes, or
where it is sent to, there may be somebody else who knows nothing of that count, and gets a fresh one.

Source: RFC 3264, section 8; RFC 4568, sections 5.1.2 (answers), 5.1.3 (their answer to ours) and 7.1.4 (later offers).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from roomtone.sdp.agreement import Agreement
from roomtone.sdp.crypto import Crypto, Demand, Encryption, Suite, demand
from roomtone.sdp.negotiate import NotAcceptable
from roomtone.switchboard.doorway import Doorway
from roomtone.switchboard.ports import Dice, Media


@dataclass(frozen=True, slots=True)
class Sealed:
    """What was agreed on last."""

    theirs: Crypto
    ours: Crypto
    remote: tuple[str, int]


class Sealing:
    """Of one call."""

    def __init__(self, wanted: Encryption, media: Media, dice: Dice, *, secure: bool | None = None) -> None:
        self._wanted = wanted
        self._media = media
        self._dice = dice
        self._secure = secure
        self.doorway = Doorway(media, dice)
        self._offered: tuple[Crypto, ...] = ()
        self._sealed: Sealed | None = None

    def goes(self, *, secure: bool) -> None:
        """Know by what the call's signalling goes."""
        self._secure = secure

    def begin_anew(self, *, sealed: bool) -> None:
        """Forget all keys: the count of packets under them is lost. What was encrypted stays so."""
        self._offered, self._sealed, self._secure = (), None, sealed

    @property
    def demand(self) -> Demand:
        """What may be agreed on when they offer."""
        doors = self._media.fingerprint is not None
        return demand(self._wanted, self._media.suites, secure=self._secure, doors=doors)

    @property
    def expected(self) -> Demand:
        """What may be agreed on when they answer: what we offered."""
        if self.doorway.offered:
            return Demand(only=True, doors=True)
        suites = frozenset(one.suite for one in self._offered)
        return Demand(suites, only=bool(suites) or self.demand.only)

    def offer(self) -> tuple[Crypto, ...]:
        """Give the keys of our own offer; none: it is for plain sound. The same for each description of the call."""
        if not self._offered:
            suites = self.demand.offers
            self._offered = tuple(
                Crypto(tag, suite, self._mint(suite)) for tag, suite in enumerate(suites, 1)
            )
        return self._offered

    def answer(self, agreement: Agreement) -> Agreement:
        """Add our key to what their offer comes to. The same again for the same offer."""
        theirs, remote = agreement.theirs, (agreement.remote_host, agreement.remote_port)
        if theirs is None:
            self._sealed = None
            return self.doorway.answer(agreement)
        before = self._sealed
        stays = before is not None and (before.theirs.suite, before.theirs.key, before.remote) == (
            theirs.suite,
            theirs.key,
            remote,
        )
        key = before.ours.key if before is not None and stays else self._mint(theirs.suite)
        self._sealed = Sealed(theirs, Crypto(theirs.tag, theirs.suite, key), remote)
        return replace(agreement, ours=self._sealed.ours)

    def settle(self, agreement: Agreement) -> Agreement:
        """Add our key to what their answer to our offer comes to.

        Raises:
            NotAcceptable: They chose what we did not offer.
        """
        theirs = agreement.theirs
        if theirs is None:
            return self.doorway.settle(agreement)
        chosen = next(
            (one for one in self._offered if (one.tag, one.suite) == (theirs.tag, theirs.suite)), None
        )
        if chosen is None:
            raise NotAcceptable(488, f"a=crypto:{theirs.tag} {theirs.suite} was not offered")
        self._sealed = Sealed(theirs, chosen, (agreement.remote_host, agreement.remote_port))
        return replace(agreement, ours=chosen)

    def _mint(self, suite: Suite) -> bytes:
        """Draw a key."""
        return self._dice.secret(suite.key_bytes)
