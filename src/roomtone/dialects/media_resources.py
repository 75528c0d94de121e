"""How a call's audio fares, as a resource of our own: neither vendor has one while a call is up. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from roomtone.core.call.messages import StreamFigures
from roomtone.core.call.quality import opinion_score, transmission_rating
from roomtone.core.call.state import Call
from roomtone.core.conference.state import Conference
from roomtone.core.ids import CallId
from roomtone.dialects.dialect import Json, Resource, Sids

PACKET_MS = 20.0
"""A packet is spoken before it is sent; most are this long."""


def call_media(call: Call, figures: StreamFigures, sids: Sids) -> Resource:
    """Write how a call's audio fares, as last told by the engine."""
    rating = transmission_rating(_delay_ms(figures), _loss(figures))
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


def conference_statistics(
    conference: Conference, figures: Mapping[CallId, StreamFigures], sids: Sids
) -> Resource:
    """Write how everybody in a conference is heard, as last told by the engine; who has no sound yet is left out."""
    return {
        "conference_sid": sids.show(conference.id),
        "account_sid": sids.show(conference.project),
        "participants": [
            _participant(one.call, figures[one.call], sids)
            for one in conference.participants
            if one.call in figures
        ],
    }


def _participant(call: CallId, figures: StreamFigures, sids: Sids) -> Json:
    delay_ms = _delay_ms(figures)
    rating = transmission_rating(delay_ms, _loss(figures))
    return {
        "call_sid": sids.show(call),
        "codec": figures.codec,
        "level_db": _round(figures.level_db),
        "packets_received": figures.packets_received,
        "packets_lost": figures.packets_lost,
        "packets_late": figures.packets_late,
        "jitter_ms": _round(figures.jitter_ms),
        "round_trip_ms": _round(figures.round_trip_ms),
        "delay_ms": _round(delay_ms),
        "r_factor": round(rating, 1),
        "mos": round(opinion_score(rating), 2),
    }


def _loss(figures: StreamFigures) -> float:
    """Give the share of packets that could not be played."""
    sent = figures.packets_received + figures.packets_lost
    return (figures.packets_lost + figures.packets_late) / sent if sent else 0.0


def _delay_ms(figures: StreamFigures) -> float:
    """Give how long somebody's words take from their mouth to the mix."""
    return PACKET_MS + (figures.round_trip_ms or 0.0) / 2 + (figures.mix_delay_ms or figures.depth_ms)


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
