"""How an answer looks: JSON as it is, XML or CSV if its path's suffix says so; and whether it is news at all.

An answer to a question carries a weak ETag of its content; whoever says they have just that is told so, without it.
Sources: Twilio "Responses"; RFC 9110 sections 8.8.3 and 13.1.2.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b

from starlette.datastructures import Headers

from roomtone.api.frontdesk import Answer
from roomtone.dialects import faces

_XML = "application/xml; charset=utf-8"
_CSV = "text/csv; charset=utf-8"


def turned(answer: Answer, suffix: str, kind: str) -> Answer:
    """Give an answer the face that its path's suffix asks for.

    Args:
        answer: As an endpoint gave it.
        suffix: ``.xml``, ``.csv``; anything else leaves it as it is.
        kind: What it is about.
    """
    if answer.resource is None:
        return answer
    match suffix:
        case ".xml":
            return _rewritten(answer, faces.xml(kind, answer.resource), _XML)
        case ".csv":
            return _rewritten(answer, faces.comma_separated(answer.resource), _CSV)
        case _:
            return answer


def turned_refusal(answer: Answer, suffix: str) -> Answer:
    """Give a refusal its face: XML where XML was asked for, else JSON, for there is no CSV of one."""
    if answer.resource is None or suffix != ".xml":
        return answer
    return _rewritten(answer, faces.xml_error(answer.resource), _XML)


def stamped(answer: Answer, method: str, headers: Headers) -> Answer:
    """Stamp the answer to a question, and leave out what the asker says to have."""
    if method not in {"GET", "HEAD"} or answer.status != 200:
        return answer
    mark = answer.mark or mark_of(answer.content)
    stamp = ("ETag", f'W/"{mark}"')
    asked = headers.get("if-none-match")
    if asked:
        known = {one.strip().removeprefix("W/") for one in asked.split(",")}
        if known & {"*", f'"{mark}"'}:
            return Answer(304, headers=(*answer.headers, stamp))
    return answer.with_headers(stamp)


def mark_of(content: bytes) -> str:
    """Give the mark of a content, for ETags."""
    return blake2b(content, digest_size=12).hexdigest()


def _rewritten(answer: Answer, text: str, media_type: str) -> Answer:
    return replace(answer, content=text.encode("utf-8", "replace"), media_type=media_type, mark="")
