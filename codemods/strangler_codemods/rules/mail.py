"""Letters are written as Django writes them, and sent by the same server.

Before: send_mail("Welcome", text, None, [user.email]); letter.attach_alternative(html, "text/html")
After:  await to_thread(outbox.send_mail, "Welcome", text, None, [user.email]); ...
"""

import libcst as cst

from strangler_codemods.effect_types import Letter
from strangler_codemods.operation import Operation, Typed, code_of, parse
from strangler_codemods.plain_values import plain
from strangler_codemods.posting import outbox
from strangler_codemods.rule import assign, attribute, call, method, rewrites, symbol
from strangler_codemods.rules.instance_method import rewrite as instance_method
from strangler_codemods.threads import in_thread
from strangler_codemods.types import Instance, Plain, Symbol

_MAIL = "django.core.mail"
_FUNCTIONS = {
    "send_mail": ("subject", "message", "from_email", "recipient_list", "fail_silently"),
    "send_mass_mail": ("datatuple", "fail_silently"),
    "mail_admins": ("subject", "message", "fail_silently"),
    "mail_managers": ("subject", "message", "fail_silently"),
}
_BY_NAME = dict.fromkeys(_FUNCTIONS, ("html_message",)) | {"send_mass_mail": ()}
_FIRST = ("subject", "body", "from_email", "to", "bcc", "connection", "attachments", "headers")
_FIELDS = {
    "EmailMessage": (*_FIRST, "cc", "reply_to"),
    "EmailMultiAlternatives": (*_FIRST, "alternatives", "cc", "reply_to"),
}
_ATTRIBUTES = (
    *("subject", "body", "to", "cc", "bcc", "reply_to", "extra_headers", "content_subtype"),
    *("mixed_subtype", "attachments"),
)
# What a user has of Django's own class.
_USERS = "django.contrib.auth.models.AbstractUser"


def _texts(operation: Operation, names: tuple[str, ...], known: tuple[str, ...]) -> list[str]:
    """Arguments as texts, in their place as long as none before them is left out.

    names: the parameters as Django has them; known: those that have a rule.
    """
    given = operation.take(*names)
    missing = [name for name in given if name not in known]
    if missing:
        operation.refuse("X102", f"`{missing[0]}` of a letter has no rule")
    count = len(operation.positional())
    found = []
    for position, name in enumerate(n for n in names if n in given):
        value = code_of(plain(operation.body, given[name]))
        in_place = position < count and names[position] == name
        found.append(value if in_place else f"{name}={value}")
    return found


def _function(operation: Operation, name: str) -> Typed:
    names = _FUNCTIONS[name]
    every = (*names, "connection", "html_message")
    if name.startswith("send_"):
        every = (*names, "auth_user", "auth_password", "connection", *_BY_NAME[name])
    texts = _texts(operation, every, (*names, *_BY_NAME[name]))
    kind = Plain("int" if name.startswith("send_") else "None")
    return in_thread(operation, f"{outbox(operation)}.{name}", texts, kind)


@rewrites(*(call(f"{_MAIL}.{name}") for name in _FUNCTIONS))
def send(operation: Operation) -> Typed:
    return _function(operation, operation.name.rpartition(".")[2])


@rewrites(method(Instance, "email_user"))
def email_user(operation: Operation) -> Typed:
    """A letter to a user, where the method is Django's own."""
    row, world = operation.on, operation.body.world
    assert isinstance(row.type, Instance)
    model = world.models[row.type.model]
    if "email_user" in model.methods or all(ref.path != _USERS for ref in model.lineage):
        return instance_method(operation)
    if row.type.optional:
        operation.refuse("B121", f"`{row.code}` may be None here")
    given = operation.take("subject", "message", "from_email", "fail_silently", "html_message")
    values = {name: code_of(plain(operation.body, node)) for name, node in given.items()}
    if "subject" not in values or "message" not in values:
        operation.refuse("B111", "`email_user` without a text")
    texts = [values["subject"], values["message"], values.get("from_email", "None")]
    texts.append(f"[{row.code}.email]")
    texts += [f"{n}={values[n]}" for n in ("fail_silently", "html_message") if n in values]
    return in_thread(operation, f"{outbox(operation)}.send_mail", texts, Plain("int"))


