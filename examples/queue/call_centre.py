"""A call centre in small: callers wait in a queue, free agents are called and take them. Twilio's Python SDK.

    ROOMTONE_URL=http://127.0.0.1:8080 ROOMTONE_SID=AC… ROOMTONE_TOKEN=… \\
        python call_centre.py +15550100 sip:ann@127.0.0.1:5070 sip:ben@127.0.0.1:5071 sip:cleo@127.0.0.1:5072

Hosts the document of the number (a port of this machine, WAIT_MUSIC if you like), points the number at it, and runs until
interrupted. Whoever has waited longest is taken first; an agent who hangs up is free again.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from twilio.rest import Client
from twilio.twiml.voice_response import Dial, VoiceResponse

QUEUE = "support"
OVER = {"completed", "busy", "failed", "no-answer", "canceled"}


def connect() -> Client:
    """Make the SDK's client; only the address differs from what you have today."""
    client = Client(os.environ["ROOMTONE_SID"], os.environ["ROOMTONE_TOKEN"])
    client.api.base_url = os.environ["ROOMTONE_URL"]
    return client


class Welcome(BaseHTTPRequestHandler):
    """Answers every incoming call: wait in the queue."""

    def do_POST(self) -> None:
        document = VoiceResponse()
        music = os.environ.get("WAIT_MUSIC")
        document.enqueue(QUEUE, **({"wait_url": music, "wait_url_method": "GET"} if music else {}))
        body = str(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def host() -> str:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Welcome)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def take_next() -> str:
    """Spell what an agent's call does: take whoever has waited longest."""
    document, dial = VoiceResponse(), Dial(timeout=10)
    dial.queue(QUEUE)
    document.append(dial)
    return str(document)


def waiting(client: Client) -> int:
    return sum(queue.current_size for queue in client.queues.list() if queue.friendly_name == QUEUE)


def main(number: str, *agents: str) -> None:
    client = connect()
    client.incoming_phone_numbers.create(phone_number=number, voice_url=host())
    print(f"open: {number}", flush=True)
    on_call: dict[str, str] = {}
    """The call of each agent who is not free."""

    taking: set[str] = set()
    """Calls that have not taken anybody out of the queue yet."""

    while True:
        for agent, sid in list(on_call.items()):
            status = client.calls(sid).fetch().status
            if status == "in-progress" and sid in taking:
                taking.discard(sid)
                print(f"{agent} takes the next", flush=True)
            if status in OVER:
                taking.discard(sid)
                del on_call[agent]
                print(f"{agent} is free: {status}", flush=True)
        free = [agent for agent in agents if agent not in on_call]
        for agent in free[: max(0, waiting(client) - len(taking))]:
            call = client.calls.create(to=agent, from_=number, twiml=take_next(), timeout=20)
            on_call[agent] = call.sid
            taking.add(call.sid)
        time.sleep(0.3)


if __name__ == "__main__":
    main(*sys.argv[1:])
