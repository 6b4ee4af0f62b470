"""Writes `corpus_views.py` and `urls.py` for every serializer and view of DRF's own tests.

    python paths.py          in the folder of a project with DRF's `tests`

Modules that cannot be imported are left out. Runs in the legacy project's interpreter.
"""

import importlib
import inspect
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_VIEWS = """from rest_framework import generics
from rest_framework.response import Response
from rest_framework.views import APIView

{imports}


def paths(prefix, view):
    from django.urls import path

    one = any(hasattr(view, name) for name in ("retrieve", "update", "destroy"))
    return [path(prefix + ("<int:pk>/" if one else ""), view.as_view())]
"""
_MODEL = """

class {name}List(generics.ListCreateAPIView):
    queryset = {rows}.order_by("pk")
    serializer_class = {serializer}


class {name}Detail(generics.RetrieveUpdateDestroyAPIView):
    queryset = {rows}.order_by("pk")
    serializer_class = {serializer}
"""
_PLAIN = """

class {name}View(APIView):
    def post(self, request):
        serializer = {serializer}(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response({{"ok": True}})
"""
_URLS = """from django.urls import include, path
from rest_framework import routers

import corpus_views
{imports}

router = routers.SimpleRouter()
{sets}
urlpatterns = [
{paths}
    path("", include(router.urls)),
]
"""


def modules() -> Iterator[Any]:
    """DRF's test modules that can be imported."""
    for place in sorted(Path("tests").rglob("test_*.py")):
        try:
            yield importlib.import_module(".".join(place.with_suffix("").parts))
        except Exception:  # a test may need what is not installed, and says so in any way
            continue


def _classes(module: Any) -> list[Any]:
    found = [c for _, c in sorted(vars(module).items()) if inspect.isclass(c)]
    return [c for c in found if c.__module__ == module.__name__]


def _rows(serializer: Any) -> str | None:
    model = getattr(getattr(serializer, "Meta", None), "model", None)
    manager = getattr(model, "_default_manager", None)
    if manager is None:
        return None
    return f"{model.__module__}.{model.__name__}.{manager.name}"


class Writer:
    """Collects what the two files hold."""

    def __init__(self) -> None:
        self.views: list[str] = []
        self.sets: list[str] = []
        self.paths: list[str] = []
        self.imports: set[str] = set()
        self.serializers = importlib.import_module("rest_framework.serializers")
        self.view = importlib.import_module("rest_framework.views").APIView
        self.set = importlib.import_module("rest_framework.viewsets").ViewSetMixin

    def add(self, module: Any) -> None:
        """All of one module."""
        self.imports.add(module.__name__)
        short = module.__name__.removeprefix("tests.").replace("test_", "").replace(".", "-")
        if getattr(module, "urlpatterns", None):
            self.paths.append(f"    path('urls/{short}/', include('{module.__name__}')),")
        for cls in _classes(module):
            path = f"{module.__name__}.{cls.__name__}"
            where = f"{short}/{cls.__name__}"
            if issubclass(cls, self.serializers.Serializer):
                self._serializer(cls, path, where)
            elif issubclass(cls, self.set):
                base = where.replace("/", "-").lower()
                self.sets.append(f"router.register('sets/{where}', {path}, basename='{base}')")
            elif issubclass(cls, self.view):
                self.paths.append(f"    *corpus_views.paths('views/{where}/', {path}),")

    def _serializer(self, cls: Any, path: str, where: str) -> None:
        name, rows = f"Case{len(self.views)}", _rows(cls)
        if rows is None:
            self.views.append(_PLAIN.format(name=name, serializer=path))
            self.paths.append(f"    path('plain/{where}/', corpus_views.{name}View.as_view()),")
            return
        self.imports.add(rows.rpartition(".")[0].rpartition(".")[0])
        self.views.append(_MODEL.format(name=name, rows=rows, serializer=path))
        self.paths += [
            f"    path('models/{where}/', corpus_views.{name}List.as_view()),",
            f"    path('models/{where}/<int:pk>/', corpus_views.{name}Detail.as_view()),",
        ]


def main() -> None:
    """Write both files."""
    warnings.simplefilter("ignore")
    sys.path.insert(0, os.getcwd())
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
    Path("urls.py").write_text("urlpatterns = []\n")
    importlib.import_module("django").setup()
    writer = Writer()
    for module in modules():
        writer.add(module)
    imports = "\n".join(f"import {name}" for name in sorted(writer.imports))
    Path("corpus_views.py").write_text(_VIEWS.format(imports=imports) + "".join(writer.views))
    sets, paths = "\n".join(writer.sets), "\n".join(writer.paths)
    Path("urls.py").write_text(_URLS.format(imports=imports, sets=sets, paths=paths))


if __name__ == "__main__":
    main()
