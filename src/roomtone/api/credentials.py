"""Who asks: HTTP Basic, the account's sid as user and its token as password.

The user must be the account that the path names, in either spelling. Every way to be wrong gets the same answer, so
that nobody learns which accounts exist. Source: RFC 7617.
"""

from __future__ import annotations

import binascii
from base64 import b64decode

from roomtone.api.ports import Projects
from roomtone.core.ids import ProjectId
from roomtone.core.project import Project
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import sids

CHALLENGE = ("WWW-Authenticate", 'Basic realm="Roomtone", charset="UTF-8"')
"""Goes with every 401."""


async def authenticate(authorization: str | None, account: str | None, projects: Projects) -> Project:
    """Find out whose request it is.

    Args:
        authorization: The header, if there is one.
        account: The account in the path; None: the path names none, and the user stands for it.
        projects: Knows the tokens.

    Raises:
        Refused: NOT_AUTHENTICATED.
    """
    user, token = _basic(authorization)
    project = sids.parse(ProjectId, user)
    if project is None or (account is not None and sids.parse(ProjectId, account) != project):
        raise Refused(Reason.NOT_AUTHENTICATED)
    known = await projects.project_with_token(project, token)
    if known is None:
        raise Refused(Reason.NOT_AUTHENTICATED)
    return known


def _basic(authorization: str | None) -> tuple[str, str]:
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        raise Refused(Reason.NOT_AUTHENTICATED)
    try:
        user, colon, token = b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        raise Refused(Reason.NOT_AUTHENTICATED) from None
    if not colon or "\0" in token:
        raise Refused(Reason.NOT_AUTHENTICATED)
    return user, token
