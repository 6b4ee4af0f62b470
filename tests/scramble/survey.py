"""Run inside a Django project: print, as JSON, its own names and the places that are Django's.

Standard library and the project's own packages only; ``python survey.py`` with the project's
folder as working directory. The answer is
``{"own": [name], "classes": [name], "kept": [name], "prescribed": [name], "foreign_words": [word],
"joined": {lowercase class name: class name}, "places": {file: [[line, column]]}}``,
lines from 1, columns from 0, in characters.
"""

import ast
import enum
import importlib
import json
import os
import re
import sys
from pathlib import Path

import places  # beside this file

ROOT = Path.cwd()


def modules():
    """Return (relative path, dotted name) of every module of the project."""
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if not any(part.startswith(".") for part in parts):
            yield path, ".".join(part for part in parts if part != "__init__")


def is_own(thing):
    module = getattr(thing, "__module__", None) or getattr(thing, "__name__", "")
    return module.partition(".")[0] in places.TOPS


def classes_of(module):
    """Yield the classes that a module defines, inner ones too, without Meta."""
    todo = [each for each in vars(module).values() if isinstance(each, type)]
    while todo:
        each = todo.pop()
        if each.__module__ == module.__name__ and each.__name__ != "Meta":
            yield each
            inner = vars(each).values()
            todo += [
                i for i in inner if isinstance(i, type) and i.__qualname__ != each.__qualname__
            ]


def prescribed_names(cls):
    """Return what ``cls`` defines because a base class of some package has it too."""
    foreign = [base for base in cls.__mro__[1:] if not is_own(base) and base is not object]
    return {name for name in vars(cls) if any(name in places.attributes_of(b) for b in foreign)}


def declared(cls):
    for attribute in ("_declared_fields", "declared_filters"):
        yield from getattr(cls, attribute, ())


def survey_models(own, kept, joined, inherited):
    from django.apps import apps
    from django.db import models

    for model in apps.get_models():
        fields = [*model._meta.get_fields(), *model._meta.private_fields]
        foreign = [base for base in model.__mro__[1:] if places.is_model(base) and not is_own(base)]
        theirs = {f.name for base in foreign for f in base._meta.get_fields()}
        if not is_own(model):
            continue
        kept |= theirs
        counters = {f.creation_counter for base in foreign for f in base._meta.local_fields}
        inherited |= {f.name for f in model._meta.local_fields if f.creation_counter in counters}
        inherited |= {f.name for f in model._meta.local_many_to_many if f.name in theirs}
        joined[model._meta.model_name] = model.__name__
        # GenericRelation finds these two by the names Django proposes
        proposed = [f for f in fields if f.name in {"id", "content_type", "object_id"}]
        kept |= {name for f in proposed for name in (f.name, f.attname)}
        for field in fields:
            if field.auto_created and not is_own(field.related_model or model):
                continue
            names = {field.name, getattr(field, "attname", None)}
            if isinstance(field, models.ForeignObjectRel):
                names |= {field.get_accessor_name() or "", field.related_name or ""}
            if getattr(field, "choices", None):
                names.add(f"get_{field.name}_display")
            if field.name not in theirs:
                own |= {n for n in names if n and n.isidentifier() and not n.endswith("_+")}


def survey_texts():
    """Return the titles of models that come from a framework's Meta, as "user" does."""
    from django.apps import apps

    for model in filter(is_own, apps.get_models()):
        for base in model.__mro__[1:]:
            if places.is_model(base) and not is_own(base):
                mine, theirs = model._meta, base._meta
                for name in ("verbose_name", "verbose_name_plural"):
                    if getattr(mine, name) == getattr(theirs, name):
                        yield str(getattr(mine, name))


def own_labels():
    from django.apps import apps
    from django.conf import settings

    labels = {config.label for config in apps.get_app_configs() if is_own(config.module)}
    return labels | {settings.ROOT_URLCONF.partition(".")[0]}


