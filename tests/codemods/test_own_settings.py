"""A project's setting is a constant only where one line of its settings files gives it a literal."""

import hashlib
from types import SimpleNamespace
from typing import Any, cast

import pytest

from strangler_codemods.environment_settings import read_value
from strangler_codemods.own_settings import fixed_value, is_secret
from strangler_codemods.sources import Sources

BASE = """
import os

PAGES = 10
RATES = [1, 2]
NAMES = {"a": 1}
FROM_OUTSIDE = os.environ.get("FROM_OUTSIDE", "x")
STRIPE_API_KEY = "sk_test"
TWICE = 1
if os.environ.get("FAST"):
    PAGES_IN_BRANCH = 3
"""


def value(name: str, **files: str) -> object:
    texts = {"conf/__init__.py": "", "conf/base.py": BASE, "conf/dev.py": "from .base import *\n"}
    texts |= {f"conf/{key}.py": text for key, text in files.items()}
    facts = SimpleNamespace(settings_module="conf.dev")
    return fixed_value(cast("Any", SimpleNamespace(sources=Sources(texts), facts=facts)), name)


@pytest.mark.parametrize(("name", "found"), [("PAGES", 10), ("RATES", [1, 2])])
def test_a_literal_assigned_once_is_known(name: str, found: object) -> None:
    assert value(name) == found


@pytest.mark.parametrize("name", ["FROM_OUTSIDE", "NAMES", "STRIPE_API_KEY", "LACKING"])
def test_what_the_environment_or_nobody_says_is_not_known(name: str) -> None:
    assert value(name) is None


@pytest.mark.parametrize(
    "text",
    [
        "from .base import *\nTWICE = 2\n",
        "from .base import *\nif DEBUG:\n    TWICE = 2\n",
        "from .base import *\nfrom .secret import TWICE\n",
        "from .base import *\nfrom package.settings import *\n",
        "from .base import *\ntry:\n    from .nowhere import *\nexcept ImportError:\n    pass\n",
        "from .base import *\nlocals().update(os.environ)\n",
        "from .base import *\nfrom split_settings.tools import include\ninclude('more.py')\n",
    ],
)
def test_what_may_be_set_elsewhere_is_not_known(text: str) -> None:
    assert value("TWICE") == 1
    assert value("TWICE", dev=text) is None


def test_a_branch_is_no_certain_value() -> None:
    assert value("PAGES_IN_BRANCH") is None


def test_a_list_that_is_used_may_have_changed() -> None:
    assert value("RATES", dev="from .base import *\nRATES.append(3)\n") is None
    assert value("PAGES", dev="from .base import *\nTWO = 2 * PAGES\n") == 10


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("import os\nLIMIT = int(os.environ.get('MAX', 5))", ('int(os.environ.get("MAX", 9))', "int")),
        ("from os import getenv\nLIMIT = float(getenv('MAX', '.5'))",
         ('float(os.environ.get("MAX", 9))', "float")),
        ("import environ\nenv = environ.Env()\nLIMIT = env.int('MAX', default=5)",
         ('int(os.environ.get("MAX", 9))', "int")),
        ("import environ\nenv = environ.Env(MAX=(int, 7))\nLIMIT = env.int('MAX', default=5)", None),
        ("import environ\nenv = environ.Env(DEBUG=(bool, False))\nLIMIT = env.int('MAX')",
         ('int(os.environ.get("MAX", 9))', "int")),
        ("import environ\nenv = environ.Env(**more)\nLIMIT = env.int('MAX')", None),
        ("import os\nLIMIT = int(os.environ.get('MAX', 'many'))", None),
        ("import os\nLIMIT = int(os.environ.get('API_KEY', 5))", None),
        ("import os\nLIMIT = int(os.environ['MAX'])", None),
    ],
)  # fmt: skip
def test_a_number_of_the_environment_is_read_there_again(line: str, found: object) -> None:
    files = {"conf/__init__.py": "", "conf/dev.py": f"{line}\n"}
    settings = {"NUMBERS": {"LIMIT": 9}}  # that is what a file of the project says
    facts = SimpleNamespace(settings_module="conf.dev", settings=settings)
    world = cast("Any", SimpleNamespace(sources=Sources(files), facts=facts))
    assert read_value(world, "LIMIT") == found
    settings["NUMBERS"] = {}
    assert read_value(world, "LIMIT") is None


