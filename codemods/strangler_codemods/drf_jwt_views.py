"""drf-jwt's views: they, and handlers of the project that hand on to their `post`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import libcst as cst

from strangler.facts import Endpoint

from .answer_types import Response
from .body import Body, Import, Owner
from .drf_jwt import DrfJwt
from .functions import finish_value, rewrite_function
from .login_schemas import login_name, login_schema
from .model_defaults import span
from .modules import Tree
from .operation import Typed, code_of, parse
from .refusal import RefusalError
from .sessions import backends_problem, hashers_problem
from .sources import FunctionSource
from .types import Instance, Plain, Request, Type
from .world import World

BASE = "rest_framework_jwt.views.BaseJSONWebTokenAPIView"
POST = f"{BASE}.post"
NAME = "json_web_tokens"
_SERIALIZERS = "rest_framework_jwt.serializers"
_COMPAT = "app.compat.drf_jwt_endpoints"
_USUAL_ANSWER = "rest_framework_jwt.utils.jwt_create_response_payload"
#: Function, schema of the body and the method of `json_web_tokens`, by serializer.
VIEWS = {
    f"{_SERIALIZERS}.JSONWebTokenSerializer": ("obtain_token", "Login", "log_in"),
    f"{_SERIALIZERS}.VerifyAuthTokenSerializer": ("verify_token", "TokenText", "verify"),
    f"{_SERIALIZERS}.RefreshAuthTokenSerializer": ("refresh_token", "TokenText", "refresh"),
}
#: What the package's `post` asks of the view.
_ASKED = frozenset({"get_serializer", "get_serializer_class", "get_serializer_context"})
_SPANS = {
    "JWT_EXPIRATION_DELTA": ("lifetime", "0:05:00"),
    "JWT_REFRESH_EXPIRATION_DELTA": ("refresh_lifetime", "7 days, 0:00:00"),
}
_PLAIN: dict[str, tuple[str, object]] = {
    "JWT_PAYLOAD_INCLUDE_USER_ID": ("user_id", True),
    "JWT_TOKEN_ID": ("token_id", "include"),
    "JWT_ALLOW_REFRESH": ("allow_refresh", True),
    "JWT_AUTH_COOKIE_DOMAIN": ("cookie_domain", None),
    "JWT_AUTH_COOKIE_PATH": ("cookie_path", "/"),
    "JWT_AUTH_COOKIE_SECURE": ("cookie_secure", True),
    "JWT_AUTH_COOKIE_SAMESITE": ("cookie_samesite", "Lax"),
}


def is_token_view(endpoint: Endpoint) -> bool:
    """Whether a view is one of the package's, or one below it."""
    return endpoint.method == "POST" and any(ref.path == BASE for ref in endpoint.lineage)


