"""An endpoint's fingerprint changes with what its answer depends on, and with nothing else."""

import shutil
from functools import partial
from pathlib import Path

import pytest

from strangler.cli import main
from strangler.convert.fingerprint import Fingerprints
from strangler.convert.project import read_file

FILES = {
    "garden/__init__.py": "",
    "garden/views.py": """
from rest_framework.viewsets import ModelViewSet
from . import services
from .base import Base
from .serializers import PlantSerializer

class PlantViewSet(Base, ModelViewSet):
    serializer_class = PlantSerializer

    def list(self, request):
        return services.everything()

    @action(detail=True)
    def water(self, request, pk=None):
        from garden.rain import pour
        return pour()

    def get_queryset(self):
        return LIMIT
LIMIT = 3
""",
    "garden/base.py": "class Base:\n    def initial(self):\n        return 1\n",
    "garden/serializers.py": "from garden.models import Plant\nclass PlantSerializer:\n    model = Plant\n",
    "garden/models.py": "class Plant:\n    pass\nclass Stone:\n    pass\n",
    "garden/signals.py": (
        "from .models import Plant, Stone\n"
        "@receiver(post_save, sender=Plant)\ndef grown(sender, **kwargs):\n    count(1)\n"
        "@receiver(post_save, sender=Stone)\ndef rolled(sender, **kwargs):\n    count(2)\n"
    ),
    "garden/services.py": "def everything():\n    return helper()\ndef helper():\n    return 1\n"
    "def unused():\n    return 1\n",
    "garden/rain.py": "def pour():\n    return 1\n",
}


def prints(**changes: str) -> dict[str, str]:
    """Fingerprints by action, after `old->new` in a file named by its stem."""
    files = dict(FILES)
    for stem, change in changes.items():
        old, _, new = change.partition("->")
        assert old in files[f"garden/{stem}.py"]
        files[f"garden/{stem}.py"] = files[f"garden/{stem}.py"].replace(old, new)
    found = Fingerprints(files.get)
    view = "garden.views.PlantViewSet"
    return {name: found.of(view, name) for name in ("list", "water", "retrieve")}


def changed(**changes: str) -> set[str]:
    before, after = prints(), prints(**changes)
    return {name for name in before if before[name] != after[name]}


@pytest.mark.parametrize(
    ("stem", "change", "actions"),
    [
        ("views", "LIMIT = 3->LIMIT = 4", {"list", "water", "retrieve"}),
        ("base", "return 1->return 2", {"list", "water", "retrieve"}),
        (
            "models",
            "class Plant:\n    pass->class Plant:\n    x = 1",
            {"list", "water", "retrieve"},
        ),
        ("signals", "count(1)->count(9)", {"list", "water", "retrieve"}),
        ("services", "helper():\n    return 1->helper():\n    return 2", {"list"}),
        ("rain", "return 1->return 2", {"water"}),
        ("views", "return pour()->return pour() + 1", {"water"}),
        ("signals", "count(2)->count(9)", set()),
        ("services", "unused():\n    return 1->unused():\n    return 2", set()),
        ("models", "class Stone:\n    pass->class Stone:\n    x = 1", set()),
        ("views", "LIMIT = 3->LIMIT = 3  # as many as fit", set()),
    ],
)
def test_what_an_action_reaches_decides(stem: str, change: str, actions: set[str]) -> None:
    assert changed(**{stem: change}) == actions


def test_views_of_packages_have_none() -> None:
    assert Fingerprints(FILES.get).of("rest_framework.views.APIView", "get") == ""


def test_status_names_endpoints_whose_legacy_code_changed(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project)
    assert main(["status", "--check"]) == 0
    assert "changed" not in capsys.readouterr().out
    services = project / "shop" / "catalog" / "services.py"
    text = services.read_text()
    assert "already published" in text
    services.write_text(text.replace("already published", "out already"))
    assert main(["status", "--check"]) == 1
    said = capsys.readouterr().out
    assert "legacy's code of 1 endpoint changed since the conversion" in said
    assert "POST /api/products/{pk}/publish/" in said
    assert "next: strangler convert" in said


def test_sources_that_are_not_there_are_not_called_changed(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project)
    shutil.rmtree(project / "shop")
    (project / "shop").mkdir()
    assert main(["status", "--check"]) == 0
    assert "changed" not in capsys.readouterr().out


def test_sources_are_read_as_python_reads_them(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An encoding of its own, and an escape that Python warns of."""
    services = project / "shop" / "catalog" / "services.py"
    text = '# -*- coding: latin-1 -*-\nPATTERN = "\\d \xe9"\n' + services.read_text()
    services.write_bytes(text.encode("latin-1"))
    assert read_file(project / "shop", "catalog/services.py") == text
    assert read_file(project / "shop", "catalog/missing.py") is None
    found = Fingerprints(partial(read_file, project / "shop"))
    assert found.of("catalog.views.ProductViewSet", "publish")
