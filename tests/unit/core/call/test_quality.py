"""The E-model against values worked out by hand from the formulas of the Recommendation."""

from __future__ import annotations

import pytest

from roomtone.core.call.quality import opinion_score, transmission_rating


@pytest.mark.parametrize(
    ("delay_ms", "loss", "rating"),
    [
        (0, 0, 93.2),
        (100, 0, 93.2),
        (150, 0, 93.0),
        (200, 0, 90.3),
        (300, 0, 78.4),
        (400, 0, 69.1),
        (0, 0.01, 89.6),
        (0, 0.05, 77.4),
        (0, 0.2, 51.1),
        (0, 1, 17.1),
    ],
)
def test_the_rating_falls_with_delay_and_loss(delay_ms: float, loss: float, rating: float) -> None:
    assert transmission_rating(delay_ms, loss) == pytest.approx(rating, abs=0.3)


@pytest.mark.parametrize(
    ("rating", "score"),
    [
        (-5, 1.0),
        (0, 1.0),
        (50, 2.58),
        (60, 3.10),
        (70, 3.60),
        (80, 4.03),
        (90, 4.34),
        (93.2, 4.41),
        (100, 4.5),
    ],
)
def test_the_score_is_that_of_annex_b(rating: float, score: float) -> None:
    assert opinion_score(rating) == pytest.approx(score, abs=0.01)


def test_worse_is_never_better() -> None:
    delays = [transmission_rating(delay, 0.01) for delay in range(0, 1_000, 10)]
    losses = [opinion_score(transmission_rating(50, loss / 100)) for loss in range(101)]
    assert delays == sorted(delays, reverse=True)
    assert losses == sorted(losses, reverse=True)
