"""What Django does with the corpus: runs in the project's folder, in the legacy interpreter.

    python django_side.py create | write SEED | read | names | related < nothing > JSON

`create` makes the tables, `write` fills them with rows made from the seed, `read` shows every row
as Django reads it, `names` what belongs to each class besides its columns.
"""

import datetime
import decimal
import json
import os
import random
import sys
import uuid
from typing import Any

sys.path.insert(0, os.getcwd())
os.environ["DJANGO_SETTINGS_MODULE"] = "corpus_settings"

import django

django.setup()

from django.apps import apps  # noqa: E402
from django.core.exceptions import ObjectDoesNotExist  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, models, transaction  # noqa: E402
from shown import shown  # noqa: E402

ROWS = 4
_WORDS = ("", "a", "Ünïcode ☃", 'it\'s "quoted"', "100%", "x:y", "tab\tline\n", "  spaced  ")


def tables() -> list[Any]:
    """Models with a table of their own that Django makes."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if meta.managed and not meta.proxy and not meta.swapped and meta.can_migrate(connection):
            found.setdefault(meta.db_table, model)
    return list(found.values())


def create() -> Any:
    """Make every table."""
    models.signals.post_migrate.receivers.clear()
    models.signals.post_migrate.sender_receivers_cache.clear()
    call_command("migrate", run_syncdb=True, verbosity=0)
    made = {model._meta.label: model._meta.db_table for model in tables()}
    known = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    return {"tables": made, "unmanaged": sorted(known - set(made.values()))}


def write(seed: str) -> Any:
    """Fill every table; foreign keys are not checked, since tables may refer to each other."""
    failed = {}
    off = "SET session_replication_role = replica"
    if connection.vendor == "sqlite":
        off = "PRAGMA foreign_keys = OFF"
    elif connection.vendor == "mysql":
        off = "SET foreign_key_checks = 0"
    with connection.cursor() as cursor:
        cursor.execute(off)
    for model in tables():
        for number in range(ROWS):
            problem = _insert(model, number, seed)
            if problem:
                failed.setdefault(model._meta.label, problem)
    return {"failed": failed}


def _insert(model: Any, number: int, seed: str) -> str | None:
    """Write one row; a check that refuses it gets other values, up to a limit."""
    problem = ""
    fields = [f for f in model._meta.local_concrete_fields if not getattr(f, "generated", False)]
    for attempt in range(40):
        values = {f.attname: value(f, number, f"{seed}{attempt or ''}") for f in fields}
        row = models.Model.__new__(model)
        vars(row)["_state"] = models.base.ModelState()
        vars(row).update(values)
        try:
            with transaction.atomic():
                manager = model._base_manager
                manager._insert([row], fields=fields, using="default", raw=True)
            return None
        except Exception as error:  # the database, or a field of the tests, refuses
            problem = f"{type(error).__name__}: {error}"
    return problem.splitlines()[0]


def value(field: Any, number: int, seed: str) -> Any:
    """What row `number` holds in a column; the same each time, and another in each row of a key."""
    while field.remote_field is not None:
        if field.null and number == 0 and not field.primary_key:
            return None
        field, seed = field.target_field, "key"
    if field.null and number == 0 and not field.primary_key:
        return None
    is_key = field.primary_key or field.unique
    chance = random.Random(f"{field.model._meta.label}{field.name}{number}{'' if is_key else seed}")
    return _made(field, number, chance, is_key)


def _made(field: Any, number: int, chance: random.Random, is_key: bool) -> Any:
    if field.choices and not is_key:
        return chance.choice([v for v, _ in field.flatchoices if v is not None] or [None])
    base = getattr(field, "base_field", None)
    if isinstance(base, models.Field) and hasattr(field, "size"):
        size = field.size or chance.randint(0, 3)
        base.model = field.model
        return [_made(base, number, chance, False) for _ in range(size)]
    for kind, make in _MAKERS.items():
        if kind in {c.__name__ for c in type(field).__mro__}:
            return make(field, number, chance, is_key)
    return _whole(field, number, chance, is_key)


def _whole(field: Any, number: int, chance: random.Random, is_key: bool) -> int:
    low, high = connection.ops.integer_field_range(field.get_internal_type())
    if is_key:
        return number + 1
    small = "Small" in type(field).__name__
    top = min(high or 10**9, 30_000 if small else 2_000_000_000)
    bottom = 0 if low == 0 else -min(-(low or -(10**9)), top)
    return chance.choice((0, 1, chance.randint(bottom, top), chance.randint(0, 20)))


def _text(field: Any, number: int, chance: random.Random, is_key: bool) -> str:
    limit = field.max_length or 60
    if is_key:
        return f"k{number}"[-limit:] if limit > 1 else "abcdefgh"[number]
    return (chance.choice(_WORDS) + chance.choice(_WORDS))[:limit].replace("\0", "")


def _decimal(field: Any, number: int, chance: random.Random, is_key: bool) -> decimal.Decimal:
    places = field.decimal_places or 0
    digits = min(field.max_digits or 9, 15)
    top = 10**digits - 1
    made = number + 1 if is_key else chance.choice((0, 1, top, -top, chance.randint(-top, top)))
    return decimal.Decimal(made).scaleb(-places)


def _instant(_: Any, number: int, chance: random.Random, is_key: bool) -> datetime.datetime:
    start = datetime.datetime(1990, 1, 1, tzinfo=datetime.UTC)
    fraction = chance.choice((0, 1, 120000, chance.randint(0, 999999)))
    span = datetime.timedelta(seconds=chance.randint(0, 10**9), microseconds=fraction)
    return start + span + datetime.timedelta(days=number if is_key else 0)


def _json(_: Any, number: int, chance: random.Random, is_key: bool) -> Any:
    some = (1, 1.5, "x", "", True, False, [], {}, [1, None, {"a": [2]}], {"ключ": "☃", "b": None})
    return {"key": number} if is_key else chance.choice(some)


def _span(_: Any, number: int, chance: random.Random, is_key: bool) -> datetime.timedelta:
    days = number if is_key else chance.choice((0, -3, 400))
    return datetime.timedelta(days=days, microseconds=chance.choice((0, 1, 10**6, 5 * 10**11)))


def _range(field: Any, number: int, chance: random.Random, is_key: bool) -> Any:
    base = field.base_field
    base.model = field.model
    ends = [_made(base, n, chance, False) for n in (0, 1)]
    if ends[0] is None or (ends[0] == ends[1] and is_key):
        ends = [None, None]
    low, high = (None, None) if chance.random() < 0.2 else sorted(ends)
    return field.range_type(low, high)


_MAKERS: dict[str, Any] = {
    "BooleanField": lambda f, n, c, k: c.random() < 0.5,
    "DecimalField": _decimal,
    "FloatField": lambda f, n, c, k: c.choice((0.0, 0.1, -1e300, c.uniform(-9, 9), n + 0.5)),
    "DateTimeField": _instant,
    "DateField": lambda f, n, c, k: _instant(f, n, c, k).date(),
    "TimeField": lambda f, n, c, k: _instant(f, n, c, k).time(),
    "DurationField": _span,
    "UUIDField": lambda f, n, c, k: uuid.UUID(int=c.getrandbits(128), version=4),
    "JSONField": _json,
    "BinaryField": lambda f, n, c, k: c.randbytes(min(f.max_length or 9, c.randint(0, 9))),
    "GenericIPAddressField": lambda f, n, c, k: (
        f"10.0.{n}.{c.randint(0, 255)}" if f.protocol != "ipv6" and c.random() < 0.5
        else (f"10.1.{n}.1" if f.protocol == "ipv4" else f"2001:db8::{n + 1:x}")
    ),
    "HStoreField": lambda f, n, c, k: {"a": "1", "b": None, "ü": c.choice(_WORDS)},
    "SearchVectorField": lambda f, n, c, k: "'a':1 'b':2",
    "RangeField": _range,
    "CharField": _text,
    "TextField": _text,
    "ImageField": lambda f, n, c, k: "",  # Django reads the file for its size
    "FileField": _text,
    "FilePathField": _text,
}  # fmt: skip


def read() -> Any:
    """Every row as Django reads it: `{label: {key: {attribute: value as shown}}}`."""
    found: dict[str, Any] = {}
    for model in tables():
        names = [f.attname for f in model._meta.local_concrete_fields]
        rows = found[model._meta.label] = {}
        try:
            for row in models.QuerySet(model).order_by():
                key = json.dumps(shown(vars(row).get(model._meta.pk.attname, row.pk)))
                rows[key] = {name: shown(vars(row)[name]) for name in names}
        except Exception as error:  # a field of the tests that cannot read every value
            rows["problem"] = f"{type(error).__name__}: {error}"
    return found


def names() -> Any:
    """By label: reverse names, many-to-many names and Python defaults of new objects."""
    return {model._meta.label: _names(model) for model in tables()}


def _names(model: Any) -> Any:
    meta = model._meta
    here = {one._meta.label for one in tables()}
    own = [r.get_accessor_name() for r in meta.related_objects if _is_own(r, model, here)]
    defaults = {}
    for field in meta.local_concrete_fields:
        if field.has_default():
            try:
                pair = [shown(field.get_default()) for _ in range(2)]
            except Exception:  # a default of the tests that needs their set-up
                continue
            same = pair[0] == pair[1] and not isinstance(field, models.DateTimeField)
            defaults[field.attname] = pair[0] if same else pair[0][:1]
    many = [f.name for f in meta.local_many_to_many]
    return {"reverse": own, "many": many, "defaults": defaults}


def related() -> Any:
    """By label, row and name: the keys of the rows at the other side of each relation."""
    found: dict[str, Any] = {}
    for label, told in names().items():
        model = apps.get_model(label)
        if not (told["reverse"] or told["many"]):
            continue
        found[label] = {}
        for row in models.QuerySet(model).order_by():
            lists = {name: _keys(row, name) for name in (*told["reverse"], *told["many"])}
            key = json.dumps(shown(vars(row).get(model._meta.pk.attname, row.pk)))
            found[label][key] = {name: keys for name, keys in lists.items() if keys is not None}
    return found


def _keys(row: Any, name: str) -> list[str] | None:
    """None where Django cannot say, or where a manager of the project decides."""
    try:
        other = getattr(row, name)
        rows = [other] if isinstance(other, models.Model) else list(_all(other))
        return sorted(json.dumps(shown(one.pk)) for one in rows)
    except ObjectDoesNotExist:
        return []
    except Exception:  # a relation of the tests that cannot be read by itself
        return None


def _all(manager: Any) -> Any:
    plain = models.Manager.get_queryset
    if type(manager.model._default_manager).get_queryset is not plain:
        raise LookupError("the manager chooses")
    return manager.all()


def _is_own(relation: Any, model: Any, here: set[str]) -> bool:
    """Whether a relation is an attribute of this class, over columns of a table that is there."""
    field = relation.field
    if relation.hidden or relation.model._meta.concrete_model is not model:
        return False
    over_columns = field.many_to_many or isinstance(field, models.ForeignKey)
    return over_columns and relation.related_model._meta.label in here


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    print(json.dumps(globals()[command](*arguments)))
