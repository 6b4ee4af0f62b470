"""Letters: whether the project's are Django's own, and what the new app sends them by."""

from __future__ import annotations

from strangler.facts import release

from .operation import Operation

MODULE = "app.mail"
_DOCSTRING = "Letters, sent as the Django project sends them."
_BACKENDS = "django.core.mail.backends."
_KNOWN = ("smtp", "console", "filebased", "locmem", "dummy")
#: Settings with what Django has where the project says nothing.
_USUAL: dict[str, object] = {
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "EMAIL_PORT": 25,
    "EMAIL_USE_TLS": False,
    "EMAIL_USE_SSL": False,
    "EMAIL_TIMEOUT": None,
    "EMAIL_USE_LOCALTIME": False,
    "EMAIL_SUBJECT_PREFIX": "[Django] ",
    "DEFAULT_FROM_EMAIL": "webmaster@localhost",
    "SERVER_EMAIL": "root@localhost",
    "ADMINS": [],
    "MANAGERS": [],
}
_TYPES = {
    "EMAIL_TIMEOUT": "float | None",
    "ADMINS": "tuple[tuple[str, str], ...]",
    "MANAGERS": "tuple[tuple[str, str], ...]",
}
#: Django writes letters by another library from this release on.
_NEWER = (6, 0)


def outbox(operation: Operation) -> str:
    """The name of what sends letters, written and imported.

    Raises:
        RefusalError: the project sends its letters otherwise.
    """
    body = operation.body
    facts = body.world.facts
    problem = _obstacle(facts.settings, facts.legacy.django)
    if problem is not None:
        operation.refuse("X102", f"letters have no rule here: {problem}")
    said = {name: _meant(name, facts.settings[name]) for name in _USUAL if name in facts.settings}
    lines = [
        f"    {name.lower()}: {_TYPES.get(name, type(_USUAL[name]).__name__)} = {_shown(value)}\n"
        for name, value in said.items()
        if value != _USUAL[name]
    ]
    text = (
        "class MailSettings(BaseMailSettings):\n"
        '    """Read from the environment; this is what the Django project said."""\n'
        + ("\n" if lines else "")
        + "".join(lines)
    )
    define = body.world.define
    assert define is not None
    imports = {("app.compat.mail", "BaseMailSettings"), ("app.compat.mail", "Outbox")}
    define(MODULE, _DOCSTRING, "MailSettings", text, imports, (1, "", 0))
    define(MODULE, _DOCSTRING, "outbox", "outbox = Outbox(MailSettings())", imports, (2, "", 0))
    return body.use(MODULE, "outbox")


def _obstacle(settings: dict[str, object], version: str) -> str | None:
    backend = str(settings.get("EMAIL_BACKEND") or _USUAL["EMAIL_BACKEND"])
    name = backend.removeprefix(_BACKENDS).removesuffix(".EmailBackend")
    if name not in _KNOWN:
        return f"EMAIL_BACKEND is `{backend}`"
    if release(version) >= _NEWER:
        return f"Django {version} writes them in another way"
    if settings.get("DEFAULT_CHARSET", "utf-8") != "utf-8":
        return "DEFAULT_CHARSET is not UTF-8"
    if settings.get("EMAIL_CERTIFICATE"):
        return "the mail server asks for a certificate"
    told = {name: settings.get(name) for name in _USUAL}
    if "***" in str(told):
        return "a setting of theirs holds a secret"
    for name, usual in _USUAL.items():
        if name in settings and not _fits(name, settings[name], usual):
            return f"{name} is {settings[name]!r}"
    people = [*_listed(told["ADMINS"]), *_listed(told["MANAGERS"])]
    if not all(isinstance(each, list) and len(each) == len(("name", "address")) for each in people):
        return "ADMINS or MANAGERS are no pairs of name and address"
    return None


def _meant(name: str, value: object) -> object:
    """What Django and smtplib make of a setting, which is a text where the environment gave it."""
    if isinstance(_USUAL[name], bool):
        return bool(value)
    if name == "EMAIL_PORT":
        return int(str(value or 0))  # smtplib takes its own port for none
    return value


def _fits(name: str, value: object, usual: object) -> bool:
    if name == "EMAIL_PORT":
        return not value or str(value).isdecimal()
    if name == "EMAIL_TIMEOUT":
        return value is None or isinstance(value, int | float)
    return isinstance(value, str) if isinstance(usual, str) else True


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _shown(value: object) -> str:
    """A value of the settings as a literal: pairs are tuples."""
    if isinstance(value, list):
        texts = [repr(tuple(each)) if isinstance(each, list) else repr(each) for each in value]
        return f"({', '.join(texts)}{',' if texts else ''})"
    return repr(value)
