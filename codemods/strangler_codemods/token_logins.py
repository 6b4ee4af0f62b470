"""Serializers of the project below SimpleJWT's TokenObtainPairSerializer: more claims, more answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import libcst as cst

from strangler.facts import Serializer

from .body import Body, Import
from .carried_classes import CarriedClasses, Entry, Form
from .languages import shown
from .login_schemas import login_name
from .modules import Tree
from .operation import Typed, code_of, string_value
from .refusal import RefusalError
from .token_types import WebToken
from .types import Context, Instance, Plain
from .web_tokens import PACKAGE
from .world import World

BASE = f"{PACKAGE}.serializers.TokenObtainPairSerializer"
_COMPAT = "app.compat.jwt_logins"
_DATA = Plain("dict[str, Any]")
_TOKEN = f"{PACKAGE}.tokens.RefreshToken"
#: What else DRF asks of a serializer.
_CLOSED = frozenset(
    [
        *("_writable_fields", "bind", "context", "create", "data", "error_messages", "errors"),
        *("fail", "fields", "get_default", "get_fields", "get_initial", "get_validators"),
        *("get_value", "initial_data", "is_valid", "many_init", "run_validation"),
        *("run_validators", "save", "to_internal_value", "to_representation", "update"),
        *("user", "validate_empty_values", "validated_data", "validators"),
    ]
)


def _token(body: Body, value: Typed | None, node: cst.CSTNode) -> cst.BaseExpression:
    if value is None or value.type != WebToken("refresh"):
        body.refuse("B207", "`get_token` returns something other than a refresh token", node)
    return value.node


def _data(body: Body, value: Typed | None, node: cst.CSTNode) -> cst.BaseExpression:
    kind = value.type if value is not None else None
    if value is None or not isinstance(kind, Plain) or not kind.name.startswith(("dict", "Any")):
        body.refuse("B207", "`validate` returns something other than a dictionary", node)
    return value.node


def lineage_of(world: World, name: str) -> list[str]:
    """The classes of the serializer `name`, its own first."""
    found = (s for s in world.facts.serializers if s.name == name)
    return [ref.path for serializer in found for ref in serializer.lineage]


@dataclass
class TokenLogins:
    """Writes the classes of these serializers."""

    world: World
    tree: Tree

    @cached_property
    def _classes(self) -> CarriedClasses:
        user, label = self.world.model_symbol(self.world.user_label), self.world.user_label
        context, anything = ("app.identity", "Context"), ("typing", "Any")
        token = ("app.compat.jwt_tokens", "JWT")
        entries = {
            "get_token": Entry(
                (Instance(label),),
                lambda names: f"def get_token(self, context: Context, {names[0]}: {user[1]}) -> JWT",
                _token, frozenset({user, context, token}), above=WebToken("refresh"), called=True,
            ),
            "validate": Entry(
                (_DATA,),
                lambda names: (
                    f"def validate(self, context: Context, {names[0]}: dict[str, Any])"
                    " -> dict[str, Any]"
                ),
                _data, frozenset({context, anything}), above=_DATA,
            ),
        }  # fmt: skip
        return CarriedClasses(
            self.world, self.tree,
            Form(
                "logins", "How users get their tokens.", {BASE: (_COMPAT, "TokenLogin")}, entries,
                _CLOSED,
                attributes={
                    "user": Instance(label), "context": Context(), "username_field": Plain("str"),
                },
                judged={
                    "username_field": _nothing, "token_class": _nothing,
                    "default_error_messages": partial(_refusal, partial(shown, self.world.facts)),
                },
                closed_prefixes=("validate_",),
            ),
        )  # fmt: skip

    def place(self, name: str) -> Import:
        """Module and name of the class that stands for the serializer `name`.

        Raises:
            RefusalError: something of it has no rule.
        """
        found = next((s for s in self.world.facts.serializers if s.name == name), None)
        if found is None or found.problem is not None:
            raise RefusalError("S101", f"the fields of `{name}` are not known")
        self._check(found)
        return self._classes.place(name)

    def _check(self, serializer: Serializer) -> None:
        """Refuse other fields than name and password, and constants that change what is done."""
        place = serializer.source or ""
        fields = [(f.name, f.declared) for f in serializer.fields]
        if fields != [(login_name(self.world), False), ("password", False)]:
            text = f"`{serializer.name}` takes more than a name and a password"
            raise RefusalError("S101", text, place)
        token = serializer.attributes.get("token_class")
        if token is not None and token.path != _TOKEN:
            raise RefusalError("A105", f"`{token.path}` as a class of tokens has no rule", place)


def _nothing(value: cst.BaseExpression) -> str:
    """What the facts of the serializer say is judged by them."""
    return ""


def _refusal(language: Callable[[str], str], value: cst.BaseExpression) -> str:
    """What those are told who may not log in, of `default_error_messages`."""
    elements = value.elements if isinstance(value, cst.Dict) else None
    if elements is None:
        raise ValueError
    for element in elements:
        if not isinstance(element, cst.DictElement):
            raise ValueError
        if string_value(element.key) == "no_active_account":
            text = _text(element.value, language)
            if text is None:
                raise ValueError
            return f"no_active_account = {text!r}"
    return ""


def _text(value: cst.BaseExpression, language: Callable[[str], str]) -> str | None:
    """A text, perhaps one that is marked to be translated."""
    if isinstance(value, cst.Call) and len(value.args) == 1 and code_of(value.func) in _GETTEXT:
        text = string_value(value.args[0].value)
        return None if text is None else language(text)
    return string_value(value)


_GETTEXT = ("_", "gettext", "gettext_lazy")
