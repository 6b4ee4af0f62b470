"""A signal of the project's own is sent by calling those who hear it.

Before: order_paid.send(sender=Order, order=order)
After:  await session.run_sync(lambda _: count_paid(session.sync_session, order=order))
"""

import libcst as cst
from libcst import matchers

from strangler.facts import Receiver
from strangler_codemods.callbacks import below
from strangler_codemods.class_bodies import loaded_names
from strangler_codemods.effect_types import OwnSignal
from strangler_codemods.operation import Operation, Typed, parse
from strangler_codemods.rule import attribute, call, method, rewrites
from strangler_codemods.sources import FunctionSource
from strangler_codemods.types import Constant, ModelClass, Plain


@rewrites(method(OwnSignal, "send"), method(OwnSignal, "send_robust"))
def send(operation: Operation) -> Typed:
    """Of several, one after the other; what one raises stops the others, unless they are robust."""
    body = operation.body
    is_async, robust = body.colour == "async", operation.name == "send_robust"
    with below(body):
        calls = _calls(operation)
    if not calls:
        return Typed(cst.Name("None"), Constant(None))
    text = calls[0].code
    if robust or len(calls) > 1:
        function = body.compat("signals", "robustly" if robust else "in_turn")
        text = f"{function}({', '.join(f'lambda: {call.code}' for call in calls)})"
    if is_async:
        text = f"await {body.session()}.run_sync(lambda _: {text})"
    return Typed(parse(text), Plain("None"))


@rewrites(method(OwnSignal, "*"), attribute(OwnSignal, "*"))
def other(operation: Operation) -> Typed:
    operation.refuse("X105", f"`.{operation.name}` of a signal has no rule")


def _calls(operation: Operation) -> list[Typed]:
    """The calls of all that hear the signal, in their order."""
    body = operation.body
    if body.colour == "build":
        operation.refuse("Q107", "a signal is sent where nothing may be done")
    positional, named = operation.positional(), operation.keywords()
    sender = named.pop("sender", None) or (positional[0] if positional else None)
    if sender is None or len(positional) > 1:
        operation.refuse("X105", "a signal without a sender has no rule")
    heard = _heard(operation, sender)
    if not heard and any(map(_acts, named.values())):
        operation.refuse("X105", "a signal that nobody hears is sent with calls")
    return [_call(operation, receiver, sender, named) for receiver in heard]


def _acts(node: cst.BaseExpression) -> bool:
    return bool(matchers.findall(node, matchers.Call() | matchers.NamedExpr()))


def _heard(operation: Operation, sender: cst.BaseExpression) -> list[Receiver]:
    """Who hears the signal from this sender."""
    body = operation.body
    world = body.world
    assert isinstance(operation.on.type, OwnSignal)
    path = operation.on.type.path
    found = [r for r in world.facts.receivers if world.sources.canonical(r.signal) == path]
    if any(receiver.senders for receiver in found):
        kind = body.expr(sender).type
        unknown = any("unknown" in receiver.senders for receiver in found)
        if not isinstance(kind, ModelClass) or unknown:
            operation.refuse("X105", "who hears this signal depends on its sender")
        found = [r for r in found if not r.senders or kind.model in r.senders]
    modules = {receiver.function.path.rpartition(".")[0] for receiver in found}
    if len(modules) > 1:
        operation.refuse("X105", "functions of several modules hear this signal: in which order?")
    return found


def _call(
    operation: Operation,
    receiver: Receiver,
    sender: cst.BaseExpression,
    named: dict[str, cst.BaseExpression],
) -> Typed:
    """The call of one receiver with what it names of what is sent."""
    body = operation.body
    path = receiver.function.path
    source = body.world.sources.function(path)
    call_helper = body.world.call_helper
    if source is None or source.owner is not None or call_helper is None:
        operation.refuse("X105", f"`{path}`, which hears this signal, has no rule")
    node, names = source.node, _names(operation, source)
    read = {name.value for name in loaded_names(node.body)}
    texts = []
    for name in names:
        if name == "sender":
            value = sender if name in read else cst.Name("None")
        elif name in named:
            value = named[name]
        else:
            continue
        texts.append(cst.Arg(value, keyword=cst.Name(name)))
    call = cst.Call(cst.Name(path.rpartition(".")[2]), texts)
    return call_helper(Operation(call, body, path, args=tuple(texts)), path, None)


def _names(operation: Operation, source: FunctionSource) -> list[str]:
    """The parameters of a receiver, which takes anything else, and looks at none of that."""
    params = source.node.params
    double = params.star_kwarg
    read = {name.value for name in loaded_names(source.node.body)}
    names = [p.name.value for p in (*params.params, *params.kwonly_params)]
    plain = double is not None and double.name.value not in read and "signal" not in names
    if not plain or isinstance(params.star_arg, cst.Param):
        operation.refuse("X105", f"`{source.path}` looks at all that is sent")
    return names


@rewrites(*(call(f"django.contrib.auth.{place}{name}.send")
            for place in ("", "signals.") for name in ("user_logged_out", "user_login_failed")))  # fmt: skip
def send_of_django(operation: Operation) -> Typed:
    """A signal that Django itself does not hear, where the project does not either."""
    name = operation.name.split(".")[-2]
    heard = (r for r in operation.body.world.facts.receivers if r.signal.endswith(f".{name}"))
    if (receiver := next(heard, None)) is not None:
        operation.refuse("X105", f"`{receiver.function.path}` hears `{name}`")
    return Typed(cst.Name("None"), Constant(None))
