"""Names of the project's own modules: constants that are carried, functions that are called."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, cast

import libcst as cst

from .class_bodies import class_value
from .effect_types import Cached
from .lasting_values import may_change
from .names import snake
from .operation import Operation, Typed, code_of, parse
from .token_types import ResetTokens
from .types import Constant, Error, ModelClass, Plain, Texts

if TYPE_CHECKING:
    from .body import Body


def constant(body: Body, path: str) -> Typed | None:
    """A constant of a module or what a choices class lists, carried into the new module, or None."""
    world = body.world
    owner, _, member = path.rpartition(".")
    if owner in world.enums:
        return listed_choices(body, owner, member)
    found = world.sources.split(path)
    if found is None or "." in found[1] or not found[1]:
        return None
    module, name = found
    value = module.constant(name)
    if value is None:
        return None
    from .body import Body as _Body

    inner = _Body(world, module, body.owner)
    typed = inner.expr(parse(ast.unparse(value)))
    if isinstance(typed.type, ModelClass | Cached | ResetTokens):  # `User = get_user_model()`
        body.imports |= inner.imports
        return typed
    if inner.parameters or not isinstance(typed.type, Plain | Constant):
        return None
    if may_change(world, name, value):
        body.refuse("B103", f"`{name}` is changed while the project runs, which has no rule")
    body.imports |= inner.imports
    body.definitions[name] = f"{name} = {code_of(typed.node)}"
    values = typed.type.value if isinstance(typed.type, Constant) else None
    if isinstance(values, tuple) and isinstance(typed.node, cst.Tuple):
        texts = tuple(value for value in values if isinstance(value, str))
        if texts and len(texts) == len(values):
            return Typed(cst.Name(name), Texts(values=texts))
    if code_of(typed.node).startswith("gettext_lazy("):
        return Typed(parse(f"str({name})"), Plain("str"))
    known = typed.type == Plain("logging.Logger")
    return Typed(cst.Name(name), typed.type if known else Plain())


def listed_choices(body: Body, owner: str, member: str) -> Typed | None:
    """`Status.choices`, `.values` or `.labels` of a choices class; None where it is something else."""
    columns = (c for model in body.world.facts.models for c in model.fields)
    found = next((c for c in columns if c.choices_enum == owner and c.choices), None)
    if found is None or member not in ("choices", "values", "labels"):
        return None
    pairs = [(key, label) for key, label in found.choices or () if key is not None]
    if len(pairs) != len(found.choices or ()) or len(pairs) != len(found.choices_members):
        return None  # the column offers others than the class, or the class an empty one
    listed = {"choices": pairs, "values": [k for k, _ in pairs], "labels": [v for _, v in pairs]}
    name = f"{'_'.join(map(snake, owner.split('.')[-2:])).upper()}_{member.upper()}"
    body.definitions[name] = f"{name} = {listed[member]!r}"
    return Typed(cst.Name(name), Plain("list[Any]"))


def class_constant(body: Body, label: str, name: str) -> Typed | None:
    """A literal that the class body of a model gives a name; None where there is none."""
    world = body.world
    model = world.models[label]
    found = world.sources.class_node(model.path)
    bound = class_value(found[0], name, found[1]) if found is not None else None
    if bound is None or name not in model.attributes:
        return None
    try:
        value = ast.literal_eval(code_of(bound[0]))
    except ValueError:
        return None
    constant = f"{snake(world.model_names[label]).upper()}_{name}"
    body.definitions[constant] = f"{constant} = {value!r}"
    kind = type(value).__name__
    return Typed(
        cst.Name(constant), Plain(kind if kind in ("str", "int", "float", "bool") else "Any")
    )


def call_project(operation: Operation) -> Typed:
    """Call a function of the project, converted.

    Raises:
        RefusalError: it cannot be.
    """
    world, path = operation.body.world, operation.name
    for names, base in (
        (world.paginator_names, "rest_framework.pagination.BasePagination"),
        (world.filterset_names, "django_filters.FilterSet"),
    ):
        made = world.registry.find("call", None, base) if path in names else None
        if made is not None:
            return cast("Typed", made(operation))
    error = world.project_error(operation.body, path) if world.project_error else None
    if error is not None:
        node = cast("cst.Call", operation.node)
        args = [f"{a.keyword.value}={_argument(operation, a)}" if a.keyword
                else _argument(operation, a) for a in node.args]  # fmt: skip
        return Typed(parse(f"{error.code}({', '.join(args)})"), Error(path))
    service = world.make_service(operation) if world.make_service is not None else None
    if service is not None:
        return service
    if world.call_helper is not None and world.sources.function(path) is not None:
        return world.call_helper(operation, path, None)
    if path in world.queryset_classes:
        of_queries = world.registry.find("call", None, "django.db.models.QuerySet")
        if of_queries is not None:
            return cast("Typed", of_queries(operation))
    operation.refuse("B105", f"calling `{path}` has no rule")


def _argument(operation: Operation, argument: cst.Arg) -> str:
    typed = operation.body.expr(argument.value)
    if argument.star or not isinstance(typed.type, Plain | Constant):
        operation.refuse("B110", "this argument of an exception has no rule")
    return typed.code
