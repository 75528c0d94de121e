"""States that were committed or read a moment ago, so that they need not be decoded again.

A state is recalled only under the revision it was kept with, and whoever recalls one has just read that revision from
the database: a stale one is never given out, even if another process wrote.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from roomtone.core.conference.state import Conference
from roomtone.core.ids import ConferenceId

KEPT = 2_000
"""How many conferences are kept at most; those not kept lately go first."""


class Recollection:
    """Conferences as last committed by this process. Used by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: OrderedDict[ConferenceId, Conference] = OrderedDict()
        self._coming: dict[ConferenceId, Conference] = {}

    def of(self, conference: ConferenceId, revision: int) -> Conference | None:
        """Give the conference at exactly this revision, if it is kept."""
        with self._lock:
            state = self._states.get(conference)
            if state is None or state.revision != revision:
                state = self._coming.get(conference)
        return state if state is not None and state.revision == revision else None

    def holds(self, conference: ConferenceId) -> bool:
        """Whether any state of this conference is kept."""
        return conference in self._states or conference in self._coming

    def expect(self, conference: Conference) -> None:
        """Recall a state from the moment its commit is seen: between COMMIT and the word of it others look already.

        Call `keep` or `forget` once it is known what came of the commit.
        """
        with self._lock:
            self._coming[conference.id] = conference

    def forget(self, conference: Conference) -> None:
        """Drop a state that was expected and not committed."""
        with self._lock:
            if self._coming.get(conference.id) is conference:
                del self._coming[conference.id]

    def keep(self, conference: Conference) -> None:
        """Keep a state that was just committed or read, unless a later one is kept."""
        with self._lock:
            if self._coming.get(conference.id) is conference:
                del self._coming[conference.id]
            kept = self._states.get(conference.id)
            if kept is not None and kept.revision > conference.revision:
                return
            self._states[conference.id] = conference
            self._states.move_to_end(conference.id)
            while len(self._states) > KEPT:
                self._states.popitem(last=False)
