"""Further operations of the legacy executor: tables, copies of data, users.

Its text is sent to the executor (`add`), which runs it in the legacy interpreter: Python 3.6
grammar, Django reached by name. All of it happens on the template, before the twins are made.
"""
# ruff: noqa: UP006, UP035

import importlib
from typing import Any, Callable, Dict

Message = Dict[str, Any]


def load(name: str) -> Any:
    """A module by its dotted name."""
    return importlib.import_module(name)


def operations(legacy: Any) -> Dict[str, Callable[[Message], Message]]:
    """What this file adds."""
    return {
        "migrate": migrate,
        "dump": dump,
        "fill": fill,
        "owners": owners,
    }


def _command(*arguments: Any, **options: Any) -> None:
    load("django.core.management").call_command(*arguments, verbosity=0, **options)


def migrate(message: Message) -> Message:
    """Bring the tables to what the code expects."""
    _make_tables()
    return {"ok": True}


def _make_tables() -> None:
    """Apps without migrations come last: they may refer to those that have some."""
    _command("migrate", interactive=False)
    _command("migrate", interactive=False, run_syncdb=True)


def dump(message: Message) -> Message:
    """Write every row of every model as a fixture; rows that a default manager hides too."""
    if not load("django.db").connection.introspection.table_names():
        with open(message["file"], "w") as file:
            file.write("[]")
        return {"ok": True}
    _command("dumpdata", use_base_manager=True, output=message["file"])
    return {"ok": True}


def fill(message: Message) -> Message:
    """Make the tables, empty them, read the fixture: rows keep their keys."""
    _make_tables()
    _command("flush", interactive=False, inhibit_post_migrate=True)
    _command("loaddata", message["file"])
    return {"ok": True}


# --- users ---------------------------------------------------------------------------------------


def user_model() -> Any:
    """The model of the users, None in a project that has none."""
    settings = load("django.conf").settings
    try:
        return load("django.apps").apps.get_model(settings.AUTH_USER_MODEL)
    except (LookupError, ValueError):
        return None


def owners(message: Message) -> Message:
    """How many rows of the given models belong to each user, by foreign keys of their own."""
    apps = load("django.apps").apps
    user = user_model()
    counts: Dict[str, int] = {}
    for label in message["models"]:
        model = apps.get_model(label)
        for field in model._meta.concrete_fields:
            if field.is_relation and field.remote_field and field.remote_field.model is user:
                for key in model._base_manager.values_list(field.attname, flat=True)[:1000]:
                    counts[str(key)] = counts.get(str(key), 0) + 1
    return {"owners": counts}
