"""drf-jwt's authentication: whether its settings have a rule, and how it is set up."""

from __future__ import annotations

from dataclasses import dataclass

from strangler.facts import release

from .body import Body, Import, Owner
from .functions import finish_value, rewrite_function
from .login_schemas import login_name
from .modules import Tree
from .names import quoted
from .refusal import RefusalError
from .types import Instance, Plain
from .world import World

AUTHENTICATION = "rest_framework_jwt.authentication.JSONWebTokenAuthentication"
_UTILS = "rest_framework_jwt.utils"
#: What tokens depend on and has to be the package's own.
_USUAL = {
    "JWT_ALGORITHM": "HS256", "JWT_INSIST_ON_KID": False, "JWT_AUDIENCE": None, "JWT_ISSUER": None,
    "JWT_ENCODE_HANDLER": f"{_UTILS}.jwt_encode_payload",
    "JWT_DECODE_HANDLER": f"{_UTILS}.jwt_decode_token",
    "JWT_PAYLOAD_HANDLER": f"{_UTILS}.jwt_create_payload",
    "JWT_PAYLOAD_GET_USERNAME_HANDLER": f"{_UTILS}.jwt_get_username_from_payload_handler",
    "JWT_VERIFY": True, "JWT_VERIFY_EXPIRATION": True, "JWT_LEEWAY": 0,
}  # fmt: skip
_BLACKLIST = "rest_framework_jwt.blacklist"
_RELEASE, _OLD_PYJWT, _TYPED_PYJWT = (1, 19), (2, 0), (2, 10)


@dataclass
class DrfJwt:
    """Answers for one conversion."""

    world: World
    tree: Tree

    def problem(self) -> str | None:
        """What keeps the package's tokens on Django."""
        facts = self.world.facts
        given = facts.settings.get("DRF_JWT")
        if given is None or self._release("drf-jwt") < _RELEASE:
            return "this release of `rest_framework_jwt` has no rule"
        if self._release("pyjwt") < _OLD_PYJWT:
            return "tokens of a PyJWT before 2 have no rule"
        for name, usual in _USUAL.items():
            if given.get(name) != usual:
                return f"the setting JWT_AUTH[{name!r}] has no rule"
        if any(app.module == _BLACKLIST for app in facts.apps):
            return f"`{_BLACKLIST}` has no rule"
        if not given.get("JWT_GET_USER_SECRET_KEY") and not given["JWT_SECRET_KEY_IS_SECRET_KEY"]:
            return "JWT_AUTH has a secret key of its own"
        label = self.world.user_label
        if label not in self.world.models:
            return "there is no user model"
        filtering = any(m.default and m.filtering for m in self.world.models[label].managers)
        if filtering or self.world.queryset_method(label, "get_by_natural_key"):
            return f"the manager of {label} finds users in its own way"
        try:
            self.user_key()
        except RefusalError as refusal:
            return refusal.message
        return None

    def _release(self, package: str) -> tuple[int, ...]:
        return release(self.world.facts.legacy.package(package))

    def user_key(self) -> Import | None:
        """Module and name of the function that gives the secret of one user.

        Raises:
            RefusalError: it has no rule.
        """
        path = self.world.facts.settings["DRF_JWT"].get("JWT_GET_USER_SECRET_KEY")
        if not path:
            return None
        source = self.world.sources.function(str(path))
        names = [p.name.value for p in source.node.params.params] if source is not None else []
        if source is None or len(names) != 1:
            raise RefusalError("A105", f"`{path}` has no rule")
        body = Body(self.world, source.module, Owner("function", str(path)), colour="build")
        rewritten = rewrite_function(
            source, body, {names[0]: Instance(self.world.user_label)}, finish_value
        )
        texts = [t is not None and t.type == Plain("str") for t in rewritten.returns]
        if body.parameters or rewritten.falls_through or not all(texts):
            raise RefusalError("A105", f"`{path}` gives something other than a text")
        app = self.world.app_of(str(path)) or "core"
        module = self.tree.module(f"app.{app}.token_keys", "What tokens of users are signed with.")
        for constant, text in body.definitions.items():
            module.add(constant, text, (), (1, source.module.path, 0))
        user = self.world.model_symbol(self.world.user_label)
        name = str(path).rpartition(".")[2]
        text = rewritten.text(f"def {name}({names[0]}: {user[1]}) -> str")
        module.add(name, text, body.imports | {user}, (5, source.module.path, source.line))
        return module.name, name

    def text(self, user: str, imports: set[Import]) -> str:
        """The authenticator of the new app."""
        imports.add(("app.compat.drf_jwt", "JSONWebTokenAuthentication"))
        return f"JSONWebTokenAuthentication({user}, {self.rules(imports)})"

    def rules(self, imports: set[Import]) -> str:
        """`TokenRules(...)` with the project's settings."""
        given = self.world.facts.settings["DRF_JWT"]
        options = [quoted(self.world.attribute(login_name(self.world)))]
        if (function := self.user_key()) is not None:
            imports.add(function)
            options.append(f"user_key={function[1]}")
        else:
            imports.add(("app.settings", "settings"))
            options.append("secret_key=settings.secret_key.get_secret_value()")
        for name, key, usual in (
            ("prefix", "JWT_AUTH_HEADER_PREFIX", "Bearer"),
            ("cookie", "JWT_AUTH_COOKIE", None),
            ("other_cookie", "JWT_IMPERSONATION_COOKIE", None),
        ):
            if given.get(key) != usual:
                options.append(f"{name}={given[key]!r}")
        if self._release("pyjwt") < _TYPED_PYJWT:
            options.append("typed=False")
        imports.add(("app.compat.drf_jwt", "TokenRules"))
        return f"TokenRules({', '.join(options)})"