def survey_urls(own, foreign_words):
    from django.urls import URLPattern, get_resolver

    def walk(patterns, words, foreign_space):
        for pattern in patterns:
            route = re.sub(r"\(.*?\)|<.*?>|\\\w|\.\w+", "", str(pattern.pattern))
            here = words + re.findall(r"[a-z]\w+", route.replace("-", "_"))
            if getattr(pattern, "app_name", None) and not is_own(pattern.urlconf_module):
                foreign_words.update(here)
            elif isinstance(pattern, URLPattern):
                view = getattr(pattern.callback, "cls", None)
                view = view or getattr(pattern.callback, "view_class", pattern.callback)
                names = [pattern.name.replace("-", "_")] if pattern.name else []
                (own if is_own(view) else foreign_words).update(here + names)
            else:
                walk(pattern.url_patterns, here, foreign_space)

    walk(get_resolver().url_patterns, [], False)


def conventional(name):
    """Is a module called so because Django, DRF or everybody calls it so?"""
    packages = (
        "django",
        "django.core",
        "rest_framework",
        "django.db",
        "django.contrib.auth",
        "django.contrib.admin",
        "django.conf.project_template",
        "django.core.management",
    )
    always = {
        "migrations",
        "management",
        "commands",
        "settings",
        "urls",
        "wsgi",
        "asgi",
        "tests",
        "manage",
        "conftest",
        "admin",
        "apps",
        "models",
        "middleware",
        "api",
    }
    return (
        name in always
        or name.startswith("test_")
        or any(
            importlib.util.find_spec(f"{package}.{name}")
            for package in packages
            if importlib.util.find_spec(package)
        )
    )


def survey_module(module, own, classes, prescribed, functions):
    settings = os.environ["DJANGO_SETTINGS_MODULE"]
    for cls in classes_of(module):
        theirs = prescribed_names(cls)
        prescribed |= theirs
        if cls.__name__ not in {"Command", "Migration"}:
            classes.add(cls.__name__)
            own.add(cls.__name__)
        if not issubclass(cls, enum.Enum):
            own |= {n for n in vars(cls) if n not in theirs and not n.startswith("_")}
        own |= set(declared(cls))
    for name, value in vars(module).items():
        is_function = callable(value) and not isinstance(value, type)
        here = is_function and getattr(value, "__module__", None) == module.__name__
        if here and getattr(value, "__name__", "") == name:
            functions.add(name)
    if module.__name__ != settings:
        tree = ast.parse(Path(module.__file__).read_text())
        own |= {
            t.id
            for n in tree.body
            if isinstance(n, ast.Assign)
            for t in n.targets
            if isinstance(t, ast.Name) and t.id.isupper()
        }


def main():
    sys.path.insert(0, str(ROOT))
    places.TOPS |= {path.relative_to(ROOT).parts[0].removesuffix(".py") for path, _ in modules()}
    import django

    django.setup()
    inherited = set()
    own, classes, kept, prescribed, foreign_words, joined = set(), set(), set(), set(), set(), {}
    survey_models(own, kept, joined, inherited)
    functions = set()
    vocabulary = own | set(joined.values()) | own_labels()
    own |= vocabulary
    survey_urls(own, foreign_words)
    found = {}
    for _, dotted in modules():
        parts = dotted.split(".")
        own |= {part for part in parts if not conventional(part) and part.isidentifier()}
        module = importlib.import_module(dotted)
        if parts[0] not in {"tests", "manage"} and "migrations" not in parts:
            survey_module(module, own, classes, prescribed, functions)
            vocabulary |= {name for cls in classes_of(module) for name in declared(cls)}
    foreign_words -= vocabulary
    skip = {"Meta", "urlpatterns", "application", "DoesNotExist", "MultipleObjectsReturned"}
    functions -= own | kept | skip
    own |= functions
    classes -= skip
    own = {name for name in own if not name.startswith("__")} - kept - skip
    for path, dotted in modules():
        module = importlib.import_module(dotted)
        found[str(path.relative_to(ROOT))] = places.framework_places(path, module, own)
    json.dump(
        {
            "own": sorted(own),
            "classes": sorted(classes),
            "vocabulary": sorted(vocabulary),
            "functions": sorted(functions),
            "texts": sorted(survey_texts()),
            "inherited": sorted(inherited),
            "kept": sorted(kept),
            "prescribed": sorted(prescribed),
            "foreign_words": sorted(foreign_words),
            "joined": joined,
            "places": found,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
