"""What rules of a project or of a package are written with.

A rule is a function under `@rewrites(...)`; docs/plugins.md shows three. What is named here keeps its name and meaning.
"""

from strangler.facts import Endpoint, ModelField, SerializerField

from .body import Body, Parameter
from .field_rules import like, like_column
from .operation import Operation, Typed, code_of, parse, string_value
from .refusal import RefusalError
from .rule import (
    assign,
    attribute,
    call,
    compare,
    decorator,
    item,
    method,
    model_field,
    rewrites,
    serializer_field,
    symbol,
    view_method,
)
from .types import (
    Constant,
    Instance,
    Manager,
    ModelClass,
    Plain,
    Query,
    QueryParams,
    Request,
    Rows,
    View,
)

__all__ = [
    "Body",
    "Constant",
    "Endpoint",
    "Instance",
    "Manager",
    "ModelClass",
    "ModelField",
    "Operation",
    "Parameter",
    "Plain",
    "Query",
    "QueryParams",
    "RefusalError",
    "Request",
    "Rows",
    "SerializerField",
    "Typed",
    "View",
    "assign",
    "attribute",
    "call",
    "code_of",
    "compare",
    "decorator",
    "item",
    "like",
    "like_column",
    "method",
    "model_field",
    "parse",
    "rewrites",
    "serializer_field",
    "string_value",
    "symbol",
    "view_method",
]
