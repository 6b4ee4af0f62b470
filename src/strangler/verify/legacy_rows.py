"""A further operation of the legacy executor: rows of every model, and whose they are.

Sent and run as `legacy_seeding.py` is: Python 3.6 grammar, Django reached by name.
"""
# ruff: noqa: UP006, UP017, UP032, UP035

import datetime
import decimal
import importlib
import uuid
from typing import Any, Callable, Dict, List, Tuple

Message = Dict[str, Any]
#: Whether optional fields vary, and which other values are tried where rows must not repeat.
_ATTEMPTS = ((True, 0), (True, 1), (False, 0), (False, 1), (False, 2), (False, 3))
PASSWORD = "strangler-Verify-1"
_HASHED: List[str] = []


def load(name: str) -> Any:
    """A module by its dotted name."""
    return importlib.import_module(name)


def operations(legacy: Any) -> Dict[str, Callable[[Message], Message]]:
    """What this file adds."""
    return {"rows": rows, "owners": owners}


def user_model() -> Any:
    """The model of the users, None in a project that has none."""
    settings = load("django.conf").settings
    try:
        return load("django.apps").apps.get_model(settings.AUTH_USER_MODEL)
    except (LookupError, ValueError):
        return None


def give_password(user: Any) -> None:
    """Let the user log in with `PASSWORD`. It is hashed once for all: that takes its time."""
    usual = load("django.contrib.auth.base_user").AbstractBaseUser.set_password
    if type(user).set_password is not usual:
        user.set_password(PASSWORD)
        return
    if not _HASHED:
        _HASHED.append(load("django.contrib.auth.hashers").make_password(PASSWORD))
    user.password = _HASHED[0]


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


def rows(message: Message) -> Message:
    """Make rows of models that have fewer than wanted; say which could not be made, and why."""
    apps = load("django.apps").apps
    models = {label: apps.get_model(label) for label in message["models"]}
    made: Dict[str, int] = {}
    failed: Dict[str, str] = {}
    depths: Dict[Any, int] = {}
    for label in sorted(models, key=lambda each: _depth(models[each], depths)):
        made[label], problem = _filled(models[label], message["models"][label])
        if problem:
            failed[label] = problem
    for label, model in models.items():
        made[label] += _give(model, message.get("owners", []))
    return {"made": {label: count for label, count in made.items() if count}, "failed": failed}


def _filled(model: Any, wanted: int) -> Tuple[int, str]:
    """How many rows were made, and why the last that could not be made was refused."""
    made, refusal = 0, ""
    for number in range(model._base_manager.count(), wanted):
        problem = ""
        for rich, shift in _ATTEMPTS:
            try:
                with load("django.db").transaction.atomic():
                    _make_row(model, number, rich, shift=shift)
            except Exception as error:  # user code may refuse in any way; the report names it
                problem = "{}: {}".format(type(error).__name__, error)
                continue
            made, problem = made + 1, ""
            break
        refusal = problem or refusal
    return made, refusal


def _depth(model: Any, depths: Dict[Any, int]) -> int:
    """How many models its rows need one after the other: those that need nothing come first."""
    if model not in depths:
        depths[model] = 0  # what a circle comes back to
        needed = [
            field.remote_field.model
            for field in model._meta.concrete_fields
            if field.is_relation and field.remote_field and not field.null
        ]
        depths[model] = 1 + max([_depth(each, depths) for each in needed] or [0])
    return depths[model]


def _give(model: Any, owners: List[str]) -> int:
    """One more row for each of some users, to which nothing refers yet."""
    user = user_model()
    transaction = load("django.db").transaction
    names = [
        field.attname
        for field in model._meta.concrete_fields
        if field.is_relation and field.remote_field and field.remote_field.model is user
    ]
    made = 0
    for number, key in enumerate(owners if names else []):
        instance = model()
        for name in names:
            setattr(instance, name, key)
        try:
            with transaction.atomic():
                complete(instance, 7000 + number)
                instance.save()
            made += 1
        except Exception:  # a constraint that allows no second one: nothing is lost
            continue
    return made


