"""Call a list of people, play them a message, and tell what came of it: Twilio's Python SDK against Roomtone.

    ROOMTONE_URL=http://127.0.0.1:8080 ROOMTONE_SID=AC… ROOMTONE_TOKEN=… \\
        python campaign.py http://127.0.0.1:9000/message.wav people.txt

``people.txt`` has a number or a SIP address on each line. At most LINES calls are up at once (5), a phone rings for RING_S
seconds (20), and whoever is busy or does not answer is called once more at the end.
"""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from pathlib import Path

from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client
from twilio.twiml.voice_response import VoiceResponse

FROM = os.environ.get("ROOMTONE_FROM", "+15550199")
LINES = int(os.environ.get("LINES_AT_ONCE", "5"))
RING_S = int(os.environ.get("RING_S", "20"))
TRIES = 2
OVER = {"completed", "busy", "failed", "no-answer", "canceled"}
AGAIN = {"busy", "no-answer"}


def connect() -> Client:
    """Make the SDK's client; only the address differs from what you have today."""
    client = Client(os.environ["ROOMTONE_SID"], os.environ["ROOMTONE_TOKEN"])
    client.api.base_url = os.environ["ROOMTONE_URL"]
    return client


def message(sound: str) -> str:
    document = VoiceResponse()
    document.pause(length=1)
    document.play(sound)
    return str(document)


def place(client: Client, person: str, document: str) -> str | None:
    """Call somebody; None: they may not be called."""
    try:
        return client.calls.create(to=person, from_=FROM, twiml=document, timeout=RING_S).sid
    except TwilioRestException as refused:
        print(f"{person}: not called, {refused.code}", flush=True)
        return None


def main(sound: str, people_file: str) -> None:
    client, document = connect(), message(sound)
    waiting = deque((person, 1) for person in Path(people_file).read_text().split())
    up: dict[str, tuple[str, int]] = {}
    reached: list[str] = []
    while waiting or up:
        while waiting and len(up) < LINES:
            person, attempt = waiting.popleft()
            sid = place(client, person, document)
            if sid is not None:
                up[sid] = (person, attempt)
        for sid, (person, attempt) in list(up.items()):
            call = client.calls(sid).fetch()
            if call.status not in OVER:
                continue
            del up[sid]
            print(f"{person}: {call.status}, try {attempt}", flush=True)
            if call.status == "completed":
                reached.append(person)
            elif call.status in AGAIN and attempt < TRIES:
                waiting.append((person, attempt + 1))
        time.sleep(0.2)
    print(f"reached {len(reached)}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
