"""Handlers that hand on: DRF's statements, and those of the project's bases, in place of the call."""

import textwrap
from types import SimpleNamespace
from typing import Any, cast

import libcst as cst
import pytest

from strangler.facts import Endpoint
from strangler_codemods.inlining import Inlining
from strangler_codemods.sources import Sources

VIEWS = """
class Base:
    def create(self, request, *args, **kwargs):
        '''Makes one.'''
        request.data["shelf"] = self.kwargs["shelf"]
        try:
            response = super().create(request, args, kwargs)
        except Wrong as err:
            response = Response({"detail": err.messages}, status=400)
        return response

    def update(self, request, *args, **kwargs):
        check(request.user)
        return super().update(request, *args, **kwargs)

    def perform_create(self, serializer):
        serializer.save(owner=self.request.user)

    def post(self, request, *args, **kwargs):
        return self.create(request, *args, **kwargs)

    def destroy(self, request, *args, **kwargs):
        return super().destroy(request, *args, **kwargs)

    def list(self, request, *args, **kwargs):
        response = super().list(request, *args, **kwargs)
        response.data = []
        return response


class Child(Base):
    def create(self, request, *args, **kwargs):
        clean()
        return super().create(request, *args, **kwargs)

    def perform_create(self, s):
        note(s)
        super().perform_create(s)

    def partial_update(self, request, *args, **kwargs):
        return super().partial_update(request, *args, **kwargs)

    def retrieve(self, request, pk=None):
        return super().retrieve(request, pk)


class Bound(Base):
    def create(self, request, *args, **kwargs):
        serializer = first(request)
        try:
            return super().create(request, *args, **kwargs)
        except Wrong:
            return Response(serializer.errors, status=400)

    def update(self, request, *args, **kwargs):
        serializer = self.get_serializer(data=request.data)
        row = serializer.instance
        self.perform_update(serializer)
        return Response(row.pk)

    def perform_update(self, serializer):
        for row, _ in pairs():
            note(row)
        serializer.save()

    def perform_create(self, made):
        made.save()
        serializer = Log(made)
        serializer.save()

    def post(self, request, *args, **kwargs):
        return super().create(request, *args, **kwargs)

    def destroy(self, request, *args, **kwargs):
        instance_of_mine = self.get_object()
        super().perform_destroy(instance_of_mine)
        return Response(status=204)


class Wrapped:
    def list(self, request, *args, **kwargs):
        response = super().list(request, *args, **kwargs)
        response.data = {"data": response.data}
        return response

    def retrieve(self, request, *args, **kwargs):
        instance = self.get_object()
        answer = super().retrieve(request, *args, **kwargs)
        return Response([instance.pk, answer.data])

    def destroy(self, request, *args, **kwargs):
        super().destroy(request, *args, **kwargs)
        return Response("gone")

    def update(self, request, *args, **kwargs):
        super().retrieve(request, *args, **kwargs)
        return Response("seen")

    def create(self, request, *args, **kwargs):
        instance_, instance = 1, 2
        answer = super().retrieve(request, *args, **kwargs)
        return Response([instance, instance_])


class Lost(Base):
    def update(self, request, *args, **kwargs):
        return super().update(request)
"""
CREATED = """
request.data["shelf"] = self.kwargs["shelf"]
try:
    serializer = self.get_serializer(data=request.data)
    serializer.is_valid(raise_exception=True)
{performed}
    headers = self.get_success_headers(serializer.data)
    return DRF_RESPONSE(serializer.data, status=201, headers=headers)
except Wrong as err:
    return Response({{"detail": err.messages}}, status=400)
"""
SAVED = "    serializer.save(owner=self.request.user)"
CHANGED = """
check(request.user)
instance = self.get_object()
serializer = self.get_serializer(instance, data=request.data{partial})
serializer.is_valid(raise_exception=True)
self.perform_update(serializer)
return DRF_RESPONSE(serializer.data)
"""
MIXINS = ["Create", "Retrieve", "Update", "Destroy", "List"]


