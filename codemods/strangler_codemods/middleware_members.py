"""What methods of a middleware read of their object: constants of its class, values of `__init__`."""

from __future__ import annotations

import ast
from collections.abc import Iterable

import libcst as cst

from .annotations import widened
from .body import Body, Owner
from .lasting_values import may_change
from .names import snake
from .operation import Operation, Typed, code_of
from .surrounding_types import MiddlewareSelf, Outgoing
from .types import Constant, Plain

#: Attributes of requests that Django, DRF or a server gives them, or looks for.
_TAKEN = frozenset(
    [
        *("COOKIES", "FILES", "GET", "LANGUAGE_CODE", "META", "POST", "accepted_media_type"),
        *("accepted_renderer", "accepted_types", "auth", "authenticators", "auser", "body"),
        *(
            "build_absolute_uri",
            "close",
            "content_params",
            "content_type",
            "csrf_cookie_needs_update",
        ),
        *("csrf_processing_done", "current_app", "data", "encoding", "environ"),
        *("exception_reporter_class", "exception_reporter_filter", "get_full_path"),
        *("get_full_path_info", "get_host", "get_port", "get_preferred_type", "get_signed_cookie"),
        *(
            "headers",
            "is_ajax",
            "is_secure",
            "limits",
            "method",
            "negotiator",
            "non_picklable_attrs",
        ),
        *("parse_file_upload", "parser_context", "parsers", "path", "path_info", "query_params"),
        *("read", "readline", "readlines", "resolver_match", "scheme", "session", "site", "stream"),
        *("successful_authenticator", "upload_handlers", "urlconf", "user", "version"),
        *("versioning_scheme", "accepts", "force_plaintext_errors", "throttles", "toolbar"),
    ]
)
#: Those with an underscore that are read by Django, DRF or packages.
_HIDDEN = frozenset(
    [
        *("_acached_user", "_auth", "_authenticate", "_authenticator", "_body", "_cached_user"),
        *(
            "_content_type",
            "_current_scheme_host",
            "_data",
            "_default_negotiator",
            "_dont_enforce_csrf_checks",
        ),
        *("_encoding", "_files", "_full_data", "_load_data_and_files", "_load_post_and_files"),
        *("_load_stream", "_mark_post_parse_error", "_messages", "_not_authenticated", "_parse"),
        *("_post", "_post_parse_error", "_read_started", "_request", "_stream", "_supports_param"),
        *("_upload_handlers", "_user", "_is_secure", "_force_auth_user", "_force_auth_token"),
    ]
)


#: What the new application keeps in `request.state` itself.
_KEPT = frozenset(
    [
        *("accepted", "action", "authenticator", "csrf", "csrf_exempt", "csrf_in_session"),
        *("identified", "partial", "path_view", "permissions", "reverse", "session_accessed"),
        *("session_middleware", "session_store", "sync_session", "vary", "view", "visitor"),
    ]
)


def is_own(name: str) -> bool:
    """Whether an attribute of requests means something to the project only."""
    taken = name in _TAKEN or name in _HIDDEN or name in _KEPT
    return not taken and not name.startswith("__")


def in_middleware(body: Body) -> bool:
    """Whether a body is that of a middleware, or of a method that one calls."""
    return body.owner.kind == "middleware" or any(
        isinstance(kind, MiddlewareSelf) for kind in body.env.values()
    )


def member(operation: Operation) -> Typed:
    """A constant of the class, or what `__init__` has kept: a constant of the new module.

    Raises:
        RefusalError: there is none of the name, or it is no plain value.
    """
    body, kind = operation.body, operation.on.type
    assert isinstance(kind, MiddlewareSelf)
    found = body.world.sources.class_node(kind.path)
    node, module = found if found is not None else (None, None)
    value = _assigned(node, operation.name) if node is not None else None
    if value is None or module is None:
        operation.refuse("B104", f"`.{operation.name}` of this middleware has no rule")
    inner = Body(body.world, module, Owner("function", kind.path))
    typed = inner.expr(value)
    if inner.parameters or not isinstance(typed.type, Plain | Constant):
        operation.refuse("B104", f"`.{operation.name}` of this middleware is no plain value")
    if may_change(body.world, operation.name, ast.parse(code_of(value), mode="eval").body):
        text = f"`.{operation.name}` of this middleware is changed while the project runs"
        operation.refuse("B104", text)
    name = f"{snake(kind.path.rpartition('.')[2])}_{operation.name.strip('_')}".upper()
    body.definitions |= inner.definitions | {name: f"{name} = {typed.code}"}
    body.imports |= inner.imports
    literal = isinstance(typed.type, Constant) and isinstance(typed.type.value, str | int | float)
    return Typed(cst.Name(name), typed.type if literal else widened(typed.type))


def _assigned(node: cst.ClassDef, name: str) -> cst.BaseExpression | None:
    """The one value that a class, or its `__init__`, gives a name."""
    found = _values(node.body.body, name)
    for line in node.body.body:
        if isinstance(line, cst.FunctionDef) and line.name.value == "__init__":
            own = line.params.params[0].name.value
            found += _values(line.body.body, f"{own}.{name}")
    return found[0] if len(found) == 1 else None


def _values(lines: Iterable[cst.CSTNode], target: str) -> list[cst.BaseExpression]:
    found = []
    for line in lines:
        for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            if isinstance(small, cst.Assign) and [code_of(t.target) for t in small.targets] == [
                target
            ]:
                found.append(small.value)
            elif isinstance(small, cst.AnnAssign) and code_of(small.target) == target:
                found += [small.value] if small.value is not None else []
    return found


def call_member(operation: Operation) -> Typed:
    """The call of another method of the middleware.

    Raises:
        RefusalError: there is none of the name, or something in it has no rule.
    """
    body, kind = operation.body, operation.on.type
    assert isinstance(kind, MiddlewareSelf)
    assert body.world.call_helper is not None  # they are installed before anything is rewritten
    return body.world.call_helper(operation, f"{kind.path}.{operation.name}", None, kind)


def header_value(operation: Operation, value: Typed | None) -> str:
    """The text of what a header is given, as Django writes it."""
    if value is None or not isinstance(value.type, Plain | Constant):
        operation.refuse("W101", "this header's value has no rule")
    literal = isinstance(value.type, Constant) and isinstance(value.type.value, str)
    if literal and value.code.isascii() and "\\" not in value.code:
        return value.code
    return f"{operation.body.compat('responses', 'header_text')}({value.code})"


def require_there(operation: Operation) -> None:
    """Refuse an operation on a response that may be None."""
    kind = operation.on.type
    if not isinstance(kind, Outgoing) or kind.optional:
        operation.refuse("W101", "this response may be None")


def headers_read(body: Body) -> bool:
    """Whether something around a middleware may have asked for `request.headers`, which Django keeps."""
    order = [ref.path for ref in body.world.facts.middleware]
    around = order[: order.index(body.owner.name)] if body.owner.name in order else order
    sources = body.world.sources
    foreign = (path for path in around if not path.startswith("django."))
    own = (sources.class_node(path) or sources.function(path) for path in foreign)
    return body.world.reads_headers or not all(own)
