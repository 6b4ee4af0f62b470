"""Throttles and versioning schemes of the project: carried with their attributes, or refused."""

import pytest

from tests.codemods.project import Converted, legacy_project

VIEWS = '''
from rest_framework import throttling, versioning
from rest_framework.response import Response
from rest_framework.views import APIView


class Often(throttling.AnonRateThrottle):
    r"""Says \\d "no"."""

    rate = "90/min"


class Computed(throttling.AnonRateThrottle):
    rate = "90/min"
    cache_format = str.format


class Versions(versioning.AcceptHeaderVersioning):
    """One of "two"."""

    allowed_versions = ["1", "2"]


class ComputedVersions(versioning.AcceptHeaderVersioning):
    default_version = str.lower


class Plain(APIView):
    throttle_classes = [Often]
    versioning_class = Versions

    def get(self, request):
        return Response({"version": request.version})


class Limited(Plain):
    throttle_classes = [Computed]


class Versioned(Plain):
    versioning_class = ComputedVersions
'''
URLS = """
from django.urls import path
from things import views

urlpatterns = [
    path("plain/", views.Plain.as_view()),
    path("limited/", views.Limited.as_view()),
    path("versioned/", views.Versioned.as_view()),
]
"""
FILES = {"things/models.py": "", "things/views.py": VIEWS, "urls.py": URLS}


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    return legacy_project(tmp_path_factory.mktemp("things"), FILES).convert()


def test_classes_that_only_set_attributes_are_carried(things: Converted) -> None:
    assert things.converted("GET /plain/")
    assert 'rate = "90/min"' in things.module("app.things.throttles")
    assert "allowed_versions = ['1', '2']" in things.module("app.things.versions").replace('"', "'")


def test_docstrings_stay_whatever_they_hold(things: Converted) -> None:
    space: dict[str, object] = {"AnonRateThrottle": object}
    text = things.module("app.things.throttles")
    exec(text[text.index("class Often") :], space)  # the module as it was written
    assert space["Often"].__doc__ == 'Says \\d "no".'


@pytest.mark.parametrize(
    ("endpoint", "code"), [("GET /limited/", "E124"), ("GET /versioned/", "E123")]
)
def test_what_is_no_literal_stays_with_its_own_code(
    things: Converted, endpoint: str, code: str
) -> None:
    assert things.codes(endpoint) == [code]
