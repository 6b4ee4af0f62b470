"""Further operations of the legacy executor: Django lets go of the tables of its own models.

Its text is sent to the executor (`add`), which runs it in the legacy interpreter: Python 3.6
grammar, Django reached by name. No database is needed.
"""
# ruff: noqa: UP006, UP032, UP035

import importlib
import inspect
import os
from typing import Any, Callable, Dict, Iterator, List, Tuple

Message = Dict[str, Any]
NAME = "alembic_owns_the_schema"


def load(name: str) -> Any:
    """A module by its dotted name."""
    return importlib.import_module(name)


def operations(legacy: Any) -> Dict[str, Callable[[Message], Message]]:
    """What this file adds."""
    return {"migrations": migrations, "release": release, "drift": drift}


def _loader() -> Any:
    return load("django.db.migrations.loader").MigrationLoader(None, ignore_no_migrations=True)


def migrations(message: Message) -> Message:
    """The names of the migrations that there are, without those that a squashed one replaces."""
    return {"names": ["{}.{}".format(*key) for key in sorted(_loader().graph.nodes)]}


def release(message: Message) -> Message:
    """Migrations that only say that Django does not manage the tables any more.

    Answers `files`, text by path, and `models`, each with `file`, `line` and name of its `class`, and
    the base that it `inherits` a Meta from.
    """
    loader = _loader()
    state = loader.project_state()
    files: Dict[str, str] = {}
    models: List[Message] = []
    for config in load("django.apps").apps.get_app_configs():
        chosen = [(m, o) for m, o in _managed(config, state) if _inside(inspect.getsourcefile(m))]
        leaves = loader.graph.leaf_nodes(config.label)
        if not chosen or not leaves:
            continue
        path, text = _migration(config, leaves, chosen)
        files[path] = text
        for model, _ in chosen:
            models.append(
                {
                    "class": model.__name__,
                    "inherits": _parent(model),
                    "file": os.path.relpath(inspect.getsourcefile(model) or "", os.getcwd()),
                    "line": inspect.getsourcelines(model)[1],
                }
            )
    return {"files": files, "models": models}


def _parent(model: Any) -> Any:
    """The position of the base that hands down a Meta, if there is one."""
    for position, base in enumerate(model.__bases__):
        if hasattr(base, "Meta"):
            return position
    return None


def _inside(file: Any) -> bool:
    """Whether it is the project's own, and no package's."""
    path = os.path.relpath(os.path.realpath(file or "/"), os.path.realpath(os.getcwd()))
    return not path.startswith("..") and "site-packages" not in path


def _managed(config: Any, state: Any) -> Iterator[Tuple[Any, Message]]:
    """Models with tables of their own, and the options that a migration may change."""
    keys = load("django.db.migrations.operations").AlterModelOptions.ALTER_OPTION_KEYS
    for model in config.get_models():
        known = state.models.get((config.label, model._meta.model_name))
        if known is None or model._meta.proxy or not model._meta.managed:
            continue
        options = {key: known.options[key] for key in keys if key in known.options}
        yield model, dict(options, managed=False)


def _migration(config: Any, leaves: Any, chosen: List[Tuple[Any, Message]]) -> Tuple[str, str]:
    """Path and text of the migration of one app."""
    module = load("django.db.migrations")
    alter = load("django.db.migrations.operations").AlterModelOptions
    number = max(int(name[:4]) if name[:4].isdigit() else 0 for _, name in leaves) + 1
    name = "{:04}_{}".format(number, NAME)
    body = {
        "dependencies": sorted(leaves),
        "operations": [alter(m._meta.model_name, options=o) for m, o in chosen],
    }
    migration = type("Migration", (module.Migration,), body)(name, config.label)
    writer = load("django.db.migrations.writer").MigrationWriter(migration, include_header=False)
    folder = os.path.dirname(load(type_of(leaves, config.label)).__file__ or "")
    return os.path.relpath(os.path.join(folder, name + ".py"), os.getcwd()), writer.as_string()


def type_of(leaves: Any, label: str) -> str:
    """The package of an app's migrations."""
    loader = load("django.db.migrations.loader").MigrationLoader
    found = loader.migrations_module(label)
    return str(found[0] if isinstance(found, tuple) else found)


def drift(message: Message) -> Message:
    """What `makemigrations` would write now, as `app: what`."""
    loader = _loader()
    module = load("django.db.migrations.autodetector")
    target = load("django.db.migrations.state").ProjectState.from_apps(load("django.apps").apps)
    detector = module.MigrationAutodetector(loader.project_state(), target)
    changes = detector.changes(graph=loader.graph)
    return {
        "changes": [
            "{}: {}".format(label, operation.describe())
            for label in sorted(changes)
            for migration in changes[label]
            for operation in migration.operations
        ]
    }
