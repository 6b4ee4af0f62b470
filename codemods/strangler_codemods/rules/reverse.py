"""Addresses by name: the endpoint may be converted, or still on Django.

Before: reverse("book-detail", kwargs={"pk": obj.id}, request=request)
After:  address(context.request, "book-detail", {"pk": obj.id})

Before: reverse("book-list", request=request, format=format)
After:  address(request, "book-list", {}, format=format)
"""

import re

import libcst as cst

from strangler_codemods.operation import Operation, Typed, parse, string_value
from strangler_codemods.rule import call, rewrites
from strangler_codemods.types import FORMAT, Constant, Plain, Request

_PARTS = re.compile(r"{(\w+)(?::[^}]*)?}")
# Converters that every value of a type fits.
_FITS = {
    "int": ("int", "regex:\\d+", "regex:[0-9]+", "str", "slug", "regex:[^/.]+", "regex:[^/]+", "regex:\\w+"),
    "UUID": ("uuid", "str", "slug", "regex:[^/.]+", "regex:[^/]+"),
}  # fmt: skip


_LITERALS = {"int": "[0-9]+", "str": "[^/]+", "slug": "[-a-zA-Z0-9_]+"}


@rewrites(
    call("rest_framework.reverse.reverse"),
    call("django.urls.reverse"),
    call("django.urls.base.reverse"),
    call("django.core.urlresolvers.reverse"),
)
def reverse(operation: Operation) -> Typed:
    drf = operation.name.startswith("rest_framework")
    names = ("viewname", "args", "kwargs", "request", "format")
    arguments = operation.take(*(names if drf else ("viewname", "urlconf", "args", "kwargs")))
    name = string_value(arguments["viewname"])
    mixed = "args" in arguments and {"kwargs", "format"} & arguments.keys()
    if name is None or "urlconf" in arguments or mixed:
        operation.refuse("B111", "an address that is asked for in this way has no rule")
    if "args" in arguments:
        parts, converters = _in_order(operation, name, arguments["args"])
    else:
        parts = _parts(operation, arguments.get("kwargs"))
        converters = _route(operation, name, set(parts))
    for key, value in parts.items():
        if not _fits(value, converters[key]):
            operation.refuse("B111", f"`{value.code}` may not fit the path of `{name}`")
    body = operation.body
    body.world.links.add(name)
    shown = ", ".join(f"{key!r}: {value.code}" for key, value in parts.items())
    function, absolute = body.compat("reversing", "address"), _absolute(operation, arguments)
    request, behind = body.request(), _format(operation, arguments.get("format"))
    text = f"{function}({request}, {name!r}, {{{shown}}}{behind}{absolute})"
    return Typed(parse(text), Plain("str"))


def _fits(value: Typed, converter: str) -> bool:
    """Whether the path takes every value that may come."""
    if isinstance(value.type, Constant) and isinstance(value.type.value, int | str):
        pattern = _LITERALS.get(converter, converter.removeprefix("regex:"))
        return re.fullmatch(pattern, str(value.type.value)) is not None
    return isinstance(value.type, Plain) and converter in _FITS.get(value.type.name, ())


def _absolute(operation: Operation, arguments: dict[str, cst.BaseExpression]) -> str:
    """The option that says whether the address names the host."""
    if "request" not in arguments:
        return ", absolute=False"
    given = operation.body.expr(arguments["request"]).type
    if given == Constant(None):
        return ", absolute=False"
    if not isinstance(given, Request):
        operation.refuse("B111", "an address for something other than the request has no rule")
    return f", absolute={operation.body.context()}.has_request" if given.optional else ""


def _format(operation: Operation, node: cst.BaseExpression | None) -> str:
    """The option for the format behind the path: the request's own, or a literal."""
    given = operation.body.expr(node) if node is not None else None
    if given is None or given.type == Constant(None):
        return ""
    literal = given.type.value if isinstance(given.type, Constant) else None
    known = isinstance(literal, str) and re.fullmatch("[a-z0-9]+", literal)
    if not known and given.type != FORMAT:
        operation.refuse("B111", "an address with this format behind it has no rule")
    return f", format={given.code}"


def _in_order(
    operation: Operation, name: str, node: cst.BaseExpression
) -> tuple[dict[str, Typed], dict[str, str]]:
    """Parts given in the order of the path, and the converters of the one path that takes them."""
    if not isinstance(node, cst.List | cst.Tuple) or not all(
        isinstance(element, cst.Element) for element in node.elements
    ):
        operation.refuse("B111", "parts of a path that are put together have no rule")
    found = {
        template: endpoint.converters
        for endpoint in operation.body.world.facts.endpoints
        if endpoint.full_name == name and endpoint.exact and endpoint.anchored
        for template in (endpoint.path, *endpoint.suffix_variants)
        if len(_PARTS.findall(template)) == len(node.elements)
    }
    template = next(iter(found), "")
    names = _PARTS.findall(template)
    if len(found) != 1 or not names or found[template].keys() < set(names):
        operation.refuse("B111", f"the path of `{name}` is not known")
    values = [operation.body.expr(element.value) for element in node.elements]
    return dict(zip(names, values, strict=True)), found[template]


def _parts(operation: Operation, node: cst.BaseExpression | None) -> dict[str, Typed]:
    """The parts of the path: a dictionary with constant keys."""
    found: dict[str, Typed] = {}
    elements = node.elements if isinstance(node, cst.Dict) else () if node is None else None
    if elements is None:
        operation.refuse("B111", "parts of a path that are put together have no rule")
    for element in elements:
        key = string_value(element.key) if isinstance(element, cst.DictElement) else None
        if key is None:
            operation.refuse("B111", "parts of a path that are put together have no rule")
        found[key] = operation.body.expr(element.value)
    return found


def _route(operation: Operation, name: str, parts: set[str]) -> dict[str, str]:
    """The converters of the one path that has this name and these parts."""
    found = {
        endpoint.path: endpoint.converters
        for endpoint in operation.body.world.facts.endpoints
        if endpoint.full_name == name
        and endpoint.exact
        and endpoint.anchored
        and set(_PARTS.findall(endpoint.path)) == parts
    }
    if len(found) != 1:
        operation.refuse("B111", f"the path of `{name}` is not known")
    return next(iter(found.values()))
