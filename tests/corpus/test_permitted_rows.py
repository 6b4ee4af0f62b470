"""Views that look for their row themselves: they show it to their permissions, or ask DRF's `get_object` first."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

LOGINS = SETTINGS.replace(
    '"DEFAULT_AUTHENTICATION_CLASSES": []',
    '"DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.BasicAuthentication"]',
)

MODELS = """
from django.conf import settings
from django.db import models


class Paper(models.Model):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    title = models.CharField(max_length=30)
    shut = models.BooleanField(default=False)


class Page(models.Model):
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="pages")
    text = models.CharField(max_length=30)
"""

VIEWS = '''
from django.db.models import Count
from django.shortcuts import get_object_or_404
from rest_framework import generics, permissions, serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Page, Paper


class IsOwner(permissions.BasePermission):
    message = "It is not yours."

    def has_object_permission(self, request, view, obj):
        return request.method == "GET" or obj.owner == request.user


class IsOwnerOfPaper(permissions.BasePermission):
    """For rows of more than one model."""

    def has_object_permission(self, request, view, obj):
        if hasattr(obj, "owner"):
            return obj.owner == request.user
        if hasattr(obj, "paper"):
            return obj.paper.owner == request.user
        return False


class PaperSerializer(serializers.ModelSerializer):
    class Meta:
        model = Paper
        fields = ["id", "title", "shut"]


class CountedSerializer(serializers.ModelSerializer):
    pages = serializers.IntegerField(source="pages_count", read_only=True)

    class Meta:
        model = Paper
        fields = ["id", "title", "pages"]


class PageSerializer(serializers.ModelSerializer):
    class Meta:
        model = Page
        fields = ["id", "text"]


class PaperView(APIView):
    permission_classes = [permissions.IsAuthenticated, IsOwner]

    def get_object(self, pk):
        paper = get_object_or_404(Paper.objects.select_related("owner"), pk=pk)
        self.check_object_permissions(self.request, paper)
        return paper

    def get(self, request, pk):
        return Response(PaperSerializer(self.get_object(pk)).data)

    def put(self, request, pk):
        # its row has no name
        serializer = PaperSerializer(self.get_object(pk), data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)

    def patch(self, request, pk):
        serializer = PaperSerializer(self.get_object(pk), data=request.data, partial=True)
        if serializer.is_valid():
            serializer.save()
            return Response(serializer.data)
        return Response(serializer.errors, status=400)

    def delete(self, request, pk):
        self.get_object(pk).delete()
        return Response(status=204)


class PageView(APIView):
    """The same permission for rows of another model has another name."""

    permission_classes = [IsOwnerOfPaper]

    def post(self, request, pk):
        page = Page.objects.get(pk=pk)
        self.check_object_permissions(request, page)
        serializer = PageSerializer(page, data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)


class FoundView(generics.RetrieveDestroyAPIView):
    """As DRF's documentation looks for an object by itself."""

    queryset = Paper.objects.all()
    serializer_class = PaperSerializer
    permission_classes = [permissions.IsAuthenticated, IsOwner]

    def get_object(self):
        queryset = self.get_queryset()
        obj = get_object_or_404(queryset, title=self.kwargs["title"])
        self.check_object_permissions(self.request, obj)
        return obj


class OpenView(generics.RetrieveUpdateDestroyAPIView):
    serializer_class = CountedSerializer
    permission_classes = [permissions.IsAuthenticated, IsOwnerOfPaper]

    def get_queryset(self):
        return Paper.objects.annotate(pages_count=Count("pages"))

    def get_object(self):
        paper = super().get_object()
        if paper.shut and not self.request.user.is_staff:
            raise PermissionDenied("It is shut.")
        return paper


class NewPageView(APIView):
    """What it shows is not of the database yet."""

    permission_classes = [IsOwnerOfPaper]

    def post(self, request, pk):
        page = Page(paper_id=pk, text="new")
        self.check_object_permissions(request, page)
        page.save()
        return Response(PageSerializer(page).data)


class EitherView(APIView):
    """Of two models."""

    permission_classes = [IsOwner]

    def get(self, request, pk):
        paper = get_object_or_404(Paper, pk=pk)
        self.check_object_permissions(request, paper)
        return Response({"title": paper.title})

    def post(self, request, pk):
        page = get_object_or_404(Page, pk=pk)
        self.check_object_permissions(request, page)
        return Response({"text": page.text})


class MaybeView(generics.RetrieveAPIView):
    """It may give nothing."""

    queryset = Paper.objects.all()
    serializer_class = PaperSerializer

    def get_object(self):
        paper = super().get_object()
        if paper.shut:
            return None
        return paper
'''

URLS = """
from django.urls import path

from things import views

urlpatterns = [
    path("papers/<int:pk>/", views.PaperView.as_view()),
    path("pages/<int:pk>/", views.PageView.as_view()),
    path("found/<str:title>/", views.FoundView.as_view()),
    path("open/<int:pk>/", views.OpenView.as_view()),
    path("new/<int:pk>/", views.NewPageView.as_view()),
    path("either/<int:pk>/", views.EitherView.as_view()),
    path("maybe/<int:pk>/", views.MaybeView.as_view()),
]
"""

FILES = {
    "settings.py": LOGINS,
    "things/models.py": MODELS,
    "things/views.py": VIEWS,
    "urls.py": URLS,
}
#: What stays on legacy, and why.
STAY = {
    "POST /new/{pk}/": {"P106"},
    "GET /either/{pk}/": {"P106"},
    "POST /either/{pk}/": {"P106"},
    "GET /maybe/{pk}/": {"B207"},
}


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_rows_are_shown_to_permissions_as_in_django(
    server: str, tmp_path: Path, postgres: Cluster
) -> None:
    url = f"sqlite:///{tmp_path}/papers.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_permitted_rows")
    project = small_project(tmp_path / "papers", FILES)
    report = converted(project, tmp_path, DATABASE_URL=url)
    stay = {
        e["id"]: {reason["code"] for reason in e["reasons"]}
        for e in report["endpoints"]
        if e["status"] != "converted"
    }
    assert stay == STAY, [e for e in report["endpoints"] if e["status"] != "converted"]
    evidence = verified(project, tmp_path, "--cases", "25", DATABASE_URL=url)
    assert not_equal(evidence) == []
