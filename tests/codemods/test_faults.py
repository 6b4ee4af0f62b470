"""A fault of the converter keeps the endpoint at which it shows, and names itself."""

from pathlib import Path

import pytest

from strangler.facts import Endpoint
from strangler_codemods.endpoints import Emitted, Endpoints
from strangler_codemods.modules import NewModule
from tests.codemods.project import legacy_project

FILES = {
    "things/models.py": "",
    "things/views.py": """
from rest_framework.response import Response
from rest_framework.views import APIView


class Good(APIView):
    def get(self, request):
        return Response({"good": True})


class Bad(APIView):
    def get(self, request):
        return Response({"bad": True})
""",
    "urls.py": """
from django.urls import path
from things import views

urlpatterns = [path("good/", views.Good.as_view()), path("bad/", views.Bad.as_view())]
""",
}


def test_the_others_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    legacy = legacy_project(tmp_path, FILES)
    whole = Endpoints._emit

    def failing(self: Endpoints, endpoint: Endpoint) -> Emitted:
        if endpoint.path == "/bad/":
            raise KeyError("nobody thought\nof this")
        return whole(self, endpoint)

    monkeypatch.setattr(Endpoints, "_emit", failing)
    done = legacy.convert()
    assert done.converted("GET /good/")
    reason = done.reasons("GET /bad/")[0]
    assert reason.code == "R004"
    assert "the converter failed (test_faults.py:" in reason.message
    assert "KeyError" in reason.message
    assert "bad" not in "".join(done.generated.values())


def test_what_waits_where_nothing_can_be_waited_for_is_never_written() -> None:
    module = NewModule("app.things")
    with pytest.raises(SyntaxError, match="await"):
        module.add("bad", "async def bad():\n    return run(lambda: show(await read()))\n")
    assert module.items == {}
    assert module.add("good", "async def good():\n    return show(await read())\n") == "good"