def _make_row(model: Any, number: int, rich: bool = False, depth: int = 0, shift: int = 0) -> Any:
    """Make a row; `shift` chooses other values, where a constraint did not let the first pass."""
    instance = model()
    if rich:
        _vary(instance, number)
    complete(instance, number, depth, shift)
    present = _made_meanwhile(instance)
    if present is not None:
        return present
    instance.save()
    for field in model._meta.many_to_many:
        if field.remote_field.through._meta.auto_created:
            related = field.remote_field.model._base_manager.order_by("pk")[:2]
            getattr(instance, field.name).set(list(related))
    return instance


def _made_meanwhile(instance: Any) -> Any:
    """The row that code of the project made together with the one it belongs to; None without."""
    for field in instance._meta.concrete_fields:
        if field.is_relation and field.unique and not field.primary_key:
            key = getattr(instance, field.attname)
            if key is not None:
                found = type(instance)._base_manager.filter(**{field.name: key}).first()
                if found is not None:
                    return found
    return None


def complete(instance: Any, number: int, depth: int = 0, shift: int = 0) -> None:
    """Fill what is required and has no value yet."""
    for place, field in enumerate(instance._meta.concrete_fields):
        if getattr(field, "primary_key", False) and field.has_default():
            continue
        if field.get_internal_type() in ("AutoField", "BigAutoField", "SmallAutoField"):
            continue
        if getattr(field, "generated", False):
            continue  # the database fills it in, and a row with a key would be asked for it
        if field.is_relation and getattr(field.remote_field, "parent_link", False):
            continue  # saving the child makes its parent
        optional = field.null or field.blank or field.has_default()
        if getattr(instance, field.attname, None) not in (None, "") or optional:
            continue
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
            continue
        if field.is_relation and field.remote_field:
            # each relation at a step of its own, so that every pair of rows is reached
            setattr(instance, field.name, related(field, number + shift * place, depth))
        else:
            setattr(instance, field.attname, _rising(field, number + 1009 * shift, place))


