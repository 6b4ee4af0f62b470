"""Find where a module uses a name of the project's vocabulary for something of a framework.

``status`` may be a field of the project or a module of DRF: what is meant is read from the
imported module, the bases of the class, the signature of what is called. A place nothing is
known about belongs to the project.
"""

import ast
import builtins
import functools
import inspect
import re
import sys

TOPS = set()  # the project's top-level packages; set by `survey`
FOREIGN = object()  # a value of some framework, nothing else is known
UNKNOWN = object()


def is_own(thing):
    name = thing.__name__ if inspect.ismodule(thing) else getattr(thing, "__module__", None)
    return (name or "").partition(".")[0] in TOPS


def is_model(cls):
    return hasattr(getattr(cls, "_meta", None), "get_fields")


@functools.cache
def attributes_of(cls):
    """Return the names a framework's class defines, or reads from itself, as AppConfig.name."""
    try:
        source = inspect.getsource(cls)
    except (OSError, TypeError):
        source = ""
    return set(vars(cls)) | set(re.findall(r"\b(?:self|cls)\.(\w+)", source))


class Instance:
    """An instance of a class that is known."""

    def __init__(self, cls):
        self.cls = cls


def owner(thing, name):
    """Return the class or module that defines ``name`` of ``thing``, or None."""
    if inspect.ismodule(thing):
        return thing
    cls = thing.cls if isinstance(thing, Instance) else thing
    cls = cls if isinstance(cls, type) else type(cls)
    return next((base for base in cls.__mro__ if name in vars(base)), None)


def keywords_of(function):
    """Return the names of the keyword parameters a framework's callable has; None: any."""
    parts = [function]
    if isinstance(function, type):
        parts = [vars(b)["__init__"] for b in function.__mro__ if "__init__" in vars(b)]
        parts += [
            vars(b)["__new__"].__func__
            for b in function.__mro__
            if hasattr(vars(b).get("__new__"), "__func__")
        ]
        parts = [part for part in parts if part is not object.__init__ and not is_own(part)]
        if not parts:
            return None
    names = set()
    for part in parts:
        try:
            names |= set(inspect.signature(part).parameters)
        except (TypeError, ValueError):
            return None
    return names


