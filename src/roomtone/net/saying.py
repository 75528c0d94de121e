"""What is told afterwards of a request and its answer, fit to be shown: no password, no cookie, no speech."""

from __future__ import annotations

from roomtone.core.inspection import Said, beginning, fit, without_logins
from roomtone.net.client import shown
from roomtone.net.words import Answer, NetFault, Question

_KEPT_TO_THEMSELVES = frozenset({"set-cookie", "authorization", "www-authenticate", "proxy-authenticate"})
_MOST_HEADERS = 30
_LONGEST = 300


def said(question: Question, answer: Answer | NetFault) -> Said:
    """Tell of a request that was made, and of what came back.

    Raises:
        ValueError: Its URL is none.
    """
    again = isinstance(answer, Answer) and answer.signed_again
    sign = question.sign_again if again else question.sign
    signature = (sign and sign(question.url, question.form, question.method)) or {}
    form, signed = fit(question.form, question.signed)
    return Said(
        method=question.method.value,
        url=shown(question.url),
        headers=(*question.headers.items(), *signature.items()),
        form=form,
        signed=signed,
        signed_again=again,
        answered=_headers(answer) if isinstance(answer, Answer) else (),
        body=beginning(answer.body) if isinstance(answer, Answer) else "",
    )


def _headers(answer: Answer) -> tuple[tuple[str, str], ...]:
    """Give the headers of an answer that somebody may see, cut to a bearable length."""
    told = (
        (name, without_logins(text)[:_LONGEST])
        for name, text in answer.headers.items()
        if name not in _KEPT_TO_THEMSELVES
    )
    return tuple(told)[:_MOST_HEADERS]
