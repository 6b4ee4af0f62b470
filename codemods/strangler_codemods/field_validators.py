"""Validators of serializer fields as expressions; what a field type checks itself is left out."""

from __future__ import annotations

import re
from collections.abc import Callable

from strangler.facts import SerializerField, Validator

from .body import Import
from .refusal import RefusalError

ValidatorFunction = Callable[[str, str], tuple[str, str]]
_VALIDATORS = "app.compat.validators"
_LIMITS = {
    "MaxLengthValidator": "max_length", "MinLengthValidator": "min_length",
    "MaxValueValidator": "max_value", "MinValueValidator": "min_value",
}  # fmt: skip
_USUAL_TEXTS = {
    "MaxValueValidator": "Ensure this value is less than or equal to %(limit_value)s.",
    "MinValueValidator": "Ensure this value is greater than or equal to %(limit_value)s.",
}
_ALWAYS = frozenset({"ProhibitNullCharactersValidator", "ProhibitSurrogateCharactersValidator"})
_TYPE_OWN = {
    "EmailField": "EmailValidator",
    "SlugField": "RegexValidator",
    "URLField": "URLValidator",
    "RegexField": "RegexValidator",
}
_ARRAYS = frozenset(
    f"django.contrib.postgres.validators.Array{which}LengthValidator" for which in ("Max", "Min")
)
_PASSWORD = "django.contrib.auth.password_validation.validate_password"
_EXTENSION = "django.core.validators.FileExtensionValidator"
_USUAL_EXTENSION = {
    "message": (
        "File extension “%(extension)s” is not allowed. "
        "Allowed extensions are: %(allowed_extensions)s."
    ),
    "code": "invalid_extension",
}
_PATTERNS = frozenset(
    [
        "django.contrib.auth.validators.ASCIIUsernameValidator",
        "django.contrib.auth.validators.UnicodeUsernameValidator",
        "django.core.validators.RegexValidator",
    ]
)


def expression(
    validator: Validator,
    own_function: ValidatorFunction,
    place: str,
    shown: Callable[[str], str],
    passwords: str | None = None,
) -> tuple[Import, str]:
    """The import and the expression of a validator; the project's own go through `own_function`.

    shown: how a text of Django's reads in the project's language. passwords: why passwords are not judged in the new app, where they are not.

    Raises:
        RefusalError: the validator has no rule.
    """
    name = validator.cls.rpartition(".")[2]
    params = validator.params
    if name in _LIMITS and validator.package is not None:
        limit = params.get("limit_value")
        if not isinstance(limit, int | float):
            raise RefusalError("S112", f"the limit of `{validator.cls}` has no rule", place)
        told = params.get("message")
        message = (
            f", message={told!r}" if told and told != shown(_USUAL_TEXTS.get(name, "")) else ""
        )
        return (_VALIDATORS, name), f"{name}({limit!r}{message})"
    if validator.cls in _ARRAYS and isinstance(params.get("limit_value"), int):
        return ("app.compat.validators_arrays", name), f"{name}({params['limit_value']!r})"
    if validator.package is None:
        found = own_function(validator.cls, place)
        return found, found[1]
    if validator.cls == "django.core.validators.DecimalValidator":
        digits, places = params.get("max_digits"), params.get("decimal_places")
        return (_VALIDATORS, "DecimalValidator"), f"DecimalValidator({digits!r}, {places!r})"
    if validator.cls == "django.core.validators.EmailValidator" and _is_usual(params):
        return ("app.compat.addresses", name), f"{name}({_told(params, shown)})"
    if validator.cls == _PASSWORD and passwords is None:
        return ("app.compat.password_validation", name), name
    if validator.cls == _EXTENSION:
        return (_VALIDATORS, name), f"{name}({_extensions(params, shown)})"
    if validator.cls in _PATTERNS:
        return (_VALIDATORS, "RegexValidator"), _regex(params, shown)
    raise RefusalError("S112", f"the validator `{validator.cls}` has no rule", place)


