"""What Django deletes of generated graphs: runs in the project's folder, in the legacy interpreter.

    python django_deletes.py fill SEED APP... | delete SEED APP... < nothing > JSON

`fill` makes rows, `delete` says for each row, and for some of them together, what deleting them
answers and what is left; every delete is taken back.
"""

import contextlib
import json
import random
import sys
from collections.abc import Iterator
from typing import Any

from django.db import IntegrityError
from django_side import apps as registry
from django_side import connection, models, tables, transaction
from trials import ROWS, read_all, subsets

ContentType: Any = registry.get_model("contenttypes", "ContentType")
Keys = dict[Any, list[int]]


def of(app: str) -> list[Any]:
    """The app's models, parents first."""
    found = [model for model in tables() if model._meta.app_label == app]
    return sorted(found, key=lambda model: len(model.__mro__))


def fill(seed: str, *apps: str) -> Any:
    """Make rows; foreign keys get values that are there."""
    for app in apps:
        keys: Keys = {}
        chance = random.Random(f"{seed}{app}rows")
        for model in of(app):
            parent = next(iter(model._meta.parents), None)
            known = keys[parent] if parent else list(range(1, ROWS + 1))
            keys[model] = sorted(chance.sample(known, chance.randint(1, len(known))))
        with transaction.atomic(), _unchecked():
            for model in of(app):
                _fill(model, keys, chance)
    return {}


@contextlib.contextmanager
def _unchecked() -> Iterator[None]:
    """Rows may point to others that come later, where keys are checked at once."""
    if connection.vendor != "mysql":
        yield
        return
    with connection.constraint_checks_disabled():
        yield


def _fill(model: Any, keys: Keys, chance: random.Random) -> None:
    fields = model._meta.local_concrete_fields
    seen = set()
    for key in keys[model]:
        values = {f.attname: key if f.primary_key else _drawn(f, key, keys, chance) for f in fields}
        for field in fields:
            pair = (field.name, values[field.attname])
            if field.unique and not field.primary_key and pair in seen:
                values[field.attname] = None
            seen.add(pair)
        ends = tuple(list(values.values())[1:])
        if model._meta.auto_created and ends in seen:
            continue
        seen.add(ends)
        row = models.Model.__new__(model)
        vars(row)["_state"] = models.base.ModelState()
        vars(row).update(values)
        model._base_manager._insert([row], fields=fields, using="default", raw=True)


def _drawn(field: Any, key: int, keys: Keys, chance: random.Random) -> Any:
    if field.name == "kind":
        owners = [
            m for m in keys if any(f.name.startswith("notes") for f in m._meta.private_fields)
        ]
        return ContentType.objects.get_for_model(chance.choice(owners or list(keys))).pk
    if field.remote_field is None:
        return key * 10 if field.unique else chance.randint(1, ROWS)
    if field.null and chance.random() < 0.3:
        return None
    drawn = chance.choice(keys[field.remote_field.model])
    return drawn if field.target_field.primary_key else drawn * 10


def delete(seed: str, *apps: str) -> Any:
    """`{trial: [answer, rows]}` of every trial."""
    return {name: found for app in apps for name, found in _trials(seed, app)}


def _trials(seed: str, app: str) -> Iterator[tuple[str, Any]]:
    here = [model for model in of(app) if not model._meta.auto_created]
    names = [model._meta.db_table for model in of(app)]
    for model in here:
        label = model._meta.label
        known = sorted(model._base_manager.values_list("pk", flat=True))
        for keys in subsets(label, known, seed):
            yield f"{label} {keys}", _undone(model, keys, names)


def _undone(model: Any, keys: list[int], names: list[str]) -> Any:
    with transaction.atomic():
        try:
            with transaction.atomic():
                answer = _deleted(model, keys)
        except models.ProtectedError as error:
            answer = ["ProtectedError", error.args[0], len(error.protected_objects)]
        except models.RestrictedError as error:
            answer = ["RestrictedError", error.args[0], len(error.restricted_objects)]
        except IntegrityError:
            answer = ["IntegrityError"]
        rows = read_all(_fetched, names)
        transaction.set_rollback(True)
    return [answer, rows]


def _fetched(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql.replace('"', "`") if connection.vendor == "mysql" else sql)
        return cursor.fetchall()


def _deleted(model: Any, keys: list[int]) -> Any:
    rows = model._base_manager.filter(pk__in=keys)
    answer = rows.get().delete() if len(keys) == 1 else rows.delete()
    connection.check_constraints()
    return list(answer)


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    print(json.dumps(globals()[command](*arguments)))
