"""Functions that page, filter and answer for a handler which hands them its view and its classes."""

from pathlib import Path

import pytest

from tests.corpus.commands import converted, not_equal, verified
from tests.corpus.small_project import SETTINGS, small_project
from tests.postgres import Cluster

pytestmark = pytest.mark.slow

FILES = {
    "settings.py": SETTINGS.replace('"things",', '"things", "django_filters",'),
    "urls.py": """
from django.urls import path

from things import views

urlpatterns = [
    path("loans/", views.Loans.as_view()),
    path("small/", views.Small.as_view()),
    path("dated/", views.Dated.as_view()),
    path("clashing/", views.Clashing.as_view()),
]
""",
    "things/models.py": """
from django.db import models


class Loan(models.Model):
    title = models.CharField(max_length=20)
    pages = models.IntegerField(default=0)
    is_open = models.BooleanField(default=True)
    due = models.DateField(null=True)

    class Meta:
        ordering = ["id"]
""",
    "things/filters.py": """
import django_filters

from things.models import Loan


class LoanFilter(django_filters.FilterSet):
    class Meta:
        model = Loan
        fields = ("id", "title", "pages", "is_open")


class DueFilter(django_filters.FilterSet):
    class Meta:
        model = Loan
        fields = ("due",)
""",
    "things/selectors.py": """
from things.filters import DueFilter, LoanFilter
from things.models import Loan


def loan_list(*, filters=None):
    filters = filters or {}

    qs = Loan.objects.all()

    return LoanFilter(filters, qs).qs


def due_list(*, filters=None):
    filters = filters or {}
    qs = Loan.objects.all()
    return DueFilter(filters, qs).qs
""",
    "things/pages.py": """
from rest_framework.response import Response


def paged(*, pagination_class, serializer_class, queryset, request, view):
    "One page of the rows."
    paginator = pagination_class()

    page = paginator.paginate_queryset(queryset, request, view=view)

    if page is not None:
        serializer = serializer_class(page, many=True)
        return paginator.get_paginated_response(serializer.data)

    serializer = serializer_class(queryset, many=True)

    return Response(data=serializer.data)
""",
    "things/views.py": """
from rest_framework import serializers
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.response import Response
from rest_framework.views import APIView

from things.models import Loan
from things.pages import paged
from things.selectors import due_list, loan_list


class Loans(APIView):
    class Pagination(LimitOffsetPagination):
        default_limit = 2
        max_limit = 5

    class FilterSerializer(serializers.Serializer):
        id = serializers.IntegerField(required=False)
        pages = serializers.IntegerField(required=False)
        is_open = serializers.BooleanField(required=False, allow_null=True, default=None)
        title = serializers.CharField(required=False)

    class OutputSerializer(serializers.ModelSerializer):
        class Meta:
            model = Loan
            fields = ("id", "title", "is_open")

    def get(self, request):
        filters_serializer = self.FilterSerializer(data=request.query_params)
        filters_serializer.is_valid(raise_exception=True)

        loans = loan_list(filters=filters_serializer.validated_data)

        return paged(
            pagination_class=self.Pagination,
            serializer_class=self.OutputSerializer,
            queryset=loans,
            request=request,
            view=self,
        )


class Small(APIView):
    class Pagination(LimitOffsetPagination):
        default_limit = 1

    class OutputSerializer(serializers.ModelSerializer):
        class Meta:
            model = Loan
            fields = ("id", "pages")

    def get(self, request):
        small = Loan.objects.filter(pages__lt=100)
        return paged(
            pagination_class=self.Pagination, serializer_class=self.OutputSerializer,
            queryset=small, request=request, view=self,
        )


class Dated(APIView):
    class FilterSerializer(serializers.Serializer):
        due = serializers.DateField(required=False)

    def get(self, request):
        asked = self.FilterSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        rows = due_list(filters=asked.validated_data)
        return Response({"count": rows.count()})


class Clashing(Small):
    def get(self, request):
        page = Loan.objects.filter(pages__lt=100)
        return paged(
            pagination_class=self.Pagination, serializer_class=self.OutputSerializer,
            queryset=page, request=request, view=self,
        )
""",
}
#: Dates would be read by the filter's form; `page` is another thing in the function.
LEFT = {"GET /dated/", "GET /clashing/"}


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_functions_answer_for_the_view_as_before(
    server: str, tmp_path: Path, postgres: Cluster
) -> None:
    project = small_project(tmp_path / "legacy", FILES)
    url = f"sqlite:///{tmp_path}/loans.db"
    if server == "postgresql":
        url = postgres.new_database("corpus_handed_views")
    conversion = converted(project, tmp_path, DATABASE_URL=url)
    left = {e["id"]: e["reasons"] for e in conversion["endpoints"] if e["status"] != "converted"}
    assert left.keys() == LEFT, left
    evidence = verified(project, tmp_path, "--cases", "60", DATABASE_URL=url)
    assert not_equal(evidence) == []
