"""Give classes equivalent bases, split some in two, and put code in another order.

Only what Python and DRF promise to treat alike: functions of a class whose place does not
matter, classes and functions between two other statements as long as each is defined before it
is needed, base classes that are nothing but a list of other ones.
"""

import random
from collections.abc import Iterable, Sequence

import libcst as cst
import libcst.matchers as m

FIVE = ("CreateModelMixin", "RetrieveModelMixin", "UpdateModelMixin", "DestroyModelMixin",
        "ListModelMixin")  # fmt: skip
# base class -> (mixins, last base, {handler: action})
VIEWSETS = {
    "ModelViewSet": FIVE,
    "ReadOnlyModelViewSet": ("RetrieveModelMixin", "ListModelMixin"),
}
HANDLERS = {
    "CreateModelMixin": {"post": "create"},
    "ListModelMixin": {"get": "list"},
    "RetrieveModelMixin": {"get": "retrieve"},
    "UpdateModelMixin": {"put": "update", "patch": "partial_update"},
    "DestroyModelMixin": {"delete": "destroy"},
}
GENERICS = {
    "CreateAPIView": ("CreateModelMixin",),
    "ListAPIView": ("ListModelMixin",),
    "RetrieveAPIView": ("RetrieveModelMixin",),
    "UpdateAPIView": ("UpdateModelMixin",),
    "DestroyAPIView": ("DestroyModelMixin",),
    "ListCreateAPIView": ("ListModelMixin", "CreateModelMixin"),
    "RetrieveUpdateAPIView": ("RetrieveModelMixin", "UpdateModelMixin"),
    "RetrieveDestroyAPIView": ("RetrieveModelMixin", "DestroyModelMixin"),
    "RetrieveUpdateDestroyAPIView": (
        "RetrieveModelMixin", "UpdateModelMixin", "DestroyModelMixin",
    ),
}  # fmt: skip


