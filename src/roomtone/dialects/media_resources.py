"""How a call's audio fares, as a resource of our own: neither vendor has one while a call is up. Pure."""

from __future__ import annotations

from roomtone.core.call.messages import StreamFigures
from roomtone.core.call.quality import opinion_score, transmission_rating
from roomtone.core.call.state import Call
from roomtone.dialects.dialect import Resource, Sids

PACKET_MS = 20.0
"""A packet is spoken before it is sent; most are this long."""


def call_media(call: Call, figures: StreamFigures, sids: Sids) -> Resource:
    """Write how a call's audio fares, as last told by the engine."""
    sent = figures.packets_received + figures.packets_lost
    missed = figures.packets_lost + figures.packets_late
    loss = missed / sent if sent else 0.0
    delay_ms = PACKET_MS + (figures.round_trip_ms or 0.0) / 2 + (figures.mix_delay_ms or figures.depth_ms)
    rating = transmission_rating(delay_ms, loss)
    return {
        "call_sid": sids.show(call.id),
        "account_sid": sids.show(call.project),
        "codec": figures.codec,
        "packets_received": figures.packets_received,
        "packets_sent": figures.packets_sent,
        "packets_lost": figures.packets_lost,
        "packets_late": figures.packets_late,
        "packets_duplicate": figures.packets_duplicate,
        "packets_refused": figures.packets_refused,
        "jitter_ms": _round(figures.jitter_ms),
        "round_trip_ms": _round(figures.round_trip_ms),
        "buffer_ms": _round(figures.depth_ms),
        "buffer_history_ms": [_round(one) for one in figures.depths_ms],
        "mix_delay_ms": _round(figures.mix_delay_ms),
        "level_db": _round(figures.level_db),
        "r_factor": round(rating, 1),
        "mos": round(opinion_score(rating), 2),
    }


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
