"""Put a caller on hold with music of your own, and bring them back: Twilio's Python SDK against Roomtone.

    ROOMTONE_URL=http://127.0.0.1:8080 ROOMTONE_SID=AC… ROOMTONE_TOKEN=… \\
        python hold_music.py lobby http://127.0.0.1:9000/music.wav

Holds whoever has waited longest in the conference, until you press Enter.
"""

from __future__ import annotations

import os
import sys

from twilio.rest import Client


def connect() -> Client:
    """Make the SDK's client; only the address differs from what you have today."""
    client = Client(os.environ["ROOMTONE_SID"], os.environ["ROOMTONE_TOKEN"])
    client.api.base_url = os.environ["ROOMTONE_URL"]
    return client


def main(room: str, music: str) -> None:
    client = connect()
    [conference] = client.conferences.list(friendly_name=room, status="in-progress", limit=1)
    *_, first = client.conferences(conference.sid).participants.list()  # newest first
    caller = client.conferences(conference.sid).participants(first.call_sid)

    held = caller.update(hold=True, hold_url=music)
    print(f"{held.call_sid} is on hold: {held.hold}", flush=True)
    sys.stdin.readline()
    back = caller.update(hold=False)
    print(f"{back.call_sid} is on hold: {back.hold}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
