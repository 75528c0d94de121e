"""Hand a customer over to a specialist, but talk to the specialist first: Twilio's Python SDK against Roomtone.

    ROOMTONE_URL=http://127.0.0.1:8080 ROOMTONE_SID=AC… ROOMTONE_TOKEN=… \\
        python warm_transfer.py CONFERENCE CUSTOMERS_CALL AGENTS_CALL sip:specialist@127.0.0.1:5070

The customer hears music (HOLD_MUSIC, or the house's own) while agent and specialist talk. Press Enter to bring the customer back to both, and once more
to let the agent go. A specialist who does not answer leaves agent and customer together, as they were.
"""

from __future__ import annotations

import os
import sys
import time

from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client
from twilio.rest.api.v2010.account.conference.participant import ParticipantInstance

FROM = os.environ.get("ROOMTONE_FROM", "+15550199")
MUSIC = {"hold_url": os.environ["HOLD_MUSIC"]} if "HOLD_MUSIC" in os.environ else {}


def connect() -> Client:
    """Make the SDK's client; only the address differs from what you have today."""
    client = Client(os.environ["ROOMTONE_SID"], os.environ["ROOMTONE_TOKEN"])
    client.api.base_url = os.environ["ROOMTONE_URL"]
    return client


def call_in(client: Client, conference: str, address: str) -> ParticipantInstance | None:
    """Call somebody into the conference, and wait until they answer; None: they did not."""
    people = client.conferences(conference).participants
    invited = people.create(to=address, from_=FROM, label="specialist", timeout=30, beep="false")
    while True:
        try:
            specialist = people(invited.call_sid).fetch()
        except TwilioRestException as gone:
            if gone.status == 404:  # who does not answer has left again
                return None
            raise
        if specialist.status == "connected":
            return specialist
        time.sleep(0.2)


def say(text: str) -> None:
    print(text, flush=True)


def main(conference: str, customer: str, agent: str, address: str) -> None:
    client = connect()
    people = client.conferences(conference).participants
    people(customer).update(hold=True, **MUSIC)
    say("customer on hold")
    specialist = call_in(client, conference, address)
    if specialist is None:
        people(customer).update(hold=False)
        say("no specialist: customer and agent are together again")
        return
    say(f"agent and specialist talk: {specialist.call_sid}")
    sys.stdin.readline()
    people(customer).update(hold=False)
    say("all three talk")
    sys.stdin.readline()
    people(agent).delete()
    say("customer and specialist go on")


if __name__ == "__main__":
    main(*sys.argv[1:])
