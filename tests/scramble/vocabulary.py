"""Which words are the project's, and what each becomes."""

import keyword
import random
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# Words of Django's, DRF's and everybody's roles and grammar: alone they name nothing of a shop.
ROLES = frozenset(
    [
        "a",
        "action",
        "actions",
        "add",
        "admin",
        "all",
        "allow",
        "allowed",
        "and",
        "annotate",
        "any",
        "api",
        "app",
        "apps",
        "as",
        "at",
        "auth",
        "author",
        "base",
        "before",
        "by",
        "can",
        "check",
        "class",
        "classes",
        "cls",
        "code",
        "command",
        "config",
        "context",
        "count",
        "create",
        "created",
        "cursor",
        "data",
        "database",
        "date",
        "day",
        "delete",
        "destroy",
        "detail",
        "display",
        "do",
        "done",
        "each",
        "end",
        "env",
        "error",
        "errors",
        "exception",
        "exceptions",
        "exists",
        "export",
        "false",
        "field",
        "fields",
        "file",
        "fill",
        "filter",
        "filters",
        "find",
        "first",
        "for",
        "form",
        "format",
        "free",
        "from",
        "full",
        "generic",
        "get",
        "has",
        "have",
        "header",
        "headers",
        "id",
        "in",
        "info",
        "init",
        "inline",
        "instance",
        "ip",
        "is",
        "item",
        "iter",
        "key",
        "kwargs",
        "last",
        "length",
        "limit",
        "line",
        "link",
        "list",
        "load",
        "lock",
        "log",
        "logging",
        "lookup",
        "main",
        "make",
        "manager",
        "many",
        "max",
        "message",
        "meta",
        "method",
        "middleware",
        "min",
        "mixin",
        "model",
        "models",
        "move",
        "name",
        "newest",
        "next",
        "no",
        "none",
        "not",
        "now",
        "number",
        "object",
        "objects",
        "of",
        "off",
        "offset",
        "on",
        "one",
        "only",
        "open",
        "or",
        "order",
        "ordering",
        "out",
        "owned",
        "owner",
        "page",
        "pages",
        "pagination",
        "paginator",
        "partial",
        "path",
        "perform",
        "permission",
        "permissions",
        "pk",
        "position",
        "post",
        "previous",
        "print",
        "put",
        "pre",
        "queryset",
        "random",
        "read",
        "receiver",
        "refresh",
        "remove",
        "render",
        "request",
        "response",
        "result",
        "results",
        "retrieve",
        "row",
        "rows",
        "run",
        "save",
        "schema",
        "seed",
        "self",
        "send",
        "serializer",
        "serializers",
        "service",
        "services",
        "session",
        "set",
        "setting",
        "settings",
        "short",
        "signal",
        "size",
        "sort",
        "source",
        "staff",
        "standard",
        "start",
        "state",
        "static",
        "status",
        "stop",
        "stream",
        "string",
        "super",
        "table",
        "target",
        "template",
        "test",
        "text",
        "the",
        "time",
        "title",
        "to",
        "token",
        "true",
        "type",
        "types",
        "update",
        "updated",
        "upload",
        "url",
        "urls",
        "user",
        "users",
        "utils",
        "valid",
        "validate",
        "value",
        "values",
        "verify",
        "version",
        "view",
        "views",
        "viewset",
        "with",
        "write",
    ]
)
# The few that stay even inside the name of a field, so that they go on telling what it is.
GRAMMAR = frozenset(
    [
        "a",
        "and",
        "as",
        "at",
        "by",
        "display",
        "get",
        "has",
        "id",
        "in",
        "is",
        "next",
        "not",
        "of",
        "on",
        "or",
        "previous",
        "ptr",
        "set",
        "the",
        "to",
        "validate",
    ]
)
SYLLABLES = [
    "ba",
    "be",
    "bi",
    "bo",
    "bu",
    "da",
    "de",
    "di",
    "do",
    "du",
    "fa",
    "fe",
    "fi",
    "fo",
    "fu",
    "ga",
    "go",
    "gu",
    "ka",
    "ke",
    "ki",
    "ko",
    "ku",
    "la",
    "le",
    "li",
    "lo",
    "lu",
    "ma",
    "me",
    "mi",
    "mo",
    "mu",
    "na",
    "ne",
    "ni",
    "no",
    "nu",
    "pa",
    "pe",
    "pi",
    "po",
    "pu",
    "ra",
    "re",
    "ri",
    "ro",
    "ru",
    "ta",
    "te",
    "ti",
    "to",
    "tu",
    "va",
    "ve",
    "vi",
    "vo",
    "vu",
    "za",
    "ze",
    "zi",
    "zo",
]
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+")
PACKAGES = [
    "django",
    "rest_framework",
    "django_filters",
    "rest_framework_simplejwt",
    "corsheaders",
    "pytest_django",
    "_pytest",
    "PIL",
]


