"""Files that every generated app has beside its modules."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from strangler.facts import Facts

_REQUIREMENTS = (
    "aiosqlite>=0.22", "alembic>=1.20,<2", "argon2-cffi>=25.1", "bcrypt>=5", "fastapi>=0.165", "pillow>=13", "psycopg[binary]>=3.3",
    "pydantic>=2.14", "pydantic-settings>=2.16", "pyjwt>=2.15", "python-multipart>=0.0.34",
    "sqlalchemy[asyncio]>=2.1,<2.2", "uvicorn>=0.54",
)  # fmt: skip


_REDIS = "redis>=5,<9"
#: What an app needs that sends tasks, reads a cache and the like, by the compat module that does so.
_MODULES = {"tasks": ("celery>=5.5,<6",), "stores": (_REDIS,)}
#: What it has to be told then.
_VARIABLES = {
    "tasks": "CELERY_BROKER_URL=...  # where the Django project's workers take their tasks from",
    "mail": "EMAIL_HOST=... EMAIL_HOST_USER=... EMAIL_HOST_PASSWORD=...",
    "stores": "CACHE_URL=redis://...  # Django's cache; of another alias CACHE_URL_ALIAS",
}

#: What an app on MariaDB needs too.
_DRIVERS = ("asyncmy>=0.2.18,<0.3", "pymysql>=1.2,<2")


def _used(module: str, written: Collection[str]) -> bool:
    return f"app/compat/{module}.py" in written


def _vendor(facts: Facts) -> str:
    return facts.databases["default"].vendor if "default" in facts.databases else ""


def static_files(facts: Facts, root: Path, written: Collection[str] = ()) -> dict[str, str]:
    """`pyproject.toml`, `README.md` and `.gitattributes` of the generated app.

    written: the paths of its other files, on which depends what it has to install.
    """
    name = re.sub(r"[^a-z0-9]+", "-", root.resolve().name.lower()).strip("-") or "app"
    return {
        "pyproject.toml": _pyproject(name, facts, written),
        "README.md": _readme(name, facts, written),
        ".gitattributes": ".strangler/base/** linguist-generated\n",
        "app/py.typed": "",
    }


def _pyproject(name: str, facts: Facts, written: Collection[str]) -> str:
    drivers = _DRIVERS if _vendor(facts) == "mysql" else ()
    used = {n for n in _MODULES if _used(n, written)}
    more = [each for n in used for each in _MODULES[n]]
    if "tasks" in used and facts.celery is not None and facts.celery.transport.startswith("redis"):
        more.append(_REDIS)
    requirements = "\n".join(f'    "{r}",' for r in sorted({*_REQUIREMENTS, *drivers, *more}))
    return f"""[project]
name = "{name}-api"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = [
{requirements}
]

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[tool.hatch.build.targets.wheel]
packages = ["app"]

[tool.ruff]
line-length = 100
target-version = "py311"
extend-exclude = [".strangler"]

[tool.ruff.lint]
select = ["B", "C4", "E", "F", "I", "UP", "W"]
# texts of the legacy service are kept as they are, however long
ignore = ["E501"]

[tool.ruff.lint.flake8-bugbear]
extend-immutable-calls = ["fastapi.Depends"]

[tool.ruff.lint.isort]
known-first-party = ["app"]

[tool.mypy]
strict = true
plugins = ["pydantic.mypy"]
exclude = [".strangler"]

[tool.pytest.ini_options]
norecursedirs = [".strangler"]
"""


def _readme(name: str, facts: Facts, written: Collection[str]) -> str:
    kind = "mysql" if _vendor(facts) == "mysql" else "postgresql"
    more = "".join(f"    export {each}\n" for n, each in _VARIABLES.items() if _used(n, written))
    return f"""# {name}

A FastAPI service on SQLAlchemy 2 and Pydantic 2. It answers as the Django {facts.legacy.django} service
that it was made from, on the same database.

## Running it

    pip install -e .
    export DATABASE_URL={kind}://user:password@localhost/{name}
    export SECRET_KEY=...        # the one of the Django service: tokens and sessions are shared
{more}    uvicorn app.main:app

## Where things are

- `app/<django app>/models.py`: tables; `schemas.py`: what clients send and receive; `queries.py`: statements;
  `permissions.py`, `pagination.py`; `routers.py`: one function for each endpoint.
- `app/identity.py`: who is asking. `app/api.py`: what all routers share. `app/main.py`: the application.
- `app/compat/`: the habits of Django REST framework that clients rely on. Nothing else in `app/` knows them.
- `.strangler/`: what was generated last, the base of the next merge. Commit it, do not edit it.
"""
