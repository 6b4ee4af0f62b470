"""Names of the new app, made from the legacy project's own."""

from __future__ import annotations

import keyword
import re

from strangler.facts import Facts, Model

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SUFFIXES = ("ViewSet", "Viewset", "APIView", "ApiView", "View", "_view", "_api")
_RESERVED = frozenset({"metadata", "registry"})


def snake(name: str) -> str:
    """`OrderItem` is `order_item`."""
    return _WORDS.sub("_", name).lower()


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
    if not text.isascii() or text in {single, "unnamed"}:
        return f"{single}s"
    return text


def class_names(facts: Facts) -> dict[str, str]:
    """Class name of every model by label: plain where unique, else led by the app."""
    plain: dict[str, list[str]] = {}
    for model in facts.models:
        plain.setdefault(_camel(model), []).append(model.name)
    names = {}
    for short, labels in plain.items():
        for label in labels:
            app = "".join(part.title() for part in label.partition(".")[0].split("_"))
            names[label] = identifier(short if len(labels) == 1 else f"{app}{short}")
    return names


def _camel(model: Model) -> str:
    """The class's own name; `Product_tags`, which Django made, is `ProductTags`."""
    name = model.name.rpartition(".")[2]
    if not model.auto_created:
        return name
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))
