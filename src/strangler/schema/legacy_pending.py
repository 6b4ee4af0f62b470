"""Further operations of the legacy executor: models that have changes without a migration.

Its text is sent to the executor (`add`), which runs it in the legacy interpreter: Python 3.6
grammar, Django reached by name. No database is needed.
"""
# ruff: noqa: UP006, UP032, UP035

import importlib
import inspect
import os
from typing import Any, Callable, Dict, Tuple

Message = Dict[str, Any]
# What no database hears of a field.
_OF_PYTHON = frozenset(
    [
        "blank", "choices", "default", "editable", "error_messages", "help_text",
        "limit_choices_to", "on_delete", "related_name", "related_query_name", "storage",
        "upload_to", "validators", "verbose_name",
    ]
)  # fmt: skip


def load(name: str) -> Any:
    """A module by its dotted name."""
    return importlib.import_module(name)


def operations(legacy: Any) -> Dict[str, Callable[[Message], Message]]:
    """What this file adds."""
    return {"pending": pending}


def pending(message: Message) -> Message:
    """What `makemigrations` would write now, as `changes`; apps it would merge first as `conflicts`.

    Each with `model` (its label), `source` (`path:line`, relative to the project), `what`, whether
    `tables` are changed by it, and whether the model is the project's `own`.
    """
    loader = load("django.db.migrations.loader").MigrationLoader(None, ignore_no_migrations=True)
    apps = load("django.apps").apps
    module = load("django.db.migrations.autodetector")
    conflicts = loader.detect_conflicts()
    if conflicts:  # makemigrations looks no further
        return {
            "changes": [],
            "conflicts": [{"app": n, "migrations": sorted(conflicts[n])} for n in conflicts],
        }
    before = loader.project_state()
    target = load("django.db.migrations.state").ProjectState.from_apps(apps)
    changes = module.MigrationAutodetector(before, target).changes(graph=loader.graph)
    found = []
    for label in sorted(changes):
        for migration in changes[label]:
            for operation in migration.operations:
                name, source, own = _place(apps, label, operation)
                found.append(
                    {
                        "model": name,
                        "source": source,
                        "what": operation.describe(),
                        "tables": touches(operation, label, before),
                        "own": own,
                    }
                )
    return {"changes": found, "conflicts": []}


def _place(apps: Any, label: str, operation: Any) -> Tuple[str, str, bool]:
    """The model that an operation is about, where it stands, and whether it is the project's own."""
    name = getattr(operation, "model_name", None) or getattr(operation, "name", "")
    name = getattr(operation, "new_name", name) if hasattr(operation, "old_name") else name
    config = apps.get_app_config(label)
    try:
        model = config.get_model(getattr(operation, "model_name", None) or name)
        path, line = inspect.getsourcefile(model) or "", inspect.getsourcelines(model)[1]
        name = model.__name__
    except (LookupError, OSError, TypeError):  # a model that is gone
        path, line = os.path.join(config.path, "models.py"), 0
    shown = os.path.relpath(os.path.realpath(path), os.path.realpath(os.getcwd()))
    own = not shown.startswith("..") and "site-packages" not in shown
    source = shown if own else path
    return "{}.{}".format(label, name), "{}:{}".format(source, line) if line else source, own


def touches(operation: Any, label: str, before: Any) -> bool:
    """Whether a database hears of an operation."""
    kind = type(operation).__name__
    if kind in ("AlterModelOptions", "AlterModelManagers"):
        return False
    if kind == "CreateModel":
        options = operation.options
        return not options.get("proxy") and bool(options.get("managed", True))
    if kind == "AlterField":
        fields = before.models[label, operation.model_name.lower()].fields
        old = dict(fields).get(operation.name)
        return old is None or _of_database(old) != _of_database(operation.field)
    return True


def _of_database(field: Any) -> Any:
    _, path, args, options = field.deconstruct()
    kept = {key: value for key, value in options.items() if key not in _OF_PYTHON}
    return path, repr(args), repr(sorted(kept.items()))
