"""What every part of the facts is made of: references, values, classes, querysets."""

from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

#: Anything that JSON can hold.
Json: TypeAlias = Any


class Fact(BaseModel):
    """Common to all: frozen, tolerant of keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="ignore", protected_namespaces=())


class Ref(Fact):
    """A class, function or method, by the qualified name of its definition."""

    path: str
    source: str | None = None
    package: str | None = None  # None: the project's own


class LoginBackend(Ref):
    """One of AUTHENTICATION_BACKENDS: what of it is Django's ModelBackend's, and what it leaves out."""

    finds: Literal["same", "none", "own"] = "own"  # the user of a session
    knows: Literal["same", "none", "own"] = "own"  # names and passwords
    grants: Literal["same", "none", "own"] = "own"  # permissions


class Value(Fact):
    """Anything that may stand in Python code; `literal` is JSON, an enum member adds its path."""

    kind: Literal["none", "literal", "callable", "object"] = "none"
    value: Json = None
    path: str | None = None
    ref: Ref | None = None


class ClassFacts(Fact):
    """A class: `lineage` is its running MRO; methods and attributes are its own."""

    name: str
    source: str | None = None
    package: str | None = None
    bases: tuple[str, ...] = ()
    lineage: tuple[Ref, ...] = ()
    docstring: str | None = None
    methods: dict[str, Ref] = Field(default_factory=dict)
    attributes: dict[str, Value] = Field(default_factory=dict)


class Validator(Fact):
    """A validator instance; `params` holds what of it JSON can hold, classes as dotted names."""

    cls: str
    source: str | None = None
    package: str | None = None
    params: dict[str, Json] = Field(default_factory=dict)


class Queryset(Fact):
    """A queryset; `plain`: nothing beyond Model.objects.all() of the default manager."""

    model: str
    plain: bool = False
    select_related: tuple[str, ...] | bool = ()
    prefetch_related: tuple[str, ...] = ()
    expression_source: str | None = None
