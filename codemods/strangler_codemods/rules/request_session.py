"""A visitor's session is a dictionary, kept in Django's table and saved with the answer.

Before: request.session["visits"] = visits
        del request.session["visits"]
After:  (await session.run_sync(session_authentication.logins.opened))["visits"] = visits
        del (await session.run_sync(session_authentication.logins.opened))["visits"]
"""

import libcst as cst

from strangler_codemods.operands import operand
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import Key, attribute, compare, item, method, rewrites
from strangler_codemods.sessions import given_session, logins, session_problem
from strangler_codemods.types import Constant, Plain, Request, VisitorSession


@rewrites(attribute(Request, "session"))
def session(operation: Operation) -> Typed:
    body = operation.body
    problem = session_problem(body.world)
    if problem is not None:
        code, text = problem
        operation.refuse(code, text)
    if (giver := given_session(body)) is not None:
        operation.refuse("B142", f"`{giver}` may give the request another session")
    if body.owner.kind != "view" or body.colour == "build":
        operation.refuse("B142", "`.session` of the request has no rule here")
    opened = f"{logins(body)}.opened"
    text = f"{opened}({body.session()})"
    if body.colour == "async":
        text = f"await {body.session()}.run_sync({opened})"
    return Typed(parse(text), VisitorSession())


@rewrites(attribute(VisitorSession, "session_key"))
def session_key(operation: Operation) -> Typed:
    """Its name in the table: that of the cookie while nothing was read of it."""
    body = operation.body
    session = body.session() + (".sync_session" if body.colour == "async" else "")
    return Typed(parse(f"{logins(body)}.store({session}).session_key"), Plain("str | None"))


def _called(operation: Operation, *names: str) -> Typed:
    given = operation.take(*names)
    texts = [code_of(plain(operation.body, node)) for node in given.values()]
    text = f"{code_of(operand(operation.on))}.{operation.name}({', '.join(texts)})"
    return Typed(parse(text), Plain())


@rewrites(method(VisitorSession, "get"))
def get(operation: Operation) -> Typed:
    return _called(operation, "key", "default")


@rewrites(method(VisitorSession, "pop"))
def pop(operation: Operation) -> Typed:
    return _called(operation, "key", "default")


@rewrites(method(VisitorSession, "setdefault"))
def setdefault(operation: Operation) -> Typed:
    return _called(operation, "key", "value")


def _subscript(operation: Operation) -> cst.BaseExpression:
    node = operation.node
    assert isinstance(node, cst.Subscript)
    index = node.slice[0].slice
    if not isinstance(index, cst.Index):
        operation.refuse("B109", "a slice of a session has no rule")
    key = code_of(plain(operation.body, index.value))
    return parse(f"{code_of(operand(operation.on))}[{key}]")


@rewrites(item(VisitorSession))
def subscript(operation: Operation) -> Typed:
    return Typed(_subscript(operation), Plain())


@rewrites(Key("assign_item", VisitorSession, "*"))
def assign(operation: Operation) -> Typed:
    value = operation.other
    if value is None or not isinstance(value.type, Plain | Constant):
        operation.refuse("B203", "a session keeps plain values")
    return Typed(_subscript(operation), Plain())


@rewrites(compare(VisitorSession))
def contains(operation: Operation) -> Typed:
    node, other = operation.node, operation.other
    assert isinstance(node, cst.Comparison)
    operator = node.comparisons[0].operator
    if other is None or not isinstance(operator, cst.In | cst.NotIn):
        operation.refuse("B107", "this comparison of a session has no rule")
    word = "in" if isinstance(operator, cst.In) else "not in"
    text = f"{code_of(operand(other))} {word} {code_of(operand(operation.on))}"
    return Typed(parse(text), Plain("bool"))
