"""What makes and checks tokens for resetting a password in the new app."""

from __future__ import annotations

from strangler.facts import release

from .operation import Operation, Typed, parse
from .token_types import ResetTokens

MODULE = "app.core.reset_tokens"
_DOCSTRING = "Tokens for resetting a password, shared with the Django project."
#: From then on they are those of compat.
_SINCE = (3, 1)
_USUAL_TIMEOUT = 259_200


def reset_tokens(operation: Operation) -> Typed:
    """`reset_tokens` of the new app, written and imported.

    Raises:
        RefusalError: they depend on something without a rule.
    """
    body = operation.body
    world, settings = body.world, body.world.facts.settings
    if world.user_problem is not None:
        operation.refuse("A106", world.user_problem.message)
    user = world.models[world.user_label]
    if release(world.facts.legacy.django) < _SINCE:
        operation.refuse("B105", "tokens for resetting a password before Django 3.1 have no rule")
    if settings.get("HAS_OLDER_KEYS"):
        operation.refuse("B105", "tokens under SECRET_KEY_FALLBACKS have no rule")
    value = user.attributes.get("EMAIL_FIELD")
    email = str(value.value) if value is not None and value.value else "email"
    named = [world.field_named(user.name, name) for name in (email, "last_login", "password")]
    if None in named or "get_email_field_name" in user.methods:
        operation.refuse("B105", f"tokens for resetting the password of {user.name} have no rule")
    options = ["secret_key=settings.secret_key.get_secret_value()"]
    timeout = settings.get("PASSWORD_RESET_TIMEOUT", _USUAL_TIMEOUT)
    options += [f"timeout={timeout}"] if timeout != _USUAL_TIMEOUT else []
    attribute = world.attribute(email)
    options += [f'email_field="{attribute}"'] if attribute != "email" else []
    imports = {
        ("app.settings", "settings"), ("app.compat.reset_tokens", "PasswordResetTokens"),
    }  # fmt: skip
    assert world.define is not None  # the conversion has set it
    text = f"reset_tokens = PasswordResetTokens({', '.join(options)})"
    world.define(MODULE, _DOCSTRING, "reset_tokens", text, imports, (1, "", 0))
    return Typed(parse(body.use(MODULE, "reset_tokens")), ResetTokens())