@dataclass
class TokenViews:
    """What stands for these views in the new app."""

    world: World
    tree: Tree

    def used(self, endpoint: Endpoint, imports: set[Import]) -> tuple[str, str, str]:
        """The name of a function, the schema of its body and what it calls.

        Raises:
            RefusalError: a setting, or the serializer, has no rule.
        """
        place = endpoint.source or ""
        found = VIEWS.get(endpoint.serializer or "")
        if found is None:
            text = f"the serializer `{endpoint.serializer}` of a view of drf-jwt has no rule"
            raise RefusalError("S101", text, place)
        if own := sorted(_ASKED & endpoint.methods.keys()):
            text = f"`{own[0]}` of a view of drf-jwt has no rule"
            raise RefusalError("S101", text, endpoint.methods[own[0]].source or place)
        if (unclear := self._problem()) is not None:
            raise RefusalError("A105", unclear, place)
        if (unknown := hashers_problem(self.world)) is not None:
            raise RefusalError("A108", unknown, place)
        if (problem := backends_problem(self.world)) is not None:
            raise RefusalError(*problem, place)
        self.text(set())
        self.world.issues_web_tokens = True
        function, schema, method = found
        names = ("password", login_name(self.world))
        body = login_schema(self.tree, schema, names) if schema == "Login" else (_COMPAT, schema)
        imports |= {body, ("app.identity", NAME)}
        return function, schema, f"{NAME}.{method}"

    def _problem(self) -> str | None:
        package = DrfJwt(self.world, self.tree)
        if (problem := package.problem()) is not None:
            return problem
        user = self.world.models[self.world.user_label]
        taken = {each.accessor for each in user.reverse} | {each.name for each in user.fields}
        if "profile" in taken | {*user.methods, *user.attributes}:
            return "tokens name the `profile` of users, which has no rule"
        if "get_username" in user.methods:
            return "users say in their own way what they are called"
        given = self.world.facts.settings["DRF_JWT"]
        for name in (*_SPANS, *_PLAIN):
            if name not in given or "***" in str(given[name]):
                return f"the setting JWT_AUTH[{name!r}] is not known"
        if given["JWT_TOKEN_ID"] not in ("off", "include", "require"):
            return "the setting JWT_AUTH['JWT_TOKEN_ID'] has no rule"
        return None

    def text(self, imports: set[Import]) -> str:
        """`JSONWebTokens(...)` with the project's settings.

        Raises:
            RefusalError: what makes the answers has no rule.
        """
        given: dict[str, Any] = self.world.facts.settings["DRF_JWT"]
        user = self.world.model_place(self.world.user_label)
        rules = DrfJwt(self.world, self.tree).rules(imports)
        imports |= {user, (_COMPAT, "IssueRules"), (_COMPAT, "JSONWebTokens")}
        options = []
        for key, (name, usual) in _SPANS.items():
            value = given[key]["value"] if isinstance(given[key], dict) else given[key]
            if value != usual:
                options.append(f"{name}={span(str(value))}")
                imports.add(("datetime", "timedelta"))
        options += [
            f"{name}={given[key]!r}" for key, (name, usual) in _PLAIN.items() if given[key] != usual
        ]
        if given.get("JWT_RESPONSE_PAYLOAD_HANDLER") != _USUAL_ANSWER:
            function = self._answer(str(given.get("JWT_RESPONSE_PAYLOAD_HANDLER")))
            imports.add(function)
            options.append(f"answer={function[1]}")
        return f"JSONWebTokens({user[1]}, {rules}, IssueRules({', '.join(options)}))"

    def _answer(self, path: str) -> Import:
        """Module and name of the function that makes what is answered."""
        source = self.world.sources.function(path)
        names = [p.name.value for p in source.node.params.params] if source is not None else []
        if source is None or len(names) != 4:  # token, user, request, issued_at
            raise RefusalError("A105", f"`{path}` has no rule")
        token, user, request, issued = names
        kinds: dict[str, Type] = {
            token: Plain("str"), user: Instance(self.world.user_label), request: Request(),
            issued: Plain(),
        }  # fmt: skip
        body = Body(self.world, source.module, Owner("function", path), colour="build")
        rewritten = rewrite_function(source, body, kinds, finish_value)
        given = [each.type if each is not None else None for each in rewritten.returns]
        plain = all(isinstance(kind, Plain) and kind.name.startswith("dict") for kind in given)
        if body.parameters or rewritten.falls_through or not plain:
            raise RefusalError("A105", f"`{path}` needs more than a token and a user")
        app = self.world.app_of(path) or "core"
        module = self.tree.module(f"app.{app}.token_answers", "What those are told who get tokens.")
        for constant, text in body.definitions.items():
            module.add(constant, text, (), (1, source.module.path, 0))
        place = self.world.model_symbol(self.world.user_label)
        name = path.rpartition(".")[2]
        head = f"def {name}({token}: str, {user}: {place[1]}, {issued}: Any) -> dict[str, Any]"
        imports = body.imports | {place, ("typing", "Any")}
        module.add(name, rewritten.text(head), imports, (5, source.module.path, source.line))
        return module.name, name


def with_short_post(endpoint: Endpoint, source: FunctionSource) -> FunctionSource:
    """A handler that hands on what it is handed: `super().post(request)`; unchanged elsewhere."""
    if not is_token_view(endpoint) or "post" not in endpoint.methods:
        return source
    changed = source.node.visit(_Short())
    assert isinstance(changed, cst.FunctionDef)
    return replace(source, node=changed)


class _Short(cst.CSTTransformer):
    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        texts = [f"{a.star}{code_of(a.value)}" for a in original_node.args if a.keyword is None]
        whole = texts == ["request", "*args", "**kwargs"] and len(original_node.args) == len(texts)
        if code_of(original_node.func) != "super().post" or not whole:
            return updated_node
        return updated_node.with_changes(args=[cst.Arg(cst.Name("request"))])


def hand_on(views: TokenViews, endpoint: Endpoint, owner: Owner) -> None:
    """Let `super().post(request)` of a handler answer as the package does."""
    if not is_token_view(endpoint):
        return
    inherited = _above(endpoint)

    def call_super(body: Body, name: str, node: cst.BaseExpression) -> Typed:
        whole = isinstance(node, cst.Call) and [code_of(a) for a in node.args] == ["request"]
        if name != "post" or not whole or not inherited or body.owner.tools is None:
            body.refuse("B301", f"`super().{name}()` of this view has no rule", node)
        _, schema, method = views.used(endpoint, body.imports)
        if body.acted or not body.owner.tools.valid(body, schema, None):
            body.refuse("B136", "the body is checked after something else was done", node)
        text = f"await {body.session()}.run_sync({method}, data)"
        return Typed(parse(text), Response(usual=201))

    owner.call_super = call_super


def _above(endpoint: Endpoint) -> bool:
    """Whether the package's `post` is what the handler overrides: nothing of the project's between."""
    written = endpoint.methods.get("post")
    classes = [ref.path for ref in endpoint.lineage]
    owner = written.path.rpartition(".")[0] if written is not None else ""
    if owner not in classes:
        return False
    between = classes[classes.index(owner) + 1 : classes.index(BASE)]
    return all(path.startswith("rest_framework_jwt.views.") for path in between)
