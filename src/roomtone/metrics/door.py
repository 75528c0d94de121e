"""Answers whoever asks for the figures: `GET /metrics`, and nothing else.

It has an address of its own because nothing on it asks for a password: what can reach the API (a reverse proxy on this
machine, for one) is not to reach this by accident.
"""

from __future__ import annotations

from prometheus_client.exposition import choose_encoder
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from roomtone.metrics.board import Board
from roomtone.metrics.live import Live

PATH = "/metrics"


def create_metrics_app(board: Board, live: Live) -> ASGIApp:
    """Make the application."""

    async def answer(scope: Scope, _: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
        elif scope["path"] != PATH:
            await _send(send, 404, "text/plain; charset=utf-8", f"The figures are at {PATH}.\n".encode())
        elif scope["method"] not in {"GET", "HEAD"}:
            await _send(send, 405, "text/plain; charset=utf-8", b"GET it.\n")
        else:
            await live.read(board)
            write, media_type = choose_encoder(Headers(scope=scope).get("accept", ""))
            await _send(send, 200, media_type, b"" if scope["method"] == "HEAD" else write(board.registry))

    return answer


async def _send(send: Send, status: int, media_type: str, content: bytes) -> None:
    headers = [(b"content-type", media_type.encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
