"""What the engine has been told to be, for another that takes its place: plans, what plays, and the streams. Pure.

Kept as the orders that made it so, the latest of each; what has ended is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from msgspec.structs import replace

from roomtone.core.exchange import Clip
from roomtone.link import messages


@dataclass(frozen=True, slots=True)
class Playing:
    """A source, and the clip it plays, if it plays one."""

    order: messages.StartSource
    clip: Clip | None


@dataclass(slots=True)
class Picture:
    """The latest orders."""

    plans: dict[str, messages.ApplyPlan] = field(default_factory=dict)
    sources: dict[str, Playing] = field(default_factory=dict)
    streams: dict[str, messages.OpenStream] = field(default_factory=dict)
    """Each with the port it was given."""

    def plan(self, order: messages.ApplyPlan) -> None:
        """Note a plan, unless it is older than what is noted."""
        before = self.plans.get(order.conference)
        if before is None or before.revision <= order.revision:
            self.plans[order.conference] = order

    def ended(self, source: str, turn: int) -> None:
        """Forget what has played to its end, if nothing else plays there by now."""
        playing = self.sources.get(source)
        if playing is not None and playing.order.turn == turn:
            del self.sources[source]

    def changed(self, order: messages.ChangeStream) -> None:
        """Note what has become of a stream."""
        before = self.streams.get(order.call)
        if before is not None:
            self.streams[order.call] = replace(
                before,
                format=order.format,
                remote_host=order.remote_host,
                remote_port=order.remote_port,
                flow=order.flow,
                security=order.security,
                door=order.door,
            )

    def learn(self, streams: Iterable[messages.StreamState]) -> None:
        """Note streams of an earlier brain, as the engine holds them."""
        for one in streams:
            self.streams.setdefault(one.call, _order_of(one))


def _order_of(state: messages.StreamState) -> messages.OpenStream:
    return messages.OpenStream(
        n=0,
        call=state.call,
        format=state.format,
        remote_host=state.remote_host,
        remote_port=state.remote_port,
        flow=state.flow,
        security=state.security,
        door=state.door,
        port=state.port,
    )
