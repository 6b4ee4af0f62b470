"""Sessions that are looked up by name, such as one that a header brings instead of the cookie.

Before: request.session = import_module(settings.SESSION_ENGINE).SessionStore(key); user = get_user(request)
After:  kept = session_authentication.logins.kept(context.session, key); user = ...logins.user_of(context.session, kept)
"""

import libcst as cst

from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import Key, attribute, call, rewrites, symbol
from strangler_codemods.sessions import logins, session_problem
from strangler_codemods.surrounding_types import SessionEngine
from strangler_codemods.types import Constant, Instance, Request

_ENGINE = "django.contrib.sessions.backends.db"
_KEPT = "kept_session"


@rewrites(call("importlib.import_module"))
def module(operation: Operation) -> Typed:
    name = operation.body.expr(operation.take("name")["name"]).type
    if name != Constant(_ENGINE):
        operation.refuse("B105", "importing what is known at run time has no rule")
    return Typed(operation.node, SessionEngine())


@rewrites(attribute(SessionEngine, "SessionStore"))
def store_class(operation: Operation) -> Typed:
    if operation.on.type != SessionEngine():
        operation.refuse("B104", "`.SessionStore` of this has no rule")
    return Typed(operation.node, SessionEngine("class"))


@rewrites(symbol(f"{_ENGINE}.SessionStore"))
def imported_class(operation: Operation) -> Typed:
    return Typed(operation.node, SessionEngine("class"))


def _store(operation: Operation, node: cst.BaseExpression) -> Typed:
    body = operation.body
    problem = session_problem(body.world)
    if problem is not None:
        operation.refuse(*problem)
    key = code_of(plain(body, node))
    return Typed(parse(f"{logins(body)}.kept({body.session()}, {key})"), SessionEngine("store"))


@rewrites(Key("construct", SessionEngine, "*"))
def construct(operation: Operation) -> Typed:
    if operation.on.type != SessionEngine("class"):
        operation.refuse("B105", "calling this has no rule")
    return _store(operation, operation.take("session_key")["session_key"])


@rewrites(Key("method", SessionEngine, "SessionStore"))
def construct_of_module(operation: Operation) -> Typed:
    if operation.on.type != SessionEngine():
        operation.refuse("B106", "`.SessionStore()` of this has no rule")
    return _store(operation, operation.take("session_key")["session_key"])


@rewrites(Key("assign", Request, "session"))
def give(operation: Operation) -> Typed:
    """An authenticator puts it on the request; Django's middleware does not hear of it."""
    body, value = operation.body, operation.other
    if body.owner.kind != "class" or value is None or value.type != SessionEngine("store"):
        operation.refuse("B203", "setting `request.session` to this has no rule")
    body.env[_KEPT] = SessionEngine("store")
    body.world.session_givers.add(body.owner.name)
    return Typed(cst.Name(_KEPT), SessionEngine("store"))


@rewrites(call("django.contrib.auth.get_user"))
def user(operation: Operation) -> Typed:
    """Whom the session that was put on the request knows; nobody is an anonymous user."""
    body = operation.body
    asked = body.expr(operation.take("request")["request"])
    if not isinstance(asked.type, Request) or body.env.get(_KEPT) != SessionEngine("store"):
        operation.refuse("B105", "`get_user` of this request has no rule")
    text = f"{logins(body)}.user_of({body.session()}, {_KEPT})"
    return Typed(parse(text), Instance(body.world.user_label, optional=True, user=True))