@pytest.mark.parametrize(
    ("line", "is_read"),
    [
        ("import os\nROLE = os.environ.get('THE_ROLE', 'admin')", True),
        ("import os\nROLE = os.getenv('THE_ROLE', default='admin')", True),
        ("from decouple import config\nROLE = config('THE_ROLE', default='admin')", True),
        ("from environs import Env\nenv = Env()\nROLE = env('THE_ROLE', 'admin')", True),
        ("import environ\nenv = environ.Env()\nROLE = env('THE_ROLE', default='admin')", True),
        ("import environ\nenv = environ.Env()\nROLE = env.str('THE_ROLE', 'admin')", True),
        ("import environ\nenv = environ.Env()\nROLE = env('THE_ROLE', 'admin')", False),
        (
            "import environ\nenv = environ.Env(X=(str, ''))\nROLE = env('THE_ROLE', default='admin')",
            False,
        ),
        (
            "from decouple import config\nROLE = config('THE_ROLE', default='admin', cast=str.upper)",
            False,
        ),
        ("import os\nROLE = os.environ.get('THE_ROLE', 'other')", False),
        ("import os\nROLE = os.environ.get('THE_TOKEN', 'admin')", False),
        ("import os\nROLE = os.environ.get('THE_ROLE')", False),
        ("import os\nROLE = os.environ['THE_ROLE']", False),
    ],
)
def test_a_text_of_the_environment_is_read_there_again(line: str, *, is_read: bool) -> None:
    files = {"conf/__init__.py": "", "conf/dev.py": f"{line}\n"}
    mark = hashlib.sha256(b"admin").hexdigest()
    facts = SimpleNamespace(settings_module="conf.dev", settings={"TEXTS": {"ROLE": mark}})
    world = cast("Any", SimpleNamespace(sources=Sources(files), facts=facts))
    found = ("os.environ.get(\"THE_ROLE\", 'admin')", "str") if is_read else None
    assert read_value(world, "ROLE") == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("LIFE = timedelta(hours=env.int('TOKEN_LIFETIME_HOURS'))",
         'timedelta(hours=int(os.environ.get("TOKEN_LIFETIME_HOURS", 2)))'),
        ("LIFE = timedelta(minutes=15)", "timedelta(minutes=15)"),
        ("LIFE = timedelta(hours=env.int('API_TOKEN'))", None),
        ("LIFE = timedelta(minutes=1, hours=env.int('LIFE'))", None),
        ("LIFE = timedelta(hours=2) if DEBUG else timedelta(hours=1)", None),
    ],
)  # fmt: skip
def test_a_stretch_of_time_is_made_again(line: str, found: str | None) -> None:
    head = (
        "import environ\nfrom datetime import timedelta\nenv = environ.Env(DEBUG=(bool, False))\n"
    )
    files = {"conf/__init__.py": "", "conf/dev.py": f"{head}{line}\n"}
    facts = SimpleNamespace(settings_module="conf.dev", settings={"SPANS": {"LIFE": 7200.0}})
    world = cast("Any", SimpleNamespace(sources=Sources(files), facts=facts))
    assert read_value(world, "LIFE") == (None if found is None else (found, "timedelta"))


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("TREE_CACHE_KEY", False),
        ("ACCESS_TOKEN_LIFETIME", False),
        ("STRIPE_KEY", True),
        ("TOKEN", True),
    ],
)
def test_how_long_something_lasts_is_no_secret(name: str, *, secret: bool) -> None:
    assert is_secret(name) == secret
