"""How good a call sounds, by its counters: the E-model's estimate of what listeners would say. Pure.

Everything but delay, loss and codec is taken at the Recommendation's defaults, and so is no echo; the scale is that of
narrow-band telephony also for wide codecs, so that calls can be compared. What another end does to the sound (its
microphone, its own loss) is not known here.

Sources: ITU-T G.107 (06/2015), sections 7.1 (R), 7.4 (delay: Idd), 7.5 (loss: Ie-eff), annex B (MOS from R); G.113
appendix I (Ie and Bpl of G.711 with concealment).
"""

from __future__ import annotations

import math

R_UNHARMED = 93.2
"""R with every parameter at its default (G.107, section 7.7)."""

IE, BPL = 0.0, 25.1
"""Equipment impairment and robustness against loss of G.711 with concealment, for single losses (G.113, table I.4). The
wider codecs have no values of their own on the narrow-band scale; all conceal no worse."""

MUTE_R, PERFECT_R = 0.0, 100.0


def transmission_rating(delay_ms: float, loss: float) -> float:
    """Give R, 0 to 93.2.

    Args:
        delay_ms: Mouth to ear, one way.
        loss: Share of packets that could not be played, 0 to 1.
    """
    percent = 100.0 * min(max(loss, 0.0), 1.0)
    effective = IE + (95.0 - IE) * percent / (percent + BPL)
    return max(0.0, R_UNHARMED - _delay_impairment(delay_ms) - effective)


def opinion_score(rating: float) -> float:
    """Turn R into a mean opinion score, 1 to 4.5."""
    if rating <= MUTE_R:
        return 1.0
    if rating >= PERFECT_R:
        return 4.5
    return max(1.0, 1.0 + 0.035 * rating + rating * (rating - 60.0) * (100.0 - rating) * 7e-6)


def _delay_impairment(delay_ms: float) -> float:
    if delay_ms <= 100.0:
        return 0.0
    x = math.log2(delay_ms / 100.0)
    return 25.0 * (_sixth_root(1.0 + x**6) - 3.0 * _sixth_root(1.0 + (x / 3.0) ** 6) + 2.0)


def _sixth_root(value: float) -> float:
    return math.pow(value, 1.0 / 6.0)