def related(field: Any, number: int, depth: int) -> Any:
    model, pointed = field.remote_field.model, field.target_field
    rows = list(model._base_manager.order_by("pk")[:20])
    present = [each for each in rows if getattr(each, pointed.attname) is not None]
    if field.unique:
        name = field.name
        taken = set(field.model._base_manager.values_list(name, flat=True))
        present = [each for each in present if each.pk not in taken]
    if present:
        # some stay without anything that refers to them, so that they can be deleted
        used = present[: max(1, len(present) * 2 // 3)] if not field.unique else present
        return used[number % len(used)]
    if depth > 3:
        raise ValueError("required relations go around in a circle")
    made = _make_row(model, number, False, depth + 1)
    if getattr(made, pointed.attname) is None:
        setattr(made, pointed.attname, value(pointed, number))
        made.save()
    return made


def _names_class(field: Any) -> bool:
    """Whether a column that nobody edits says of which class a row is."""
    target = field.remote_field.model if field.is_relation and field.remote_field else None
    label = getattr(getattr(target, "_meta", None), "label", "")
    return label == "contenttypes.ContentType" and not field.editable


def _vary(instance: Any, number: int) -> None:
    """Give some fields that have defaults other values, so that rows differ."""
    for place, field in enumerate(instance._meta.concrete_fields):
        kind = kind_of(field)
        if field.primary_key or not (field.has_default() or field.blank or field.null):
            continue
        if _names_class(field) or getattr(field, "generated", False):
            continue
        if field.is_relation and field.remote_field and not field.unique:
            present = field.remote_field.model._base_manager.order_by("pk")[:20]
            if number % 2 and present:
                setattr(instance, field.name, present[number % len(present)])
        elif (
            field.flatchoices
            or kind in ("IntegerField", "PositiveIntegerField", "DecimalField")
            or (kind in ("ArrayField", "HStoreField") and number % 3)
        ):
            setattr(instance, field.attname, _rising(field, number, place))
        elif kind == "BooleanField":
            setattr(instance, field.attname, number % 3 == 0)
        elif kind in ("CharField", "TextField") and number % 2 == 0:
            setattr(instance, field.attname, _text(field, number))


def kind_of(field: Any) -> str:
    """Django's kind of a column; texts without case are texts."""
    kind = str(field.get_internal_type())
    return kind[2:] if kind in ("CICharField", "CITextField") else kind


_NUMBERS = ("IntegerField", "DecimalField", "FloatField")


def _rising(field: Any, number: int, place: int) -> Any:
    """A value; numbers and dates are greater than those of the row's columns before.

    Models that have a start and an end demand it, and name the start first.
    """
    kind = kind_of(field)
    rises = kind.startswith(("Date", "Time", "Duration")) or kind.endswith(_NUMBERS)
    return value(field, number + place if rises and not field.flatchoices else number)


def value(field: Any, number: int) -> Any:
    choices = [key for key, _ in field.flatchoices if key not in ("", None)]
    if choices:
        return choices[number % len(choices)]
    kind = kind_of(field)
    if kind in ("CharField", "TextField", "SlugField"):
        return _text(field, number)
    day = datetime.date(2024, 1, 1) + datetime.timedelta(days=number % 300)
    moment = datetime.datetime(2024, 1, 1, 12) + datetime.timedelta(hours=number % 5000)
    if load("django.conf").settings.USE_TZ:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    low, high = _limits(field)
    table: Dict[str, Any] = {
        "BooleanField": number % 2 == 0,
        "DateField": day,
        "DateTimeField": moment,
        "TimeField": datetime.time(number % 24, 30),
        "DurationField": datetime.timedelta(minutes=number + 1),
        "DecimalField": _decimal(field, low, high, number),
        "FloatField": low + (number % min(9000, high - low + 1)) + 0.0,
        "UUIDField": uuid.uuid5(uuid.NAMESPACE_URL, "strangler-{}".format(number)),
        "GenericIPAddressField": "192.0.2.{}".format(number % 250 + 1),
        "JSONField": {"number": number},
        "FileField": "strangler/{}.txt".format(number),
        "ImageField": "strangler/{}.png".format(number),
        "BinaryField": b"strangler",
        "ArrayField": [value(field.base_field, number)] if kind == "ArrayField" else [],
        "HStoreField": {"number": str(number), "nothing": None},
        "IntegerRangeField": (number, number + 9),
        "BigIntegerRangeField": (number, number + 9),
        "DecimalRangeField": (decimal.Decimal(number), decimal.Decimal(number) + 2),
        "DateRangeField": (day, day + datetime.timedelta(days=7)),
        "DateTimeRangeField": (moment, moment + datetime.timedelta(hours=2)),
    }
    return table.get(kind, low + number % min(30000, high - low + 1))


def _decimal(field: Any, low: int, high: int, number: int) -> decimal.Decimal:
    """A whole number that the column has digits for."""
    digits = (getattr(field, "max_digits", None) or 9) - (
        getattr(field, "decimal_places", None) or 0
    )
    high = min(high, 10**digits - 1)
    low = min(low, high)
    return decimal.Decimal(low + number % min(90, high - low + 1))


def _limits(field: Any) -> Any:
    """Least and greatest whole number that the field's validators let pass; at most 1 to 30000."""
    low, high = 1, 30000
    for validator in field.validators:
        limit = getattr(validator, "limit_value", None)
        if isinstance(limit, (int, float, decimal.Decimal)):
            if getattr(validator, "code", "") == "max_value":
                high = min(high, int(limit))
            elif getattr(validator, "code", "") == "min_value":
                low = max(low, int(limit))
    return min(low, high), high


def _text(field: Any, number: int) -> str:
    name = type(field).__name__
    if field.max_length in (2, 3):
        codes = {2: ("DE", "FR", "US", "GB", "IT"), 3: ("EUR", "USD", "GBP", "CHF", "JPY")}
        return codes[field.max_length][number % 5]
    if name == "EmailField" or "email" in field.name:
        text = "verify{}@example.com".format(number)
    elif name == "URLField":
        text = "https://example.com/{}".format(number)
    elif name == "SlugField":
        text = "verify-{}".format(number)
    else:
        forms = ("verify {} {}", "verify-{}-{}", "verify{}{}")
        if field.unique:  # what names a row may be part of a path, where blanks are rare
            forms = forms[::-1]
        texts = [form.format(field.name, number) for form in forms] + [str(number)]
        text = next((each for each in texts if _passes(field, each)), texts[0])
    if field.max_length and len(text) > field.max_length:
        text = str(number).rjust(min(4, field.max_length), "0")[-field.max_length :]
    return text


def _passes(field: Any, text: str) -> bool:
    """Whether the field's own validators let a text pass: models may ask them when they save."""
    for validator in field.validators:
        try:
            validator(text)
        except Exception:  # a validator of the project's own may refuse in any way
            return False
    return True
