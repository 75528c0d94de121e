"""Passes as JSON Web Tokens: written by us, or by an application of the customer's that has the official helper library.

Signed by HMAC-SHA256 with the project's signing key, and by nothing else: a token that names another algorithm, or none, is no
token. Twilio's tokens of access are read, too (grant ``voice``), if the account signs them itself: ``AccessToken(account_sid,
account_sid, signing_key, identity=…)``. The secrets of API keys are not kept, only slow digests of them, so that what is signed by one
cannot be checked.

Sources: RFC 7515 (JWS), sections 3.1, 5.2 and 10.7; RFC 7519 (JWT), section 4.1; RFC 8725 (best practices), 3.1 and 3.2; Twilio
"Access Tokens", and its helper libraries.
"""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac
from typing import Any

from roomtone.core.ids import ApplicationId, ProjectId
from roomtone.core.passes import IDENTITY, LONGEST_S, Pass
from roomtone.core.project import Project
from roomtone.core.refusals import Refused
from roomtone.dialects import sids
from roomtone.dialects.browser_forms import target

LONGEST = 4_096
"""Characters of a token that is read."""

SKEW_S = 60
"""Seconds that the clock of whoever signs may be ahead of ours."""

BEARER = "bearer"
"""The scheme of an Authorization header that carries one (RFC 6750; RFC 8898 in SIP)."""

OURS = "roomtone"
"""The grant that is our own."""

_HEAD = {"alg": "HS256", "typ": "JWT"}


class NoPass(ValueError):  # noqa: N818 - a no to whoever shows it
    """What was shown opens nothing. The text is for the project's own people, and tells no secret."""


def shown(authorization: str | None) -> str | None:
    """Give the token of an Authorization header; None: it carries none."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() if scheme.lower() == BEARER else None


def of(headers: Iterable[tuple[str, str]]) -> str | None:
    """Give the token that is among headers of a SIP request; None: there is none."""
    found = (shown(value) for name, value in headers if name.lower() == "authorization")
    return next((one for one in found if one is not None), None)


def write(one: Pass, key: str, now_s: int, number: int) -> str:
    """Spell a pass.

    Args:
        one: What it allows.
        key: The project's signing key.
        now_s: Wall clock, seconds since 1970 UTC.
        number: 128 random bits, so that no two are the same.
    """
    sid = sids.prefixed(one.project)
    told = {"to": list(one.to), "incoming": one.incoming, "muted": one.muted}
    claims = {
        "iss": sid, "sub": sid, "iat": now_s, "exp": one.expires_s, "jti": f"{number:032x}",
        "grants": {"identity": one.identity, OURS: told},
    }  # fmt: skip
    signed = f"{_packed(_HEAD)}.{_packed(claims)}"
    return f"{signed}.{_signature(signed, key)}"


def project_of(token: str) -> ProjectId:
    """Say whose a token claims to be; nothing of it is proved by that.

    Raises:
        NoPass: It is no token.
    """
    claims = _claims(token)
    project = sids.parse(ProjectId, str(claims.get("sub", "")))
    if project is None:
        raise NoPass("its sub names no project")
    return project


def proved(token: str, project: Project | None, now_ms: int) -> Pass:
    """Prove a token by the signing key of the project it claims to be of, or by the one before it for as long as that is good.

    Raises:
        NoPass: As `read`.
    """
    keys = () if project is None else (project.signing_key, project.former_key(now_ms))
    return read(token, [one for one in keys if one is not None], now_ms // 1_000)


def read(token: str, keys: Sequence[str], now_s: int) -> Pass:
    """Prove a token, and give what it allows.

    Args:
        token: As it was shown.
        keys: Signing keys of the project it claims to be of, any of which will do; none: there is no such project.
        now_s: Wall clock, seconds since 1970 UTC.

    Raises:
        NoPass: It was signed with another key, is over or not yet good, or says nothing that can be understood.
    """
    signed, _, signature = token.rpartition(".")
    head = _part(signed.partition(".")[0])
    if head.get("alg") != _HEAD["alg"]:
        raise NoPass("it is not signed by HS256")
    proofs = [compare_digest(signature.encode(), _signature(signed, key).encode()) for key in keys]
    if not any(proofs):
        raise NoPass("it is not signed with the project's signing key")
    claims = _claims(token)
    return _understood(claims, project_of(token), _end(claims, now_s))


def _end(claims: dict[str, Any], now_s: int) -> int:
    """Give when a token is over, if it is good now."""
    end, begin = claims.get("exp"), claims.get("nbf", claims.get("iat", now_s))
    if type(end) is not int or type(begin) is not int:
        raise NoPass("its exp is no number")
    if not begin - SKEW_S <= now_s < end:
        raise NoPass("it is over" if now_s >= end else "it is not good yet")
    if end - begin > LONGEST_S:
        raise NoPass(f"it is good for more than {LONGEST_S} s")
    return end


def _understood(claims: dict[str, Any], project: ProjectId, end_s: int) -> Pass:
    if claims.get("iss") != claims.get("sub"):
        raise NoPass(
            "its iss is not the account: the secrets of API keys are not kept, the signing key signs"
        )
    grants = _object(claims.get("grants"))
    identity = grants.get("identity")
    if not isinstance(identity, str) or not IDENTITY.fullmatch(identity):
        raise NoPass("its identity is not 1 to 120 letters, digits and any of _ . + -")
    own, voice = _object(grants.get(OURS)), _object(grants.get("voice"))
    to = [one for told in _list(own.get("to")) if isinstance(told, str) and (one := _target(told))]
    application = sids.parse(ApplicationId, str(_object(voice.get("outgoing")).get("application_sid", "")))
    if application is not None:
        to.append(f"application:{sids.prefixed(application)}")
    incoming = own.get("incoming") is True or _object(voice.get("incoming")).get("allow") is True
    return Pass(project, identity, tuple(to), end_s, incoming, own.get("muted") is True)


def _target(told: str) -> str | None:
    """Spell whom a token names as we do; None: that is nobody."""
    try:
        return target(told.strip())
    except Refused:
        return None


def _claims(token: str) -> dict[str, Any]:
    parts = token.split(".")
    if len(token) > LONGEST or len(parts) != 3:
        raise NoPass("it is no JSON Web Token")
    return _part(parts[1])


def _part(text: str) -> dict[str, Any]:
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return _object(json.loads(raw))
    except (binascii.Error, ValueError, RecursionError):
        raise NoPass("it is no JSON Web Token") from None


def _object(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


def _packed(value: dict[str, Any]) -> str:
    return _base64(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def _signature(signed: str, key: str) -> str:
    return _base64(hmac(key.encode(), signed.encode(), sha256).digest())


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
