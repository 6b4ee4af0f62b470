"""The place where the demo plays: a copy of the shop with data, and a strangler.toml."""

import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from strangler.config import Config, load
from strangler.errors import EnvironmentProblem, LegacyError
from strangler.serving.ports import free_ports

_PACKAGES = (
    "django",
    "rest_framework",
    "rest_framework_simplejwt",
    "django_filters",
    "corsheaders",
)
_SECONDS = 120.0
_IGNORED = shutil.ignore_patterns("__pycache__", "*.sqlite3*", "media", ".pytest_cache")


@dataclass(frozen=True, slots=True)
class Scene:
    """A folder with `shop/`, `newapp/` once it is converted, and the configuration."""

    folder: Path
    config: Config

    @property
    def file(self) -> Path:
        """The strangler.toml."""
        return self.folder / "strangler.toml"

    @property
    def shop(self) -> Path:
        """The Django project."""
        return self.folder / "shop"


def sources() -> Path:
    """The shop: in the wheel beside our modules, in a checkout at its top."""
    package = Path(__file__).resolve().parent.parent
    for place in (package / "_shop", package.parent.parent / "sample_django_app"):
        if (place / "manage.py").is_file():
            return place
    raise EnvironmentProblem("the sample shop is not installed")


def prepared(folder: Path) -> Scene:
    """Copy the shop, fill its database, write strangler.toml.

    Raises EnvironmentProblem where Django is missing, or the folder cannot be written.
    """
    missing = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise EnvironmentProblem(
            f"the shop needs {missing[0]}", hint="pip install 'strangler[demo]'"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(sources(), folder / "shop", ignore=_IGNORED)
    except OSError as error:
        raise EnvironmentProblem(f"{folder} cannot be written: {error.strerror}") from error
    # So many requests from one machine would be throttled, as they should be.
    (folder / "shop.env").write_text("REVIEWS_THROTTLE_RATE=100000/min\n", encoding="ascii")
    for command in (["migrate", "--verbosity", "0"], ["seed"]):
        _manage(folder / "shop", *command)
    file = folder / "strangler.toml"
    file.write_text(_configuration(), encoding="utf-8")
    return Scene(folder, load(file))


def _manage(shop: Path, *command: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=shop,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
    )
    if done.returncode != 0:
        last = done.stderr.strip().rpartition("\n")[2]
        raise LegacyError(f"manage.py {command[0]} failed: {last[:300]}")


def _configuration() -> str:
    legacy, new, proxy, admin = free_ports()
    executable = sys.executable.replace("\\", "\\\\").replace('"', '\\"')
    return f"""[legacy]
path = "shop"
settings = "shop.settings"
python = "{executable}"
url = "http://127.0.0.1:{legacy}"
env_file = "shop.env"

[new]
path = "newapp"
url = "http://127.0.0.1:{new}"

[proxy]
listen = "127.0.0.1:{proxy}"
admin = "127.0.0.1:{admin}"
"""
