"""The new app while it is written: modules of named items, in legacy order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .body import Import
from .cycles import circular_imports, read_at_once, with_local_imports
from .names import is_package_name
from .refusal import ControlError


@dataclass(frozen=True)
class Item:
    """One top-level definition; `order` is its place in the legacy source.

    `rule` is the one that wrote it as a whole, where there is one.
    """

    name: str
    text: str
    order: tuple[int, str, int]
    rule: str = ""


@dataclass
class NewModule:
    """One file of the new app."""

    name: str
    docstring: str = ""
    imports: set[Import] = field(default_factory=set)
    type_imports: set[Import] = field(default_factory=set)
    items: dict[str, Item] = field(default_factory=dict)
    future: bool = False
    #: Names the rule that writes at this moment.
    writer: Callable[[], str] = str

    @property
    def path(self) -> str:
        """`app.catalog.models` is `app/catalog/models.py`."""
        return f"{self.name.replace('.', '/')}.py"

    def add(
        self,
        name: str,
        text: str,
        imports: Iterable[Import] = (),
        order: tuple[int, str, int] = (5, "", 0),
    ) -> str:
        """Add a definition; one that is there with the same text is shared.

        Raises:
            NameTakenError: another definition has this name.
            SyntaxError: it waits where nothing can be waited for, which no parser sees.
        """
        known = self.items.get(name)
        if known is None and "await" in text:
            compile(text, self.path, "exec")
        if known is not None and known.text != text:
            raise NameTakenError(self.name, name)
        if known is None:
            whole = text.lstrip().startswith(("class ", "@"))
            self.items[name] = Item(name, text, order, self.writer() if whole else "")
        self.imports.update(imports)
        return name

    def free_name(self, wanted: str, text: str) -> str:
        """`wanted`, or with a number where that name means something else."""
        name, count = wanted, 2
        while name in self.items and self.items[name].text != text.replace(wanted, name):
            name, count = f"{wanted}_{count}", count + 1
        return name

    def render(self, local: Iterable[Import] = ()) -> str:
        """The module's source, before formatting; `local` is imported by the functions that use it."""
        apart = frozenset(local)
        lines = [f'"""{self.docstring}"""'] if self.docstring else []
        if self.future:
            lines.append("from __future__ import annotations")
        lines.extend(import_lines(self.imports - apart, self.name))
        guarded = import_lines(self.type_imports - self.imports, self.name)
        if guarded:
            lines.append("from typing import TYPE_CHECKING")
            lines.append("if TYPE_CHECKING:")
            lines.extend(f"    {line}" for line in guarded)
        texts = [item.text.strip("\n") for item in self._ordered()]
        parts = ["\n".join(lines), *(with_local_imports(text, apart) for text in texts)]
        return "\n\n\n".join(part for part in parts if part) + "\n"

    def _ordered(self) -> list[Item]:
        """The definitions in legacy order, but each class after what it reads when it is made."""
        found: dict[str, Item] = {}
        begun: set[str] = set()

        def place(item: Item) -> None:
            begun.add(item.name)
            for name in read_at_once(item.text, annotations=not self.future):
                if name in self.items and name not in begun:
                    place(self.items[name])
            found.setdefault(item.name, item)

        for item in sorted(self.items.values(), key=lambda item: item.order):
            place(item)
        return list(found.values())

    def functions(self) -> set[str]:
        """The names of plain functions that other modules may import."""
        return {name for name, item in self.items.items() if item.text.startswith("def ")}

    def ambiguous(self) -> set[str]:
        """Names that two imports, or an import and a definition, give different meanings."""
        found = self._imported()
        for name in self.items:
            found.setdefault(name, set()).add(self.name)
        return {name for name, places in found.items() if len(places) > 1}

    def imports_as(self, name: str, more: Iterable[Import]) -> bool:
        """Whether the module, or `more` that will go into it, imports something called `name`."""
        pairs = (*self.imports, *self.type_imports, *more)
        return any(_bound(pair) == name and pair[0] != self.name for pair in pairs)

    def _imported(self) -> dict[str, set[str]]:
        """The imported names, and the modules that each comes from."""
        found: dict[str, set[str]] = {}
        for pair in self.imports | self.type_imports:
            found.setdefault(_bound(pair), set()).add(pair[0])
        return found


def _bound(imported: Import) -> str:
    """The name that an import binds."""
    module, name = imported
    original, _, alias = name.partition(" as ")
    return alias or original.removeprefix("as ") or module.partition(".")[0]


class NameTakenError(ControlError):
    """Two different definitions want one name in one module."""

    def __init__(self, module: str, name: str) -> None:
        super().__init__(f"`{name}` is taken in {module}")
        self.module = module
        self.name = name


def import_lines(imports: Iterable[Import], own: str) -> list[str]:
    lines = []
    for module, name in sorted(imports):
        if module == own:
            continue
        if not name:
            lines.append(f"import {module}")
        elif name.startswith("as "):
            lines.append(f"import {module} {name}")
        else:
            lines.append(f"from {module} import {name}")
    return lines


@dataclass
class Tree:
    """All modules of the new app by dotted name."""

    modules: dict[str, NewModule] = field(default_factory=dict)
    writer: Callable[[], str] = str

    def module(self, name: str, docstring: str = "") -> NewModule:
        """The module called `name`, made when it is not there."""
        if name not in self.modules:
            self.modules[name] = NewModule(name, docstring, writer=self.writer)
        return self.modules[name]

    def define(
        self,
        module: str,
        docstring: str,
        name: str,
        text: str,
        imports: Iterable[Import] = (),
        order: tuple[int, str, int] = (5, "", 0),
    ) -> str:
        """Add a definition to the module called `module`, and return its name."""
        return self.module(module, docstring).add(name, text, imports, order)

    def files(self) -> dict[str, str]:
        """Path to source of every module, packages' `__init__.py` included."""
        placed, local = Placed(self.modules), circular_imports(self.modules)
        found = {
            placed.of(module.path, "/"): placed.of(module.render(local.get(module.name, ())), ".")
            for module in self.modules.values()
        }
        for path in list(found):
            folder = path.rpartition("/")[0]
            while folder:
                found.setdefault(f"{folder}/__init__.py", "")
                folder = folder.rpartition("/")[0]
        return found


class Placed:
    """Names of packages that Python can import and that no module of the app's own has.

    A Django app may be called `async`, or `settings`: its package has an underscore behind.
    """

    def __init__(self, modules: Iterable[str]) -> None:
        parts = [name.split(".") for name in modules if name.startswith("app.")]
        packages = {part[1] for part in parts if len(part) > 2}
        taken = sorted(name for name in packages if not is_package_name(name))
        self._names = "|".join(map(re.escape, taken))

    def of(self, text: str, mark: str) -> str:
        """A text with its dotted names (`mark` is a dot) or its path as the new app has them."""
        if not self._names:
            return text
        dot = re.escape(mark)
        return re.sub(
            rf"(?<![\w.])app{dot}({self._names}){dot}(?=\w)", rf"app{mark}\1_{mark}", text
        )
