"""Rows that are read from other rows are written to in parentheses where they are awaited."""

import ast
from pathlib import Path

from tests.codemods.project import legacy_project

FILES = {
    "things/models.py": """
from django.db import models


class Code(models.Model):
    uses = models.IntegerField(default=0)


class Order(models.Model):
    code = models.ForeignKey(Code, on_delete=models.CASCADE)
""",
    "things/views.py": """
from rest_framework import generics, serializers
from rest_framework.response import Response

from things.models import Order


class OrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ["id"]


class Give(generics.GenericAPIView):
    queryset = Order.objects.order_by("id")
    serializer_class = OrderSerializer

    def post(self, request, pk):
        order = self.get_object()
        order.code.uses += 1
        order.code.save()
        return Response({"uses": order.code.uses})


class Take(Give):
    def post(self, request, pk):
        order = self.get_object()
        order.code.uses = 0
        order.code.save()
        return Response({"uses": order.code.uses})
""",
    "urls.py": """
from django.urls import path
from things import views

urlpatterns = [
    path("give/<int:pk>/", views.Give.as_view()), path("take/<int:pk>/", views.Take.as_view())
]
""",
}


def test_an_awaited_row_is_written_to(tmp_path: Path) -> None:
    done = legacy_project(tmp_path, FILES).convert()
    assert done.reasons("POST /give/{pk}/") == []
    assert done.reasons("POST /take/{pk}/") == []
    text = done.generated["app/things/routers.py"]
    ast.parse(text)
    assert "(await session.run_sync(lambda _: order.code)).uses += 1" in text
    assert "(await session.run_sync(lambda _: order.code)).uses = 0" in text
