"""Interpreters with one version of Django REST framework each."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_PINS = Path(__file__).parent / "environments"
#: The name of the environment that strangler itself runs in.
CURRENT = "current"


@dataclass(frozen=True)
class Oracle:
    """An interpreter and what is installed in it."""

    name: str
    python: str
    drf: tuple[int, ...]
    django: tuple[int, ...]


def names() -> list[str]:
    """All environments, the current one last."""
    return [*sorted(place.stem for place in _PINS.glob("drf-*.txt")), CURRENT]


def oracle(name: str, cache: Path) -> Oracle:
    """The environment of that name, installed below `cache` where it is not there.

    Raises subprocess.CalledProcessError where its packages cannot be installed.
    """
    python = sys.executable if name == CURRENT else str(_installed(name, cache))
    code = (
        "import django, rest_framework as drf, json;"
        "print(json.dumps([drf.VERSION, django.get_version()]))"
    )
    told = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
    drf, django = (tuple(map(int, text.split(".")[:3])) for text in json.loads(told.stdout))
    return Oracle(name, python, drf, django)


def _installed(name: str, cache: Path) -> Path:
    folder, pins = cache / name, _PINS / f"{name}.txt"
    python, mark = folder / "bin" / "python", folder / "installed.txt"
    if not mark.is_file() or mark.read_text() != pins.read_text():
        uv = str(Path(sys.executable).with_name("uv"))
        subprocess.run(
            [uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder], check=True
        )
        command = [uv, "pip", "sync", "--quiet", "--python", python, pins]
        subprocess.run(list(map(str, command)), check=True)
        mark.write_text(pins.read_text())
    return python
