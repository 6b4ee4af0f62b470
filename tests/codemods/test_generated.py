"""The generated application as a whole: it compiles, imports, answers and satisfies mypy."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.codemods.project import Converted

ASK = """
import asyncio, json, sys
import httpx
from app.compat.models import Base
from app.db import database
from app.main import app

async def main():
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    answers = []
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        for method, path, body in json.load(sys.stdin):
            answer = await client.request(method, path, json=body)
            answers.append([answer.status_code, answer.json() if answer.content else None])
    print(json.dumps(answers))

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def application(books: Converted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The generated library on disk."""
    folder = tmp_path_factory.mktemp("generated")
    for path, text in books.tree.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return folder


def _environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{folder / 'new.sqlite3'}",
        "SECRET_KEY": "only-for-tests",
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def test_every_file_compiles(books: Converted) -> None:
    for path, text in books.tree.items():
        if path.endswith(".py"):
            compile(text, path, "exec")


def test_the_application_answers(application: Path) -> None:
    asked = [
        ["GET", "/api/tags/", None],
        ["POST", "/api/tags/", {"label": "new"}],
        ["GET", "/api/tags/1/", None],
        ["GET", "/api/books/", None],
        ["GET", "/api/books/statistics/", None],
        ["GET", "/api/books/first_of/", None],
        ["GET", "/api/users/7/books/?value=3&ids=1,2", None],
        ["GET", "/api/shelf/", None],
        ["GET", "/api/accounts/", None],
        ["POST", "/api/mine/", {}],
    ]
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        input=json.dumps(asked),
        env=_environment(application),
        cwd=application,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [
        [200, []],
        [201, {"id": 1, "label": "new"}],
        [200, {"id": 1, "label": "new"}],
        [200, {"count": 0, "books": []}],
        [200, {"late": 0, "limit": 6}],
        [200, {"title": None}],
        [200, []],
        [200, []],
        [401, {"detail": "Authentication credentials were not provided."}],
        [401, {"detail": "Authentication credentials were not provided."}],
    ]


@pytest.mark.slow
def test_the_application_satisfies_mypy(application: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "-p", "app"]
    done = subprocess.run(
        command,
        cwd=application,
        env=_environment(application),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_a_second_conversion_is_the_same(books: Converted) -> None:
    assert books.legacy.convert().conversion.files == books.conversion.files
