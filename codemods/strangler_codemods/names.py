"""Names of the new app, made from the legacy project's own."""

from __future__ import annotations

import builtins
import json
import keyword
import re
from collections import Counter

from pydantic import BaseModel

from strangler.facts import Facts, Model

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SUFFIXES = ("ViewSet", "Viewset", "APIView", "ApiView", "View", "_view", "_api")
# Modules beside the packages of apps; which of them are written depends on the project.
_OWN_MODULES = frozenset(
    {
        "api", "caches", "celery", "db", "errors", "exceptions", "finalizers", "identity", "mail", "main", "middleware",
        "migrations", "pagination", "paths", "registry", "settings",
    }
)  # fmt: skip
_RESERVED = frozenset(
    {"metadata", "registry", "type_annotation_map", "django_label", "save", "delete"}
)
# What schemas have themselves or need: Pydantic's names, those of `compat.schemas`, and types.
_OF_SCHEMAS = frozenset(dir(BaseModel)) | {
    "attrs", "adopt_", "adopted_", "data", "fields_for", "given_", "kept_", "of", "patches_", "read_only_defaults", "represent",
    "rules", "shown_", "validate_object", "wire_",
    "bool", "bytes", "date", "datetime", "dict", "float", "int", "list", "str", "time", "timedelta",
}  # fmt: skip


def snake(name: str) -> str:
    """`OrderItem` is `order_item`."""
    return _WORDS.sub("_", name).lower()


def is_package_name(label: str) -> bool:
    """Whether the package of an app may have its label: no keyword, no module of the new app."""
    return not keyword.iskeyword(label) and label not in _OWN_MODULES


def quoted(text: str) -> str:
    """A text as a literal, in the quotes that code is formatted with."""
    return json.dumps(text, ensure_ascii=False)


def identifier(text: str) -> str:
    """A valid, non-reserved name from any text."""
    name = re.sub(r"\W+", "_", text).strip("_") or "unnamed"
    if name[0].isdigit():
        name = f"n{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def attribute_name(name: str) -> str:
    """The attribute a mapped class may carry for a Django attribute."""
    if keyword.iskeyword(name) or name in _RESERVED or name.startswith("__"):
        return f"{name.lstrip('_')}_"
    return name


def schema_attribute(name: str) -> str:
    """The attribute of a schema for a field; under `name` itself the schema has something else."""
    return f"{name.lstrip('_')}_" if name.startswith("_") or name in _OF_SCHEMAS else name


def view_stem(qualname: str) -> str:
    """`ProductViewSet` is `product`."""
    name = qualname.rpartition(".")[2]
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix):
            name = name.removesuffix(suffix)
            break
    return snake(name).strip("_")


def plural(model: Model) -> str:
    """The plural of a model's name as an identifier: `categories`."""
    text = identifier((model.verbose_name_plural or "").lower().replace(" ", "_"))
    single = snake(model.name.rpartition(".")[2])
    if not text.isascii() or text in {single, f"{single}s", "unnamed"}:
        return several(single)
    return text


def several(word: str) -> str:
    """The regular plural of an English word; one that ends in s is taken for a plural."""
    if word.endswith("s"):
        return word
    return f"{word[:-1]}ies" if re.search(r"[^aeiou]y$", word) else f"{word}s"


def as_docstring(docstring: str) -> str:
    """A docstring with its quotes, whatever it contains."""
    text = docstring.strip().replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if text.endswith('"'):
        text = f'{text[:-1]}\\"'
    return f'"""{text}"""'


def class_names(facts: Facts, taken: frozenset[str] = frozenset()) -> dict[str, str]:
    """Class name of every model by label: plain where unique and free, else led by the app."""
    tables = [model for model in facts.models if not model.swapped]
    counts = Counter(_camel(model) for model in tables)
    names = {}
    for model in facts.models:
        short = _camel(model)
        app = "".join(part.title() for part in model.name.partition(".")[0].split("_"))
        free = not {short, identifier(short)} & taken and not hasattr(builtins, identifier(short))
        alone = counts[short] == 1 and not model.swapped and free
        name = identifier(short if alone else f"{app}{short}")
        names[model.name] = f"{name}Model" if name in taken and not alone else name
    return names


def _camel(model: Model) -> str:
    """The class's own name; `Product_tags`, which Django made, is `ProductTags`, `post` is `Post`."""
    name = model.name.rpartition(".")[2]
    if not model.auto_created:
        return name[:1].upper() + name[1:] if snake(name) == name else name
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))