class Reshaper:
    def __init__(self, rng: random.Random, words: Iterable[str]) -> None:
        self.rng, self.words = rng, iter(words)

    def module(self, source: str) -> str:
        tree = cst.parse_module(source)
        self.needs: set[str] = set()
        imported = drf_names(tree)
        body: list[cst.CSTNode] = []
        for statement in tree.body:
            if isinstance(statement, cst.ClassDef):
                changed = self.rebase(statement, imported)
                changed = changed.with_changes(body=self.shuffle_methods(changed))
                body += self.split(changed)
            else:
                body.append(statement)
        body = self.shuffle_definitions(body)
        return self.with_imports(tree.with_changes(body=body), imported)

    # -- bases

    def rebase(self, cls: cst.ClassDef, imported: dict[str, str]) -> cst.ClassDef:
        names = [imported.get(dotted(arg.value), "") for arg in cls.bases]
        mixins = [name for name in names if name in HANDLERS]
        if sorted(mixins) == sorted(FIVE) and "GenericViewSet" in names and self.rng.random() < 0.7:
            return self.to_model_viewset(cls, names)
        bases: list[cst.Arg] = []
        body = list(cls.body.body)
        for arg, name in zip(cls.bases, names, strict=True):
            if name in VIEWSETS and self.rng.random() < 0.7:
                bases += [self.base("mixins", mixin) for mixin in self.mixed(VIEWSETS[name])]
                bases.append(self.base("viewsets", "GenericViewSet"))
            elif name in GENERICS and self.rng.random() < 0.7:
                bases += [self.base("mixins", mixin) for mixin in self.mixed(GENERICS[name])]
                bases.append(self.base("generics", "GenericAPIView"))
                body += handlers(GENERICS[name])
            else:
                bases.append(arg)
        bases = self.reorder_mixins(bases, imported)
        return cls.with_changes(bases=bases, body=cls.body.with_changes(body=body))

    def to_model_viewset(self, cls: cst.ClassDef, names: list[str]) -> cst.ClassDef:
        ours = [a for a, name in zip(cls.bases, names, strict=True)
                if name not in {*FIVE, "GenericViewSet"}]  # fmt: skip
        return cls.with_changes(bases=[*ours, self.base("viewsets", "ModelViewSet")])

    def mixed(self, mixins: Sequence[str]) -> list[str]:
        return self.rng.sample(mixins, len(mixins))

    def reorder_mixins(self, bases: list[cst.Arg], imported: dict[str, str]) -> list[cst.Arg]:
        """DRF's mixins share no method, so those that stand side by side may change places."""
        known = {f"mixins.{name}" for name in HANDLERS}
        is_mixin = [
            dotted(a.value) in known or imported.get(dotted(a.value)) in HANDLERS for a in bases
        ]
        places = [n for n, yes in enumerate(is_mixin) if yes]
        if not places or places != list(range(places[0], places[-1] + 1)):
            return bases
        chosen = self.rng.sample([bases[n] for n in places], len(places))
        for n, arg in zip(places, chosen, strict=True):
            bases[n] = arg
        return [arg.with_changes(comma=cst.MaybeSentinel.DEFAULT) for arg in bases]

    def base(self, module: str, name: str) -> cst.Arg:
        self.needs.add(module)
        return cst.Arg(cst.Attribute(cst.Name(module), cst.Name(name)))

    def split(self, cls: cst.ClassDef) -> list[cst.ClassDef]:
        """Move half of a plain class's methods into a base class of its own."""
        methods = [s for s in cls.body.body if isinstance(s, cst.FunctionDef)]
        safe = not cls.decorators and not cls.keywords and len(methods) >= 2
        safe = safe and all(is_plain(statement) for statement in cls.body.body)
        safe = safe and not any(
            m.matches(f.name, m.Name(m.MatchIfTrue(is_dunder))) for f in methods
        )
        if not safe or self.rng.random() < 0.3:
            return [cls]
        moved = self.rng.sample(methods, len(methods) // 2)
        name = next(self.words).capitalize()
        upper = cst.ClassDef(
            cst.Name(name), cst.IndentedBlock(moved), bases=cls.bases,
            leading_lines=cls.leading_lines, lpar=cls.lpar, rpar=cls.rpar,
        )  # fmt: skip
        rest = [s for s in cls.body.body if s not in moved]
        lower = cls.with_changes(
            bases=[cst.Arg(cst.Name(name))],
            body=cls.body.with_changes(body=rest),
            lpar=cst.MaybeSentinel.DEFAULT,
            rpar=cst.MaybeSentinel.DEFAULT,
        )
        return [upper, lower]

    # -- order

    def shuffle_methods(self, cls: cst.ClassDef) -> cst.BaseSuite:
        body = list(cls.body.body)
        defined = [s.name.value for s in body if isinstance(s, cst.FunctionDef)]
        used = set().union(*(needed(s) for s in body)) if body else set()
        if used & set(defined) or len(set(defined)) < len(defined):
            return cls.body
        places = [n for n, s in enumerate(body) if isinstance(s, cst.FunctionDef)]
        chosen = self.rng.sample([body[n] for n in places], len(places))
        for n, statement in zip(places, chosen, strict=True):
            body[n] = statement
        return cls.body.with_changes(body=body)

    def shuffle_definitions(self, body: list[cst.CSTNode]) -> list[cst.CSTNode]:
        result: list[cst.CSTNode] = []
        run: list[cst.CSTNode] = []
        for statement in [*body, None]:
            if isinstance(statement, cst.ClassDef | cst.FunctionDef):
                run.append(statement)
                continue
            result += self.shuffle_run(run)
            run = []
            if statement is not None:
                result.append(statement)
        return result

    def shuffle_run(self, run: list[cst.CSTNode]) -> list[cst.CSTNode]:
        """Return the definitions in a random order in which each stands below what it needs."""
        names = {statement.name.value for statement in run}
        if len(names) < len(run):
            return run
        todo, done, result = list(run), set(), []
        while todo:
            ready = [s for s in todo if not (needed(s) & names) - done - {s.name.value}]
            chosen = self.rng.choice(ready)
            todo.remove(chosen)
            done.add(chosen.name.value)
            result.append(chosen)
        return result

    # -- imports

    def with_imports(self, tree: cst.Module, imported: dict[str, str]) -> str:
        missing = sorted(self.needs - set(imported))
        if not missing:
            return tree.code
        line = cst.parse_statement(f"from rest_framework import {', '.join(missing)}\n")
        is_import = m.SimpleStatementLine([m.Import() | m.ImportFrom()])
        first = next(n for n, s in enumerate(tree.body) if m.matches(s, is_import))
        return tree.with_changes(body=[*tree.body[:first], line, *tree.body[first:]]).code


def dotted(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Attribute):
        return f"{dotted(node.value)}.{node.attr.value}"
    return getattr(node, "value", "") if isinstance(node, cst.Name) else ""


def drf_names(tree: cst.Module) -> dict[str, str]:
    """Return how this module spells DRF's classes: {"viewsets.ModelViewSet": "ModelViewSet"}."""
    found: dict[str, str] = {}
    for node in m.findall(tree, m.ImportFrom()):
        module = dotted(node.module) if node.module is not None else ""
        if module.partition(".")[0] != "rest_framework" or isinstance(node.names, cst.ImportStar):
            continue
        for alias in node.names:
            name, here = alias.evaluated_name, alias.evaluated_alias or alias.evaluated_name
            found[here] = name
            if name in {"mixins", "viewsets", "generics"}:
                known = {*VIEWSETS, *GENERICS, *HANDLERS, "GenericViewSet", "GenericAPIView"}
                found |= {f"{here}.{each}": each for each in known}
    return found


def handlers(mixins: Iterable[str]) -> list[cst.BaseStatement]:
    """Return `def post(self, request, *args, **kwargs): return self.create(…)` and so on."""
    return [
        cst.parse_statement(
            f"\ndef {method}(self, request, *args, **kwargs):\n"
            f"    return self.{action}(request, *args, **kwargs)\n"
        )
        for mixin in mixins
        for method, action in HANDLERS[mixin].items()
    ]


def is_dunder(name: str) -> bool:
    return name.startswith("__")


def is_plain(statement: cst.CSTNode) -> bool:
    """A method without decorators, or an assignment or docstring that may stay below."""
    if isinstance(statement, cst.FunctionDef):
        return not statement.decorators
    return isinstance(statement, cst.SimpleStatementLine)


def needed(statement: cst.CSTNode) -> set[str]:
    """Return the names a statement needs while it runs: not those inside functions."""

    class Names(cst.CSTVisitor):
        def __init__(self) -> None:
            self.found: set[str] = set()

        def visit_Name(self, node: cst.Name) -> None:
            self.found.add(node.value)

        def visit_Attribute(self, node: cst.Attribute) -> bool:
            node.value.visit(self)
            return False

        def visit_Arg(self, node: cst.Arg) -> bool:
            node.value.visit(self)
            return False

        def visit_AssignTarget(self, node: cst.AssignTarget) -> bool:
            return False

        def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
            for decorator in node.decorators:
                decorator.visit(self)
            for param in [*node.params.params, *node.params.kwonly_params]:
                if param.default is not None:
                    param.default.visit(self)
            return False

    visitor = Names()
    statement.visit(visitor)
    return visitor.found - (
        {statement.name.value} if isinstance(statement, cst.ClassDef) else set()
    )
