"""Django's cache is read and written under the same keys, where it lies on a Redis server.

Before: cache.get("count"); cache.set(f"order:{order.pk}", data, timeout=60)
After:  await to_thread(cache.get, "count"); await to_thread(cache.set, f"order:{order.id}", data, timeout=60)
"""

import libcst as cst

from strangler_codemods.callbacks import below, callback
from strangler_codemods.effect_types import Cached, CacheTable
from strangler_codemods.keeping import cache
from strangler_codemods.operation import Operation, Typed, code_of, parse, string_value
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import attribute, compare, item, method, rewrites, symbol
from strangler_codemods.threads import in_thread
from strangler_codemods.types import Constant, Plain, Symbol

_METHODS = {
    "get": (("key", "default", "version"), "Any"),
    "set": (("key", "value", "timeout", "version"), "None"),
    "add": (("key", "value", "timeout", "version"), "bool"),
    "touch": (("key", "timeout", "version"), "bool"),
    "delete": (("key", "version"), "bool"),
    "get_many": (("keys", "version"), "dict[Any, Any]"),
    "set_many": (("data", "timeout", "version"), "list[Any]"),
    "delete_many": (("keys", "version"), "None"),
    "has_key": (("key", "version"), "bool"),
    "incr": (("key", "delta", "version"), "int"),
    "decr": (("key", "delta", "version"), "int"),
    "clear": ((), "bool | None"),
}


@rewrites(symbol("django.core.cache.cache"))
def usual(operation: Operation) -> Typed:
    return cache(operation, "default")


@rewrites(symbol("django.core.cache.caches"))
def every(operation: Operation) -> Typed:
    return Typed(operation.node, CacheTable())


@rewrites(symbol("django.core.cache.DEFAULT_TIMEOUT"))
def default_timeout(operation: Operation) -> Typed:
    operation.refuse("X104", "a time that is said to be the usual one has no rule")


@rewrites(item(CacheTable))
def named(operation: Operation) -> Typed:
    node = operation.node
    index = node.slice[0].slice if isinstance(node, cst.Subscript) else None
    alias = string_value(index.value) if isinstance(index, cst.Index) else None
    if alias is None:
        operation.refuse("X104", "a cache whose name is computed has no rule")
    return cache(operation, alias)


def _value(operation: Operation, node: cst.BaseExpression) -> str:
    """What is kept, or looked for: a plain value, which Django can read."""
    typed = operation.body.expr(node)
    if not isinstance(typed.type, Plain | Constant):
        operation.refuse("X104", f"`{code_of(node)}` in a cache has no rule")
    return code_of(plain(operation.body, node))


def _given(operation: Operation, names: tuple[str, ...], skipped: str = "") -> list[str]:
    given = operation.take(*names)
    if names and names[0] not in given:
        operation.refuse("B111", f"`{operation.name}` without `{names[0]}`")
    count = len(operation.positional())
    return [
        _value(operation, given[n]) if i < count else f"{n}={_value(operation, given[n])}"
        for i, n in enumerate(names)
        if n in given and n != skipped
    ]


@rewrites(*(method(Cached, name) for name in _METHODS))
def use(operation: Operation) -> Typed:
    names, kind = _METHODS[operation.name]
    texts = _given(operation, names)
    return in_thread(operation, f"{operation.on.code}.{operation.name}", texts, Plain(kind))


@rewrites(method(Cached, "get_or_set"))
def get_or_set(operation: Operation) -> Typed:
    """What computes the value runs only where there is none, on the thread of the session."""
    body = operation.body
    if body.colour == "build":
        operation.refuse("Q107", "a cache is asked where nothing may be done")
    given = operation.take("key", "default", "timeout", "version")
    if not {"key", "default"} <= given.keys():
        operation.refuse("B111", "`get_or_set` without a key or a default")
    is_async = body.colour == "async"
    with below(body):
        default = _default(operation, given["default"])
        texts = [_value(operation, given["key"]), default]
        texts += [
            f"{n}={_value(operation, given[n])}" for n in ("timeout", "version") if n in given
        ]
    text = f"{operation.on.code}.get_or_set({', '.join(texts)})"
    if is_async:
        text = f"await {body.session()}.run_sync(lambda _: {text})"
    return Typed(parse(text), Plain())


def _default(operation: Operation, node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Lambda):
        return callback(operation, node)
    if isinstance(node, cst.Name | cst.Attribute):
        known = operation.body.expr(node)
        if isinstance(known.type, Symbol):
            return callback(operation, node)
        if isinstance(known.type, Plain) and known.type.name == "Any":
            operation.refuse("X104", f"whether `{code_of(node)}` is a function is not known")
    return _value(operation, node)


@rewrites(compare(Cached))
def contains(operation: Operation) -> Typed | None:
    """`key in cache`."""
    node = operation.node
    assert isinstance(node, cst.Comparison)
    operator = node.comparisons[0].operator
    is_asked = operation.name == "right" and isinstance(operator, cst.In | cst.NotIn)
    if operation.other is None or not is_asked:
        operation.refuse("X104", "comparing a cache has no rule")
    if not isinstance(operation.other.type, Plain | Constant):
        operation.refuse("X104", "a key of a cache that is no plain value has no rule")
    texts = [operation.other.code]
    found = in_thread(operation, f"{operation.on.code}.has_key", texts, Plain("bool"))
    if isinstance(operator, cst.In):
        return found
    return Typed(parse(f"not {found.code}"), Plain("bool"))


@rewrites(method(Cached, "*"), attribute(Cached, "*"))
def other(operation: Operation) -> Typed:
    operation.refuse("X104", f"`.{operation.name}` of a cache has no rule")
