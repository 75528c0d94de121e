"""Participants as they were written a moment ago, so that one who has not changed is not written again.

A participant is a value that is never changed: whoever is muted is another value. So the very same value of the same
conference reads the same for ever, and a page of fifty is fifty look-ups.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from roomtone.api.faces import mark_of
from roomtone.api.frontdesk import Answer, json_answer
from roomtone.core.conference.state import Conference, Participant
from roomtone.core.ids import ConferenceId
from roomtone.dialects.dialect import Resource

KEPT = 20_000
"""How many are kept at most, some kilobytes each; those written first go first."""


class Renderings:
    """Resources by the value they were written from. Whoever is given one must not change it."""

    def __init__(self) -> None:
        self._written: OrderedDict[tuple[int, ConferenceId, str], tuple[Participant, Resource]] = (
            OrderedDict()
        )
        self._answers: OrderedDict[tuple[int, ConferenceId, str], tuple[Participant, Answer]] = OrderedDict()

    def of(
        self, participant: Participant, conference: Conference, dialect: str, write: Callable[[], Resource]
    ) -> Resource:
        """Give how a participant is written; `write` does it if need be.

        The value itself is kept beside, so that its address is no other value's in the meantime.
        """
        key = (id(participant), conference.id, dialect)
        found = self._written.get(key)
        if found is not None:
            return found[1]
        resource = write()
        self._written[key] = (participant, resource)
        if len(self._written) > KEPT:
            self._written.popitem(last=False)
        return resource

    def answer_of(
        self, participant: Participant, conference: Conference, dialect: str, write: Callable[[], Resource]
    ) -> Answer:
        """Give the whole answer that shows a participant, as `of`."""
        key = (id(participant), conference.id, dialect)
        found = self._answers.get(key)
        if found is not None:
            return found[1]
        bare = json_answer(200, self.of(participant, conference, dialect, write))
        answer = replace(bare, mark=mark_of(bare.content))
        self._answers[key] = (participant, answer)
        if len(self._answers) > KEPT:
            self._answers.popitem(last=False)
        return answer


RENDERINGS = Renderings()
"""Those of this process."""
