"""Who asks: HTTP Basic, with an account's sid and one of its tokens, or with a key's sid and its secret.

The account in the path must be the key's own, or one below it; either spelling will do. Every way to be wrong gets the
same answer, so that nobody learns which accounts exist. Source: RFC 7617.
"""

from __future__ import annotations

import binascii
from base64 import b64decode

from roomtone.api.ports_of_accounts import Keys, Projects
from roomtone.core.access import Access
from roomtone.core.ids import KeyId, ProjectId
from roomtone.core.project import Project
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import sids

CHALLENGE = ("WWW-Authenticate", 'Basic realm="Roomtone", charset="UTF-8"')
"""Goes with every 401."""


async def authenticate(authorization: str | None, keys: Keys, *, shut_s: int = 0) -> Access:
    """Find out whose request it is.

    Args:
        authorization: The header, if there is one.
        keys: Knows the keys.
        shut_s: For how many seconds nobody may try who has not just proved right (too many were wrong); 0: all may.

    Raises:
        Refused: NOT_AUTHENTICATED; PROJECT_NOT_ACTIVE: the key's own project is suspended or closed; OVERLOADED.
    """
    user, secret = _basic(authorization)
    meant = [id_ for id_ in (sids.parse(ProjectId, user), sids.parse(KeyId, user)) if id_ is not None]
    access = next((found for id_ in meant if (found := keys.proved(id_, secret)) is not None), None)
    if access is None and shut_s:
        raise Refused(Reason.OVERLOADED, retry_s=shut_s)
    for id_ in meant if access is None else ():
        access = await keys.access(id_, secret)
        if access is not None:
            break
    if access is None:
        raise Refused(Reason.NOT_AUTHENTICATED)
    if not access.project.active:
        raise Refused(Reason.PROJECT_NOT_ACTIVE, project=access.project.id.hex)
    return access


async def project_of(account: str | None, access: Access, projects: Projects) -> Project:
    """Give the project that the path names, if the one who asks reaches it.

    Args:
        account: The account in the path; None: the path names none, and the key's own stands for it.
        access: Who asks.
        projects: Knows the projects.

    Raises:
        Refused: NOT_AUTHENTICATED.
    """
    named = access.project.id if account is None else sids.parse(ProjectId, account)
    if named == access.project.id:
        return access.project
    found = None if named is None else await projects.project(named)
    if found is None or not access.reaches(found):
        raise Refused(Reason.NOT_AUTHENTICATED)
    return found


def _basic(authorization: str | None) -> tuple[str, str]:
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        raise Refused(Reason.NOT_AUTHENTICATED)
    try:
        user, colon, secret = b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        raise Refused(Reason.NOT_AUTHENTICATED) from None
    if not colon or "\0" in secret:
        raise Refused(Reason.NOT_AUTHENTICATED)
    return user, secret
