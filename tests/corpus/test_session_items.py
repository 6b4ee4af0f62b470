"""What handlers put into a visitor's session and take out of it."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

FILES = {
    "settings.py": SETTINGS
    + """
INSTALLED_APPS += ["django.contrib.sessions"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
}
""",
    "urls.py": """
from django.urls import path

from things import views

urlpatterns = [path("visits/", views.Visits.as_view()), path("taken/", views.Taken.as_view())]
""",
    "things/models.py": "",
    "things/views.py": """
from rest_framework.response import Response
from rest_framework.views import APIView


class Visits(APIView):
    def get(self, request):
        request.session["state"] = "asked"
        request.session["kept"] = 2
        del request.session["state"]
        found = request.session.get("state")
        return Response({"state": found, "kept": request.session["kept"]})


class Taken(APIView):
    def post(self, request):
        if request.data.get("name"):
            request.session["name"] = request.data["name"]
        del request.session["name"]
        return Response({"left": "name" in request.session})
""",
}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_items_of_sessions_are_taken_out(database: str, tmp_path: Path, postgres: Cluster) -> None:
    server = database == "postgresql"
    url = postgres.new_database("corpus_session_items") if server else f"sqlite:///{tmp_path}/v.db"
    project = small_project(tmp_path / "legacy", FILES)
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    assert [e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"] == []
    assert not_equal(verified(project, tmp_path, "--cases", "30", DATABASE_URL=url)) == []
