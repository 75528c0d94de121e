"""The house's own documents are read here: nobody is asked over the network for them."""

from __future__ import annotations

import pytest

from roomtone.core.exchange import FetchedDocument, FetchFailed, FetchRequest, Parameters
from roomtone.core.ids import ProjectId
from roomtone.core.project import Project
from roomtone.core.values import Method
from roomtone.dialects import document_patience
from roomtone.documents.fetcher import Fetcher
from roomtone.net.words import Answer, FaultKind, NetFault, Question

PROJECT = Project(ProjectId(1), "p", "twilio", "key", 0)
HERE = "http://127.0.0.1:8080/laml-bins/"


class Nobody:
    """A client that notes what it is asked, and reaches nobody."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def ask(self, question: Question) -> Answer | NetFault:
        self.asked.append(question.url)
        return NetFault(FaultKind.CONNECTION_FAILED, "nobody is there", question.url)


async def hosted(path: str, parameters: Parameters) -> str | int:
    return 404 if path == "none" else f"<Response>{path} {parameters}</Response>"


@pytest.fixture
def nobody() -> Nobody:
    return Nobody()


@pytest.fixture
def fetcher(nobody: Nobody) -> Fetcher:
    made = Fetcher(nobody, sign=lambda *_: {}, patience=document_patience)
    made.host(HERE, hosted)
    return made


async def test_it_is_filled_from_the_query_and_the_form(fetcher: Fetcher, nobody: Nobody) -> None:
    request = FetchRequest(PROJECT, f"{HERE}abc?a=1&b=#rc=2", Method.POST, (("CallSid", "CA1"),))
    found = await fetcher.fetch(request)
    assert found == FetchedDocument(
        "<Response>abc (('a', '1'), ('b', ''), ('CallSid', 'CA1'))</Response>", f"{HERE}abc?a=1&b="
    )
    assert nobody.asked == []


async def test_one_that_is_not_there_is_told_as_its_address_would(fetcher: Fetcher) -> None:
    found = await fetcher.fetch(FetchRequest(PROJECT, f"{HERE}none", Method.POST, ()))
    assert isinstance(found, FetchFailed)
    assert "404" in found.problem


async def test_other_addresses_are_asked(fetcher: Fetcher, nobody: Nobody) -> None:
    await fetcher.fetch(FetchRequest(PROJECT, "http://127.0.0.1:8081/laml-bins/abc", Method.POST, ()))
    assert nobody.asked == ["http://127.0.0.1:8081/laml-bins/abc"]
