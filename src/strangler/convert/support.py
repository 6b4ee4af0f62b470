"""The compat modules that a generated app receives: those it imports, and those they import."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files

from strangler.convert.translating import translated

_PACKAGE = "app.compat"
#: What may import a module of it; empty where the package itself is named.
_NAMED = re.compile(r"\bapp\.compat\b\.?(\w*)")


def compat_files(
    generated: Mapping[str, str],
    constants: Mapping[str, object],
    data: Mapping[str, tuple[str, str]] | None = None,
    texts: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Sources of `app/compat/` for a generated tree.

    constants: replace values of its `settings` module. data: by module, the file that it reads
    beside itself, name and text. texts: how its messages read in the project's language.
    """
    waiting = sorted(_imported(generated.values()))
    found: dict[str, str] = {"app/compat/__init__.py": _source("__init__")}
    while waiting:
        name = waiting.pop()
        path = f"app/compat/{name}.py"
        if path in found:
            continue
        text = translated(_source(name), texts or {})
        found[path] = text
        waiting.extend(_relative(text))
    for module, (name, content) in (data or {}).items():
        if f"app/compat/{module}.py" in found:
            found[f"app/compat/{name}"] = content
    if "app/compat/settings.py" in found:
        plurals = constants.get("PLURALS")
        if isinstance(plurals, dict) and plurals:
            modules = [source for path, source in found.items() if path.endswith(".py")]
            said = {text for source in modules for text in _texts(source)}
            used = {text: forms for text, forms in plurals.items() if text in said}
            constants = {**constants, "PLURALS": used}
        found["app/compat/settings.py"] = with_constants(found["app/compat/settings.py"], constants)
    return found


def _texts(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _source(name: str) -> str:
    return files("strangler.compat").joinpath(f"{name}.py").read_text(encoding="utf-8")


def _imported(texts: Iterable[str]) -> set[str]:
    names: set[str] = set()
    for text in texts:
        if names.issuperset(_NAMED.findall(text)):  # all of them are known: most texts
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                if node.module.startswith(f"{_PACKAGE}."):
                    names.add(node.module.removeprefix(f"{_PACKAGE}.").partition(".")[0])
                elif node.module == _PACKAGE:
                    names.update(alias.name for alias in node.names)
    return names


def _relative(text: str) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            if node.module:
                names.append(node.module.partition(".")[0])
            else:
                names.extend(alias.name for alias in node.names)
    return sorted(names)


def with_constants(text: str, constants: Mapping[str, object]) -> str:
    """The settings module with the values of this project; names it does not have are left out."""
    tree = ast.parse(text)
    lines = text.split("\n")
    for node in reversed(tree.body):
        target = node.target if isinstance(node, ast.AnnAssign) else None
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]  # type: ignore[assignment]  # checked on the next line
        if not isinstance(target, ast.Name) or target.id not in constants:
            continue
        assert node.end_lineno is not None
        annotation = ""
        if isinstance(node, ast.AnnAssign):
            annotation = f": {ast.unparse(node.annotation)}"
        value = repr(constants[target.id])  # what writes the files formats them
        lines[node.lineno - 1 : node.end_lineno] = [f"{target.id}{annotation} = {value}"]
    return "\n".join(lines)
