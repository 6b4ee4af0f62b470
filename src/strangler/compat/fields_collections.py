"""Lists, dictionaries and free JSON."""

import json
import re
from collections.abc import Callable, Mapping
from copy import copy
from typing import Any, ClassVar, Self

from starlette.datastructures import ImmutableMultiDict, MultiDict

from . import settings
from .errors import ValidationError
from .fields import ABSENT, Check, FieldType, Form, FormRules, Runner, type_name
from .fields_text import Char


class Anything(FieldType):
    """Any value as it is; the child of lists and dictionaries that name none."""

    repeatable = True

    def __init__(self, **common: Any) -> None:
        super().__init__(**{"allow_null": True, **common})

    def converter(self) -> Callable[[Any], Any]:
        return lambda data: data


def form_list(form: Form, prefix: str) -> Any:
    """Collect `prefix[0]`, `prefix[1]name`, … by their numbers; ABSENT when there are none."""
    pattern = re.compile(rf"^{re.escape(prefix)}\[([0-9]+)\](.*)$")
    found: dict[int, Any] = {}
    for field in form:
        if not (match := pattern.match(field)):
            continue
        index, key, value = int(match[1]), match[2], form[field]
        if not key:
            found[index] = value
        elif isinstance(found.get(index), MultiDict):
            found[index][key] = value
        else:
            found[index] = MultiDict({key: value})
    return [found[index] for index in sorted(found)] if found else ABSENT


def form_dict(form: Form, prefix: str) -> Any:
    """Collect `prefix.name` into a form of its own; ABSENT when there is none."""
    start = f"{prefix}."
    pairs = [
        (field[len(start) :], value)
        for field, value in form.multi_items()
        if field.startswith(start) and len(field) > len(start)
    ]
    return MultiDict(pairs) if pairs else ABSENT


class _Composite(FieldType):
    """A type whose members are checked by a type of their own."""

    def __init__(self, child: FieldType | None = None, *, allow_empty: bool = True, **common: Any):
        super().__init__(**common)
        self.child = child or Anything()
        self.allow_empty = allow_empty
        self.nests = self.child.nests
        self.runner: Runner = self.child.compiled()
        self.converts_with_context = self.runner.uses_context

    def patched(self) -> Self:
        child = self.child.patched()
        if child is self.child:
            return self
        again = copy(self)
        again.child, again.runner = child, child.compiled()
        return again

    def is_repeatable(self) -> bool:
        return super().is_repeatable() and self.runner.hasty() is not None

    def each(self, pairs: list[tuple[Any, Any]], context: tuple[Any, ...]) -> dict[Any, Any]:
        """Convert the members; their errors are collected by key."""
        run, values, errors = self.runner.run, {}, {}
        for key, item in pairs:
            try:
                values[key] = run(item, *context)
            except ValidationError as error:
                errors[key] = error.detail
        if errors:
            raise ValidationError(errors)
        return values