LISTED = """
queryset = self.filter_queryset(self.get_queryset())
serializer = self.get_serializer(queryset, many=True)
response = DRF_RESPONSE(serializer.data)
response.data = {"data": response.data}
return response
"""
PAGED = """
queryset = self.filter_queryset(self.get_queryset())
page = self.paginate_queryset(queryset)
if page is not None:
    serializer = self.get_serializer(page, many=True)
    response = self.get_paginated_response(serializer.data)
else:
    serializer = self.get_serializer(queryset, many=True)
    response = DRF_RESPONSE(serializer.data)
response.data = {"data": response.data}
return response
"""


def handed(path: str, action: str, paginator: object = None) -> str:
    own = path.rpartition(".")[0]
    classes = [own] if own in ("views.Base", "views.Wrapped") else [own, "views.Base"]
    lineage = [*classes, *(f"rest_framework.mixins.{name}ModelMixin" for name in MIXINS)]
    refs = [SimpleNamespace(path=name, package=None) for name in lineage]
    endpoint = cast("Endpoint", SimpleNamespace(action=action, lineage=refs, paginator=paginator))
    sources = Sources({"views.py": VIEWS})
    source = sources.function(path)
    assert source is not None
    node: Any = Inlining(sources, endpoint).handler(source).node
    return textwrap.dedent(cst.Module(body=list(node.body.body)).code).strip()


@pytest.mark.parametrize(
    ("path", "action", "text"),
    [
        ("views.Base.create", "create", "'''Makes one.'''" + CREATED.format(performed=SAVED)),
        ("views.Base.post", "post", CREATED.format(performed=SAVED)),
        (
            "views.Child.create",
            "create",
            "clean()" + CREATED.format(performed="    note(serializer)\n" + SAVED),
        ),
        ("views.Base.update", "update", CHANGED.format(partial="")),
        ("views.Base.update", "partial_update", CHANGED.format(partial=", partial=True")),
        ("views.Child.partial_update", "partial_update", CHANGED.format(partial=", partial=True")),
        (
            "views.Base.destroy",
            "destroy",
            "instance = self.get_object()\ninstance.delete()\nreturn DRF_RESPONSE(status=204)",
        ),
        ("views.Wrapped.list", "list", LISTED),
        (
            "views.Wrapped.retrieve",
            "retrieve",
            "instance = self.get_object()\ninstance_ = self.get_object()\n"
            "serializer = self.get_serializer(instance_)\n"
            "answer = DRF_RESPONSE(serializer.data)\nreturn Response([instance.pk, answer.data])",
        ),
        (
            "views.Wrapped.destroy",
            "destroy",
            'instance = self.get_object()\ninstance.delete()\nreturn Response("gone")',
        ),
        (
            "views.Wrapped.update",
            "update",
            "instance = self.get_object()\nserializer = self.get_serializer(instance)\n"
            'serializer.data\nreturn Response("seen")',
        ),
    ],
)
def test_what_is_handed_on_stands_in_the_handler(path: str, action: str, text: str) -> None:
    assert handed(path, action) == text.strip()


@pytest.mark.parametrize(
    ("path", "action", "kept"),
    [
        ("views.Child.retrieve", "retrieve", "return super().retrieve(request, pk)"),
        ("views.Lost.update", "partial_update", "return super().update(request)"),
        ("views.Wrapped.create", "create", "answer = super().retrieve(request, *args, **kwargs)"),
        ("views.Bound.create", "create", "return super().create(request, *args, **kwargs)"),
        ("views.Bound.post", "post", "self.perform_create(serializer)"),
        ("views.Bound.update", "update", "self.perform_update(serializer)"),
    ],
)
def test_what_may_mean_something_else_stays(path: str, action: str, kept: str) -> None:
    assert kept in handed(path, action)


def test_what_follows_an_early_answer_becomes_its_else() -> None:
    assert handed("views.Wrapped.list", "list", "pages") == PAGED.strip()


def test_a_hook_is_handed_what_the_handler_calls_it() -> None:
    assert "instance_of_mine.delete()" in handed("views.Bound.destroy", "destroy")
