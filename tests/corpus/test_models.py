"""Models of every kind have in the new app the table that Django makes, and its values.

`make corpus-models` asks the same of the models in Django's own tests.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.models_corpus.graphs import write_apps
from benchmarks.models_corpus.running import Found, Place, Run, extend
from benchmarks.models_corpus.sources import make_project
from tests.corpus.every_model import written
from tests.postgres import Cluster

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Found:
    folder = tmp_path_factory.mktemp("sqlite")
    return _run(folder, "sqlite", _files(folder))


def _files(folder: Path) -> Callable[..., Place]:
    def place(name: str, like: Place | None = None) -> Place:
        path = folder / f"{name}.db"
        path.unlink(missing_ok=True)
        if like is not None:
            path.write_bytes(Path(like.variables["CORPUS_NAME"]).read_bytes())
        return Place(f"sqlite:///{path}", {"CORPUS_NAME": str(path)})

    return place


@pytest.fixture(scope="module")
def on_postgresql(tmp_path_factory: pytest.TempPathFactory, postgres: Cluster) -> Found:
    def place(name: str, like: Place | None = None) -> Place:
        template = "template1" if like is None else like.variables["CORPUS_NAME"]
        url = postgres.new_database(f"models_{name}", template)
        extend(url)
        variables = {"CORPUS_NAME": f"models_{name}", "CORPUS_PORT": str(postgres.port)}
        return Place(url, variables)

    return _run(tmp_path_factory.mktemp("postgresql"), "postgresql", place)


def _run(folder: Path, kind: str, place: Callable[..., Place]) -> Found:
    postgresql = kind == "postgresql"
    source = folder / "source" / "things"
    source.mkdir(parents=True)
    (source / "__init__.py").touch()
    (source / "models.py").write_text(written(postgresql=postgresql))
    make_project(folder / "source", ["things"], folder / "project", postgresql=postgresql)
    run = Run(folder / "project", folder / "api", kind, place)
    return run.all("1", names=not postgresql, mypy=not postgresql)


@pytest.fixture(params=["on_sqlite", "on_postgresql"])
def found(request: pytest.FixtureRequest) -> Found:
    made: Found = request.getfixturevalue(request.param)
    return made


def test_every_table_is_djangos_own(found: Found) -> None:
    assert found.loaded["problems"] == {}
    assert found.catalogue == {}
    assert found.alembic == []
    assert len(found.tables) > 30


def test_every_value_is_read_and_written_as_django_does(found: Found) -> None:
    assert found.values["read"] > 500
    # no endpoint of the new application reads a column that stays
    stay = {f"{m['name']}.{name}" for m in found.report["models"] for name in m.get("columns", ())}
    wrong = {k: [v for v in vs if v.split()[0] not in stay] for k, vs in found.wrong.items()}
    assert {k: v for k, v in wrong.items() if v} == {}


def test_what_has_no_rule_stays_on_legacy_with_its_place(found: Found) -> None:
    legacy = {m["name"]: m["reasons"] for m in found.report["models"] if m["reasons"]}
    codes = {name.removeprefix("things."): reasons[0]["code"] for name, reasons in legacy.items()}
    assert {name: code for name, code in codes.items() if name != "OfPostgres"} == {
        "Keyed": "M104",
        "Coded": "M105",
        "OwnWords": "M105",
        "ToCoded": "M107",
        "Unruled": "M105",
    }  # fmt: skip
    assert all(r[0]["source"].startswith("things/models.py:") for r in legacy.values())


def test_a_class_that_names_the_usual_type_keeps_its_column(found: Found) -> None:
    (own,) = (m for m in found.report["models"] if m["name"] == "things.OwnWords")
    assert sorted(own["columns"]) == ["at", "code"]  # those that stay


def test_names_and_defaults_are_kept(on_sqlite: Found) -> None:
    assert on_sqlite.names["reverse"] > 10
    assert [n for n, wrong in on_sqlite.names.items() if n.endswith("_wrong") and wrong] == []


def test_the_models_are_typed(on_sqlite: Found) -> None:
    assert on_sqlite.mypy == []


def test_deletes_leave_what_django_leaves(tmp_path: Path) -> None:
    apps = write_apps(tmp_path / "source", "3")
    make_project(tmp_path / "source", apps, tmp_path / "project", postgresql=False)
    place = _files(tmp_path)
    run = Run(tmp_path / "project", tmp_path / "api", "sqlite", place)
    run.convert()
    django = place("django")
    run.tables(django, place("new"))
    found = run.deletes(django, "3", apps)
    assert found.loaded["problems"] == {}
    assert found.wrong["deletes"] == []
    assert found.names["deletes"] > 150