class Finder(ast.NodeVisitor):
    def __init__(self, module, source, own):
        self.module, self.own = module, own
        self.lines = source.splitlines()
        self.places = set()
        self.classes, self.functions = [], []

    # -- what an expression is

    def resolve(self, node):
        if isinstance(node, ast.Name):
            return self.resolve_name(node.id)
        if isinstance(node, ast.Attribute):
            return self.resolve_attribute(node)
        if isinstance(node, ast.Subscript):
            if isinstance(node.slice, ast.Constant) and node.slice.value == "request":
                return FOREIGN
            return FOREIGN if self.resolve(node.value) is FOREIGN else UNKNOWN
        if isinstance(node, ast.Call):
            return self.resolve_call(node)
        return UNKNOWN

    def resolve_name(self, name):
        if name == "request":
            return FOREIGN
        for scope in reversed(self.functions):
            if name in scope:
                return scope[name]
        for cls in self.classes[-1:]:
            if cls is not None and name in vars(cls) and not self.functions:
                return vars(cls)[name]
        return vars(self.module).get(name, getattr(builtins, name, UNKNOWN))

    def resolve_attribute(self, node):
        if node.attr == "request":
            return FOREIGN
        base = self.resolve(node.value)
        if base is FOREIGN:
            return UNKNOWN if node.attr in {"user", "auth"} else FOREIGN
        if base is UNKNOWN:
            return UNKNOWN
        if inspect.ismodule(base) and not hasattr(base, node.attr) and not is_own(base):
            return FOREIGN
        value = getattr(base.cls if isinstance(base, Instance) else base, node.attr, UNKNOWN)
        is_descriptor = hasattr(value, "__get__") and not inspect.isroutine(value)
        if is_descriptor and not isinstance(value, type):
            holder = base.cls if isinstance(base, Instance) else base
            return UNKNOWN if is_own(holder) else FOREIGN
        return value

    def resolve_call(self, node):
        function = self.resolve(node.func)
        if function is FOREIGN:
            return FOREIGN
        if isinstance(function, type):
            return Instance(function)
        module = getattr(function, "__module__", None) or ""
        base = node.func.value if isinstance(node.func, ast.Attribute) else None
        held = self.resolve(base) if base is not None else UNKNOWN
        outside = module and module.partition(".")[0] not in {*TOPS, "django", "rest_framework"}
        if function is not UNKNOWN and (
            outside or (isinstance(held, Instance) and not is_own(held.cls))
        ):
            return held if isinstance(held, Instance) else FOREIGN
        return UNKNOWN

    # -- scopes

    def visit_ClassDef(self, node):
        for each in [*node.decorator_list, *node.bases, *node.keywords]:
            self.visit(each)
        outer = self.classes[-1] if self.classes else self.module
        cls = getattr(outer, node.name, None)
        cls = cls if isinstance(cls, type) else None
        self.classes.append(cls)
        for statement in node.body:
            self.mark_prescribed(cls, statement)
            self.visit(statement)
        self.classes.pop()

    def mark_prescribed(self, cls, statement):
        """Keep what a class body defines because a framework's base class has it."""
        if cls is None:
            return
        fields = {f.name for f in cls._meta.get_fields()} if is_model(cls) else set()
        fields |= set(getattr(cls, "_declared_fields", ())) | set(getattr(cls, "base_filters", ()))
        foreign = [base for base in cls.__mro__[1:] if not is_own(base) and base is not object]
        meta = cls.__name__ == "Meta"

        def is_theirs(name):
            return name not in fields and (
                meta or any(name in attributes_of(base) for base in foreign)
            )

        is_function = isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef)
        if is_function and is_theirs(statement.name):
            self.keep_after(statement.lineno, r"\bdef\s+", statement.name)
        for target in getattr(statement, "targets", [getattr(statement, "target", None)]):
            if isinstance(target, ast.Name) and is_theirs(target.id):
                self.keep(target.lineno, target.col_offset)

    def visit_FunctionDef(self, node):
        arguments = node.args
        for each in [*node.decorator_list, *arguments.defaults, *arguments.kw_defaults]:
            if each is not None:
                self.visit(each)
        scope = dict.fromkeys(self.names_bound_in(node), UNKNOWN)
        names = [a.arg for a in arguments.posonlyargs + arguments.args]
        if self.classes and not self.functions and names and self.classes[-1] is not None:
            scope[names[0]] = Instance(self.classes[-1])
        self.functions.append(scope)
        self.infer(node, scope)
        for statement in node.body:
            self.visit(statement)
        self.functions.pop()

    visit_AsyncFunctionDef = visit_FunctionDef

    @staticmethod
    def names_bound_in(node):
        names = {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
        for each in ast.walk(node):
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                names.add(each.id)
        return names

    def infer(self, node, scope):
        for each in ast.walk(node):
            if isinstance(each, ast.Assign) and len(each.targets) == 1:
                target = each.targets[0]
                if isinstance(target, ast.Name) and isinstance(each.value, ast.Call):
                    scope[target.id] = self.resolve(each.value)
            if isinstance(each, ast.For | ast.comprehension) and isinstance(each.target, ast.Name):
                attributes = {a.attr for a in ast.walk(each.iter) if isinstance(a, ast.Attribute)}
                if attributes & {"_meta", "fields"} and "_meta" in attributes:
                    scope[each.target.id] = FOREIGN
        for each in ast.walk(node):  # isinstance() tells more than an assignment does
            if isinstance(each, ast.Call) and getattr(each.func, "id", "") == "isinstance":
                known = self.resolve(each.args[1])
                if isinstance(each.args[0], ast.Name) and isinstance(known, type):
                    scope[each.args[0].id] = Instance(known)

    # -- places

    def keep(self, line, byte):
        column = len(self.lines[line - 1].encode()[:byte].decode())
        self.places.add((line, column))

    def keep_after(self, line, pattern, name):
        for number in range(line, len(self.lines) + 1):
            found = re.search(pattern + re.escape(name) + r"\b", self.lines[number - 1])
            if found:
                self.places.add((number, found.end() - len(name)))
                return

    def visit_Attribute(self, node):
        self.visit(node.value)
        if self.is_foreign_attribute(node):
            self.keep(node.end_lineno, node.end_col_offset - len(node.attr.encode()))

    def is_foreign_attribute(self, node):
        base = self.resolve(node.value)
        if base is UNKNOWN:
            return False
        if base is FOREIGN:
            return True
        found = owner(base, node.attr)
        if found is None:
            cls = base.cls if isinstance(base, Instance) else base
            return not is_own(cls if isinstance(cls, type) else type(cls))
        if inspect.ismodule(found):
            return not is_own(found)
        made_here = vars(sys.modules.get(found.__module__, builtins)).get(found.__name__) is found
        # managers made by `from_queryset` live in Django and have the project's methods
        return not is_own(found) and (made_here or node.attr not in self.own)

    def visit_Name(self, node):
        if not any(node.id in scope for scope in self.functions):
            value = vars(self.module).get(node.id, UNKNOWN)
            imported = node.id in self.foreign_imports
            if imported or (value is UNKNOWN and hasattr(builtins, node.id)):
                self.keep(node.lineno, node.col_offset)

    def visit_Call(self, node):
        self.visit(node.func)
        for each in node.args:
            self.visit(each)
        function = self.resolve(node.func)
        for keyword in node.keywords:
            if keyword.arg and self.takes(function, node.func, keyword.arg):
                self.keep(keyword.lineno, keyword.col_offset)
            self.visit(keyword.value)
        self.mark_method_of_text(node)

    def takes(self, function, where, name):
        """Is ``name`` a parameter that a framework prescribes?"""
        if function is FOREIGN:
            return True
        if function is UNKNOWN:
            return False
        root = self.resolve(where.value) if isinstance(where, ast.Attribute) else None
        model = getattr(root, "model", None)
        if model is not None and not is_own(model):
            return True
        if is_own(function) and not isinstance(function, type):
            return False
        if isinstance(function, type) and is_own(function) and is_model(function):
            return False
        names = keywords_of(function)
        return not is_own(function) if names is None else name in names

    def mark_method_of_text(self, node):
        """``name.title()``: fields are never called, so it is a method of a built-in type."""
        where = node.func
        if isinstance(where, ast.Attribute) and where.attr in self.fields:
            self.keep(where.end_lineno, where.end_col_offset - len(where.attr.encode()))

    def run(self, tree):
        self.foreign_imports = set()
        for each in ast.walk(tree):
            if isinstance(each, ast.Import | ast.ImportFrom):
                module = getattr(each, "module", None) or each.names[0].name
                if not getattr(each, "level", 0) and module.partition(".")[0] not in TOPS:
                    names = {(a.asname or a.name).partition(".")[0] for a in each.names}
                    self.foreign_imports |= names
        self.visit(tree)
        return sorted(self.places)


def framework_places(path, module, own):
    source = path.read_text()
    finder = Finder(module, source, own)
    finder.fields = {name for name in own - callables(path) if not name.startswith("get_")}
    return finder.run(ast.parse(source))


def callables(path, cache={}):  # noqa: B006 (one survey reads one project once)
    """Return the names of all functions and classes of the project."""
    from pathlib import Path

    if not cache:
        for each in Path.cwd().rglob("*.py"):
            for node in ast.walk(ast.parse(each.read_text())):
                if isinstance(node, ast.FunctionDef | ast.ClassDef):
                    cache[node.name] = True
    return set(cache)
