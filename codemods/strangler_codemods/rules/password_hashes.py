"""Passwords that code hashes or compares itself, as Django does, in a thread.

Before: member.password = make_password(raw)
After:  member.password = await asyncio.to_thread(make_password, raw)
"""

from strangler_codemods.operation import Operation, Typed, code_of
from strangler_codemods.plain_values import plain
from strangler_codemods.rule import call, rewrites
from strangler_codemods.sessions import hashers_problem
from strangler_codemods.threads import in_thread
from strangler_codemods.types import Plain

_HASHERS = "django.contrib.auth.hashers"


def _called(operation: Operation, function: str, names: tuple[str, ...], kind: str) -> Typed:
    """A call of compat's function, which is waited for in handlers."""
    body = operation.body
    if problem := hashers_problem(body.world):
        operation.refuse("A108", problem)
    given = operation.take(*names)
    texts = [code_of(plain(body, given[name])) for name in names]
    return in_thread(operation, body.compat("passwords", function), texts, Plain(kind))


@rewrites(call(f"{_HASHERS}.make_password"))
def make(operation: Operation) -> Typed:
    return _called(operation, "make_password", ("password",), "str")


@rewrites(call(f"{_HASHERS}.check_password"))
def check(operation: Operation) -> Typed:
    return _called(operation, "matches", ("password", "encoded"), "bool")
