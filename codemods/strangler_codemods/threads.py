"""Calls that wait for something other than the database."""

from __future__ import annotations

from collections.abc import Sequence

from .operation import Operation, Typed, parse
from .types import Type


def in_thread(operation: Operation, function: str, texts: Sequence[str], kind: Type) -> Typed:
    """The call of a function of compat, which async code has run in a thread.

    Raises:
        RefusalError: it stands where nothing may be done.
    """
    body = operation.body
    if body.colour == "build":
        operation.refuse("Q107", f"`{operation.name}` is called where nothing may be done")
    if body.colour == "async":
        name = body.use("asyncio", "to_thread")
        return Typed(parse(f"await {name}({', '.join([function, *texts])})"), kind)
    body.session()  # whoever calls this does so below `run_sync`, where waiting stops nobody
    return Typed(parse(f"{function}({', '.join(texts)})"), kind)