class ListOf(_Composite):
    """A list; the errors of its members are told by index."""

    repeatable = True
    default_messages: ClassVar = {
        "not_a_list": 'Expected a list of items but got type "{input_type}".',
        "empty": "This list may not be empty.",
        "min_length": "Ensure this field has at least {min_length} elements.",
        "max_length": "Ensure this field has no more than {max_length} elements.",
    }

    def __init__(
        self,
        child: FieldType | None = None,
        *,
        min_length: int | None = None,
        max_length: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(child, **options)
        self.min_length = min_length
        self.max_length = max_length

    def converter(self) -> Callable[..., list[Any]]:
        def convert(data: Any, *context: Any) -> list[Any]:
            if isinstance(data, ImmutableMultiDict):
                listed = form_list(data, "")
                data = [] if listed is ABSENT else listed
            if type(data) is not list and (
                isinstance(data, (str, Mapping)) or not hasattr(data, "__iter__")
            ):
                raise self.error("not_a_list", input_type=type_name(data))
            if not self.allow_empty and len(data) == 0:
                raise self.error("empty")
            run = self.runner.run
            try:
                return [run(item, *context) for item in data]
            except ValidationError:
                return self.collected(data, context)

        return convert

    def collected(self, data: Any, context: tuple[Any, ...]) -> list[Any]:
        """Convert the members once more, to tell what is wrong with each."""
        return list(self.each(list(enumerate(data)), context).values())

    def quick(self, careful: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Settle lists of any size without asking what else they could be."""
        if self.limits():
            return careful
        member = self.runner.run

        def run(data: Any) -> Any:
            if type(data) is not list or not data:
                return careful(data)
            try:
                return [member(item) for item in data]
            except ValidationError:
                return self.collected(data, ())

        return run

    def limits(self) -> list[Check]:
        checks: list[Check] = []
        longest, shortest = self.max_length, self.min_length
        if longest is not None:
            checks.append(self.check("max_length", lambda v: len(v) > longest, max_length=longest))
        if shortest is not None:
            checks.append(
                self.check("min_length", lambda v: len(v) < shortest, min_length=shortest)
            )
        return checks

    def form_value(self, name: str, form: Form, rules: FormRules) -> Any:
        if rules.partial and name not in form and settings.DRF < (3, 18):
            return ABSENT  # even with `name[0]` in the form
        return form.getlist(name) or form_list(form, name)

    def json_schema(self) -> dict[str, Any]:
        sizes = {"minItems": self.min_length, "maxItems": self.max_length}
        given = {key: size for key, size in sizes.items() if size is not None}
        return {"type": "array", "items": self.child.json_schema(), **given}


class DictOf(_Composite):
    """An object with free keys; the errors of its members are told by key."""

    repeatable = True
    default_messages: ClassVar = {
        "not_a_dict": 'Expected a dictionary of items but got type "{input_type}".',
        "empty": "This dictionary may not be empty.",
    }

    def converter(self) -> Callable[..., dict[str, Any]]:
        def convert(data: Any, *context: Any) -> dict[str, Any]:
            if isinstance(data, ImmutableMultiDict):
                data = dict(data)
            if not isinstance(data, dict):
                raise self.error("not_a_dict", input_type=type_name(data))
            if not self.allow_empty and len(data) == 0:
                raise self.error("empty")
            return self.each([(str(key), value) for key, value in data.items()], context)

        return convert

    def form_value(self, name: str, form: Form, rules: FormRules) -> Any:
        if settings.DRF < (3, 18):
            return {}  # its keys were lost in forms
        found = form_dict(form, name)
        return {} if found is ABSENT and name in form else found

    def json_schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": self.child.json_schema()}


class HStore(DictOf):
    """An object of texts, which may be blank or null."""

    repeatable = True

    def __init__(self, child: FieldType | None = None, **options: Any) -> None:
        super().__init__(child or Char(allow_blank=True, allow_null=True), **options)


class JsonText(str):
    """A form's text, which holds JSON."""

    __slots__ = ()


class Json(FieldType):
    """Any JSON value. In a form, and with `binary`, it is the JSON's text."""

    repeatable = True
    default_messages: ClassVar = {"invalid": "Value must be valid JSON."}

    def __init__(self, *, binary: bool = False, **common: Any) -> None:
        super().__init__(**common)
        self.binary = binary

    def converter(self) -> Callable[[Any], Any]:
        def convert(data: Any) -> Any:
            try:
                if self.binary or isinstance(data, JsonText):
                    return json.loads(data, parse_constant=_refuse_constant)
                json.dumps(data, allow_nan=False)
            except (TypeError, ValueError) as error:
                raise self.error("invalid") from error
            return data

        return convert

    def form_value(self, name: str, form: Form, rules: FormRules) -> Any:
        return JsonText(form[name]) if name in form else ABSENT


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"Out of range float values are not JSON compliant: {name!r}")
