"""One function of the project in the forms that its callers need: shared where they can be."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .body import RESERVED, Parameter
from .functions import Rewritten, in_order
from .modules import Item, NewModule
from .names import snake
from .refusal import RefusalError
from .types import Instance, ModelClass, Query, Rows, Type

_MOST = 30


@dataclass(frozen=True)
class Form:
    """A converted function: what it needs, its own parameters, what it returns and its body."""

    path: str
    needs: tuple[Parameter, ...]
    arguments: tuple[Parameter, ...]
    returns: str
    rewritten: Rewritten
    # Whether it was a method, whose name says little without that of its class.
    prefixed: bool = False
    # Whether it is written for names that its callers hand it, so that there may be one for each caller.
    numbered: bool = False

    def head(self, name: str) -> str:
        """The signature: needs first, then what only may be named, defaults last in each part."""
        plain = [p for p in self.arguments if p.key in ("", "argument")]
        first = [p.text for p in in_order((*self.needs, *plain))]
        star = [p.text for p in self.arguments if p.key == "*"]
        named = [p.text for p in self.arguments if p.key == "named"]
        last = [p.text for p in self.arguments if p.key == "**"]
        mark = ["*"] if named and not star else []
        return f"def {name}({', '.join([*first, *star, *mark, *named, *last])}) -> {self.returns}"

    def text(self, name: str) -> str:
        """The function as source."""
        return self.rewritten.text(self.head(name))

    @property
    def tail(self) -> str:
        """What follows the signature."""
        return self.rewritten.text("def _()")


@dataclass
class Forms:
    """Writes forms and remembers them by module and name."""

    _written: dict[tuple[str, str], Form] = field(default_factory=dict)

    def write(self, module: NewModule, form: Form, model: str | None, taken: frozenset[str]) -> str:
        """Write a form and return its name; `taken` are names that mean something else elsewhere.

        One that differs in annotations only makes those wider; another one is named after `model`,
        or after its class.

        Raises:
            RefusalError: the name means something else already.
        """
        source = form.rewritten.source
        order = (5, source.module.path, source.line)
        name = source.node.name.value.lstrip("_") or "function"
        if form.prefixed or name in RESERVED or hasattr(builtins, name):
            owner = source.owner or form.path.rpartition(".")[0]
            name = f"{snake(owner.rpartition('.')[2])}_{name}"
        if name in taken:
            name = f"{module.name.split('.')[1]}_{name}"
        wider_names = [f"{name}_{snake(model)}"] if model else []
        if source.owner is not None:  # a method of several classes
            wider_names.append(f"{snake(source.owner.rpartition('.')[2])}_{name}")
        if form.numbered:
            last = wider_names[-1] if wider_names else name
            wider_names += [f"{last}_{number}" for number in range(2, _MOST)]
        for wanted in (name, *wider_names):
            known = self._written.get((module.name, wanted))
            there = module.items.get(wanted)
            if known is not None and known.path == form.path:
                wider = _wider(known, form)
                if wider is None:
                    continue
                form = wider
                module.items[wanted] = Item(wanted, form.text(wanted), order)
            elif there is not None and there.text != form.text(wanted):
                continue
            self._written[module.name, wanted] = form
            body = form.rewritten.body
            for constant, definition in body.definitions.items():
                module.add(constant, definition, (), (1, source.module.path, 0))
            module.add(wanted, form.text(wanted), body.imports, order)
            return wanted
        raise RefusalError("B148", f"`{form.path}` is needed in two forms", source.source)


def _wider(known: Form, form: Form) -> Form | None:
    """One form for both, where they differ in the annotations of parameters only."""
    same = (known.needs, known.returns, known.tail) == (form.needs, form.returns, form.tail)
    pairs = list(zip(known.arguments, form.arguments, strict=False))
    if not same or len(known.arguments) != len(form.arguments):
        return None
    if any(replace(a, annotation="") != replace(b, annotation="") for a, b in pairs):
        return None
    arguments = tuple(replace(a, annotation=_union(a.annotation, b.annotation)) for a, b in pairs)
    return replace(form, arguments=arguments)


def _union(one: str, other: str) -> str:
    if "Any" in (one, other):
        return "Any"
    parts = {*one.split(" | "), *other.split(" | ")}
    last = ["None"] if "None" in parts else []
    return " | ".join([*sorted(parts - {"None"}), *last])


def first_model(env: Mapping[str, Type]) -> str | None:
    """The class name of the last parameter that is a row or a model, else a query or rows."""
    kinds = list(env.values())
    models = [kind.model for kind in kinds if isinstance(kind, Query | Rows)]
    models += [
        kind.model
        for kind in kinds
        if isinstance(kind, ModelClass) or (isinstance(kind, Instance) and not kind.user)
    ]
    return models[-1].rpartition(".")[2] if models else None
