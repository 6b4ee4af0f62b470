"""An object's fields one after another, where all of them are field types.

Pydantic would do the same work, but entering and leaving its engine for each field costs more than
most fields do.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeVar

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from .context import Context
from .errors import ErrorDetail, InvalidValueError, ValidationError
from .fields import Runner, runner_of

M = TypeVar("M", bound=BaseModel)

# Called with the value, the context, and the values of the fields before it by attribute.
Work = Callable[[Any, Context[Any], dict[str, Any]], Any]

_MODEL_OPTIONS: Final = ("post_init", "custom_init", "root_model")
# The name of fields that have no input: no request can name them.
_NEVER: Final = object()
# Pydantic's own slots: setting them by name costs twice as much.
_SLOTS = ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
_set_dict, _set_given, _set_extra, _set_private = (vars(BaseModel)[name].__set__ for name in _SLOTS)


# One field: its name on the wire; its attribute; run(value), unless there is work that makes its
# value; what it is when absent, PydanticUndefined where it is required; what is said then.
# A plain tuple, since those are unpacked several times as fast as named ones.
Step = tuple[Any, str, Callable[[Any], Any], Work | None, Any, str]
# Makes an instance of an object in which all is there and good; LookupError, ValidationError else.
Hasty = Callable[[Any], Any]


@dataclass(frozen=True)
class Course:
    """All steps of an object, and their attributes. runners: what each step asks; None: a hook."""

    schema: type[BaseModel]
    steps: tuple[Step, ...]
    names: set[str]
    runners: tuple[Runner | None, ...]

    @cached_property
    def hasty(self) -> Hasty | None:
        """The way without a look at what is missing or wrong, where all steps may be done twice."""
        # A schema that holds itself asks again while it is being answered.
        self.__dict__["hasty"] = None
        runs = [runner and runner.hasty() for runner in self.runners]
        return None if None in runs else self._unrolled(runs)

    def _unrolled(self, runs: list[Any]) -> Hasty:
        """Write the steps out as one function: a loop over them takes as long as their work."""
        pairs = [
            f"{attr!r}: run_{number}(data[{wire!r}])"
            for number, (wire, attr, *_) in enumerate(self.steps)
        ]
        source = (
            "def make(data):\n"
            "    if type(data) is not dict: raise LookupError\n"
            f"    values = {{{', '.join(pairs)}}}\n"
            "    self = new(schema)\n"
            "    set_dict(self, values)\n"
            "    set_given(self, names)\n"
            "    set_extra(self, None)\n"
            "    set_private(self, None)\n"
            "    return self\n"
        )
        known: dict[str, Any] = {
            "new": object.__new__, "schema": self.schema, "names": self.names,
            "set_dict": _set_dict, "set_given": _set_given, "set_extra": _set_extra,
            "set_private": _set_private, **{f"run_{number}": run for number, run in enumerate(runs)},
        }  # fmt: skip
        exec(source, known)
        made: Hasty = known["make"]
        return made


class HookInfo(NamedTuple):
    """Stands in for Pydantic's ValidationInfo where a `@field_validator` runs."""

    context: dict[str, Any]
    field_name: str
    data: dict[str, Any]
    config: None = None
    mode: str = "python"


def instance_of(schema: type[M], values: dict[str, Any], given: set[str]) -> M:
    """Return an instance with these values, which nothing checks. given: those of the input."""
    self = object.__new__(schema)
    _set_dict(self, values)
    _set_given(self, given)
    _set_extra(self, None)
    _set_private(self, None)
    return self


def course_of(
    schema: type[BaseModel], required: Mapping[str, str], hidden: frozenset[str]
) -> Course | None:
    """Return the course through a write schema; None where only Pydantic can do its work.

    required: what is said of an absent field, by its name on the wire. hidden: names not read.
    """
    if schema.model_config.get("extra") != "ignore":
        return None
    schema.model_rebuild()
    fields = _model_fields(schema.__pydantic_core_schema__)
    found = [_step(attr, field, required, hidden) for attr, field in (fields or {}).items()]
    known = tuple(each for each in found if each is not None)
    if fields is None or len(known) < len(found):
        return None
    steps = tuple(step for step, _ in known)
    return Course(schema, steps, {step[1] for step in steps}, tuple(runner for _, runner in known))


def walk(
    schema: type[M], course: Course, data: dict[str, Any], context: Context[Any]
) -> tuple[M | None, dict[str, Any]]:
    """Return an instance and no errors, or none and the errors by name on the wire."""
    steps, names, hasty = course.steps, course.names, course.hasty
    if hasty is not None and len(data) >= len(steps):
        try:
            return hasty(data), {}
        except (LookupError, ValidationError):
            pass  # what is missing or wrong is told by the steps one by one
    values: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    absent: set[str] = set()
    for wire, attr, run, work, default, required in steps:
        try:
            if wire in data:
                value = data[wire]
                values[attr] = run(value) if work is None else work(value, context, values)
            elif default is not PydanticUndefined:
                values[attr] = default
                absent.add(attr)
            else:
                errors[wire] = [ErrorDetail(required, "required")]
        except ValidationError as error:
            errors[wire] = error.detail
        except InvalidValueError as error:
            errors[wire] = error.refused
    if errors:
        return None, errors
    # Where all are there, instances share the set that says so.
    return instance_of(schema, values, values.keys() - absent if absent else names), errors


def _model_fields(core: Any) -> dict[str, Any] | None:
    """Return the fields of a model's core schema that does nothing else than validate them."""
    if core["type"] == "definitions":
        known = {each["ref"]: each for each in core["definitions"]}
        core = core["schema"]
        core = known[core["schema_ref"]] if core["type"] == "definition-ref" else core
    if core["type"] != "model" or any(core.get(option) for option in _MODEL_OPTIONS):
        return None
    inner = core["schema"]
    fields: dict[str, Any] | None = inner["fields"] if inner["type"] == "model-fields" else None
    return fields


def _step(
    attr: str, field: Any, required: Mapping[str, str], hidden: frozenset[str]
) -> tuple[Step, Runner | None] | None:
    wire, inner, default = field.get("validation_alias", attr), field["schema"], PydanticUndefined
    if inner["type"] == "default":
        if "default" not in inner or inner.get("validate_default") or inner.get("copy_default"):
            return None
        inner, default = inner["schema"], inner["default"]
    if not isinstance(wire, str) or wire not in required:
        return None
    told = required[wire]
    if wire in hidden:
        return (_NEVER, attr, _keep, None, default, told), None
    hooks = []
    while inner["type"] == "function-after":
        hooks.append(inner["function"])
        inner = inner["schema"]
    runner = runner_of(inner)
    if runner is None:
        return None
    if not hooks and not runner.uses_context:
        return (wire, attr, runner.run, None, default, told), runner
    work = _work(attr, runner, hooks[::-1])
    return (wire, attr, _keep, work, default, told), None if hooks else runner


def _keep(value: Any) -> Any:
    return value


def _work(attr: str, runner: Any, hooks: list[Any]) -> Work:
    run, aware = runner.run, runner.uses_context
    after = [(hook["function"], hook["type"] == "with-info") for hook in hooks]

    def work(data: Any, context: Context[Any], values: dict[str, Any]) -> Any:
        value = run(data, context) if aware else run(data)
        for hook, told in after:
            if told:
                value = hook(value, HookInfo({"context": context}, attr, values))
            else:
                value = hook(value)
        return value

    return work
