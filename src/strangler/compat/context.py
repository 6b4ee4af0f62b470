"""What validators, permissions and read schemas know about the request they work for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from pydantic import ValidationInfo
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from starlette.requests import Request

T = TypeVar("T")
U = TypeVar("U")


@dataclass(slots=True)
class Context(Generic[U]):
    """One request: its session, who asks, and the object being changed (None on create).

    given: what a serializer was handed as its context; None where that is what DRF hands it.
    initial: what was sent for it, before it was checked. kept: what its methods leave there.
    """

    request: Request
    session: Session
    user: U | None = None
    auth: Any = None
    instance: Any = None
    given: Mapping[str, Any] | None = None
    initial: Any = None
    kept: SimpleNamespace = field(default_factory=SimpleNamespace)

    @property
    def has_request(self) -> bool:
        """Whether the serializer was told of the request."""
        return self.given is None or self.given.get("request") is not None

    def told(self, key: str) -> Any:
        """What the serializer was given under `key`; KeyError where that is nothing."""
        return (self.given or {})[key]

    def asked(self, key: str) -> Any:
        """What the serializer was given under `key`, or None."""
        return (self.given or {}).get(key)

    @property
    def suffix(self) -> str | None:
        """The format behind the request's path, as far as the serializer was told of it."""
        given = self.request.path_params if self.given is None else self.given
        name: str | None = given.get("format")
        return name

    @property
    def action(self) -> str | None:
        """DRF's name of what the request asks for; None for methods that the path lacks."""
        action: str | None = self.request.state.action
        return action

    def view_attribute(self, name: str, *default: Any) -> Any:
        """What the view sets under `name`, or the default; AttributeError where there is neither."""
        attributes: Mapping[str, Any] = self.request.state.view.attributes
        if name not in attributes and not default:
            raise AttributeError(name)
        return attributes.get(name, *default)

    def path_part(self, name: str, kind: Callable[[str], T]) -> T | None:
        """The part of the path called `name`, as `kind`; None for paths that lack it."""
        text: str | None = self.request.path_params.get(name)
        return None if text is None else kind(text)

    @classmethod
    def of(
        cls,
        session: Session | AsyncSession,
        instance: Any = None,
        given: Mapping[str, Any] | None = None,
    ) -> "Context[Any]":
        """Build the context of the request that `session` belongs to."""
        request: Request = session.info["request"]
        return cls(
            request=request,
            session=session.sync_session if isinstance(session, AsyncSession) else session,
            user=getattr(request.state, "user", None),
            auth=getattr(request.state, "auth", None),
            instance=instance,
            given=given,
        )

    @classmethod
    def from_info(cls, info: ValidationInfo) -> "Context[Any]":
        """Return the context inside a Pydantic field validator."""
        if info.context is None:
            raise LookupError("validated without a request: use `validate(schema, data, context)`")
        context: Context[Any] = info.context["context"]
        return context

    def telling(self, given: Mapping[str, Any]) -> "Context[U]":
        """Return the same context for a serializer that is handed `given`."""
        return replace(self, given=given)

    def on(self, instance: Any) -> "Context[U]":
        """Return the same context about another object."""
        return self if self.instance is instance else replace(self, instance=instance)


def known(user: U | None, name: str = "pk", kind: str = "AnonymousUser") -> U:
    """The user; AttributeError for anonymous callers, who lack what only rows have.

    name: the attribute that is asked for. kind: `NoneType` where a row may be missing.
    """
    if user is None:
        raise AttributeError(f"'{kind}' object has no attribute '{name}'")
    return user


def assignable(user: U | None) -> U:
    """The user; ValueError for anonymous callers, whom no relation takes."""
    if user is None:
        raise ValueError("an anonymous user cannot be assigned to a relation")
    return user