@rewrites(*(call(f"{_MAIL}{place}.{name}") for name in _FIELDS for place in ("", ".message")))
def letter(operation: Operation) -> Typed:
    name = operation.name.rpartition(".")[2]
    names = _FIELDS[name]
    known = tuple(each for each in names if each != "connection")
    texts = _texts(operation, names, known)
    outbox(operation)  # refuses where letters are not Django's own
    count = sum("=" not in text for text in texts)
    # parameters behind `bcc` are given by name
    late = [i for i in range(len(operation.positional())) if i >= names.index("connection")]
    if late or count > len(names):
        operation.refuse("X102", "a letter with that many arguments in their place has no rule")
    made = operation.body.compat("letters", name)
    kind = Letter(forms=name == "EmailMultiAlternatives")
    return Typed(parse(f"{made}({', '.join(texts)})"), kind)


@rewrites(method(Letter, "send"))
def send_letter(operation: Operation) -> Typed:
    given = operation.take("fail_silently")
    texts = [operation.on.code]
    texts += [f"fail_silently={code_of(plain(operation.body, each))}" for each in given.values()]
    return in_thread(operation, f"{outbox(operation)}.send", texts, Plain("int"))


@rewrites(method(Letter, "attach"), method(Letter, "attach_alternative"))
def attach(operation: Operation) -> Typed:
    assert isinstance(operation.on.type, Letter)
    if operation.name == "attach":
        names: tuple[str, ...] = ("filename", "content", "mimetype")
    else:
        names = ("content", "mimetype")
        if not operation.on.type.forms:
            operation.refuse("X102", "this letter says everything in one form")
    texts = _texts(operation, names, names)
    return Typed(parse(f"{operation.on.code}.{operation.name}({', '.join(texts)})"), Plain("None"))


@rewrites(*(assign(Letter, name) for name in _ATTRIBUTES))
def assign_attribute(operation: Operation) -> Typed:
    if operation.name == "attachments":
        operation.refuse("X102", "assigning the attachments of a letter has no rule")
    return Typed(parse(f"{operation.on.code}.{operation.name}"), Plain())


@rewrites(*(attribute(Letter, name) for name in _ATTRIBUTES))
def read_attribute(operation: Operation) -> Typed:
    return Typed(parse(f"{operation.on.code}.{operation.name}"), Plain())


@rewrites(method(Letter, "*"), attribute(Letter, "*"), assign(Letter, "*"))
def other(operation: Operation) -> Typed:
    operation.refuse("X102", f"`.{operation.name}` of a letter has no rule")


@rewrites(call(f"{_MAIL}.get_connection"))
def connection(operation: Operation) -> Typed:
    operation.refuse("X102", "a connection of its own to a mail server has no rule")


@rewrites(*(symbol(f"{_MAIL}{place}.BadHeaderError") for place in ("", ".message")))
def bad_header(operation: Operation) -> Typed:
    name = operation.body.compat("letters", "BadHeaderError")
    return Typed(cst.Name(name), Symbol(operation.name))


@rewrites(
    *(
        symbol(f"django.conf.settings.{n}")
        for n in ("DEFAULT_FROM_EMAIL", "SERVER_EMAIL", "EMAIL_HOST_USER")
    )
)
def setting(operation: Operation) -> Typed:
    name = operation.name.rpartition(".")[2].lower()
    return Typed(parse(f"{outbox(operation)}.settings.{name}"), Plain("str"))


@rewrites(
    *(
        call(f"django.template.{name}")
        for name in ("loader.render_to_string", "loader.get_template", "Template", "Context")
    )
)
def template(operation: Operation) -> Typed:
    operation.refuse("X103", "a template of Django's language has no rule")