def words_of(identifier: str) -> list[str]:
    """``HTTPClientView`` -> http, client, view; ``created_at`` -> created, at."""
    return [word.lower() for word in WORD.findall(identifier)]


@cache
def identifiers_of(site_packages: Path) -> frozenset[str]:
    """Return every identifier in the sources of the packages a Django project uses."""
    found: set[str] = set()
    for package in PACKAGES:
        for path in (site_packages / package).rglob("*.py"):
            found.add(path.stem)  # migrations above all
            found.update(re.findall(r"\b[A-Za-z_]\w*", path.read_text(errors="replace")))
    return frozenset(found)


@dataclass(frozen=True)
class Names:
    """What became of the project's names."""

    words: dict[str, str]
    identifiers: dict[str, str]  # whole identifiers, classes above all
    own: frozenset[str]
    kept: frozenset[str]  # never renamed
    foreign: frozenset[str]  # not renamed unless they are the project's own
    inherited: frozenset[str]  # fields that Django's base models define
    texts: frozenset[str]  # titles that Django's own base models give to a model
    unspoken: frozenset[str]  # functions: a text that has such a word means something else

    def __getitem__(self, identifier: str) -> str:
        """Return the new name of an identifier, itself if it is not the project's."""
        if identifier in self.kept or identifier.startswith("__"):
            return identifier
        if identifier in self.identifiers:
            return self.identifiers[identifier]
        if identifier not in self.own and identifier in self.foreign:
            return identifier
        return WORD.sub(self._word, identifier)

    def _word(self, found: re.Match[str]) -> str:
        old = found[0]
        new = self.words.get(old.lower())
        if new is None:
            return old
        if old.isupper() and len(old) > 1:
            return new.upper()
        return new.capitalize() if old[0].isupper() else new


def made_up_words(rng: random.Random, taken: frozenset[str]):
    """Yield words of three syllables that mean nothing and that nobody uses."""
    seen: set[str] = set()
    while True:
        word = "".join(rng.choice(SYLLABLES) for _ in range(3))
        if word not in taken and word not in seen and not keyword.iskeyword(word):
            seen.add(word)
            yield word


def name_all(survey: dict, foreign: frozenset[str], seed: int) -> Names:
    rng = random.Random(seed)
    fresh = made_up_words(rng, foreign)
    own = frozenset(survey["own"])
    kept = frozenset(survey["kept"]) | frozenset(survey["foreign_words"])
    kept_words = {word for word in kept if "_" not in word}
    own -= kept | {f"validate_{name}" for name in kept}
    own -= {name for name in own if name in ROLES and name not in survey["vocabulary"]}
    vocabulary = {name for name in survey["vocabulary"] if name in own}
    # compounds that a package knows too are hooks: `filterset_fields`, `get_serializer_class`
    own -= {n for n in own & foreign - vocabulary - set(survey["classes"]) if "_" in n}
    words = {word for name in own for word in words_of(name)} - ROLES - GRAMMAR
    words |= {word for name in vocabulary for word in words_of(name)} - GRAMMAR
    table = {word: next(fresh) for word in sorted(words - kept_words) if len(word) > 1}
    unspoken = frozenset(survey["functions"]) & foreign
    rest = (
        own,
        kept,
        foreign,
        frozenset(survey["inherited"]),
        frozenset(survey["texts"]),
        unspoken,
    )
    names = Names(table, {}, *rest)
    whole = dict(whole_names(survey, names, rng, fresh))
    return Names(table, whole, *rest)


def whole_names(survey: dict, names: Names, rng: random.Random, fresh):
    """Classes lose the suffix that tells their role; models and what is left get whole names."""
    models = set(survey["joined"].values())
    for lower, model in sorted(survey["joined"].items()):
        yield lower, names[model].lower()
    for name in sorted(set(survey["classes"]) - models - names.kept):
        parts = words_of(name)
        stem = [part for part in parts if part not in ROLES] or []
        new = "".join(names.words.get(part, part).capitalize() for part in stem)
        ending = next(fresh).capitalize() if rng.random() < 0.7 or not new else ""
        yield name, new + ending if stem and ending else new + next(fresh).capitalize()
    for name in sorted(names.own - set(survey["classes"]) - names.foreign):
        if names[name] == name and name not in ROLES:
            yield name, next(fresh)
