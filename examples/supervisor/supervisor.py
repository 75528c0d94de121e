"""Call a supervisor into a conference to listen in, whisper to the agent, or speak to all: Twilio's Python SDK.

    ROOMTONE_URL=http://127.0.0.1:8080 ROOMTONE_SID=AC… ROOMTONE_TOKEN=… \\
        python supervisor.py CONFERENCE AGENTS_CALL sip:supervisor@127.0.0.1:5070

The supervisor comes in unheard. Then type, line by line: ``whisper`` (only the agent hears the supervisor), ``barge``
(everybody does), ``monitor`` (nobody does), ``leave``.
"""

from __future__ import annotations

import os
import sys
import time

from twilio.rest import Client

FROM = os.environ.get("ROOMTONE_FROM", "+15550199")


def connect() -> Client:
    """Make the SDK's client; only the address differs from what you have today."""
    client = Client(os.environ["ROOMTONE_SID"], os.environ["ROOMTONE_TOKEN"])
    client.api.base_url = os.environ["ROOMTONE_URL"]
    return client


def main(conference: str, agent: str, address: str) -> None:
    people = connect().conferences(conference).participants
    modes = {
        "monitor": {"muted": True, "coaching": True, "call_sid_to_coach": agent},
        "whisper": {"muted": False, "coaching": True, "call_sid_to_coach": agent},
        "barge": {"muted": False, "coaching": False},
    }
    invited = people.create(
        to=address, from_=FROM, label="supervisor", beep="false", start_conference_on_enter=False,
        **modes["monitor"],
    )  # fmt: skip
    supervisor = people(invited.call_sid)
    while supervisor.fetch().status != "connected":  # 404, and so the end, if nobody answers
        time.sleep(0.2)
    print(f"monitor {invited.call_sid}", flush=True)
    for line in sys.stdin:
        word = line.strip()
        if word == "leave":
            supervisor.delete()
        elif word in modes:
            supervisor.update(**modes[word])
        else:
            word = f"{word}? One of {', '.join(modes)}, leave"
        print(word, flush=True)
        if word == "leave":
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
