"""Rewrite files with the new names: Python by LibCST, everything else as text."""

import mimetypes
import re

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from tests.scramble.vocabulary import Names

TOKEN = re.compile(r"[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*")
MEDIA_TYPES = frozenset(mimetypes.types_map.values())
# What a logging format, an option or a header says is not ours; a dotted path may not be either.
FIXED = re.compile(r"%\(\w+\)[sd]|(?<!\w)--[a-z][a-z-]*|\b[A-Z][\w]*(?:-[A-Z][\w]*)+\b(?!\d)")
DOTTED = re.compile(r"\b[a-z_]\w*(?:\.[A-Za-z_]\w*)+\b")


class Texts:
    """Renames the words of texts; dotted paths of packages stay whole."""

    def __init__(self, names: Names, tops: frozenset[str]) -> None:
        self.names, self.tops = names, tops

    def __call__(self, text: str) -> str:
        if text in MEDIA_TYPES or (text.isupper() and text in self.names.foreign):
            return text
        kept = [found.span() for found in FIXED.finditer(text)]
        kept += [m.span() for m in DOTTED.finditer(text) if self._is_foreign(m[0])]

        def rename(found: re.Match[str]) -> str:
            if any(start <= found.start() < end for start, end in kept):
                return found[0]
            if "-" in found[0] and found[0].replace("-", "_") in self.names.own:
                return self.token(found[0].replace("-", "_")).replace("_", "-")
            return "-".join(map(self._spoken, found[0].split("-")))

        return TOKEN.sub(rename, text)

    def _spoken(self, word: str) -> str:
        return word if word in self.names.unspoken else self.token(word)

    def token(self, token: str) -> str:
        """Rename one word; ``a__b__gte`` and ``0002_a_b`` part by part."""
        if token.startswith("__") or token.endswith("__"):
            return token
        return "__".join(self.names[part] if part else part for part in token.split("__"))

    def _is_foreign(self, dotted: str) -> bool:
        top = dotted.partition(".")[0]
        return top not in self.tops and top not in self.names.own and top in FOREIGN_TOPS


FOREIGN_TOPS = frozenset(
    [
        "django",
        "rest_framework",
        "rest_framework_simplejwt",
        "django_filters",
        "corsheaders",
        "logging",
        "datetime",
        "os",
        "sys",
        "pytest",
        "libcst",
    ]
)


class Renamer(cst.CSTTransformer):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, texts: Texts, places: set[tuple[int, int]]) -> None:
        self.texts, self.places = texts, places
        self.calls: list[str] = []

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        return bool(node.relative) or self._is_own_module(node.module)

    def visit_Import(self, node: cst.Import) -> bool:
        return all(self._is_own_module(alias.name) for alias in node.names)

    def visit_Tuple(self, node: cst.Tuple) -> bool:
        """A migration repeats what Django's base models say: ("is_staff", BooleanField(…))."""
        match [element.value for element in node.elements]:
            case [cst.SimpleString() as name, cst.Call()]:
                return name.raw_value not in self.texts.names.inherited
        return True

    def visit_DictElement(self, node: cst.DictElement) -> bool:
        match node.key, node.value:
            case cst.SimpleString() as key, cst.SimpleString() as value:
                titles = {"verbose_name", "verbose_name_plural"}
                return key.raw_value not in titles or value.raw_value not in self.texts.names.texts
        return True

    def _is_own_module(self, module: cst.BaseExpression | None) -> bool:
        while isinstance(module, cst.Attribute):
            module = module.value
        return isinstance(module, cst.Name) and module.value in self.texts.tops

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        start = self.get_metadata(PositionProvider, original_node).start
        if (start.line, start.column) in self.places:
            return updated_node
        return updated_node.with_changes(value=self.texts.token(updated_node.value))

    def visit_Call(self, node: cst.Call) -> None:
        self.calls.append(name_of(node.func))

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        if self.calls.pop() == "add_argument":
            return self._with_destination(original_node, updated_node)
        return updated_node

    def _with_destination(self, old: cst.Call, new: cst.Call) -> cst.Call:
        """Options keep their spelling for the people who type them; the code gets new names."""
        option = old.args[0].value
        if not (isinstance(option, cst.SimpleString) and option.raw_value.startswith("--")):
            return new
        name = option.raw_value[2:].replace("-", "_")
        renamed = self.texts.token(name)
        if renamed == name or any(arg.keyword and arg.keyword.value == "dest" for arg in old.args):
            return new
        value = cst.SimpleString(f'"{renamed}"')
        no_space = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
        destination = cst.Arg(value, keyword=cst.Name("dest"), equal=no_space)
        return new.with_changes(args=[new.args[0], destination, *new.args[1:]])

    def leave_SimpleString(
        self, original_node: cst.SimpleString, updated_node: cst.SimpleString
    ) -> cst.SimpleString:
        node = updated_node
        if self._is_environment(node.raw_value):
            return node
        start = len(node.prefix) + len(node.quote)
        text = self.texts(node.value[start : -len(node.quote)])
        return node.with_changes(value=f"{node.prefix}{node.quote}{text}{node.quote}")

    def _is_environment(self, text: str) -> bool:
        return bool(re.fullmatch(r"[A-Z]+(_[A-Z]+)+", text))

    def leave_FormattedStringText(
        self, original_node: cst.FormattedStringText, updated_node: cst.FormattedStringText
    ) -> cst.FormattedStringText:
        return updated_node.with_changes(value=self.texts(updated_node.value))

    def leave_Comment(self, original_node: cst.Comment, updated_node: cst.Comment) -> cst.Comment:
        if "noqa" in updated_node.value:
            return updated_node
        return updated_node.with_changes(value=self.texts(updated_node.value))


def name_of(node: cst.BaseExpression) -> str:
    return node.attr.value if isinstance(node, cst.Attribute) else getattr(node, "value", "")


def rename_python(source: str, texts: Texts, places: set[tuple[int, int]]) -> str:
    return MetadataWrapper(cst.parse_module(source)).visit(Renamer(texts, places)).code


def rename_template(source: str, texts: Texts) -> str:
    """Rename in expressions and in text, not in HTML; `user` and `request` come from Django."""

    def expression(found: re.Match[str]) -> str:
        root = r"(?<![\w.'\"])(user|request|messages|perms|form|next)(?=[.\s}])"
        parts = re.split(root, found[0])
        return "".join(texts(part) if n % 2 == 0 else part for n, part in enumerate(parts))

    def piece(number: int, text: str) -> str:
        if number % 2 == 0:
            return texts(text)
        return re.sub(r"\{\{.*?\}\}|\{%.*?%\}", expression, text)

    parts = re.split(r"(\{\{.*?\}\}|\{%.*?%\}|<(?:[^<>{]|\{[{%].*?[}%]\})*>)", source)
    return "".join(piece(number, text) for number, text in enumerate(parts))