def _extensions(params: dict[str, object], shown: Callable[[str], str]) -> str:
    """The endings that files may have, and what is said of others where that is not Django's own."""
    options = [repr(params.get("allowed_extensions"))]
    for name, usual in _USUAL_EXTENSION.items():
        if params.get(name) not in (None, shown(usual)):
            options.append(f"{name}={params[name]!r}")
    return ", ".join(options)


def _is_usual(params: dict[str, object]) -> bool:
    """Whether an e-mail validator allows what Django's own does."""
    allowed = params.get("domain_allowlist", params.get("domain_whitelist"))
    texts = (params.get("message"), params.get("code"))
    return allowed == ["localhost"] and all(isinstance(text, str) for text in texts)


def _told(params: dict[str, object], shown: Callable[[str], str]) -> str:
    """The message and the code of an e-mail validator, as far as they are not Django's own."""
    usual = {"message": shown("Enter a valid email address."), "code": "invalid"}
    own = (f"{key}={params[key]!r}" for key, value in usual.items() if params[key] != value)
    return ", ".join(own)


_DATED = {
    "UniqueForDateValidator": "UniqueForDate", "UniqueForMonthValidator": "UniqueForMonth",
    "UniqueForYearValidator": "UniqueForYear",
}  # fmt: skip


def rule_arguments(validator: Validator) -> list[str] | None:
    """What checks several fields of a row: its class, then its arguments after the model.

    None where it has no rule.
    """
    name, params = validator.cls.rpartition(".")[2], validator.params
    message = f"message={params.get('message')!r}"
    if not validator.cls.startswith("rest_framework.validators."):
        return None
    if name in _DATED:
        return [_DATED[name], repr(params.get("field")), repr(params.get("date_field")), message]
    fields = params.get("fields")
    if name != "UniqueTogetherValidator" or not isinstance(fields, list | tuple):
        return None
    if params.get("condition"):
        return None
    options = [f"code={params['code']!r}"] if params.get("code") not in (None, "unique") else []
    options += ["nulls_distinct=False"] if params.get("nulls_distinct") is False else []
    names = ", ".join(repr(field) for field in fields)
    return ["UniqueTogether", f"({names},)", message, *options]


def beyond_own(item: SerializerField, kind: str) -> list[Validator]:
    """The validators that the field type itself does not stand for; DRF adds those last."""
    last = {v.cls.rpartition(".")[2]: index for index, v in enumerate(item.validators)}
    found = []
    for index, validator in enumerate(item.validators):
        name = validator.cls.rpartition(".")[2]
        own = name in _ALWAYS or name == "UniqueValidator"
        if validator.package is not None and last[name] == index:
            own = own or name == _TYPE_OWN.get(kind)
            own = own or (kind == "IPAddressField" and name.startswith("validate_ip"))
            limit = item.options.get(_LIMITS.get(name, ""))
            own = own or _same(limit, validator.params.get("limit_value"))
        if not own:
            found.append(validator)
    return found


def _same(option: object, limit: object) -> bool:
    text = str(limit.get("value")) if isinstance(limit, dict) else str(limit)
    return option is not None and str(option) == text


def _regex(params: dict[str, object], shown: Callable[[str], str]) -> str:
    """`RegexValidator(...)` with what differs from its defaults."""
    regex = params["regex"]
    pattern = regex.get("pattern") if isinstance(regex, dict) else regex
    flags = int(regex.get("flags") or 0) if isinstance(regex, dict) else 0
    options = [raw(str(pattern))]
    for name in ("message", "code", "inverse_match", "flags"):
        value = flags & ~re.UNICODE if name == "flags" else params.get(name)
        standard = {"message": shown("Enter a valid value."), "code": "invalid"}.get(name)
        if value not in (None, False, 0, "", standard):
            options.append(f"{name}={value!r}")
    return f"RegexValidator({', '.join(options)})"


def raw(pattern: str) -> str:
    """A regular expression as a raw string where that can be."""
    plain = pattern.isprintable() and '"' not in pattern and not pattern.endswith("\\")
    return f'r"{pattern}"' if plain and "\\" in pattern else repr(pattern)
