"""Lets one side validate every input, in the legacy project's interpreter or in the new app's.

    python fields_sides.py django|new < INPUTS > ANSWERS

In: a JSON list of [serializer, model or null, mode, data]; modes are `full`, `partial` and `many`,
with a number after a colon where a row is updated. Out: a JSON list of ["ok", values with types],
["bad", the errors as JSON text, codes] or ["crash", the error]. Django's side makes rows first.
"""

import datetime
import importlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

_ROWS_A_MODEL = 25


def typed(value: Any) -> Any:
    """A value with the types of everything in it; rows by class and key."""
    if isinstance(value, dict):
        return {"dict": [[str(key), typed(item)] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        return [typed(item) for item in value]
    if isinstance(value, (set, frozenset)):  # DRF before 3.17 gives sets, in no order
        return {"set": sorted(json.dumps(typed(item)) for item in value)}
    if hasattr(value, "_meta") or hasattr(value, "__table__"):
        return "{}({})".format(type(value).__name__, value.pk if hasattr(value, "pk") else value.id)
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        # a zone may be an object of one class or another, as long as it is the same zone
        return f"datetime:{value.replace(tzinfo=None)!r} {value.tzinfo}"
    return f"{type(value).__name__}:{value!r}"


def codes(errors: Any) -> Any:
    """Errors with their codes instead of their texts."""
    if isinstance(errors, dict):
        return {str(key): codes(value) for key, value in errors.items()}
    if isinstance(errors, list):
        return [codes(item) for item in errors]
    return getattr(errors, "code", None)


def _bad(errors: Any) -> list[Any]:
    plain = json.loads(json.dumps(errors, default=str))
    return ["bad", json.dumps(plain), codes(errors)]


def _mode(text: str) -> tuple[str, int]:
    name, _, number = text.partition(":")
    return name, int(number or 0)


# --- Django --------------------------------------------------------------------------------------


def django(given: list[Any]) -> Iterator[Any]:
    """The legacy side: tables and rows, then the answers."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
    importlib.import_module("django").setup()
    call_command = importlib.import_module("django.core.management").call_command
    call_command("migrate", run_syncdb=True, verbosity=0)
    serializers = importlib.import_module("corpus.serializers")
    models = importlib.import_module("corpus.models")
    _make_rows(models, serializers, given)
    for name, model, mode, data in given:
        serializer = getattr(serializers, name + "Serializer")
        yield _drf_answer(serializer, getattr(models, model) if model else None, mode, data)


def _make_rows(models: Any, serializers: Any, given: list[Any]) -> None:
    uuid = importlib.import_module("uuid")
    for number in range(1, 5):
        models.Tag.objects.create(name=f"tag {number}", rank=number)
        models.Label.objects.create(id=uuid.UUID(int=number), name="label")
    made: dict[str, int] = {}
    errors = importlib.import_module("django.db")
    for name, model, _, data in given:
        if model is None or made.get(model, 0) >= _ROWS_A_MODEL:
            continue
        serializer = getattr(serializers, name + "Serializer")(data=data)
        try:
            with errors.transaction.atomic():
                if serializer.is_valid():
                    serializer.save()
                    made[model] = made.get(model, 0) + 1
        except Exception:  # rows that a database refuses are none
            continue


def _drf_answer(serializer: Any, model: Any, mode: str, data: Any) -> list[Any]:
    kind, number = _mode(mode)
    options: dict[str, Any] = {"partial": kind == "partial", "many": kind == "many"}
    try:
        instance = model.objects.filter(pk=number).first() if model and number else None
        if number and instance is None:
            return ["none"]
        checked = serializer(instance, data=data, **options)
        if checked.is_valid():
            return ["ok", typed(checked.validated_data)]
        return _bad(checked.errors)
    except Exception as error:  # a crash of DRF is an answer, too: 500
        return ["crash", f"{type(error).__name__}: {error}"[:200]]


# --- the new application -------------------------------------------------------------------------


def new(given: list[Any]) -> Iterator[Any]:
    """The converted side, on the same rows."""
    sys.path.insert(0, os.getcwd())
    compat: Callable[[str], Any] = lambda name: importlib.import_module("app.compat." + name)  # noqa: E731
    importlib.import_module("app.main")
    schemas = importlib.import_module("app.corpus.schemas")
    models = importlib.import_module("app.corpus.models")
    database = importlib.import_module("app.db").database
    validate, context = compat("schemas").validate, compat("context").Context
    refused = compat("errors").ValidationError

    def answer(session: Any, name: str, model: Any, mode: str, data: Any) -> list[Any]:
        kind, number = _mode(mode)
        schema = getattr(schemas, name + "Write", None)
        if schema is None:
            return ["refused"]
        request = SimpleNamespace(state=SimpleNamespace(), scope={}, app=None)
        session.info["request"] = request
        instance = session.get(getattr(models, model), number) if model and number else None
        if number and instance is None:
            return ["none"]
        try:
            checked = validate(
                list[schema] if kind == "many" else schema, data,
                context(request=request, session=session), instance=instance,
                partial=kind == "partial",
            )  # fmt: skip
        except refused as error:
            return _bad(error.detail)
        except Exception as error:  # a crash is what a client would see as 500
            return ["crash", f"{type(error).__name__}: {error}"[:200]]
        many = isinstance(checked, list)
        return ["ok", typed([one.attrs() for one in checked] if many else checked.attrs())]

    for name, model, mode, data in given:
        with database.sync_sessions() as session:
            yield answer(session, name, model, mode, data)


if __name__ == "__main__":
    del sys.path[0]
    sys.path.insert(0, os.getcwd())
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)
    inputs = json.load(sys.stdin)
    sides = {"django": django, "new": new}
    sys.stdout.write(json.dumps(list(sides[sys.argv[1]](inputs))))
