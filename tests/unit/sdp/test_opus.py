"""What a peer wishes of Opus, as it writes it."""

from __future__ import annotations

import pytest

from roomtone.sdp.opus import OURS, OpusWishes, read_wishes


@pytest.mark.parametrize(
    ("written", "wishes"),
    [
        ("", OpusWishes()),
        ("useinbandfec=1", OpusWishes(fec=True)),
        ("useinbandfec=0;usedtx=1", OpusWishes(dtx=True)),
        (" UseInbandFEC = 1 ; usedtx=yes", OpusWishes(fec=True)),
        (
            "maxaveragebitrate=20000;maxplaybackrate=12000",
            OpusWishes(bitrate_bps=20_000, max_playback_hz=12_000),
        ),
        ("maxaveragebitrate=1;maxplaybackrate=1", OpusWishes(bitrate_bps=6_000, max_playback_hz=8_000)),
        ("maxaveragebitrate=999999999;maxplaybackrate=96000", OpusWishes(bitrate_bps=510_000)),
        ("maxaveragebitrate=-5;maxplaybackrate=1e9;=;;stereo", OpusWishes()),
        ("maxaveragebitrate=99999999999999999999", OpusWishes()),
    ],
)
def test_what_is_written_is_read_and_what_cannot_be_read_is_as_good_as_unsaid(
    written: str, wishes: OpusWishes
) -> None:
    assert read_wishes(written) == wishes


def test_we_say_that_we_use_copies_and_hear_one_channel() -> None:
    assert read_wishes(OURS) == OpusWishes(fec=True, dtx=True)
    assert "stereo=0" in OURS.split(";")
