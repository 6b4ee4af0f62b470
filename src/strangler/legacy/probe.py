"""Reads a Django project from inside: boots it and writes the facts as JSON on its own pipe.

    python probe.py ROOT SETTINGS FD [OPTIONS]

ROOT is the folder of manage.py, SETTINGS a module or '' (then manage.py says), FD a file descriptor
for one JSON object, `{"facts": …}` or `{"error": …}`; OPTIONS is JSON: `timeout` in seconds,
`memory` in bytes, `skip`, folders that are not the project's; `walk` asks for `{"walk": …}` only.
One file, Python 3.6 grammar, nothing but the standard library and the project's own Django (1.10
or newer). No database is ever connected, no request is ever served; whatever raises becomes a
problem in the facts. The models of `strangler.facts` say what the keys mean.
"""

import ast
import collections
import copy
import datetime
import decimal
import enum
import faulthandler
import functools
import hashlib
import importlib
import importlib.util
import inspect
import json
import math
import os
import platform
import re
import runpy
import signal
import sys
import textwrap
import traceback
import types
import uuid
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Set, Tuple

Json = Any
Record = Dict[str, Any]

_FRAMEWORKS = ("django", "rest_framework", "django_filters", "builtins", "abc", "typing", "enum")
_LITERALS = (bool, int, str)
_EVERY_CLASS = {*vars(type("Any", (), {})), "__annotations__", "__slots__", "__abstractmethods__"}
# Of every class statement, in one version of Python or another.
_EVERY_CLASS |= {"__firstlineno__", "__static_attributes__", "__annotate__", "__annotate_func__"}
_EVERY_CLASS |= {"__annotations_cache__", "__classdictcell__", "__conditional_annotations__"}
# What Django asks of a field that has it, though the class of all fields has not.
_FIELD_PROTOCOL = {"from_db_value", "get_placeholder", "get_placeholder_sql", "__set_name__"}
_TYPE_METHOD = "get_internal_type"
_CALLABLES = (type, types.FunctionType, types.BuiltinFunctionType, types.MethodType)
_TEXTUAL = (
    decimal.Decimal,
    datetime.date,
    datetime.time,
    datetime.timedelta,
    uuid.UUID,
    bytes,
)


def find(path: str, default: Any = None) -> Any:
    """What a dotted path names, or the default where this version has no such thing."""
    module_name, _, name = path.rpartition(".")
    try:
        return getattr(importlib.import_module(module_name), name, default)
    except Exception:  # an optional package may fail to import in any way it likes
        return default


def dotted(thing: Any) -> str:
    """The qualified name of a class or function; of anything else that of its class."""
    while isinstance(thing, functools.partial):
        thing = thing.func
    if not hasattr(thing, "__qualname__"):
        thing = type(thing)
    if is_function_view(thing):
        return "{}.{}".format(thing.__module__, thing.__name__)
    owner = getattr(thing, "__self__", None)
    if thing.__module__ is None and isinstance(owner, type):  # such as `date.today`
        return "{}.{}".format(owner.__module__, thing.__qualname__)
    return "{}.{}".format(thing.__module__, thing.__qualname__)


def is_function_view(thing: Any) -> bool:
    """Whether a class is what `@api_view` made around a function."""
    return isinstance(thing, type) and thing.__qualname__.endswith("WrappedAPIView")


def is_framework(module: Optional[str]) -> bool:
    """Whether a module belongs to Python's, Django's or DRF's own base classes."""
    return (module or "builtins").split(".")[0] in _FRAMEWORKS


def text(value: Any) -> Optional[str]:
    """A possibly lazy string as text, None as None."""
    return None if value is None else str(value)


# --- sources -------------------------------------------------------------------------------------

Spans = Dict[str, List[Tuple[int, int]]]


# Packages of views, serializers and settings, without tables: they are read as the project's own code.
_ADOPTED = ("djoser", "dj_rest_auth")


def _adopted() -> Iterator[Tuple[str, str]]:
    """Those that are imported, with their folders."""
    for name in _ADOPTED:
        file = getattr(sys.modules.get(name), "__file__", None)
        if file:
            yield name, os.path.dirname(os.path.realpath(file))


class Sources:
    """Where things stand: `file:line` relative to the root for what the project itself wrote."""

    def __init__(self, root: str, skip: Iterable[str]) -> None:
        self.root = os.path.realpath(root)
        self._skip = [os.path.realpath(os.path.join(root, path)) + os.sep for path in skip]
        for prefix in {os.path.realpath(sys.prefix), sys.prefix}:
            if prefix.startswith(self.root + os.sep):
                self._skip.append(prefix + os.sep)
        self._relative: Dict[str, Optional[str]] = {}
        self._spans: Dict[str, Spans] = {}

    def relative(self, filename: Optional[str]) -> Optional[str]:
        """The path below the root with forward slashes, None for what is not the project's."""
        if not filename or filename.startswith("<"):
            return None
        if filename not in self._relative:
            self._relative[filename] = self._find(os.path.realpath(filename))
        return self._relative[filename]

    def _find(self, path: str) -> Optional[str]:
        for name, folder in _adopted():
            if path.startswith(folder + os.sep):
                return name + path[len(folder) :].replace(os.sep, "/")
        if not path.startswith(self.root + os.sep) or path.startswith(tuple(self._skip)):
            return None
        parts = path[len(self.root) + 1 :].split(os.sep)
        if "site-packages" in parts or "dist-packages" in parts:
            return None
        for depth in range(1, len(parts)):
            if os.path.exists(os.path.join(self.root, *parts[:depth], "pyvenv.cfg")):
                return None
        return "/".join(parts)

    def has(self, module: Optional[str]) -> bool:
        """Whether the first part of a dotted name is a module or folder of the project."""
        top = os.path.join(self.root, (module or "").split(".")[0])
        return bool(module) and (os.path.isdir(top) or os.path.isfile(top + ".py"))

    def package(self, module: Optional[str]) -> Optional[str]:
        """The top name of the package that a module belongs to, None for the project's own."""
        file = getattr(sys.modules.get(module or ""), "__file__", None)
        return None if self.relative(file) else (module or "builtins").split(".")[0]

    def place(self, filename: Optional[str], line: Optional[int]) -> Optional[str]:
        """`file:line` in the project, else None."""
        path = self.relative(filename)
        return "{}:{}".format(path, line or 1) if path else None

    def spans(self, filename: str) -> Spans:
        """Qualified names of a file with (first line, line of its `def`, `class` or target)."""
        if filename not in self._spans:
            found: Spans = collections.OrderedDict()
            try:
                with open(filename, "rb") as file:
                    data = file.read()
                _collect(ast.parse(data), "", data.splitlines(), found)
            except (OSError, SyntaxError, ValueError, RecursionError):
                found = {}
            self._spans[filename] = found
        return self._spans[filename]

    def line(self, filename: str, name: str, first: Optional[int] = None) -> Optional[int]:
        """The line of a qualified name, of the definition that starts at `first` if given."""
        spans = self.spans(filename).get(name, [])
        for start, line in spans:
            if first is not None and start <= first <= line:
                return line
        return spans[-1][1] if spans and first is None else first

    def of_class(self, cls: type) -> Optional[str]:
        """Where a class is written; None for one that was made on the fly."""
        filename = getattr(sys.modules.get(cls.__module__), "__file__", None)
        if not self.relative(filename) or filename is None:
            return None
        line = self.line(filename, cls.__qualname__)
        return self.place(filename, line) if line else None

    def of_function(self, function: Any) -> Optional[str]:
        """Where a function is written: the line of its `def`, not of its decorators."""
        code = function.__code__
        if not self.relative(code.co_filename):
            return None
        name = getattr(function, "__qualname__", code.co_name)
        return self.place(code.co_filename, self.line(code.co_filename, name, code.co_firstlineno))

    def of_attribute(self, cls: type, name: str) -> Tuple[Optional[str], Optional[type]]:
        """Where along the MRO a class attribute is assigned in the project, and by which class."""
        for ancestor in cls.__mro__:
            filename = getattr(sys.modules.get(ancestor.__module__), "__file__", None)
            if filename is None or not self.relative(filename):
                continue
            line = self.line(filename, "{}.{}".format(ancestor.__qualname__, name))
            if line:
                return self.place(filename, line), ancestor
        return None, None

    def enclosing(self, code: Any) -> Optional[str]:
        """The outermost function around a code object, by its dotted name."""
        for name, spans in self.spans(code.co_filename).items():
            if any(first <= code.co_firstlineno <= line for first, line in spans):
                return name.split(".<locals>")[0]
        return None


def _collect(node: ast.AST, prefix: str, lines: List[bytes], found: Spans) -> None:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            name = prefix + child.name
            found.setdefault(name, []).append(_span(child, lines))
            inner = "." if isinstance(child, ast.ClassDef) else ".<locals>."
            _collect(child, name + inner, lines, found)
        elif isinstance(child, (ast.Assign, ast.AnnAssign)):
            targets = child.targets if isinstance(child, ast.Assign) else [child.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    found.setdefault(prefix + target.id, []).append((child.lineno, child.lineno))
        elif isinstance(child, ast.stmt) or type(child).__name__ == "ExceptHandler":
            _collect(child, prefix, lines, found)


def _span(node: Any, lines: List[bytes]) -> Tuple[int, int]:
    """First line with decorators, and the line of the keyword: Python 3.8 moved `lineno` there."""
    if not node.decorator_list:
        return node.lineno, node.lineno
    start = node.decorator_list[0].lineno
    line = max(node.lineno, node.decorator_list[-1].lineno)
    keyword = re.compile(r"\s*(async\s+)?(def|class)\s+{}\b".format(node.name).encode("utf-8"))
    while line <= len(lines) and not keyword.match(lines[line - 1]):
        line += 1
    return start, line if line <= len(lines) else node.lineno


# --- describing Python objects -------------------------------------------------------------------


class Describer:
    """Turns classes, functions and values into records, and collects what could not be read."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.problems: List[Record] = []
        #: Filtersets met on views, by the name that the facts give them.
        self.filtersets: Dict[str, Any] = {}

    def problem(self, code: str, message: Any, source: Optional[str] = None) -> None:
        """Write down something that could not be read, once."""
        record = {"code": code, "message": " ".join(str(message).split()), "source": source}
        if record not in self.problems:
            self.problems.append(record)

    def attempt(
        self, code: str, what: str, source: Optional[str], make: Callable[[], Any], default: Any
    ) -> Any:
        """What `make` returns; project code may raise anything: then a problem and the default."""
        try:
            return make()
        except Exception as error:  # user code runs below: any exception is a finding, not a crash
            message = "{}: {}: {}".format(what, type(error).__name__, error)
            self.problem(code, message, source)
            return default

    def each(self, code: str, things: Iterable[Any], make: Callable[[Any], Any]) -> List[Any]:
        """The records of all things that could be read."""
        found = []
        for thing in things:
            name = dotted(thing) if isinstance(thing, type) else str(thing)
            source = self.sources.of_class(thing) if isinstance(thing, type) else None
            record = self.attempt(code, name, source, functools.partial(make, thing), None)
            if record is not None:
                found.append(record)
        return found

    def ref(self, thing: Any) -> Optional[Record]:
        """Name, place and package of a class or function; of an instance, of its class."""
        while isinstance(thing, functools.partial):
            thing = thing.func
        thing = getattr(thing, "__func__", thing)
        if inspect.isfunction(thing):
            package = self.sources.package(thing.__module__)
            source = self.sources.of_function(thing)
        else:
            cls = thing if isinstance(thing, type) else type(thing)
            package, source = self.sources.package(cls.__module__), self.sources.of_class(cls)
        return {"path": dotted(thing), "source": source, "package": package}

    def value(self, thing: Any) -> Record:
        """Anything as a Value."""
        if thing is None:
            return {"kind": "none"}
        if isinstance(thing, enum.Enum):
            path = "{}.{}".format(dotted(type(thing)), thing.name)
            if _is_json(thing.value):
                return {"kind": "literal", "value": _plain(thing.value), "path": path}
            return {"kind": "object", "value": str(thing.value), "path": path}
        if _is_json(thing):
            return {"kind": "literal", "value": _plain(thing)}
        if isinstance(thing, _TEXTUAL):
            return {"kind": "object", "path": dotted(type(thing)), "value": _as_text(thing)}
        if isinstance(thing, (list, tuple, set, frozenset)):
            items = [self.parameter(item) for item in _ordered(thing)]
            return {"kind": "object", "path": dotted(type(thing)), "value": items}
        if isinstance(thing, _CALLABLES):
            return {"kind": "callable", "path": dotted(thing), "ref": self.ref(thing)}
        if isinstance(thing, functools.partial):
            arguments = [self.parameter(item) for item in thing.args]
            return {"kind": "object", "path": dotted(thing.func), "value": arguments}
        return {"kind": "object", "path": dotted(thing), "ref": self.ref(thing)}

    def parameter(self, thing: Any) -> Json:
        """JSON as it is, a class as its dotted name, a mapping by its items, else a Value."""
        if thing is None or (_is_json(thing) and not isinstance(thing, enum.Enum)):
            return _plain(thing)
        if isinstance(thing, (type, types.FunctionType)):
            return dotted(thing)
        if isinstance(thing, dict) and all(isinstance(key, str) for key in thing):
            return {key: self.parameter(item) for key, item in thing.items()}
        return self.value(thing)

    def class_facts(self, cls: type) -> Record:
        """A class by its qualified name, as ClassFacts."""
        return {
            "name": dotted(cls),
            "source": self.sources.of_class(cls),
            "package": self.sources.package(cls.__module__),
            "bases": [dotted(base) for base in cls.__bases__],
            "lineage": [self.ref(ancestor) for ancestor in cls.__mro__ if ancestor is not object],
            "docstring": _docstring(cls),
            "methods": self.methods(cls),
            "attributes": self.attributes(cls),
        }

    def methods(self, cls: type) -> Record:
        """The methods that some class outside of the frameworks defines, with who defines them."""
        found = collections.OrderedDict()  # type: Dict[str, Any]
        for name, owner, member in _members(cls):
            function = _function_of(member)
            if function is None or is_framework(getattr(function, "__module__", None)):
                continue
            found[name] = self.ref(function)
            if getattr(function, "__name__", "").startswith("<"):
                found[name]["path"] = "{}.{}".format(dotted(owner), name)
        return found

    def overrides(self, cls: type) -> Record:
        """What a field's class replaces of the frameworks' ones, with the place; None outside."""
        known = {name for a in cls.__mro__ if is_framework(a.__module__) for name in vars(a)}
        known |= _FIELD_PROTOCOL
        names = [name for name, _, _ in _members(cls) if name in known - _EVERY_CLASS]
        return {name: self.sources.of_attribute(cls, name)[0] for name in sorted(names)}

    def attributes(self, cls: type) -> Record:
        """The class attributes that JSON can hold, and classes, set outside of the frameworks."""
        found = {}
        for name, _, member in _members(cls):
            if name.startswith("__") or name in {"Meta", "DoesNotExist", "MultipleObjectsReturned"}:
                continue
            is_descriptor = hasattr(type(member), "__get__")
            if isinstance(member, type) or not (callable(member) or is_descriptor):
                value = self.value(member)
                if value["kind"] != "object" or "value" in value:
                    found[name] = value
        return found


def _members(cls: type) -> Iterator[Tuple[str, type, Any]]:
    """(name, defining class, raw attribute) as the MRO resolves them, frameworks' own left out."""
    seen: Set[str] = set()
    for owner in cls.__mro__:
        own = not is_framework(owner.__module__)
        for name, member in vars(owner).items():
            if name not in seen and own:
                yield name, owner, member
            seen.add(name)


def _function_of(member: Any) -> Any:
    """The function behind a method, property or cached property; None for anything else."""
    if isinstance(member, (staticmethod, classmethod)):
        member = member.__func__
    elif isinstance(member, property):
        member = member.fget
    elif not inspect.isfunction(member) and inspect.isfunction(getattr(member, "func", None)):
        member = None if isinstance(member, functools.partialmethod) else member.func
    if not inspect.isfunction(member):
        return None
    inner = inspect.unwrap(member)
    return inner if inspect.isfunction(inner) else member


def _docstring(thing: Any) -> Optional[str]:
    found = vars(thing).get("__doc__") if isinstance(thing, type) else getattr(thing, "__doc__", "")
    return inspect.cleandoc(found) if isinstance(found, str) and found else None


def _is_lazy(thing: Any) -> bool:
    """Whether `str` is all that one should ask of it: translations, DRF's messages with limits."""
    names = ("django.utils.functional.Promise", "rest_framework.utils.formatting.lazy_format")
    return isinstance(thing, tuple(filter(None, map(find, names))))


def _is_json(thing: Any) -> bool:
    if isinstance(thing, float):
        return math.isfinite(thing)
    if thing is None or isinstance(thing, _LITERALS) or _is_lazy(thing):
        return True
    if isinstance(thing, (list, tuple, set, frozenset)):
        return all(_is_json(item) for item in thing)
    if isinstance(thing, dict):
        return all(isinstance(key, str) and _is_json(item) for key, item in thing.items())
    return False


def _ordered(thing: Any) -> List[Any]:
    return sorted(thing, key=str) if isinstance(thing, (set, frozenset)) else list(thing)


def _plain(thing: Any) -> Json:
    if isinstance(thing, enum.Enum):
        return _plain(thing.value)
    if isinstance(thing, (list, tuple, set, frozenset)):
        return [_plain(item) for item in _ordered(thing)]
    if isinstance(thing, dict):
        return {str(key): _plain(item) for key, item in thing.items()}
    if isinstance(thing, str) or _is_lazy(thing):
        return str(thing)
    if isinstance(thing, int) and not isinstance(thing, bool):
        return int(thing)
    return thing


def _as_text(thing: Any) -> str:
    return thing.decode("latin-1") if isinstance(thing, bytes) else str(thing)


# --- booting -------------------------------------------------------------------------------------


class Handover(BaseException):
    """Raised where manage.py would hand over to Django's command line: the project is set up."""


class BootError(Exception):
    """The project cannot be started; `code` says in which way."""

    def __init__(self, code: str, message: str, source: Optional[str] = None) -> None:
        super().__init__(message)
        self.code, self.message, self.source = code, message, source


def check_urlconf(sources: Sources, module: str) -> None:
    """Import the root of the URLs; BootError where there is none."""
    name = getattr(find("django.conf.settings"), "ROOT_URLCONF", None)
    file = getattr(sys.modules.get(module), "__file__", None) or ""
    place = sources.place(file, sources.line(file, "ROOT_URLCONF")) if file else None
    if not name:
        raise BootError("urls", "the settings have no ROOT_URLCONF", place)
    try:
        root = importlib.import_module(name) if isinstance(name, str) else name
    except ImportError as error:
        if not error.name or not (name + ".").startswith(error.name + "."):
            raise
        message = "ROOT_URLCONF names {!r}, which is not there".format(name)
        raise BootError("urls", message, place) from None
    if not hasattr(root, "urlpatterns"):
        message = "ROOT_URLCONF names {!r}, which has no urlpatterns".format(name)
        raise BootError("urls", message, place)


def boot(sources: Sources, settings: str) -> str:
    """Do what manage.py does up to its command, set Django up, and return the settings module."""
    if settings:
        os.environ["DJANGO_SETTINGS_MODULE"] = settings
    manage = os.path.join(sources.root, "manage.py")
    if not os.path.isfile(manage):
        raise BootError("no-manage", "no manage.py in {}".format(sources.root))
    sys.argv[:] = [manage, "check"]
    sys.path[0] = sources.root
    if find("django.VERSION") is None:
        raise BootError("no-django", "the interpreter {} has no Django".format(sys.executable))
    _run_manage(manage)
    if settings:
        os.environ["DJANGO_SETTINGS_MODULE"] = settings
    elif not os.environ.get("DJANGO_SETTINGS_MODULE"):
        raise BootError("no-settings", "manage.py names no settings module", "manage.py:1")
    refuse_connections()
    importlib.import_module("django").setup()
    module = os.environ["DJANGO_SETTINGS_MODULE"]
    check_urlconf(sources, module)
    return module


def _run_manage(manage: str) -> None:
    """Run manage.py, so that its paths and environment files count, until it reaches Django."""
    management = importlib.import_module("django.core.management")

    def hand_over(*args: Any, **options: Any) -> None:
        raise Handover

    setattr(management, "execute_from_command_line", hand_over)  # noqa: B010  # mypy knows no Django
    main = sys.modules["__main__"]
    try:
        runpy.run_path(manage, run_name="__main__")
    except Handover:
        return
    finally:
        sys.modules["__main__"] = main


def refuse_connections() -> None:
    """From now on no database of Django's can be connected: the probe never reads data."""
    refused = importlib.import_module("django.db.utils").OperationalError

    def refuse(self: Any) -> None:
        raise refused("the database is not read while facts are gathered")

    base = importlib.import_module("django.db.backends.base.base").BaseDatabaseWrapper
    base.connect = refuse


def explain(sources: Sources, error: BaseException) -> BootError:
    """Why booting failed, in one line, with the place in the project that it failed at."""
    if isinstance(error, BootError):
        return error
    source = failing_place(sources, error)
    message = "{}: {}".format(type(error).__name__, error) if str(error) else type(error).__name__
    if isinstance(error, SyntaxError):
        return BootError("syntax", error.msg, sources.place(error.filename, error.lineno) or source)
    if isinstance(error, SystemExit):
        message = "the project calls sys.exit({!r}) while it is imported".format(error.code)
        return BootError("exit", message, source)
    if not isinstance(error, Exception):
        message = "the project raises {} while it is imported".format(message)
        return BootError("boot", message, source)
    if isinstance(error, MemoryError):
        return BootError("memory", "the project needs more memory than the probe may have", source)
    variable = missing_variable(error)
    if variable:
        return BootError(
            "environment", "settings need the environment variable {}".format(variable), source
        )
    if isinstance(error, ImportError):
        own = not isinstance(error, ModuleNotFoundError) or sources.has(error.name)
        return BootError("boot" if own else "import", message, source)
    if "database is not read while facts" in str(error):
        message = "the project asks its database while it is imported"
        return BootError("database", message, source)
    return BootError("boot", message, source)


def failing_place(sources: Sources, error: BaseException) -> Optional[str]:
    """The innermost line of the project in a traceback."""
    place = None
    for frame in traceback.extract_tb(error.__traceback__):
        place = sources.place(frame.filename, frame.lineno) or place
    return place


_VARIABLE = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\b")
_OF_VARIABLES = re.compile(r"environment|envvar|env var|\bunset\b|not set", re.IGNORECASE)


def missing_variable(error: BaseException) -> Optional[str]:
    """The environment variable that settings asked for in vain, as far as the exception tells."""
    frames = traceback.extract_tb(error.__traceback__)
    place = os.path.basename(frames[-1].filename) if frames else ""
    if isinstance(error, KeyError) and place in {"os.py", "<frozen os>"}:
        return str(error.args[0])
    chain = " ".join(str(link) for link in (error, error.__cause__, error.__context__) if link)
    if not _OF_VARIABLES.search(chain):
        return None
    names = [name for name in _VARIABLE.findall(chain) if name not in {"DJANGO", "SETTINGS"}]
    return max(names, key=len) if names else None


# --- settings ------------------------------------------------------------------------------------

_SETTINGS = re.compile(
    r"(CORS|SECURE|SESSION|CSRF|DATA_UPLOAD_MAX)_\w+|LANGUAGE_CODE|LANGUAGE_COOKIE_NAME|LANGUAGES|TIME_ZONE|USE_TZ|USE_I18N"
    r"|USE_L10N|APPEND_SLASH|DEBUG|ALLOWED_HOSTS|AUTH_USER_MODEL|PASSWORD_HASHERS"
    r"|AUTHENTICATION_BACKENDS|AUTH_PASSWORD_VALIDATORS|MEDIA_URL|STATIC_URL|X_FRAME_OPTIONS"
    r"|USE_X_FORWARDED_HOST|USE_X_FORWARDED_PORT|DEFAULT_AUTO_FIELD|INSTALLED_APPS|EMAIL_BACKEND"
    r"|FORCE_SCRIPT_NAME|PREPEND_WWW|LOGIN_URL|DEFAULT_CHARSET|DEFAULT_CONTENT_TYPE"
    r"|PASSWORD_RESET_TIMEOUT|FILE_UPLOAD_MAX_MEMORY_SIZE|USE_THOUSAND_SEPARATOR|ROOT_URLCONF"
    r"|DISALLOWED_USER_AGENTS|SILENCED_SYSTEM_CHECKS|AUTH_HEADER_TYPES|FORMAT_MODULE_PATH|MEDIA_ROOT_IS_SET"
    r"|DEFAULT_FROM_EMAIL|SERVER_EMAIL|EMAIL_(SUBJECT_PREFIX|USE_LOCALTIME|PORT|USE_TLS|USE_SSL|TIMEOUT)|ADMINS|MANAGERS"
)
_SECRET_NAME = re.compile(r"SECRET|PASSW|TOKEN|PRIVATE|API_?KEY|CREDENTIAL|DSN|SIGNING|KEY$|_URL$")
_NEVER = {
    "SIGNING_KEY", "VERIFYING_KEY", "SESSION_FILE_PATH",
    "JWT_SECRET_KEY", "JWT_PRIVATE_KEY", "JWT_PUBLIC_KEY",
}  # fmt: skip


def _hash_name(settings: Any) -> str:
    """What knox keeps of tokens: `sha512`."""
    return str(settings.SECURE_HASH_ALGORITHM().name)


def _common_passwords() -> Optional[str]:
    """The passwords that Django's validator refuses, one a line; None where it is not used."""
    validators = find("django.contrib.auth.password_validation.get_default_password_validators")
    for validator in validators() if validators else ():
        if type(validator).__name__ == "CommonPasswordValidator":
            return "\n".join(sorted(validator.passwords))
    return None


def _translated(settings: Any, codes: List[str]) -> List[str]:
    """The languages in which texts of the project or of a package are others than in its code."""
    if not getattr(settings, "USE_I18N", True):
        return []
    real = importlib.import_module("django.utils.translation.trans_real")
    found = []
    for code in codes:
        # catalogs of other languages need not be read
        english = code.lower().split("-")[0] == "en"
        if not english or any(map(_changes, real.DjangoTranslation(code)._catalog.items())):
            found.append(code)
    return found


def _catalog(settings: Any) -> Optional[Record]:
    """What texts of Django, of packages and of the project read as in the project's language.

    texts: by the text in the code, where it is another one; with a context `context\\x04text`.
    plurals: by the singular, its forms, and a digit for each of 0 to 199, and for a million, that says which.
    """
    if not getattr(settings, "USE_I18N", True):
        return {"texts": {}, "plurals": {}}
    real = importlib.import_module("django.utils.translation.trans_real")
    return _catalog_of(real.translation(settings.LANGUAGE_CODE))


def _catalog_of(chosen: Any, wanted: Optional[Set[str]] = None) -> Record:
    """The texts of one language, all or those that are wanted."""
    keys = set()  # type: Set[Any]
    layer = chosen
    while layer is not None:  # a language may fall back to others
        keys.update(key for key, _ in layer._catalog.items())
        layer = layer._fallback
    texts, plurals = {}, {}  # type: Dict[str, str], Dict[str, Any]
    for key in keys:
        if wanted is not None and (key[0] if isinstance(key, tuple) else key) not in wanted:
            continue
        if isinstance(key, tuple):
            plurals[key[0]] = None
        elif key and chosen.gettext(key) != key.rpartition("\x04")[2]:
            texts[key] = chosen.gettext(key)
    for key in plurals:
        shown = [chosen.ngettext(key, key, number) for number in [*range(200), 1000000]]
        forms = list(dict.fromkeys(shown))
        plurals[key] = [forms, "".join(str(forms.index(each)) for each in shown)]
    told = {key: found for key, found in plurals.items() if found[0] != [key]}
    return {"texts": texts, "plurals": told}


# Before a text that is translated when it is shown; behind it the text as the code has it.
_MARK = "\x02"
_LOCALE = "django.middleware.locale.LocaleMiddleware"


class _MarkedText(str):
    """A marked text that keeps apart from it what it is filled in with, as JSON."""

    def __str__(self) -> str:
        return self

    def __getitem__(self, key: Any) -> str:
        # `capfirst` writes the first letter large and adds the others
        if key in (0, slice(1, None)) and "\x0f" not in self:
            return _MarkedPart(self)
        return str.__getitem__(self, key)

    def __mod__(self, given: Any) -> str:
        if isinstance(given, dict) and "\x0f" not in self:
            told = {str(key): str(value) for key, value in given.items()}
            return _MarkedText("{}\x0f{}".format(str.__str__(self), json.dumps(told)))
        return str.__mod__(self, given)


class _MarkedPart(str):
    """The first letter of a marked text, or the others."""

    def upper(self) -> str:
        return self

    def __add__(self, others: str) -> str:
        if isinstance(others, _MarkedPart):
            return _MarkedText("{}\x0f{}".format(str.__str__(self), json.dumps({"": "capfirst"})))
        return str.__add__(self, others)


class _Marked:
    """Stands for a language in which each text is the one of the code, with a mark before it."""

    def __init__(self, code: str) -> None:
        self.code = code

    def to_language(self) -> str:
        return self.code

    def gettext(self, message: str) -> str:
        # what has the usual sign for a context counts as not found
        return _MarkedText(_MARK + message.replace("\x04", "\x05"))

    def ngettext(self, singular: str, plural: str, number: Any) -> str:
        return _MARK * 2 + singular  # by a number: no rule


def _served_languages(settings: Any) -> List[str]:
    """The languages that LocaleMiddleware may choose, where texts are not the same in all."""
    codes = [code for code, _ in settings.LANGUAGES]
    if _LOCALE not in (getattr(settings, "MIDDLEWARE", None) or ()) or not settings.USE_I18N:
        return []
    if find("django.VERSION") < (4, 2) or _localized_paths(settings):
        return []
    told = _translated(settings, sorted({settings.LANGUAGE_CODE, *codes}))
    if codes == [settings.LANGUAGE_CODE] or (
        not told and {c.lower() for c in codes} <= {"en", "en-us"}
    ):
        return []
    real = importlib.import_module("django.utils.translation.trans_real")
    return [code for code in codes if real.check_for_language(code)]


def mark_texts(settings: Any) -> None:
    """Let texts that are translated by request read as marked ones from here on."""
    if _served_languages(settings):
        real = importlib.import_module("django.utils.translation.trans_real")
        real._active.value = _Marked(settings.LANGUAGE_CODE)


def languages(wanted: Iterable[str]) -> Record:
    """What texts read as in each language, by its code, and how forms read dates and times there."""
    settings = find("django.conf.settings")
    translation = importlib.import_module("django.utils.translation")
    real = importlib.import_module("django.utils.translation.trans_real")
    found, texts = {}, set(wanted)
    for code in [settings.LANGUAGE_CODE, *_served_languages(settings)]:
        with translation.override(code):
            found[code.lower()] = dict(
                _catalog_of(real.translation(code), texts), formats=_input_formats()
            )
    return found


def _input_formats() -> Record:
    """The forms in which forms of Django read dates and times."""
    formats = importlib.import_module("django.utils.formats")
    names = ("DATE_INPUT_FORMATS", "TIME_INPUT_FORMATS", "DATETIME_INPUT_FORMATS")
    return {name: list(formats.get_format(name)) for name in names}


def _changes(entry: Tuple[Any, str]) -> bool:
    """Whether a text is shown as another one; of plurals only the first form is known."""
    key, shown = entry
    text, form = key if isinstance(key, tuple) else (key, 0)
    return bool(text) and form == 0 and text.rpartition("\x04")[2] != shown


def _djoser(settings: Any) -> Record:
    """What of djoser's settings decides how tokens are given."""
    return {
        "TOKEN_MODEL": dotted(settings.TOKEN_MODEL),
        "LOGIN_FIELD": settings.LOGIN_FIELD,
        "CREATE_SESSION_ON_LOGIN": settings.CREATE_SESSION_ON_LOGIN,
        "TOKEN": dotted(settings.SERIALIZERS.token),
        "MESSAGES": dotted(settings.CONSTANTS.messages),
    }


def _own_settings(settings: Any) -> Iterator[Tuple[str, Any]]:
    """The settings that the project adds to Django's, but for secrets."""
    defaults = find("django.conf.global_settings")
    for name in sorted(dir(settings)):
        if name.isupper() and not hasattr(defaults, name):
            value = getattr(settings, name, None)
            if type(value) is datetime.timedelta or not _SECRET_NAME.search(name):
                yield name, value


def _numbers(settings: Any) -> Record:
    """Those that are numbers, as the project runs with them."""
    found = {}
    for name, value in _own_settings(settings):
        if type(value) is int or (type(value) is float and math.isfinite(value)):
            found[name] = value
    return found


def _spans(settings: Any) -> Record:
    """Those that are stretches of time, in seconds, as the project runs with them."""
    return {
        name: value.total_seconds()
        for name, value in _own_settings(settings)
        if type(value) is datetime.timedelta
    }


def _texts(settings: Any) -> Record:
    """Marks of those that are texts: whether one is what a file says, not the text."""
    return {
        name: hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()
        for name, value in _own_settings(settings)
        if type(value) is str
    }


def _localized_paths(settings: Any) -> bool:
    used = find("django.conf.urls.i18n.is_language_prefix_patterns_used")
    return bool(used(settings.ROOT_URLCONF)[0])


def _language_facts(describe: Describer, settings: Any, found: Record) -> Record:
    """In which languages texts are others than in the code, and how they read, or which are served."""
    codes = sorted({found.get("LANGUAGE_CODE") or "en-us", *found["LANGUAGES"]})
    translated = functools.partial(_translated, settings, codes)
    served = functools.partial(_served_languages, settings)
    told = {
        "TRANSLATED": describe.attempt("settings", "LANGUAGES", None, translated, codes),
        "LANGUAGES_SERVED": describe.attempt("settings", "LANGUAGES", None, served, []),
    }  # type: Record
    if told["LANGUAGES_SERVED"]:  # texts are marked ones
        known = find("django.conf.locale.LANG_INFO", {}).items()
        told["LANGUAGE_FALLBACKS"] = {c: list(i["fallback"]) for c, i in known if "fallback" in i}
    elif found["LANGUAGE_CODE"] in (told["TRANSLATED"] or ()):
        read = functools.partial(_catalog, settings)
        told["CATALOG"] = describe.attempt("settings", "LANGUAGE_CODE", None, read, None)
    return told


def settings_facts(describe: Describer, settings: Any) -> Record:
    """The settings on the allow-list, and the resolved settings of DRF and SimpleJWT."""
    found = {"NAMES": sorted(name for name in dir(settings) if name.isupper())}  # type: Record
    for name in sorted(dir(settings)):
        if _SETTINGS.fullmatch(name):
            read = functools.partial(getattr, settings, name)
            found[name] = describe.parameter(describe.attempt("settings", name, None, read, None))
    found["LANGUAGES"] = [code for code, _ in found.get("LANGUAGES") or ()]
    found.update(_language_facts(describe, settings, found))
    found["FORM_FORMATS"] = describe.attempt(
        "settings", "DATE_INPUT_FORMATS", None, _input_formats, None
    )
    read = functools.partial(_localized_paths, settings)
    found["LOCALIZED_PATHS"] = describe.attempt("settings", "ROOT_URLCONF", None, read, True)
    found["COMMON_PASSWORDS"] = describe.attempt(
        "settings", "AUTH_PASSWORD_VALIDATORS", None, _common_passwords, None
    )
    rounds = find("django.contrib.auth.hashers.PBKDF2PasswordHasher")
    found["PBKDF2_ITERATIONS"] = getattr(rounds, "iterations", None)
    keys = [getattr(settings, "EMAIL_SSL_" + name, None) for name in ("KEYFILE", "CERTFILE")]
    found["EMAIL_CERTIFICATE"] = any(keys)
    found["HAS_OLDER_KEYS"] = bool(getattr(settings, "SECRET_KEY_FALLBACKS", None))
    for name, values in (("NUMBERS", _numbers), ("SPANS", _spans), ("TEXTS", _texts)):
        found[name] = describe.attempt(
            "settings", name, None, functools.partial(values, settings), {}
        )
    caches = getattr(settings, "CACHES", {})
    found["CACHES"] = {alias: _cache(describe, cache) for alias, cache in caches.items()}
    drf = find("rest_framework.settings.api_settings")
    if drf is not None:
        defaults = find("rest_framework.settings.DEFAULTS", {})
        found["REST_FRAMEWORK"] = resolved(describe, drf, defaults)
    jwt = find("rest_framework_simplejwt.settings.api_settings")
    if jwt is not None:
        names = find("rest_framework_simplejwt.settings.DEFAULTS", {})
        found["SIMPLE_JWT"] = resolved(describe, jwt, set(names) - _NEVER)
        # Whether the keys are one is no secret, and decides which of them new tokens need.
        same = jwt.SIGNING_KEY == find("django.conf.settings").SECRET_KEY
        found["SIMPLE_JWT"]["SIGNING_KEY_IS_SECRET_KEY"] = bool(same)
    knox = find("knox.settings.knox_settings")
    if knox is not None:
        names = find("knox.settings.DEFAULTS", {})
        found["REST_KNOX"] = resolved(describe, knox, set(names) - {"SECURE_HASH_ALGORITHM"})
        read = functools.partial(_hash_name, knox)
        found["REST_KNOX"]["SECURE_HASH_ALGORITHM"] = describe.attempt(
            "settings", "REST_KNOX", None, read, None
        )
    if find("django.apps.apps").is_installed("djoser"):
        read = functools.partial(_djoser, find("djoser.conf.settings"))
        found["DJOSER"] = describe.attempt("settings", "DJOSER", None, read, None)
    jwt = find("rest_framework_jwt.settings.api_settings")
    names = find("rest_framework_jwt.settings.DEFAULTS", {})
    if jwt is not None and "JWT_GET_USER_SECRET_KEY" in names:
        found["DRF_JWT"] = resolved(describe, jwt, set(names) - _NEVER)
        same = jwt.JWT_SECRET_KEY == find("django.conf.settings").SECRET_KEY
        found["DRF_JWT"]["JWT_SECRET_KEY_IS_SECRET_KEY"] = bool(same)
    return found


def _cache(describe: Describer, cache: Record) -> Record:
    """One of CACHES, without where it is; of the names of its options those that say nothing else."""
    names = ("BACKEND", "KEY_PREFIX", "VERSION", "TIMEOUT", "KEY_FUNCTION")
    found = {name: describe.parameter(cache[name]) for name in names if name in cache}
    options = cache.get("OPTIONS") or {}
    found["OPTIONS"] = {
        name: describe.parameter(value)
        if name.endswith(("CLASS", "IGNORE_EXCEPTIONS", "SERIALIZER", "COMPRESSOR"))
        else None
        for name, value in options.items()
    }
    if "DJANGO_REDIS_IGNORE_EXCEPTIONS" in dir(find("django.conf.settings")):
        found["OPTIONS"].setdefault("IGNORE_EXCEPTIONS", True)
    return found


def page_facts() -> Dict[str, List[str]]:
    """Content type and text of the project's own pages for 400 and 500, by status.

    Only those that say the same of any request, and are not Django's own.
    """
    factory = find("django.test.RequestFactory") or find("django.test.client.RequestFactory")
    resolver = find("django.urls.get_resolver")()
    found: Dict[str, List[str]] = {}
    for status, name in ((400, "bad_request"), (500, "server_error")):
        try:
            handler = resolver.resolve_error_handler(status)
            handler = handler[0] if isinstance(handler, tuple) else handler
            own = dotted(handler) == "django.views.defaults." + name
            if own and not _has_template("{}.html".format(status)):
                continue
            more = {"exception": find("django.core.exceptions.SuspiciousOperation")("")}
            given = more if status == 400 else {}
            answers = [handler(factory().get(path), **given) for path in ("/one/", "/two/?x=1")]
        except Exception:  # whatever the project's templates and handlers raise: then Django's page
            continue
        shown = [(a.status_code, a.get("Content-Type"), a.content) for a in answers]
        if shown[0] == shown[1] and shown[0][0] == status:
            found[str(status)] = [str(shown[0][1]), shown[0][2].decode("utf-8", "replace")]
    return found


def _has_template(name: str) -> bool:
    try:
        find("django.template.loader.get_template")(name)
    except find("django.template.TemplateDoesNotExist"):
        return False
    return True


def resolved(describe: Describer, settings: Any, names: Iterable[str]) -> Record:
    """Settings as the package resolves them, classes as dotted names."""

    def read(name: str) -> Json:
        found = getattr(settings, name)
        if isinstance(found, (list, tuple)):
            return [describe.parameter(item) for item in found]
        return describe.parameter(found)

    return {
        name: describe.attempt("settings", name, None, functools.partial(read, name), None)
        for name in sorted(names)
    }


def secrets_of(settings: Any) -> Set[str]:
    """Texts that must not leave the process, wherever they turn up."""
    found: Set[str] = set()

    def gather(name: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                gather(str(key), item)
        elif isinstance(value, (list, tuple)):
            for item in value:
                gather(name, item)
        elif isinstance(value, str) and _may_be_secret(name.upper(), value):
            found.add(value)

    for name in dir(settings):
        if name.isupper() and not _SETTINGS.fullmatch(name):
            gather(name, getattr(settings, name, None))
    for name, value in os.environ.items():
        gather(name, value)
    return {
        secret
        for secret in found
        if len(secret) >= 8 and not re.fullmatch(r"[a-z_./]+|https?://[\w.-]+(:\d+)?/?", secret)
    }


def _may_be_secret(name: str, value: str) -> bool:
    """Whether a setting holds what must not be told; a path or the name of a route in a `_URL` is none."""
    if _is_loaded(value) or not _SECRET_NAME.search(name):
        return False
    return "://" in value or _SECRET_NAME.search(re.sub("_URL$", "", name)) is not None


def _is_loaded(value: str) -> bool:
    """Whether a text is the dotted path of something that is there: `TOKEN_OBTAIN_SERIALIZER`."""
    module, _, name = value.rpartition(".")
    return module in sys.modules and hasattr(sys.modules[module], name)


def redacted(thing: Json, secrets: Set[str]) -> Json:
    """The same JSON with every secret inside its strings replaced."""
    if not secrets:
        return thing
    pattern = re.compile("|".join(re.escape(s) for s in sorted(secrets, key=len, reverse=True)))

    def clean(item: Json) -> Json:
        if isinstance(item, str):
            return pattern.sub("***", item)
        if isinstance(item, dict):
            return {key: clean(value) for key, value in item.items()}
        if isinstance(item, (list, tuple)):
            return [clean(value) for value in item]
        return item

    return clean(thing)


def environment_facts(describe: Describer, settings: Any) -> Record:
    """Databases, routers, apps, middleware, authentication backends, exception handler."""
    connections = find("django.db.connections")
    apps = find("django.apps.apps")
    middleware = getattr(settings, "MIDDLEWARE", None)
    if middleware is None:
        middleware = getattr(settings, "MIDDLEWARE_CLASSES", None) or ()
    routers = find("django.db.router").routers
    return {
        "databases": {alias: _database(describe, connections, alias) for alias in connections},
        "database_routers": [describe.ref(router) for router in routers],
        "apps": [_app(describe, app) for app in apps.get_app_configs()],
        "middleware": _imported(describe, "middleware", middleware),
        "authentication_backends": _login_backends(describe, settings),
        "exception_handler": _exception_handler(describe),
    }


# OPTIONS of DATABASES that tell neither where a server is nor how to get in.
_OPEN_OPTIONS = {
    "application_name", "assume_role", "channel_binding", "charset", "collation", "connect_timeout", "gssencmode",
    "init_command", "isolation_level", "keepalives", "keepalives_count", "keepalives_idle",
    "keepalives_interval", "load_balance_hosts", "options", "prepare_threshold", "sql_mode",
    "ssl_max_protocol_version", "ssl_min_protocol_version", "sslmode", "sslnegotiation", "sslsni",
    "target_session_attrs", "tcp_user_timeout", "timeout", "transaction_mode",
}  # fmt: skip


def _database(describe: Describer, connections: Any, alias: str) -> Record:
    options = connections.databases[alias]
    chosen = options.get("OPTIONS") or {}
    vendor = describe.attempt("database", alias, None, lambda: connections[alias].vendor, "unknown")
    record = {
        "vendor": vendor,
        "engine": options.get("ENGINE", ""),
        "atomic_requests": bool(options.get("ATOMIC_REQUESTS")),
        "options": sorted(chosen),
        "option_values": {
            name: _plain(chosen[name])
            for name in sorted(_OPEN_OPTIONS & set(chosen))
            if isinstance(chosen[name], (bool, int, float, str))
        },
        "time_zone": str(options["TIME_ZONE"]) if options.get("TIME_ZONE") else None,
        "autocommit": bool(options.get("AUTOCOMMIT", True)),
    }
    if vendor == "mysql" and alias == "default":
        ask = functools.partial(_mysql, connections[alias])
        assumed = functools.partial(_told_server, connections[alias], None, *_ASSUMED)
        server = describe.attempt("database", alias, None, ask, None)
        record["server"] = server or dict(
            describe.attempt("database", alias, None, assumed, {}), answers=False
        )
    return record


# What is told of a server that does not answer: a MariaDB as it is installed, of a release that
# is maintained for long.
_ASSUMED = ("10.11.0-MariaDB", "STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION", "InnoDB", 0, 0, 1)


def _mysql(connection: Any) -> Record:
    """What a server of MySQL's kind is, which its types depend on.

    The server is asked for its version and settings, not for data; Django stays unconnected.
    """
    raw = connection.get_new_connection(connection.get_connection_params())
    cursor = raw.cursor()
    cursor.execute(
        "SELECT VERSION(), @@sql_mode, @@default_storage_engine, @@sql_auto_is_null,"
        " @@lower_case_table_names, CONVERT_TZ('2001-01-01 01:00:00', 'UTC', 'UTC') IS NOT NULL"
    )
    found = cursor.fetchone()
    cursor.close()
    return _told_server(connection, raw, *found)


def _told_server(
    connection: Any,
    raw: Any,
    version: str,
    mode: str,
    engine: str,
    auto_is_null: int,
    lower_case: int,
    zones: int,
) -> Record:
    """Let Django know what it would ask the server for; `raw` is None where none answers."""
    vars(connection)["mysql_server_info"] = version
    vars(connection)["mysql_server_data"] = {
        "version": version,
        "sql_mode": mode,
        "default_storage_engine": engine,
        "sql_auto_is_null": bool(auto_is_null),
        "lower_case_table_names": bool(lower_case),
        "has_zoneinfo_database": bool(zones),
    }
    # Django would ask for the engine of a table that may not be there yet
    connection.introspection.get_storage_engine = lambda *_: engine
    connection.features._mysql_storage_engine = engine
    vars(connection)["strangler_escapes"] = raw
    match = re.match(r"(?:5\.5\.5-)?(\d+(?:\.\d+)*)", version)
    return {
        "product": "mariadb" if "mariadb" in version.lower() else "mysql",
        "version": match.group(1) if match else version,
        "storage_engine": engine,
        "time_zones": bool(zones),
    }


_ESCAPES = {"\\": "\\\\", "'": "\\'", '"': '\\"', "\0": "\\0", "\n": "\\n", "\r": "\\r"}


def _escaped(connection: Any, value: Any) -> Any:
    """A value as the driver writes it into SQL."""
    raw = vars(connection)["strangler_escapes"]
    if raw is None:  # drivers ask the server for its character set; UTF-8 needs no more than this
        if value is None or isinstance(value, int):
            return "NULL" if value is None else str(int(value))
        if isinstance(value, float):
            return repr(value) + ("" if "e" in repr(value) else "e0")  # not a decimal
        if isinstance(value, decimal.Decimal):
            return format(value, "f")
        return "'{}'".format("".join(_ESCAPES.get(sign, sign) for sign in str(value)))
    quoted = raw.escape(value, raw.encoders)
    return quoted.decode() if isinstance(quoted, bytes) else quoted


def _app(describe: Describer, app: Any) -> Record:
    marker = os.path.join(app.path, "__init__.py")
    path = describe.sources.relative(marker)
    package = None if path else app.name.split(".")[0]
    folder = os.path.dirname(path) if path else None
    return {"label": app.label, "module": app.name, "path": folder, "package": package}


def _imported(describe: Describer, code: str, paths: Iterable[str]) -> List[Record]:
    load = find("django.utils.module_loading.import_string")
    found = []
    for path in paths:
        thing = describe.attempt(code, path, None, functools.partial(load, path), None)
        unknown = {"path": path, "source": None, "package": path.split(".")[0]}
        found.append(describe.ref(thing) or unknown if thing is not None else unknown)
    return found


# What of a login backend does what.
_FINDING = ("get_user", "user_can_authenticate")
_GRANTING = (
    *("has_perm", "has_module_perms", "get_all_permissions", "get_group_permissions"),
    *(
        "get_user_permissions",
        "_get_permissions",
        "_get_group_permissions",
        "_get_user_permissions",
    ),
)


def _login_backends(describe: Describer, settings: Any) -> List[Record]:
    """What of each backend is Django's ModelBackend's own, and what it does not do at all."""
    paths = getattr(settings, "AUTHENTICATION_BACKENDS", ())
    usual = find("django.contrib.auth.backends.ModelBackend")
    base = find("django.contrib.auth.backends.BaseBackend")

    def kind(cls: Any, names: Tuple[str, ...], asked: Tuple[str, ...]) -> str:
        if all(getattr(cls, name, None) is getattr(usual, name, None) for name in names):
            return "same"
        silent = all(getattr(cls, n, None) in (None, getattr(base, n, None)) for n in names)
        return "none" if silent or not any(hasattr(cls, name) for name in asked) else "own"

    def described(cls: Any) -> Record:
        if not isinstance(cls, type):
            return {}
        granting = ("has_perm", "has_module_perms", "get_all_permissions", "get_group_permissions")
        knowing = ("authenticate", "user_can_authenticate")
        return {
            "finds": kind(cls, _FINDING, ("get_user",)),
            "knows": "none" if _takes_no_password(cls) else kind(cls, knowing, knowing[:1]),
            "grants": kind(cls, _GRANTING, granting),
        }

    records = _imported(describe, "authentication-backend", paths)
    for path, record in zip(paths, records):
        read = functools.partial(described, find(path))
        record.update(describe.attempt("authentication-backend", path, None, read, {}))
        record["path"] = path  # sessions name it so
    return records


def _takes_no_password(backend: Any) -> bool:
    """Whether Django never asks a backend about a name and a password: it takes something else."""
    asked = getattr(backend, "authenticate", None)
    if asked is None:
        return True
    name = importlib.import_module("django.contrib.auth").get_user_model().USERNAME_FIELD
    for given in ({"username": "", "password": ""}, {name: "", "password": ""}):
        try:
            inspect.signature(asked).bind(None, None, **given)
        except TypeError:
            continue
        return False
    return True


def _exception_handler(describe: Describer) -> Optional[Record]:
    settings = find("rest_framework.settings.api_settings")
    handler = describe.attempt(
        "settings", "EXCEPTION_HANDLER", None, lambda: settings and settings.EXCEPTION_HANDLER, None
    )
    own = find("rest_framework.views.exception_handler")
    return describe.ref(handler) if handler is not None and handler is not own else None


def distributions() -> Record:
    """The installed distributions with their versions."""
    metadata = None
    if sys.version_info >= (3, 8):
        metadata = importlib.import_module("importlib.metadata")
    if metadata is not None:
        found = {d.metadata["Name"]: d.version for d in metadata.distributions()}
    else:
        packages = find("pkg_resources.working_set", ())
        found = {package.project_name: package.version for package in packages}
    return {str(name): str(found[name]) for name in sorted(filter(None, found), key=str)}


# --- models --------------------------------------------------------------------------------------


def _framework_writes(describe: Describer, model: Any) -> Record:
    """What models of Django's and DRF's own applications do when a row is saved or deleted."""
    found = collections.OrderedDict()  # type: Dict[str, Any]
    for name in ("save", "save_base", "delete"):
        owner = next(cls for cls in model.__mro__ if name in vars(cls))
        usual = owner.__module__.startswith(("django.db.", "django.contrib.auth."))
        if is_framework(owner.__module__) and not usual:
            found[name] = describe.ref(vars(owner)[name])
    return found


def model_facts(describe: Describer, model: Any, editor: Any) -> Record:
    """A model of the registry with its fields, relations, managers and schema."""
    meta = model._meta
    record = describe.class_facts(model)
    record["methods"].update(_framework_writes(describe, model))
    real = not (meta.proxy or meta.swapped)
    locals_ = [field for field in meta.local_fields if field.column is not None or field.concrete]
    written = "{}({})".format(model.__name__, ", ".join(field.name for field in meta.fields))
    if record["docstring"] == written:
        record["docstring"] = None  # Django's own
    if meta.auto_created:
        record["source"] = _place_of_table(describe, meta.auto_created, model)
    record.update(
        name=meta.label,
        path=dotted(model),
        abstract_bases=[dotted(base) for base in model.__mro__ if _is_abstract(base)],
        parents={parent._meta.label: link and link.name for parent, link in meta.parents.items()},
        db_table=meta.db_table,
        managed=meta.managed,
        proxy=meta.proxy,
        proxy_for=meta.proxy_for_model._meta.label if meta.proxy_for_model else None,
        swapped=meta.swapped or None,
        auto_created=bool(meta.auto_created),
        database=_alias(describe, model),
        fits=_fits(describe, model, editor),
        pk=meta.pk.attname,
        pk_columns=[f.column for f in getattr(meta, "pk_fields", None) or [meta.pk] if f.column],
        fields=describe.each("field", locals_, lambda f: field_facts(describe, model, f, editor)),
        many_to_many=describe.each(
            "field",
            [field for field in meta.local_many_to_many if hasattr(field, "m2m_field_name")],
            lambda f: field_facts(describe, model, f, editor),
        ),
        foreign_objects=describe.each("field", _objects(meta), _foreign_object),
        linked=list(filter(None, describe.each("field", meta.local_many_to_many, _linked))),
        generic=_generic(meta),
        reverse=[_reverse(relation) for relation in _relations(meta)],
        ordering=[_order(describe, model, item, editor) for item in meta.ordering or ()],
        managers=_managers(describe, model),
        unique_together=[list(names) for names in meta.unique_together],
        verbose_name=str(meta.verbose_name),
        verbose_name_plural=str(meta.verbose_name_plural),
        db_comment=text(getattr(meta, "db_table_comment", None) or None),
        get_latest_by=_plain(meta.get_latest_by),
        order_with_respect_to=text(getattr(meta.order_with_respect_to, "name", None)),
        table_schema=schema_facts(describe, model, editor) if editor and real else {},
        constraints=[_constraint(describe, c) for c in getattr(meta, "constraints", ())],
    )
    read = {one["name"] for one in record["fields"]}
    record["unread"] = [field.name for field in locals_ if field.name not in read]
    return record


def _place_of_table(describe: Describer, owner: Any, model: Any) -> Optional[str]:
    """Where the many-to-many field stands that an automatic table belongs to."""
    for field in owner._meta.local_many_to_many:
        if field.remote_field.through is model:
            return describe.sources.of_attribute(owner, field.name)[0]
    return None


def _is_abstract(cls: Any) -> bool:
    meta = vars(cls).get("_meta")
    return meta is not None and bool(getattr(meta, "abstract", False))


def _alias(describe: Describer, model: Any) -> str:
    router = find("django.db.router")
    source = describe.sources.of_class(model)
    read = functools.partial(router.db_for_write, model)
    return str(describe.attempt("router", model._meta.label, source, read, "default"))


def _fits(describe: Describer, model: Any, editor: Any) -> bool:
    """Whether the default database is one that the model asks for."""
    meta = model._meta
    vendor = getattr(meta, "required_db_vendor", None)
    wanted = getattr(meta, "required_db_features", None) or ()
    if editor is None or not (vendor or wanted):
        return True
    connection = editor.connection

    def ask() -> bool:
        has = (getattr(connection.features, name, False) for name in wanted)
        return vendor in (None, connection.vendor) and all(has)

    return bool(describe.attempt("schema", meta.label, describe.sources.of_class(model), ask, True))


def _objects(meta: Any) -> List[Any]:
    """Relations without a column of their own."""
    fields = [field for field in meta.local_fields if field.column is None]
    return [field for field in fields if hasattr(type(field), "related_fields")]


def _foreign_object(field: Any) -> Record:
    on_delete = getattr(field.remote_field, "on_delete", None)
    return {
        "name": field.name,
        "model": field.remote_field.model._meta.label,
        "pairs": [[own.attname, other.attname] for own, other in field.related_fields],
        "on_delete": dotted(on_delete).rpartition(".")[2] if on_delete else None,
        "null": bool(field.null),
    }


def _linked(field: Any) -> Optional[Record]:
    """A many-to-many field that is none of Django's, over a table with a key of either kind."""
    if hasattr(field, "m2m_field_name"):
        return None
    remote, through = field.remote_field, field.remote_field.through._meta
    keys = [key for key in through.concrete_fields if key.remote_field]
    ends = {key.remote_field.model: key for key in reversed(keys)}
    end, start = ends.get(remote.model), ends.get(field.model._meta.concrete_model)
    own = start.attname if start is not None and start is not end else None
    generic = [one for one in _generic(through) if one["kind"] == "foreign_key"]
    kind = None
    if own is None and generic:
        own, kind = generic[0]["fk_field"], through.get_field(generic[0]["ct_field"]).attname
    if own is None or end is None:
        return None
    return {
        "name": field.name,
        "model": remote.model._meta.label,
        "through": through.label,
        "own": own,
        "other": end.name,
        "content_type": kind,
    }


def _generic(meta: Any) -> List[Record]:
    found = []
    for field in getattr(meta, "private_fields", ()):
        if hasattr(field, "ct_field"):
            kind = {"kind": "foreign_key", "ct_field": field.ct_field, "fk_field": field.fk_field}
        elif hasattr(field, "content_type_field_name"):
            kind = {
                "kind": "relation",
                "ct_field": field.content_type_field_name,
                "fk_field": field.object_id_field_name,
                "related": field.related_model._meta.label,
                "query_name": field.remote_field.related_query_name,
            }
        else:
            continue
        found.append(dict(kind, name=field.name))
    return found


def _relations(meta: Any) -> Iterator[Any]:
    for field in meta.get_fields(include_hidden=True):
        if field.auto_created and not field.concrete and hasattr(field, "get_accessor_name"):
            yield field


def _is_hidden(relation: Any) -> bool:
    """Whether a relation has no accessor: a method until Django 5.0, a property since."""
    hidden = getattr(relation, "hidden", None)
    return bool(relation.is_hidden() if hidden is None else hidden)


def _reverse(relation: Any) -> Record:
    hidden = _is_hidden(relation)
    return {
        "accessor": None if hidden else relation.get_accessor_name(),
        "query_name": relation.name,
        "model": relation.related_model._meta.label,
        "field": relation.field.name,
        "one_to_one": bool(relation.one_to_one),
        "many_to_many": bool(relation.many_to_many),
        "hidden": hidden,
    }


def _order(describe: Describer, model: Any, item: Any, editor: Any) -> Json:
    if isinstance(item, str):
        return item
    column = _ordered_column(model, item)

    def compile_() -> Optional[str]:
        query = find("django.db.models.sql.Query")(model)
        if hasattr(item, "resolve_expression"):
            return _compiled(editor, item.resolve_expression(query), query)
        return None

    source = describe.sources.of_class(model)
    sql = describe.attempt("ordering", model._meta.label, source, compile_, None)
    record = {"sql": sql, "text": str(item)}
    return record if column is None else dict(record, **column)


def _ordered_column(model: Any, item: Any) -> Optional[Record]:
    """What `F("name")`, `F("name").desc(nulls_last=True)` say, of a plain column of the model's own."""
    f, order_by = find("django.db.models.F"), find("django.db.models.expressions.OrderBy")
    inner = item.expression if type(item) is order_by else item
    names = {field.name for field in model._meta.concrete_fields if not field.is_relation}
    if type(inner) is not f or inner.name not in names:
        return None
    nulls = [end for end in ("first", "last") if getattr(item, "nulls_" + end, None)]
    descending = bool(getattr(item, "descending", False))
    return {"column": inner.name, "descending": descending, "nulls": "".join(nulls)}


def _compiled(editor: Any, expression: Any, query: Any) -> str:
    compiler = query.get_compiler(connection=editor.connection)
    sql, params = compiler.compile(expression)
    return _with_values(editor, sql, params)


def _with_values(editor: Any, sql: str, params: Any) -> str:
    """SQL with its parameters written into it, as the driver does when Django executes it."""
    if not params:
        return str(sql)
    values = [editor.quote_value(value) for value in params]
    if "%%" in str(editor.quote_value("%")):  # some releases double them for a later formatting
        values = [v.replace("%%", "%") if isinstance(v, str) else v for v in values]
    return str(sql) % tuple(values)


def _managers(describe: Describer, model: Any) -> List[Record]:
    plain = find("django.db.models.manager.BaseManager").get_queryset
    meta = model._meta
    found = []
    for manager in meta.managers:
        queryset = getattr(manager, "_queryset_class", None)
        if type(manager).get_queryset is not plain:
            queryset = _given_class(manager) or queryset
        found.append(
            {
                "name": manager.name,
                "cls": describe.ref(type(manager)),
                "queryset": describe.ref(queryset) if queryset else None,
                "default": manager.name == meta.default_manager.name,
                "base": manager.name == (meta.base_manager_name or ""),
                "filtering": type(manager).get_queryset is not plain,
                "overrides": _replaced_queries(type(manager), queryset),
            }
        )
    return found


def _given_class(manager: Any) -> Any:
    """The class of what a `get_queryset` of the project gives; None where it fails."""
    try:
        return type(manager.get_queryset())
    except Exception:  # it may need a request, or a server
        return None


def _replaced_queries(*classes: Any) -> List[str]:
    """What a manager or its QuerySet class does otherwise than Django's, `get_queryset` aside."""
    bases = [find("django.db.models.manager.BaseManager"), find("django.db.models.QuerySet")]
    known = {name for base in bases for name in vars(base)} - _EVERY_CLASS
    known -= {"__init__", "deconstruct", "check", "use_in_migrations", "get_queryset", "as_manager"}
    known -= {"from_queryset"}  # what it made is among the classes
    found = {name for cls in filter(None, classes) for name, _, _ in _members(cls)}
    return sorted(found & (known - {"_queryset_class", "__str__", "__repr__"}))


def _constraint(describe: Describer, constraint: Any) -> Record:
    condition = getattr(constraint, "condition", None) or getattr(constraint, "check", None)
    message = getattr(constraint, "violation_error_message", None)
    if message == getattr(type(constraint), "default_violation_error_message", None):
        message = None
    return {
        "name": constraint.name,
        "kind": type(constraint).__name__,
        "fields": list(getattr(constraint, "fields", ())),
        "condition": text(condition),
        "violation_error_message": text(message),
        "code": getattr(constraint, "violation_error_code", None),
    }


def field_facts(describe: Describer, model: Any, field: Any, editor: Any) -> Record:
    """A field of a model: its options, its types on the default database, its relation."""
    place, owner = describe.sources.of_attribute(model, field.name)
    record = {name: getattr(field, name, None) for name in ("name", "attname", "column")}
    for name in ("null", "blank", "primary_key", "unique"):  # `blank=1` is true as well
        record[name] = bool(getattr(field, name, None))
    record.update(
        cls=dotted(type(field)),
        lineage=[describe.ref(c) for c in type(field).__mro__ if not is_framework(c.__module__)],
        overrides=_overrides(describe, field),
        descriptor=_descriptor(model, field),
        source=place,
        declared_in=dotted(owner or _declaring(model, field)),
        internal_type=_kind(field),
        db_index=bool(getattr(field, "db_index", False)),
        editable=bool(field.editable),
        auto_created=bool(field.auto_created),
        max_length=_given(field, "max_length", int),
        max_digits=_given(field, "max_digits", int),
        decimal_places=_given(field, "decimal_places", int),
        default_bounds=_given(field, "default_bounds", str),
        default=describe.value(field.default) if field.has_default() else None,
        settled=_settled(describe, field.default) if field.has_default() else None,
        auto_now=bool(getattr(field, "auto_now", False)),
        auto_now_add=bool(getattr(field, "auto_now_add", False)),
        verbose_name=str(field.verbose_name),
        help_text=str(field.help_text),
        validators=[validator_facts(describe, v) for v in field.validators],
        error_messages=_own_messages(field, is_framework, describe),
        collation=text(getattr(field, "db_collation", None)),
        comment=text(getattr(field, "db_comment", None)),
        protocol=_given(field, "protocol", str),
        relation=relation_facts(describe, field) if field.remote_field else None,
    )
    for unit in ("date", "month", "year"):
        record["unique_for_" + unit] = _given(field, "unique_for_" + unit, str) or None
    if hasattr(field, "upload_to"):
        record["upload_to"] = describe.value(field.upload_to)
    if hasattr(field, "storage"):
        # A lazy storage says the class of the one behind it.
        path = dotted(field.storage.__class__)
        base_url = text(getattr(field.storage, "base_url", None))
        record["storage"] = {"kind": "object", "path": path, "value": base_url}
        record.update(_own_storage(field.storage))
    base: Any = getattr(field, "base_field", None)
    if hasattr(base, "get_internal_type"):
        base.name = base.name or field.name
        record["base_field"] = field_facts(describe, model, base, editor)
    record.update(_choices(model, field))
    if editor is not None:
        label = "{}.{}".format(model._meta.label, field.name)
        make = functools.partial(_column_facts, field, editor)
        record.update(describe.attempt("schema", label, place, make, {}))
    return record


def _kind(field: Any) -> str:
    """Django's kind of a column; texts without case are texts, as their `db_type` tells."""
    kind = str(field.get_internal_type() or "")
    return kind[2:] if kind in ("CICharField", "CITextField") else kind


def _own_storage(storage: Any) -> Record:
    """What a storage does as Django's own for local files: give addresses, and keep files below MEDIA_ROOT."""
    cls, usual = storage.__class__, find("django.core.files.storage.FileSystemStorage")
    if usual is None or not issubclass(cls, usual):
        return {}

    def same(name: str) -> bool:
        return inspect.getattr_static(cls, name) is inspect.getattr_static(usual, name)

    chosen = ("_location", "_file_permissions_mode", "_directory_permissions_mode")
    names = [name for name in dir(usual) if name[:2] != "__" and name != "deconstruct"]
    kept = all(map(same, names)) and all(getattr(storage, name, 0) is None for name in chosen)
    return {
        "storage_shows": same("url") and same("base_url"),
        "storage_keeps": kept and not getattr(storage, "_allow_overwrite", False),
    }


def _given(field: Any, name: str, kind: type) -> Any:
    """An option of Django's fields; a package's field may mean something else by its name.

    A generated column has the options of the field that it gives.
    """
    value = getattr(getattr(field, "output_field", None) or field, name, None)
    return value if isinstance(value, kind) else None


def _overrides(describe: Describer, field: Any) -> Record:
    """What the class of a field replaces, but for a type that is the one it has anyway."""
    found = describe.overrides(type(field))
    above: Any = next(
        c for c in type(field).__mro__ if is_framework(c.__module__) and _TYPE_METHOD in vars(c)
    )
    if _TYPE_METHOD in found and above.get_internal_type(field) in (
        _kind(field),
        field.get_internal_type(),
    ):
        del found[_TYPE_METHOD]
    return found


def _descriptor(model: Any, field: Any) -> Optional[str]:
    """The class of what gives and takes a column's value on rows, where it is not Django's own."""
    found = type(inspect.getattr_static(model, field.attname or field.name, None))
    return None if is_framework(found.__module__) else dotted(found)


def _settled(describe: Describer, function: Any) -> Optional[Record]:
    """What a function of a package gives, where only settings and constants decide about it."""
    if not inspect.isfunction(function) or not describe.sources.package(function.__module__):
        return None
    try:
        (node,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, SyntaxError, TypeError, ValueError):  # a lambda within a call, no source
        return None
    if not isinstance(node, ast.FunctionDef) or not _is_settled(node, function.__globals__):
        return None
    value = describe.attempt("field", dotted(function), None, function, NotImplemented)
    return describe.value(value) if _is_json(value) else None


# What may stand in a function that always gives the same.
_SETTLED = (
    ast.FunctionDef, ast.arguments, ast.Return, ast.If, ast.Assign, ast.Expr, ast.Name, ast.Attribute,
    ast.expr_context, ast.IfExp, ast.BoolOp, ast.boolop, ast.UnaryOp, ast.unaryop, ast.Compare,
    ast.cmpop, ast.Call, getattr(ast, "Constant", ast.Name), getattr(ast, "Str", ast.Name),
    getattr(ast, "Num", ast.Name), getattr(ast, "NameConstant", ast.Name),
)  # fmt: skip


def _is_settled(node: Any, names: Record) -> bool:
    """Whether a function reads nothing but settings, models' constants and its own names."""
    own = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    for part in ast.walk(node):
        if not isinstance(part, _SETTLED):
            return False
        if isinstance(part, ast.Call):
            name = part.func.attr if isinstance(part.func, ast.Attribute) else ""
            name = part.func.id if isinstance(part.func, ast.Name) else name
            if name != "get_model" or part.keywords:
                return False
        elif isinstance(part, ast.Name) and part.id not in own:
            thing = names.get(part.id)
            known = isinstance(thing, type) or _is_json(thing) or part.id == "get_model"
            known = known or thing in (find("django.conf.settings"), find("django.apps.apps"))
            if thing is None or not known:
                return False
    return True


def _declaring(model: Any, field: Any) -> Any:
    """The class furthest along the MRO whose fields include this one: abstract bases are copied."""
    found = model
    for ancestor in model.__mro__:
        meta = vars(ancestor).get("_meta")
        if meta is not None and _is_abstract(ancestor):
            names = {other.name for other in meta.local_fields + meta.local_many_to_many}
            found = ancestor if field.name in names else found
    return found


def _choices(model: Any, field: Any) -> Record:
    flat = [(value, label) for value, label in field.flatchoices or () if value not in (None, "")]
    if not field.choices:
        return {"choices": None}
    pairs = [(_plain(value), str(label)) for value, label in field.flatchoices]
    found = _choices_enum(model, [value for value, _ in flat])
    members = [] if found is None else list(found.__members__.items())
    return {
        "choices": [pair for pair in pairs if _is_json(pair[0])],
        "choices_enum": None if found is None else dotted(found),
        "choices_members": [[name, _plain(member.value)] for name, member in members],
    }


def _choices_enum(model: Any, values: List[Any]) -> Any:
    """The enum, on the model or in its module, that has every value; an exact match goes first."""
    nearby = [vars(ancestor) for ancestor in model.__mro__ if not is_framework(ancestor.__module__)]
    nearby += [vars(sys.modules[ancestor.__module__]) for ancestor in model.__mro__[:1]]
    fallback = None
    wanted = {_hashable(value) for value in values}
    for namespace in nearby:
        for thing in list(namespace.values()):
            if not (isinstance(thing, type) and issubclass(thing, enum.Enum) and _is_simple(thing)):
                continue
            members = {_hashable(member.value) for member in thing}
            if wanted == members - {""}:
                return thing
            if wanted and wanted < members:
                fallback = fallback or thing
    return fallback


def _is_simple(cls: Any) -> bool:
    """Whether an enum has texts only, or whole numbers only."""
    kinds = {type(member.value) for member in cls}
    return kinds in ({str}, {int})


def _hashable(value: Any) -> Any:
    value = value.value if isinstance(value, enum.Enum) else value
    return value if isinstance(value, collections.abc.Hashable) else repr(value)


def _column_facts(field: Any, editor: Any) -> Record:
    connection = editor.connection
    record: Record = {"db_type": field.db_type(connection)}
    if record["db_type"] == "citext":
        lookup = connection.ops.lookup_cast("contains", field.get_internal_type())
        record["caseless"] = "citext" in lookup
    if not type(field).db_type.__module__.startswith("django."):
        record["usual_type"] = find("django.db.models.Field").db_type(field, connection)
    collation = field.db_parameters(connection=connection).get("collation")
    if collation:
        record["collation"] = text(collation)
    if getattr(field, "generated", False):
        sql, params = field.generated_sql(connection)
        generated = {"sql": _with_values(editor, sql, params), "stored": bool(field.db_persist)}
        if "returning_fields" in inspect.signature(field.model._do_update).parameters:
            generated["renewed_by"] = sorted(one.attname for one in field.referenced_fields)
        record["generated"] = generated
    not_provided = find("django.db.models.NOT_PROVIDED") or find(
        "django.db.models.fields.NOT_PROVIDED"
    )
    if getattr(field, "db_default", not_provided) is not not_provided:
        sql, params = editor.db_default_sql(field)
        record["db_default"] = _with_values(editor, sql, params)
    return record


def relation_facts(describe: Describer, field: Any) -> Record:
    """The relational side of a foreign key, one-to-one or many-to-many field."""
    remote = field.remote_field
    kind = "many_to_many" if field.many_to_many else "foreign_key"
    model = remote.model
    record = {
        "kind": "one_to_one" if field.one_to_one else kind,
        "model": model if isinstance(model, str) else model._meta.label,
        "accessor": None if _is_hidden(remote) else remote.get_accessor_name(),
        "query_name": field.related_query_name(),
        "symmetrical": bool(getattr(remote, "symmetrical", False)),
        "db_constraint": bool(getattr(field, "db_constraint", getattr(remote, "db_constraint", 1))),
        "parent_link": bool(getattr(remote, "parent_link", False)),
        "limit_choices_to": bool(getattr(remote, "limit_choices_to", None)),
    }
    on_delete = getattr(remote, "on_delete", None)
    if on_delete is not None:
        record.update(_on_delete(describe, on_delete))
    if field.many_to_many and remote.through is not None:  # None where the model is swapped
        record.update(
            through=remote.through._meta.label,
            through_auto=bool(remote.through._meta.auto_created),
            through_fields=[field.m2m_field_name(), field.m2m_reverse_field_name()],
            db_table=field.m2m_db_table(),
        )
    elif not field.many_to_many and getattr(field, "target_field", None) is not None:
        record["to_field"] = field.target_field.attname
    return record


def _on_delete(describe: Describer, on_delete: Any) -> Record:
    path = dotted(on_delete)
    if "SET.<locals>" in path:
        value = _cells(on_delete).get("value")  # `SET(callable)` closes over it
        if value is None:
            value = on_delete.deconstruct()[1][0]
        return {"on_delete": "SET", "on_delete_value": describe.value(value)}
    is_own = path.startswith("django.db.models.")
    if is_own and not inspect.isfunction(on_delete):  # DB_CASCADE and its kind, since Django 6.1
        return {"on_delete": str(on_delete)}
    return {"on_delete": path.rpartition(".")[2] if is_own else path}


def validator_facts(describe: Describer, validator: Any) -> Record:
    """A validator with the parameters that it was made with."""
    if inspect.isroutine(validator) or isinstance(validator, type):
        ref = describe.ref(validator) or {}
        return {"cls": dotted(validator), "source": ref["source"], "package": ref["package"]}
    ref = describe.ref(type(validator)) or {}
    params = {}
    names = set(vars(validator)) | _class_parameters(type(validator))
    for name in sorted(names - {"instance", "serializer_field", "serializer", "requires_context"}):
        if not name.startswith("_"):
            read = functools.partial(getattr, validator, name)
            found = describe.attempt("validator", name, ref["source"], read, None)
            if not (callable(found) and inspect.ismethod(found)):
                params[name] = _validator_parameter(describe, found)
    return {
        "cls": ref["path"],
        "source": ref["source"],
        "package": ref["package"],
        "params": params,
    }


def _class_parameters(cls: type) -> Set[str]:
    """The public plain class attributes along the MRO, such as `message` and `code`."""
    return {
        name
        for ancestor in cls.__mro__[:-1]
        for name, member in vars(ancestor).items()
        if not (callable(member) or isinstance(member, (staticmethod, classmethod, property)))
        and not name.startswith("_")
    }


def _validator_parameter(describe: Describer, found: Any) -> Json:
    if hasattr(found, "pattern") and hasattr(found, "flags"):
        return {"pattern": found.pattern, "flags": int(found.flags)}
    if isinstance(found, enum.Enum) and isinstance(found, int):
        return int(found)
    model = getattr(found, "model", None)
    if hasattr(found, "query") or (model is not None and hasattr(model, "_meta")):
        return found.model._meta.label
    return describe.parameter(found)


def _own_messages(field: Any, is_base: Callable[[str], bool], describe: Describer) -> Record:
    """The error messages that differ from those of the frameworks' classes."""
    base: Record = {}
    for ancestor in reversed(type(field).__mro__):
        if is_base(ancestor.__module__):
            base.update(vars(ancestor).get("default_error_messages", {}))
    own = getattr(field, "error_messages", None) or {}
    return {
        str(key): str(message)
        for key, message in own.items()
        if key not in base or str(base[key]) != str(message)
    }


# --- the schema that Django would write ----------------------------------------------------------


def open_editor(describe: Describer) -> Any:
    """A schema editor of the default database that only collects SQL; None where there is none."""

    def make() -> Any:
        connection = find("django.db.connections")["default"]
        if connection.vendor == "unknown" or connection.SchemaEditorClass is None:
            return None
        # What a connected Django would ask the server for; names do not depend on it.
        vars(connection)["pg_version"] = 170000
        vars(connection.features).update(
            supports_json_field=True, can_introspect_json_field=True, has_json_operators=True
        )
        if connection.vendor == "mysql" and "strangler_escapes" not in vars(connection):
            _told_server(connection, None, *_ASSUMED)
        if connection.vendor == "mysql":
            # the editor has a cursor for a question that is answered already; the project has none
            connection = copy.copy(connection)
            connection.cursor = lambda *_: None
        editor = connection.schema_editor(collect_sql=True)
        editor.deferred_sql = []
        if connection.vendor == "mysql":
            editor.quote_value = functools.partial(_escaped, connection)
        return editor

    return describe.attempt("schema", "the default database", None, make, None)


_PARTS = ("indexes", "uniques", "checks", "exclusions", "foreign_keys")


def schema_facts(describe: Describer, model: Any, editor: Any) -> Record:
    """Indexes, uniqueness, checks and foreign keys with the names that Django gives them."""
    label, source = model._meta.label, describe.sources.of_class(model)
    record: Record = {name: [] for name in _PARTS}
    steps = (_inline, _indexes, _together, _constraints)
    for step in steps:
        make = functools.partial(step, model, editor, record)
        describe.attempt("schema", label, source, make, None)
    return record


def _inline(model: Any, editor: Any, record: Record) -> None:
    """What stands within or follows from a column: UNIQUE, CHECK, REFERENCES."""
    connection = editor.connection
    for field in model._meta.local_fields:
        if field.column is None:
            continue
        if field.unique and not field.primary_key:
            record["uniques"].append({"name": None, "columns": [field.column], "inline": True})
        check = field.db_parameters(connection=connection).get("check")
        if check:
            record["checks"].append({"name": None, "sql": str(check), "column": field.column})
        if field.remote_field and getattr(field, "db_constraint", False):
            record["foreign_keys"].append(_foreign_key(model, editor, field))


def _foreign_key(model: Any, editor: Any, field: Any) -> Record:
    target = field.remote_field.model._meta
    name = None
    inline = editor.sql_create_inline_fk if editor.connection.vendor == "sqlite" else None
    if not inline:
        sql = str(editor._create_fk_sql(model, field, "_fk_%(to_table)s_%(to_column)s"))
        match = re.search(r"CONSTRAINT ({0}) FOREIGN KEY".format(_QUOTED), sql)
        name = _unquoted(match.group(1)) if match else None
    return {
        "column": field.column,
        "name": name,
        "to_table": target.db_table,
        "to_column": field.target_field.column,
        "deferrable": "DEFERRABLE" in (inline or editor.connection.ops.deferrable_sql()),
    }


def _reaches_tables(model: Any, option: str) -> bool:
    """Whether `indexes` or `constraints` that a class was given outside of its Meta are made.

    Migrations carry what a Meta names: where it names none, what was added later is not among it.
    """
    return option in model._meta.original_attrs or not _is_migrated(model._meta.app_label)


def _is_migrated(label: str) -> bool:
    found = find("django.db.migrations.loader.MigrationLoader").migrations_module(label)
    module = found[0] if isinstance(found, tuple) else found
    try:
        return module is not None and importlib.util.find_spec(module) is not None
    except ImportError:
        return False


def _indexes(model: Any, editor: Any, record: Record) -> None:
    of_fields: Set[str] = set()
    if hasattr(editor, "_field_indexes_sql"):
        for field in model._meta.local_fields:
            of_fields.update(str(sql) for sql in editor._field_indexes_sql(model, field))
    unmade: Set[str] = set()
    if not _reaches_tables(model, "indexes"):
        unmade.update(str(index.create_sql(model, editor)) for index in model._meta.indexes)
    for statement in editor._model_indexes_sql(model):
        sql = str(statement)
        if sql and sql not in unmade:
            record["indexes"].append(parse_index(sql, sql in of_fields))


def _together(model: Any, editor: Any, record: Record) -> None:
    meta = model._meta
    takes_fields = find("django.VERSION") >= (4, 0)
    for names in meta.unique_together:
        fields = [meta.get_field(name) for name in names]
        columns = fields if takes_fields else [field.column for field in fields]
        add_unique(str(editor._create_unique_sql(model, columns)), record)


def _constraints(model: Any, editor: Any, record: Record) -> None:
    check_class = find("django.db.models.CheckConstraint", ())
    unique_class = find("django.db.models.UniqueConstraint", ())
    if not _reaches_tables(model, "constraints"):
        return
    for constraint in getattr(model._meta, "constraints", ()):
        if check_class and isinstance(constraint, check_class):
            read = getattr(constraint, "_get_check_sql", None)
            sql = read(model, editor) if read else constraint.constraint_sql(model, editor)
            record["checks"].append({"name": constraint.name, "sql": str(sql)})
        elif unique_class and isinstance(constraint, unique_class):
            inline = constraint.constraint_sql(model, editor)
            add_unique(str(inline or constraint.create_sql(model, editor) or ""), record)
        elif type(constraint).__name__ == "ExclusionConstraint":
            record["exclusions"].append(
                parse_exclusion(str(constraint.constraint_sql(model, editor)))
            )


_QUOTED = r'(?:"(?:[^"]|"")+"|`(?:[^`]|``)+`)'
_INDEX = re.compile(
    r"CREATE\s+(?P<unique>UNIQUE\s+)?INDEX\s+(?:IF NOT EXISTS\s+)?(?P<name>{0})\s+ON\s+{0}\s*"
    r"(?:USING\s+(?P<method>\w+)\s*)?(?=\()".format(_QUOTED)
)
_COLUMN = re.compile(r"({0})(?:\s+(\w+_ops))?(?:\s+(DESC|ASC))?".format(_QUOTED))


def parse_index(sql: str, of_field: bool = False) -> Record:
    """A CREATE INDEX statement of Django's as an Index."""
    sql = sql.strip()
    match = _INDEX.match(sql)
    if match is None:
        raise ValueError("not an index: {}".format(sql))
    inner, rest = balanced(sql[match.end() :])
    items = [_COLUMN.fullmatch(item.strip()) for item in split_commas(inner)]
    included = re.search(r"\bINCLUDE\s*(?=\()", rest)
    condition = re.search(r"\bWHERE\s+(.*)$", rest, re.DOTALL)
    columns = [
        {
            "name": _unquoted(item.group(1)),
            "descending": item.group(3) == "DESC",
            "opclass": item.group(2),
        }
        for item in items
        if item is not None
    ]
    include = split_commas(balanced(rest[included.end() :])[0]) if included else []
    stored = re.search(r"\bWITH\s*\(([^()]*)\)", rest)
    tablespace = re.search(r"\bTABLESPACE\s+({0})".format(_QUOTED), rest)
    return {
        "name": _unquoted(match.group("name")),
        "storage": _storage(stored.group(1)) if stored else {},
        "tablespace": _unquoted(tablespace.group(1)) if tablespace else None,
        "columns": columns,
        "expressions": inner if None in items else None,
        "unique": bool(match.group("unique")),
        "condition": condition.group(1) if condition else None,
        "include": [_unquoted(item.strip()) for item in include],
        "method": (match.group("method") or "btree").lower(),
        "field_index": of_field,
        "sql": sql,
    }


def _storage(text: str) -> Dict[str, str]:
    pairs = (item.split("=", 1) for item in text.split(","))
    return {name.strip(): value.strip() for name, value in pairs}


_EXCLUSION = re.compile(r"CONSTRAINT\s+({0})\s+EXCLUDE\s+USING\s+(\w+)\s*(?=\()".format(_QUOTED))


def parse_exclusion(sql: str) -> Record:
    """A clause `CONSTRAINT … EXCLUDE USING …` of Django's as an Exclusion."""
    match = _EXCLUSION.match(sql.strip())
    if match is None:
        raise ValueError("not an exclusion constraint: {}".format(sql))
    inner, rest = balanced(sql.strip()[match.end() :])
    elements = []
    for item in split_commas(inner):
        expression, _, operator = item.rpartition(" WITH ")
        elements.append({"expression": expression.strip(), "operator": operator.strip()})
    included = re.search(r"\bINCLUDE\s*(?=\()", rest)
    include = split_commas(balanced(rest[included.end() :])[0]) if included else []
    where = re.search(r"\bWHERE\s*(?=\()", rest)
    deferrable = re.search(r"DEFERRABLE INITIALLY (\w+)", rest)
    return {
        "name": _unquoted(match.group(1)),
        "method": match.group(2).lower(),
        "elements": elements,
        "include": [_unquoted(item.strip()) for item in include],
        "condition": balanced(rest[where.end() :])[0] if where else None,
        "deferrable": deferrable.group(1).lower() if deferrable else None,
    }


def add_unique(sql: str, record: Record) -> None:
    """Sort a statement or clause that makes columns unique into indexes or uniques."""
    if not sql:
        return
    if re.match(r"\s*CREATE\b", sql):
        record["indexes"].append(parse_index(sql))
        return
    pattern = r"CONSTRAINT\s+({0})\s+UNIQUE\s*(?:KEY\s*)?(NULLS (?:NOT )?DISTINCT)?\s*(?=\()"
    match = re.search(pattern.format(_QUOTED), sql)
    if match is None:
        raise ValueError("not a unique constraint: {}".format(sql))
    inner, rest = balanced(sql[match.end() :])
    deferrable = re.search(r"DEFERRABLE INITIALLY (\w+)", rest)
    nulls = match.group(2)
    record["uniques"].append(
        {
            "name": _unquoted(match.group(1)),
            "columns": [_unquoted(item.strip()) for item in split_commas(inner)],
            "deferrable": deferrable.group(1).lower() if deferrable else None,
            "nulls_distinct": None if nulls is None else "NOT" not in nulls,
        }
    )


def balanced(sql: str) -> Tuple[str, str]:
    """What stands in the parentheses that the text starts with, and what follows them."""
    depth = 0
    for position, character in _outside_quotes(sql):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return sql[1:position], sql[position + 1 :]
    raise ValueError("parentheses do not match: {}".format(sql))


def split_commas(sql: str) -> List[str]:
    """The items of a list, split at commas outside of quotes and parentheses."""
    depth, start, items = 0, 0, []
    for position, character in _outside_quotes(sql):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            items.append(sql[start:position])
            start = position + 1
    return [*items, sql[start:]]


def _outside_quotes(sql: str) -> Iterator[Tuple[int, str]]:
    quote = ""
    for position, character in enumerate(sql):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'`":
            quote = character
        else:
            yield position, character


def _unquoted(name: str) -> str:
    name = _COLUMN.match(name).group(1) if _COLUMN.match(name) else name  # type: ignore[union-attr]
    return name[1:-1].replace(name[0] * 2, name[0]) if name[:1] in '"`' else name


# --- serializers ---------------------------------------------------------------------------------


def subclasses(cls: Any) -> List[type]:
    """All loaded subclasses, each once, in the order of their names and places."""
    found: Set[type] = set()
    waiting = [cls]
    while waiting:
        for child in type.__subclasses__(waiting.pop()):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return sorted(found, key=lambda child: (child.__module__, child.__qualname__))


def project_classes(describe: Describer, path: str) -> List[type]:
    """The project's own loaded subclasses of a class of some package."""
    base = find(path)
    if base is None:
        return []
    return [cls for cls in subclasses(base) if describe.sources.package(cls.__module__) is None]


def serializer_facts(describe: Describer, cls: Any) -> Record:
    """A serializer class, with the fields of an instance made without arguments."""
    record = describe.class_facts(cls)
    meta = getattr(cls, "Meta", None)
    model: Any = getattr(meta, "model", None)
    record.update(
        kind=_serializer_kind(cls),
        model=model._meta.label if hasattr(model, "_meta") else None,
        meta={
            name: describe.parameter(getattr(meta, name))
            for name in sorted(dir(meta))
            if not name.startswith("_") and name != "model"
        },
    )
    try:
        instance = _instance(cls)
        fields = instance.fields if hasattr(cls, "_declared_fields") else {}
        record["fields"] = [serializer_field(describe, field) for field in fields.values()]
        whole = _unchosen(cls, instance)
        if set(whole) != set(fields):
            record["whole"] = [serializer_field(describe, field) for field in whole.values()]
        record["validators"] = [
            validator_facts(describe, validator)
            for validator in getattr(instance, "validators", None) or ()
        ]
        record["error_messages"] = _own_messages(instance, _is_drf, describe)
    except Exception as error:  # Meta without a model, __init__ with arguments, anything
        record["problem"] = " ".join("{}: {}".format(type(error).__name__, error).split())
    return record


def _serializer_kind(cls: type) -> str:
    for kind, name in (
        ("hyperlinked", "HyperlinkedModelSerializer"),
        ("model", "ModelSerializer"),
        ("list", "ListSerializer"),
        ("plain", "Serializer"),
    ):
        if issubclass(cls, find("rest_framework.serializers." + name, ())):
            return kind
    return "base"


def _instance(cls: Any) -> Any:
    """An instance; where that asks for the request, one with a request in its context, of some user."""
    try:
        instance = cls()
        getattr(instance, "fields", None)
    except (KeyError, AttributeError):
        try:
            instance = cls(context={"request": fake_request("GET"), "view": None, "format": None})
            getattr(instance, "fields", None)
        except (TypeError, AttributeError):  # there, nobody may ask who is not known
            instance = cls(context=_made_context())
    return instance


def _unchosen(cls: Any, instance: Any) -> Any:
    """The fields of a serializer before its own `__init__` and `get_fields` take some away."""
    base: Any = next((c for c in cls.__mro__ if c.__module__.startswith("rest_framework.")), None)
    names = [name for name in ("__init__", "get_fields") if hasattr(base, name)]
    if not hasattr(cls, "_declared_fields") or not any(
        getattr(cls, name) is not getattr(base, name) for name in names
    ):
        return getattr(instance, "fields", {})
    bare = cls.__new__(cls)
    base.__init__(bare, context=_made_context())
    fields = find("rest_framework.utils.serializer_helpers.BindingDict")(bare)
    for name, field in base.get_fields(bare).items():
        fields[name] = field
    return fields


_DETAILS = (
    "max_length", "min_length", "allow_blank", "trim_whitespace", "max_value", "min_value",
    "max_digits", "decimal_places", "max_whole_digits", "coerce_to_string", "normalize_output",
    "localize", "rounding", "format", "input_formats", "allow_empty", "allow_empty_file",
    "allow_unicode", "uuid_format", "protocol", "binary", "encoder", "decoder", "html_cutoff",
    "datetime_format", "enforce_timezone", "timezone", "hidden", "lookup_url_kwarg",
)  # fmt: skip


def serializer_field(describe: Describer, field: Any, depth: int = 0) -> Record:
    """A bound field of an instantiated serializer."""
    cls, parent = type(field), field.parent
    declared = field.field_name in getattr(parent, "_declared_fields", {})
    place = None
    if declared:
        place, _ = describe.sources.of_attribute(type(parent), field.field_name)
    record = {
        "name": field.field_name or "",
        "cls": dotted(cls),
        "drf_cls": next(
            (dotted(c) for c in cls.__mro__ if c.__module__.startswith("rest_framework.")), None
        ),
        "package": describe.sources.package(cls.__module__),
        "source": field.source or "",
        "declared": declared,
        "line": place,
        "default": None if _is_empty(field.default) else describe.value(field.default),
        "initial": {"kind": "none"} if _is_empty(field.initial) else describe.value(field.initial),
        "label": text(field.label),
        "help_text": text(field.help_text),
        "style": {k: v for k, v in field.style.items() if _is_json(v) and isinstance(k, str)},
        "validators": [validator_facts(describe, v) for v in field.validators],
        "error_messages": _own_messages(field, _is_drf, describe),
        "options": _options(describe, field),
        "arguments": sorted(_arguments(field)),
    }
    for name in ("read_only", "write_only", "required", "allow_null"):
        record[name] = bool(getattr(field, name, False))
    record.update(_nested(describe, field, depth))
    record.update(_related(describe, field))
    model: Any = getattr(getattr(parent, "Meta", None), "model", None)
    if hasattr(model, "_meta"):
        names = {f.name for f in model._meta.get_fields()}
        record["model_field"] = field.source if field.source in names else None
        record["on_model"] = hasattr(model, field.source.partition(".")[0])
    return record


def _is_drf(module: str) -> bool:
    return module.startswith("rest_framework.")


def _is_empty(thing: Any) -> bool:
    return thing is find("rest_framework.fields.empty")


def _arguments(field: Any) -> Set[str]:
    """Names of the arguments that a field was made with."""
    given = set(getattr(field, "_kwargs", ()))
    values = getattr(field, "_args", ())
    if values:
        parameters = list(inspect.signature(type(field).__init__).parameters.values())[1:]
        names = [p.name for p in parameters if p.kind == p.POSITIONAL_OR_KEYWORD]
        given.update(names[: len(values)] if len(values) <= len(names) else ["*"])
    return given


def _options(describe: Describer, field: Any) -> Record:
    found: Record = {}
    given = _arguments(field)
    for name in _DETAILS:
        if name in vars(field) or hasattr(type(field), name):
            value = getattr(field, name, None)
            if value is None and name in given:
                found[name] = None
            elif not (_is_empty(value) or callable(value) or value is None) or isinstance(
                value, type
            ):
                plain = _is_json(value) or isinstance(value, (enum.Enum, type))
                found[name] = describe.parameter(value) if plain else str(value)
    if isinstance(field, find("rest_framework.fields.ChoiceField", ())):
        found["choices"] = [
            [_plain(key) if _is_json(key) else str(key), str(label)]
            for key, label in field.choices.items()
        ]
    return found


def _nested(describe: Describer, field: Any, depth: int) -> Record:
    """The child of a list, and the class, perhaps made on the fly, of a nested serializer."""
    base = find("rest_framework.serializers.BaseSerializer")
    several = isinstance(field, find("rest_framework.serializers.ListSerializer"))
    inner = field.child if several else field
    if isinstance(inner, base):
        record = {"serializer": dotted(type(inner)), "many": several}
        local = "<locals>" in type(inner).__qualname__
        record["given"] = sorted(_arguments(inner) - _of_serializers())
        if (local or record["given"]) and depth < 10 and hasattr(inner, "fields"):
            fields = inner.fields.values()
            record["nested_fields"] = [serializer_field(describe, f, depth + 1) for f in fields]
        return record
    child = getattr(field, "child_relation", None) or getattr(field, "child", None)
    if child is not None and depth < 10:
        return {"child": serializer_field(describe, child, depth + 1)}
    return {}


def _of_serializers() -> Set[str]:
    """Arguments that DRF's own serializers take."""
    names: Set[str] = {"many", "child", "allow_empty", "max_length", "min_length"}
    for path in ("fields.Field", "serializers.BaseSerializer", "serializers.ListSerializer"):
        cls = find("rest_framework." + path)
        names.update(inspect.signature(cls.__init__).parameters if cls else ())
    return names | set(find("rest_framework.serializers.LIST_SERIALIZER_KWARGS", ()))


def _related(describe: Describer, field: Any) -> Record:
    record: Record = {}
    for name in ("slug_field", "view_name", "lookup_field", "lookup_url_kwarg", "method_name"):
        value = getattr(field, name, None)
        record[name] = value if isinstance(value, str) else None
    use_url = getattr(field, "use_url", None)
    record["use_url"] = use_url if isinstance(use_url, bool) else None
    pk_field = getattr(field, "pk_field", None)
    record["pk_field"] = dotted(type(pk_field)) if pk_field is not None else None
    queryset = getattr(field, "queryset", None)
    if (
        isinstance(field, find("rest_framework.relations.RelatedField", ()))
        and queryset is not None
    ):
        record["queryset"] = queryset_facts(queryset)
    method = _rows_method(field)
    if method is not None:
        model = _given_model(field)
        record["rows"] = method
        record["queryset"] = {"model": model._meta.label, "plain": False} if model else None
    return record


_NAMED = ("PrimaryKeyRelatedField", "SlugRelatedField", "HyperlinkedRelatedField")


def _rows_method(field: Any) -> Optional[str]:
    """A relation's own `get_queryset`, where its classes add nothing else to one of DRF's."""
    bases = type(field).__mro__
    known = [c for c in bases if c.__module__ == "rest_framework.relations"]
    if not known or known[0].__name__ not in _NAMED:
        return None
    own = bases[: bases.index(known[0])]
    added = {name for c in own for name in vars(c) if not re.match("__.*__$", name)}
    special = {"__init__", "__new__", "__getattr__", "__getattribute__", "__deepcopy__"}
    if added != {"get_queryset"} or any(special & set(vars(c)) for c in own):
        return None
    return next(dotted(c) for c in own if "get_queryset" in vars(c)) + ".get_queryset"


def _given_model(field: Any) -> Any:
    """The model of the rows that a relation may name, as some user would be told."""
    several = isinstance(field.parent, find("rest_framework.serializers.ManyRelatedField", ()))
    outer = field.parent if several else field
    model: Any = getattr(getattr(outer.parent, "Meta", None), "model", None)
    if hasattr(model, "_meta"):
        for column in model._meta.get_fields():
            if column.name == outer.source and column.related_model is not None:
                return column.related_model
    given = getattr(field.root, "_context", None)
    try:
        field.root._context = _made_context()
        return getattr(field.get_queryset(), "model", None)
    except Exception:  # it asks for more than a user
        return None
    finally:
        field.root._context = given


def _made_context() -> Record:
    """What a serializer is told by a view that some user asks."""
    request = fake_request("GET")
    try:
        request.user = find("django.contrib.auth.get_user_model")()()
        request.user.pk = request.user.pk or 1
    except Exception:  # a project without users, or with users of another kind
        request.user = None
    return {"request": request, "view": None, "format": None}


def queryset_facts(queryset: Any) -> Optional[Record]:
    """A queryset or manager by its model; plain where it is the default manager's `all()`."""
    if hasattr(queryset, "get_queryset"):
        queryset = queryset.all()
    if not hasattr(queryset, "query"):
        return None
    related = queryset.query.select_related
    prefetched = getattr(queryset, "_prefetch_related_lookups", ())
    return {
        "model": queryset.model._meta.label,
        "plain": _is_plain(queryset),
        "select_related": sorted(_flattened(related))
        if isinstance(related, dict)
        else related or (),
        "prefetch_related": [str(getattr(item, "prefetch_to", item)) for item in prefetched],
    }


def _is_plain(queryset: Any) -> bool:
    default = queryset.model._default_manager.all()
    if queryset._db is not None or type(queryset) is not type(default):
        return False
    try:
        bare = queryset.select_related(None).prefetch_related(None)
        other = default.select_related(None).prefetch_related(None)
        return str(bare.query) == str(other.query)
    except Exception:  # `none()`, slices, expressions that need a server: not plain
        return False


def _flattened(tree: Any, prefix: str = "") -> Iterator[str]:
    for name, below in tree.items():
        if not below:
            yield prefix + name
        for path in _flattened(below, prefix + name + "__"):
            yield path


def fake_request(method: str, path: str = "/") -> Any:
    """An anonymous request that never came over any wire."""
    request = find("django.http.HttpRequest")()
    request.method, request.path, request.path_info = method, path, path
    request.META.update(
        REQUEST_METHOD=method, SERVER_NAME="testserver", SERVER_PORT="80", REMOTE_ADDR="127.0.0.1"
    )
    anonymous = find("django.contrib.auth.models.AnonymousUser")
    request.user = anonymous() if anonymous else None
    request.session = {}
    return request


# --- the URL resolver ----------------------------------------------------------------------------


class Template(NamedTuple):
    """A route as a path template; `exact`: the template says all that the route says."""

    path: str = ""
    converters: Tuple[Tuple[str, str], ...] = ()
    exact: bool = True
    anchored: bool = False
    optional_slash: bool = False


class RegexTemplate:
    """Turns a regular expression into a path template: one reading, left to right."""

    def __init__(self, pattern: str, anonymous: int) -> None:
        self._text, self._position = pattern, 0
        self._anonymous = anonymous
        self._parts: List[str] = []
        self._converters: List[Tuple[str, str]] = []
        self._exact, self._anchored, self._optional_slash = True, False, False
        self._ahead = ""  # a look-around that belongs to the parameter after it

    def read(self) -> Template:
        """The template of the whole expression."""
        while self._position < len(self._text):
            self._atom()
        return Template(
            "".join(self._parts),
            tuple(self._converters),
            self._exact,
            self._anchored,
            self._optional_slash,
        )

    def _atom(self) -> None:
        character = self._text[self._position]
        if character == "\\":
            self._escape()
        elif character == "(":
            self._group()
        elif character == "[":
            self._take_class()
        elif character == ".":
            self._position += 1
            self._parameter(".")
        elif character == "|":
            # Only the first alternative: the route itself stays in the facts.
            self._exact, self._position = False, len(self._text)
        else:
            self._position += 1
            if character == "$":
                self._anchored = True
            elif character != "^":
                self._literal(character)

    def _escape(self) -> None:
        following = self._text[self._position + 1 : self._position + 2]
        self._position += 2
        if following in {"Z", "z"}:
            self._anchored = True
        elif following in set("dDwWsS"):
            self._parameter("\\" + following)
        elif following not in {"A", "b", "B"}:
            self._literal(following)

    def _literal(self, character: str) -> None:
        quantifier = self._quantifier()
        self._ahead = ""
        self._parts.append(character)
        at_end = self._text[self._position :].lstrip("$") in {"", "\\Z", "\\z"}
        if quantifier == "?" and character == "/" and at_end:
            self._optional_slash = True
        elif quantifier:
            self._exact = False

    def _quantifier(self) -> str:
        match = re.compile(r"(?:[*+?]|\{\d*,?\d*\})[?+]?").match(self._text, self._position)
        if match is None:
            return ""
        self._position = match.end()
        return match.group()

    def _take_class(self) -> None:
        match = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]").match(self._text, self._position)
        if match is None:
            self._position += 1
            return
        self._position = match.end()
        inner = match.group()[1:-1].replace("\\", "")
        if len(inner) == 1 and inner != "^":
            self._literal(inner)
        else:
            self._parameter(match.group())

    def _parameter(self, pattern: str, name: Optional[str] = None) -> None:
        quantifier = self._quantifier()
        if name is None:
            self._anonymous += 1
            name, pattern = "arg{}".format(self._anonymous), pattern + quantifier
        elif quantifier:
            self._exact = False
        self._parts.append("{" + name + "}")
        self._converters.append((name, "regex:" + self._ahead + pattern))
        self._ahead = ""

    def _group(self) -> None:
        start = self._position
        end = self._closing(start)
        inner = self._text[start + 1 : end]
        self._position = end + 1
        named = re.match(r"\?P<(\w+)>(.*)$", inner, re.DOTALL)
        if named:
            self._parameter(named.group(2), named.group(1))
        elif inner.startswith("?:") or (not inner.startswith("?") and "(?P<" in inner):
            self._inline(inner[2:] if inner.startswith("?:") else inner)
        elif inner.startswith(("?!", "?=", "?<")):
            self._exact, self._ahead = False, "(" + inner + ")"
        elif inner.startswith("?"):
            self._exact = False
        else:
            self._parameter("(" + inner + ")")

    def _inline(self, inner: str) -> None:
        nested = RegexTemplate(inner, self._anonymous)
        template = nested.read()
        if self._quantifier():
            self._exact = False
        if "|" in inner and not template.exact and "(?P<" not in inner:
            self._parameter("(?:" + inner + ")")
            return
        self._anonymous = nested._anonymous
        self._parts.append(template.path)
        self._converters.extend(template.converters)
        self._exact = self._exact and template.exact and not template.optional_slash

    def _closing(self, start: int) -> int:
        depth, position = 0, start
        while position < len(self._text):
            character = self._text[position]
            if character == "\\":
                position += 1
            elif character == "[":
                match = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]").match(self._text, position)
                position = match.end() - 1 if match else position
            elif character in "()":
                depth += 1 if character == "(" else -1
                if depth == 0:
                    return position
            position += 1
        return len(self._text)


class Pattern(NamedTuple):
    """A leaf of the URL resolver, its prefixes included."""

    route: str
    template: Template
    callback: Any
    name: Optional[str]
    namespaces: Tuple[str, ...]
    app_names: Tuple[str, ...]
    arguments: Record
    expressions: Tuple[str, ...] = ()  # one a level, each searched in what the one above left
    certain: bool = True  # a path that matches the expressions resolves to this pattern


def url_patterns(describe: Describer) -> List[Pattern]:
    """Every leaf of the URL resolver, in the order in which Django tries them."""
    found: List[Pattern] = []
    resolver = find("django.urls.get_resolver")()
    root = Pattern("", Template(path="/"), None, None, (), (), {}, ("^/",))
    _descend(describe, resolver, root, found)
    return found


def _descend(describe: Describer, resolver: Any, above: Pattern, found: List[Pattern]) -> None:
    for entry in resolver.url_patterns:
        template = _joined(above.template, _template(entry, len(above.template.converters)))
        expression, certain = _expression(entry)
        below = above._replace(
            route=above.route + _route(entry),
            template=template,
            expressions=(*above.expressions, expression),
            certain=above.certain and certain,
            arguments=dict(
                above.arguments,
                **(getattr(entry, "default_args", None) or getattr(entry, "default_kwargs", {})),
            ),
        )
        if hasattr(entry, "url_patterns"):
            spaces = (entry.namespace,) if entry.namespace else ()
            names = (entry.app_name,) if entry.app_name else ()
            below = below._replace(
                namespaces=above.namespaces + spaces, app_names=above.app_names + names
            )
            describe.attempt(
                "urls",
                below.route,
                None,
                functools.partial(_descend, describe, entry, below, found),
                None,
            )
        else:
            found.append(below._replace(callback=entry.callback, name=entry.name))


def _route(entry: Any) -> str:
    pattern = getattr(entry, "pattern", None)
    return str(pattern) if pattern is not None else str(entry.regex.pattern)


def _expression(entry: Any) -> Tuple[str, bool]:
    """What Django matches at one level; not certain where more than the expression decides.

    Languages decide by the request, texts that are translated too, and converters of the project
    may refuse what their expression takes.
    """
    pattern = getattr(entry, "pattern", None)
    if type(pattern).__name__ == "LocalePrefixPattern" or hasattr(entry, "prefix_default_language"):
        languages = "|".join(re.escape(code) for code, _ in find("django.conf.settings").LANGUAGES)
        return "^(?:(?:{})/)?".format(languages), False
    holder = pattern if pattern is not None else entry
    text = getattr(holder, "_route", getattr(holder, "_regex", ""))
    kinds = {type(kind).__module__ for kind in getattr(holder, "converters", {}).values()}
    known = kinds <= {"django.urls.converters", "rest_framework.urlpatterns"}
    if not isinstance(text, str):
        return "", False
    return str(holder.regex.pattern), known


def _template(entry: Any, anonymous: int) -> Template:
    pattern = getattr(entry, "pattern", None)
    if type(pattern).__name__ == "LocalePrefixPattern" or hasattr(entry, "prefix_default_language"):
        languages = "|".join(code for code, _ in find("django.conf.settings").LANGUAGES)
        return Template("{language}/", (("language", "regex:" + languages),), exact=False)
    if pattern is None or not hasattr(pattern, "_route"):
        return RegexTemplate(_route(entry), anonymous).read()
    names = {
        id(kind): name for name, kind in find("django.urls.converters.get_converters")().items()
    }
    converters = []
    for name, converter in pattern.converters.items():
        known = names.get(id(converter), "")
        plain = known in {"int", "str", "slug", "uuid", "path"}
        converters.append((name, known if plain else "regex:" + converter.regex))
    path = re.sub(r"<(?:[^>:]+:)?([^>]+)>", r"{\1}", str(pattern))
    return Template(path, tuple(converters), True, True, False)


def _joined(above: Template, below: Template) -> Template:
    return Template(
        above.path + below.path,
        above.converters + below.converters,
        above.exact and below.exact,
        below.anchored,
        below.optional_slash,
    )


class Served(NamedTuple):
    """A pattern that answers: its final path and the format-suffix paths that belong to it."""

    pattern: Pattern
    path: str
    suffixes: Tuple[str, ...]
    any_suffix: bool


#: What `format_suffix_patterns` puts behind a path where it is not told which formats it allows.
_SUFFIXES = {"regex:[a-z0-9]+", "regex:\\.[a-z0-9]+/?"}
#: Converters that take nearly anything: the other one of two that collide carries its name.
_GENERAL = {"str", "regex:[^/.]+", "regex:[^/]+", "regex:.+"}


def served_patterns(describe: Describer, patterns: List[Pattern]) -> List[Served]:
    """Patterns that can be reached, each with a path of its own."""
    suffix = getattr(find("rest_framework.settings.api_settings"), "FORMAT_SUFFIX_KWARG", None)
    bases = {(p.template.path.rstrip("/"), id(p.callback)) for p in patterns}
    odd: Set[Tuple[str, int]] = set()
    caught: Set[Tuple[str, int]] = set()
    variants: Dict[Tuple[str, int], List[str]] = {}
    kept, seen = [], set()
    for pattern in patterns:
        bare = _without_suffix(pattern.template.path, suffix)
        if bare is not None and (bare, id(pattern.callback)) in bases:
            variants.setdefault((bare, id(pattern.callback)), []).append(pattern.template.path)
            if _is_caught(pattern, suffix):
                caught.add((bare, id(pattern.callback)))
            if pattern.template.converters[-1][1] not in _SUFFIXES:
                odd.add((bare, id(pattern.callback)))
            continue
        key = _identity(pattern)
        if key in seen:
            describe.problem("shadowed", "{}: an earlier pattern answers".format(pattern.route))
            continue
        seen.add(key)
        kept.append(pattern)
    for key in caught:
        del variants[key]
    paths = _final_paths(describe, kept)
    return [
        Served(
            pattern,
            path,
            tuple(variants.get((pattern.template.path.rstrip("/"), id(pattern.callback)), ())),
            (pattern.template.path.rstrip("/"), id(pattern.callback)) not in odd,
        )
        for pattern, path in zip(kept, paths)
        if path is not None
    ]


def _is_caught(pattern: Pattern, suffix: Optional[str]) -> bool:
    """Whether an earlier pattern takes the path with a format behind it."""
    name = re.escape("{%s}" % suffix)
    path = re.sub(name, "json", re.sub(r"(?<!\.)" + name, ".json", pattern.template.path))
    try:
        match = find("django.urls.resolve")(re.sub(r"{[^}]*}", "1", path))
    except Exception:  # Resolver404: a converter takes no number; or one of the project raises
        return False
    return match.func is not pattern.callback


def url_facts(patterns: List[Pattern], served: List[Served]) -> List[Record]:
    """Every leaf of the URL resolver in Django's order, with the path of its endpoints if any."""
    paths: Dict[int, str] = {id(entry.pattern): entry.path for entry in served}
    variants = {(s, id(e.pattern.callback)): e.path for e in served for s in e.suffixes}
    found: List[Record] = []
    for pattern in patterns:
        variant = variants.get((pattern.template.path, id(pattern.callback)))
        found.append(
            {
                "expressions": list(pattern.expressions),
                "certain": pattern.certain,
                "path": paths.get(id(pattern), variant),
                "name": ":".join((*pattern.namespaces, pattern.name)) if pattern.name else "",
                "converters": {
                    name: kind
                    for name, kind in pattern.template.converters
                    if not kind.startswith("regex:")
                },
                "arguments": sorted(pattern.arguments),
            }
        )
    return found


def _without_suffix(path: str, suffix: Optional[str]) -> Optional[str]:
    match = re.match(r"(.*?)/?\.?\{%s\}/?$" % re.escape(suffix or ""), path) if suffix else None
    return match.group(1) if match else None


def _shape(path: str) -> str:
    return re.sub(r"\{[^{}]*\}", "{}", path)


def _identity(pattern: Pattern) -> Tuple[Any, ...]:
    template = pattern.template
    raw = "" if template.exact and template.anchored else re.sub(r"\?P<\w+>", "", pattern.route)
    return _shape(template.path), tuple(kind for _, kind in template.converters), raw


def _final_paths(describe: Describer, patterns: List[Pattern]) -> List[Optional[str]]:
    """Templates; where two of one shape differ in their converters, those carry them."""
    groups: Dict[str, List[Pattern]] = {}
    for pattern in patterns:
        groups.setdefault(_shape(pattern.template.path), []).append(pattern)
    used: Set[str] = set()
    paths: List[Optional[str]] = []
    for pattern in patterns:
        path = _with_converters(pattern, groups[_shape(pattern.template.path)])
        path = re.sub(r"\s", lambda blank: "%{:02X}".format(ord(blank.group())), path)
        if path in used:
            describe.problem("ambiguous", "{}: no template of its own".format(pattern.route))
        paths.append(None if path in used else path)
        used.add(path)
    return paths


def _with_converters(pattern: Pattern, others: List[Pattern]) -> str:
    path = pattern.template.path
    for position, (name, kind) in enumerate(pattern.template.converters):
        kinds = {other.template.converters[position : position + 1] for other in others}
        shown = kind[len("regex:") :] if kind.startswith("regex:") else kind
        differing = len({entry[0][1] for entry in kinds if entry}) > 1
        if differing and kind not in _GENERAL and not re.search(r"\s", shown):
            path = path.replace("{" + name + "}", "{" + name + ":" + shown + "}")
    return path


# --- endpoints -----------------------------------------------------------------------------------

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE")
_NO_ENDPOINT = {"HEAD", "OPTIONS"}


class View:
    """What stands behind a URL pattern: a class with its arguments, or a function."""

    def __init__(self, describe: Describer, callback: Any) -> None:
        self.describe, self.callback = describe, callback
        inner = callback
        while isinstance(inner, functools.partial):
            inner = inner.func
        self.cls: Any = getattr(inner, "cls", None) or getattr(inner, "view_class", None)
        self.initkwargs: Record = dict(
            getattr(inner, "initkwargs", None) or getattr(inner, "view_initkwargs", None) or {}
        )
        self.actions: Optional[Dict[str, str]] = getattr(inner, "actions", None)
        base = find("rest_framework.views.APIView", ())
        self.is_drf = isinstance(self.cls, type) and bool(base) and issubclass(self.cls, base)
        self.function = _function_view(self.cls) if self.is_drf else None
        if self.cls is None:
            self.function = inspect.unwrap(inner) if callable(inner) else inner

    @property
    def path(self) -> str:
        """The dotted name of the class or function."""
        return dotted(self.function if self.function is not None else self.cls)

    def instance(self, method: str, action: Optional[str], arguments: Record) -> Any:
        """The view as it is while it serves a request of that method."""
        view = self.cls(**self.initkwargs)
        if self.actions:
            view.action_map = dict(self.actions)
            if "get" in self.actions and _heads_have_actions():
                view.action_map.setdefault("head", self.actions["get"])
            for name, handler in self.actions.items():
                setattr(view, name, getattr(view, handler))
        if hasattr(view, "get") and not hasattr(view, "head"):
            view.head = view.get
        view.args, view.kwargs = (), arguments
        view.format_kwarg = None
        request = fake_request(method if method != "ANY" else "GET")
        view.request = request
        if self.is_drf:
            view.action = action
            view.request = _drf_request(self.describe, view, request, self.path)
            view.request.user = request.user
        return view

    def handlers(self) -> List[Tuple[str, Optional[str]]]:
        """(method, action) of everything that the view serves; ANY where nothing limits it."""
        if self.actions:
            allowed = self._method_names()
            pairs = [(m.upper(), a) for m, a in self.actions.items() if m.lower() in allowed]
            return [pair for pair in pairs if pair[0] not in _NO_ENDPOINT]
        if self.cls is None:
            methods = [m for m in _limited_methods(self.callback) or [] if m not in _NO_ENDPOINT]
            return [(method, None) for method in methods] or [("ANY", None)]
        found = [m for m in self._method_names() if hasattr(self.cls, m)]
        methods = [m.upper() for m in found if m.upper() not in _NO_ENDPOINT]
        methods.sort(key=lambda m: _METHODS.index(m) if m in _METHODS else len(_METHODS))
        if not methods and not self.is_drf:
            return [("ANY", None)]
        return [(method, method.lower()) for method in methods]

    def _method_names(self) -> List[str]:
        names = self.initkwargs.get("http_method_names", self.cls.http_method_names)
        return [name.lower() for name in names]

    def kind(self, app_names: Iterable[str]) -> str:
        """`admin`, `drf`, `package` or `django`, as the report counts it."""
        if "admin" in app_names or hasattr(self.callback, "admin_site"):
            return "admin"
        behind = self.function if self.cls is None else self.cls
        module = str(getattr(behind, "__module__", None) or type(behind).__module__)
        own = self.describe.sources.package(module) is None
        if self.is_drf:
            given = {"queryset", "serializer_class"} & set(self.initkwargs)
            return "drf" if own or (given and module == "rest_framework.generics") else "package"
        return "django" if own or module.startswith("django.views.generic") else "package"


def _heads_have_actions() -> bool:
    """Whether this DRF takes a HEAD request for the action of GET; older ones know none for it."""
    as_view = find("rest_framework.viewsets.ViewSetMixin").as_view
    return "actions['head']" in inspect.getsource(as_view)


def _function_view(cls: Any) -> Any:
    """The function that `@api_view` wrapped, None for any other class."""
    if not is_function_view(cls):
        return None
    for name in cls.http_method_names:
        handler = vars(cls).get(name)
        cells = _cells(handler)
        if "func" in cells:
            return inspect.unwrap(cells["func"])
    return None


def _cells(function: Any) -> Record:
    """The variables that a closure holds."""
    code = getattr(function, "__code__", None)
    found = {}
    for name, cell in zip(
        getattr(code, "co_freevars", ()), getattr(function, "__closure__", None) or ()
    ):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # not filled yet
            continue
    return found


def _wrappers(function: Any) -> Iterator[Any]:
    """A function and what it wraps, from the outside in."""
    seen: Set[int] = set()
    while function is not None and id(function) not in seen:
        seen.add(id(function))
        yield function
        function = getattr(function, "__wrapped__", None)


def _limited_methods(callback: Any) -> Optional[List[str]]:
    """The methods that `require_http_methods` and its kind let through to a function."""
    for wrapper in _wrappers(callback):
        methods = _cells(wrapper).get("request_method_list")
        if methods:
            return [str(method).upper() for method in methods]
    return None


def decorators_of(describe: Describer, function: Any) -> List[str]:
    """The decorators around a function as far as wrappers tell, from the outside in."""
    found: List[Optional[str]] = []
    for wrapper in _wrappers(function):
        cells = _cells(wrapper)
        inner = cells.get("decorators")
        if inner is not None and "method" in cells:
            entries = list(inner) if isinstance(inner, (list, tuple)) else [inner]
            found.extend(_decorator_name(describe, entry) for entry in entries)
        elif hasattr(wrapper, "__wrapped__"):
            found.append(_decorator_name(describe, wrapper))
    return [name for name in found if name]


def around_callback(describe: Describer, callback: Any) -> List[str]:
    """What `urlpatterns` puts around `as_view()`, without what DRF itself puts there."""
    found: List[Optional[str]] = []
    for wrapper in _wrappers(callback):
        code = getattr(wrapper, "__code__", None)
        module = getattr(wrapper, "__globals__", {}).get("__name__", "")
        if code is None or (code.co_name == "view" and is_framework(module)):
            break
        if not (code.co_name == "view" or hasattr(wrapper, "__wrapped__")):
            break
        found.append(_decorator_name(describe, wrapper))
    if getattr(callback, "_non_atomic_requests", None):
        found.append("django.db.transaction.non_atomic_requests")
    exempt = "django.views.decorators.csrf.csrf_exempt"
    return [name for name in found if name and name != exempt]


def _middleware_of(wrapper: Any) -> Any:
    """The middleware that a decorator was made from, in its closure or in that of its parts."""
    cells = _cells(wrapper)
    parts = [_cells(part) for name, part in cells.items() if name != "view_func"]
    for closure in [cells, *parts]:
        for name in ("middleware", "middleware_class"):
            if closure.get(name) is not None:
                return closure[name]
    return None


def _decorator_name(describe: Describer, wrapper: Any) -> Optional[str]:
    middleware = _middleware_of(wrapper)
    if middleware is not None:
        return dotted(middleware)
    code = getattr(wrapper, "__code__", None)
    if code is None:
        return dotted(wrapper)
    name = describe.sources.enclosing(code) or str(getattr(wrapper, "__qualname__", ""))
    module = getattr(wrapper, "__globals__", {}).get("__name__", "")
    return "{}.{}".format(module, name.split(".<locals>")[0])


def _drf_request(describe: Describer, view: Any, request: Any, path: str) -> Any:
    try:
        return view.initialize_request(request)
    except (
        Exception
    ):  # authenticators and negotiators of the project are asked for later, one by one
        return find("rest_framework.request.Request")(request)


#: A value for each kind of URL argument, so that `get_queryset` and its like find their kwargs.
_SAMPLES = {"int": 1, "uuid": uuid.UUID(int=1), "regex:[0-9]+": "1", "regex:\\d+": "1"}


def endpoint_facts(describe: Describer, served: Served) -> List[Record]:
    """The endpoints of one URL pattern."""
    pattern = served.pattern
    view = View(describe, pattern.callback)
    common: Record = {
        "path": served.path,
        "route": pattern.route,
        "converters": dict(pattern.template.converters),
        "exact": pattern.template.exact and served.any_suffix,
        "anchored": pattern.template.anchored,
        "optional_slash": pattern.template.optional_slash,
        "url_name": pattern.name,
        "namespace": ":".join(pattern.namespaces) or None,
        "kind": view.kind(pattern.app_names),
        "view": view.path,
        "function_view": view.is_drf and view.function is not None,
        "url_arguments": {k: describe.value(v) for k, v in pattern.arguments.items()},
        "initkwargs": {k: describe.value(v) for k, v in view.initkwargs.items()},
        "suffix_variants": list(served.suffixes),
        "shadowed_by": shadow(pattern),
    }
    if view.cls is not None and common["kind"] != "admin":
        common.update(_class_part(describe, view))
    found = []
    for method, action in view.handlers():
        record = dict(common, id="{} {}".format(method, served.path), method=method, action=action)
        record.update(_handler_part(describe, view, action))
        if view.cls is not None:
            make = functools.partial(asked, describe, view, method, action, pattern)
            record.update(describe.attempt("endpoint", record["id"], record["source"], make, {}))
        found.append(record)
    return found


def shadow(pattern: Pattern) -> Optional[str]:
    """The route that answers instead where a path without variables is caught by an earlier one."""
    path = pattern.template.path
    if "{" in path or not pattern.template.exact:
        return None
    try:
        match = find("django.urls.resolve")(path)
    except Exception:  # Resolver404, or a converter of the project that raises
        return None
    if match.func is pattern.callback:
        return None
    return str(getattr(match, "route", None) or dotted(match.func))


def _class_part(describe: Describer, view: View) -> Record:
    facts = describe.class_facts(view.cls)
    part = {name: facts[name] for name in ("lineage", "methods", "attributes")}
    if view.function is not None:
        part.update(methods={}, lineage=[])
    return part


def _handler_part(describe: Describer, view: View, action: Optional[str]) -> Record:
    """Where the handler is written, what it says about itself, and what decorates it."""
    sources = describe.sources
    if view.function is not None:
        function = view.function
        place = (describe.ref(function) or {}).get("source")
        decorated = view.callback if view.cls is None else _wrapped_function(view.cls)
        outer = around_callback(describe, view.callback) if view.cls is not None else []
        return {
            "source": place,
            "docstring": _docstring(function),
            "decorators": outer + decorators_of(describe, decorated),
        }
    handler = inspect.getattr_static(view.cls, action, None) if action else None
    function = _function_of(handler)
    place = sources.of_function(function) if function is not None else None
    own = function is not None and not is_framework(function.__module__)
    decorators = around_callback(describe, view.callback)
    decorators += decorators_of(describe, getattr(view.cls, "dispatch", None))
    return {
        "source": place or sources.of_class(view.cls),
        "docstring": (_docstring(function) if own else None) or _docstring(view.cls),
        "decorators": decorators + decorators_of(describe, handler),
    }


def _wrapped_function(cls: Any) -> Any:
    for name in cls.http_method_names:
        cells = _cells(vars(cls).get(name))
        if "func" in cells:
            return cells["func"]
    return None


class Asking:
    """Asks a view instance; where project code raises, its class attributes answer instead."""

    def __init__(self, describe: Describer, view: Any) -> None:
        self.describe, self.view = describe, view
        self.dynamic: List[str] = []

    def call(self, name: str, fallback: Callable[[], Any]) -> Any:
        """The result of a method of the view, or that of the fallback."""
        method = getattr(self.view, name, None)
        if method is None:
            return fallback()
        try:
            return method()
        except Exception as error:  # project code that wants a real user, row or query
            self.dynamic.append("{}: {}: {}".format(name, type(error).__name__, error))
            return fallback()

    def classes(self, name: str, attribute: str) -> List[Any]:
        """Instances as the view makes them, or the classes that it declares."""
        return list(self.call(name, lambda: getattr(self.view, attribute, None) or ()) or ())

    def overrides(self, name: str) -> bool:
        """Whether somebody other than DRF defines a method of the view."""
        method = getattr(type(self.view), name, None)
        return method is not None and not is_framework(getattr(method, "__module__", None))


def asked(
    describe: Describer, view: View, method: str, action: Optional[str], pattern: Pattern
) -> Record:
    """What an instance of the view, about to serve this method, says about itself."""
    arguments = {name: _SAMPLES.get(kind, "1") for name, kind in pattern.template.converters}  # type: Record
    instance = view.instance(method, action, dict(pattern.arguments, **arguments))
    if not view.is_drf:
        allowed: Callable[[], List[str]] = getattr(instance, "_allowed_methods", list)
        return {"allowed_methods": [name.upper() for name in allowed()]}
    ask = Asking(describe, instance)
    record = {
        "allowed_methods": list(instance.allowed_methods),
        "name": text(ask.call("get_view_name", lambda: None)),
        "detail": getattr(instance, "detail", None),
    }
    record.update(_policies(describe, ask))
    record.update(_generic_part(describe, ask, view))
    record["options"] = describe.attempt(
        "options",
        pattern.template.path,
        None,
        lambda: _options_answer(view, method, instance),
        None,
    )
    record["dynamic"] = ask.dynamic
    if method == "GET" and "HEAD" in instance.allowed_methods:
        head = view.instance("HEAD", action, instance.kwargs)
        policies = _policies(describe, Asking(describe, head))
        if any(record[key] != policies[key] for key in policies):
            ask.dynamic.append("HEAD: other policies than for GET")
    return record


# Who overrides one of these may answer OPTIONS otherwise from request to request.
_SAID_BY_VIEWS = (
    "options", "get_serializer", "get_serializer_class", "get_serializer_context", "get_view_name",
    "get_view_description",
)  # fmt: skip
# Its views override `get_serializer_class`, but look at settings only.
_KNOWN_TO_SAY = ("rest_framework_simplejwt.views",)


def _options_answer(view: View, method: str, asked_view: Any) -> Optional[Record]:
    """What OPTIONS tells of the view, and of the fields that this method takes; None if that varies."""
    cls = getattr(asked_view, "metadata_class", None)
    names = [getattr(getattr(type(asked_view), n, None), "__module__", "") for n in _SAID_BY_VIEWS]
    if cls is not find("rest_framework.metadata.SimpleMetadata", ()):
        return None
    if any(name and not is_framework(name) and name not in _KNOWN_TO_SAY for name in names):
        return None
    instance = view.instance("OPTIONS", "metadata" if view.actions else None, asked_view.kwargs)
    metadata = cls()
    found: Record = {
        "name": instance.get_view_name(),
        "description": instance.get_view_description(),
        "renders": [renderer.media_type for renderer in instance.renderer_classes],
        "parses": [parser.media_type for parser in instance.parser_classes],
    }
    if method in ("PUT", "POST") and hasattr(instance, "get_serializer"):
        found["fields"] = metadata.get_serializer_info(instance.get_serializer())
    encoder = importlib.import_module("rest_framework.utils.encoders").JSONEncoder
    plain: Record = json.loads(json.dumps(found, cls=encoder))
    return plain


def _policies(describe: Describer, ask: Asking) -> Record:
    view = ask.view
    throttles = ask.classes("get_throttles", "throttle_classes")
    negotiator = ask.call("get_content_negotiator", lambda: view.content_negotiation_class)
    return {
        "permissions": [
            permission_tree(describe, item)
            for item in ask.classes("get_permissions", "permission_classes")
        ],
        "authenticators": _names(ask.classes("get_authenticators", "authentication_classes")),
        "throttles": [throttle_facts(item, view) for item in throttles],
        "parsers": _names(ask.classes("get_parsers", "parser_classes")),
        "renderers": _names(ask.classes("get_renderers", "renderer_classes")),
        "negotiation": dotted(negotiator) if negotiator else None,
        "versioning": _name(getattr(view, "versioning_class", None)),
        "metadata": _name(getattr(view, "metadata_class", None)),
    }


def _name(thing: Any) -> Optional[str]:
    return None if thing is None else dotted(thing)


def _names(things: Iterable[Any]) -> List[str]:
    return [dotted(thing) for thing in things]


def permission_tree(describe: Describer, item: Any) -> Record:
    """A permission instance or class with its operators, as DRF composes them."""
    holder = getattr(item, "operator_class", None)
    name = (holder or type(item)).__name__
    operators = {"AND": "and", "OR": "or", "NOT": "not"}
    own = find("rest_framework.permissions." + name)
    if name in operators and own is (holder or type(item)):
        suffix = "_class" if holder else ""
        parts = [getattr(item, part + suffix, None) for part in ("op1", "op2")]
        inner = [permission_tree(describe, part) for part in parts if part is not None]
        return {"op": operators[name], "of": inner}
    path = dotted(item)
    cls = item if isinstance(item, type) else type(item)
    asks = next((c for c in cls.__mro__ if "has_permission" in vars(c)), None)
    package = describe.sources.package(cls.__module__)
    return {"path": path, "package": package, "asks": dotted(asks) if asks else None}


def throttle_facts(item: Any, view: Any) -> Record:
    """A throttle with the scope and rate that it has in a view."""
    scope = getattr(item, "scope", None)
    rate = getattr(item, "rate", None)
    attribute = getattr(item, "scope_attr", None)
    if attribute:
        scope = getattr(view, attribute, None)
    if rate is None and scope:
        rate = (getattr(item, "THROTTLE_RATES", None) or {}).get(scope)
    return {"path": dotted(item), "scope": text(scope), "rate": text(rate)}


def _generic_part(describe: Describer, ask: Asking, view: View) -> Record:
    """What GenericAPIView adds; the same names on a plain APIView count as well."""
    instance = ask.view
    serializer = ask.call(
        "get_serializer_class", lambda: getattr(instance, "serializer_class", None)
    )
    backends = list(getattr(instance, "filter_backends", None) or ())
    paginator = getattr(instance, "pagination_class", None)
    lookup = getattr(instance, "lookup_field", None)
    return {
        "serializer": _name(serializer),
        "serializer_dynamic": ask.overrides("get_serializer_class"),
        "queryset": _queryset_part(describe, ask, view),
        "queryset_dynamic": ask.overrides("get_queryset"),
        "filter_backends": _names(backends),
        "filterset": filterset_name(view, _filterset_class(ask, backends)),
        "search_fields": _strings(getattr(instance, "search_fields", None)),
        "ordering_fields": _ordering_fields(getattr(instance, "ordering_fields", None)),
        "ordering": _strings(getattr(instance, "ordering", None)),
        "paginator": _name(paginator),
        "lookup_field": lookup,
        "lookup_url_kwarg": getattr(instance, "lookup_url_kwarg", None),
        "lookup_value_regex": getattr(instance, "lookup_value_regex", None),
    }


def _strings(value: Any) -> List[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else [str(item) for item in value]


def _ordering_fields(value: Any) -> Json:
    if value is None or value == "__all__":
        return value
    return [item if isinstance(item, str) else str(item[0]) for item in value]


def _queryset_part(describe: Describer, ask: Asking, view: View) -> Optional[Record]:
    """The declared queryset; where there is none, the model of what get_queryset returns."""
    declared = getattr(ask.view, "queryset", None)
    if declared is None and not ask.overrides("get_queryset"):
        return None
    source = declared if declared is not None else ask.call("get_queryset", lambda: None)
    record = queryset_facts(source) if source is not None else None
    if record is not None and declared is None:
        record["plain"] = False
    elif record is not None:
        record["expression_source"], _ = describe.sources.of_attribute(view.cls, "queryset")
    return record


def _filterset_class(ask: Asking, backends: List[Any]) -> Any:
    """The FilterSet that django-filter's backend uses, or makes, for the view."""
    base = find("django_filters.rest_framework.DjangoFilterBackend")
    for backend in backends:
        if base is None or not (isinstance(backend, type) and issubclass(backend, base)):
            continue
        try:
            return _of_backend(ask, backend())
        except Exception as error:  # a filterset that names a field which the model has not, …
            ask.dynamic.append("filterset: {}: {}".format(type(error).__name__, error))
    return None


def _of_backend(ask: Asking, backend: Any) -> Any:
    queryset = getattr(ask.view, "queryset", None)
    if queryset is None and ask.overrides("get_queryset"):
        queryset = ask.call("get_queryset", lambda: None)
        if queryset is None:
            queryset = _rows_of_somebody(ask)
    read = getattr(backend, "get_filterset_class", None) or backend.get_filter_class
    found = read(ask.view, queryset)
    names = [getattr(ask.view, name, None) for name in ("filterset_fields", "filter_fields")]
    if found is None and queryset is None and any(names):
        raise LookupError("nothing says which model the filtered rows are of")
    return found


def _rows_of_somebody(ask: Asking) -> Any:
    """What `get_queryset` gives to some user; else any rows of the model that the view shows."""
    request = ask.view.request
    asked_by = request.user
    try:
        request.user = find("django.contrib.auth.get_user_model")()()
        request.user.pk = request.user.pk or 1
        return ask.view.get_queryset()
    except Exception:  # it looks rows up
        pass
    finally:
        request.user = asked_by
    cls = ask.call("get_serializer_class", lambda: getattr(ask.view, "serializer_class", None))
    model: Any = getattr(getattr(cls, "Meta", None), "model", None)
    return model._default_manager.all() if hasattr(model, "_default_manager") else None


def filterset_name(view: View, cls: Any) -> Optional[str]:
    """The dotted name of a filterset; one made from `filterset_fields` is named after its view."""
    if cls is None:
        return None
    name = dotted(cls)
    if "<locals>" in name:
        name = "{}.{}".format(view.path, cls.__name__)
    view.describe.filtersets[name] = cls
    return name


def filterset_facts(describe: Describer, cls: Any, name: str) -> Record:
    """A FilterSet with all of its filters."""
    record = describe.class_facts(cls)
    options = getattr(cls, "_meta", None)
    model = getattr(options, "model", None)
    record.update(
        name=name,
        model=model._meta.label if model is not None else None,
        strict=getattr(cls, "strict", None)
        if isinstance(getattr(cls, "strict", 0), bool)
        else None,
    )
    form = getattr(options, "form", None)
    record["form"] = dotted(form) if form is not None else None
    filters = cls.base_filters.items()
    record["filters"] = [_filter(describe, cls, key, item) for key, item in filters]
    return record


def _filter_extra(describe: Describer, key: str, value: Any) -> Json:
    if hasattr(value, "query") or hasattr(value, "get_queryset"):
        found = queryset_facts(value) or {}
        # Rows of a narrower queryset are not those of the model: nothing may take them for that.
        return found.get("model") if found.get("plain") else "filtered %s" % found.get("model")
    if key == "choices" and not callable(value):
        return [[_plain(choice), str(label)] for choice, label in value]
    return describe.parameter(value)


def _filter(describe: Describer, cls: Any, name: str, item: Any) -> Record:
    extra = {}
    for key, value in item.extra.items():
        extra[str(key)] = _filter_extra(describe, key, value)
    null_label = getattr(find("django_filters.conf.settings"), "NULL_CHOICE_LABEL", None)
    if null_label is not None and hasattr(item, "null_value"):
        extra.setdefault("null_label", text(null_label))
    method = getattr(item, "method", None)
    if isinstance(method, str):
        method = getattr(cls, method, None)
    lookup = getattr(item, "lookup_expr", None)
    if not isinstance(lookup, str):
        extra["lookup_expr"] = describe.parameter(lookup)
    return {
        "name": name,
        "cls": dotted(type(item)),
        "bases": [dotted(base) for base in type(item).__bases__]
        if all(key.startswith("__") and key != "__init__" for key in vars(type(item)))
        else [],
        "field_name": getattr(item, "field_name", None) or getattr(item, "name", None),
        "lookup_expr": lookup if isinstance(lookup, str) else None,
        "exclude": bool(getattr(item, "exclude", False)),
        "conjoined": bool(getattr(item, "conjoined", False)),
        "distinct": bool(getattr(item, "distinct", False)),
        "method": describe.ref(method) if method is not None else None,
        "extra": extra,
        "field_cls": _name(getattr(item, "field_class", None)),
    }


# --- what endpoints are put together from --------------------------------------------------------


def loaded(name: str) -> Any:
    """The class of a dotted name, wherever its module ends."""
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        module = sys.modules.get(".".join(parts[:cut]))
        if module is not None:
            thing: Any = module
            for part in parts[cut:]:
                thing = getattr(thing, part, None)
            return thing if isinstance(thing, type) else None
    return None


def collected(describe: Describer, names: Iterable[str], *bases: str) -> List[type]:
    """The classes that endpoints name, and the project's own subclasses of these bases."""
    found = {cls for cls in map(loaded, names) if cls is not None}
    for base in bases:
        found.update(project_classes(describe, base))
    return sorted(found, key=dotted)


def permission_names(trees: Iterable[Record]) -> Iterator[str]:
    """The class names in permission trees."""
    for tree in trees:
        if tree.get("path"):
            yield tree["path"]
        for name in permission_names(tree.get("of", ())):
            yield name


def _permission(describe: Describer, cls: type) -> Record:
    """A permission class; where Django's tables are asked, with what its instances ask them for."""
    record = describe.class_facts(cls)
    granting = find("rest_framework.permissions.DjangoModelPermissions")
    if granting is not None and issubclass(cls, granting) and not is_framework(cls.__module__):
        made = describe.attempt("permission", dotted(cls), None, cls, None)
        for name in ("perms_map", "authenticated_users_only"):
            if hasattr(made, name):  # a maker may change it
                record["attributes"][name] = describe.value(getattr(made, name))
    return record


def component_facts(describe: Describer, endpoints: List[Record]) -> Record:
    """Permissions, paginators, throttles, authenticators, filtersets and other project classes."""
    mentioned = {
        key: {name for e in endpoints for name in e.get(key) or ()}
        for key in ("authenticators", "renderers", "parsers", "filter_backends")
    }
    single = {
        name
        for e in endpoints
        for key in ("negotiation", "versioning", "metadata")
        for name in [e.get(key)]
        if name
    }
    others = single.union(*(mentioned[k] for k in ("renderers", "parsers", "filter_backends")))
    permissions = {n for e in endpoints for n in permission_names(e.get("permissions") or ())}
    throttles = {t["path"] for e in endpoints for t in e.get("throttles") or ()}
    paginators = {e["paginator"] for e in endpoints if e.get("paginator")}
    # views may make them themselves
    paginators |= {
        "rest_framework.pagination." + n for n in ("PageNumberPagination", "LimitOffsetPagination")
    }
    own = [cls for cls in collected(describe, others) if not is_framework(cls.__module__)]

    def classes(code: str, names: Iterable[str], base: str, make: Any = None) -> List[Record]:
        found = collected(describe, names, "rest_framework." + base)
        return describe.each(code, found, make or describe.class_facts)

    return {
        "permissions": classes(
            "permission",
            permissions,
            "permissions.BasePermission",
            lambda c: _permission(describe, c),
        ),
        "authenticators": classes(
            "authenticator", mentioned["authenticators"], "authentication.BaseAuthentication"
        ),
        "throttles": classes(
            "throttle", throttles, "throttling.BaseThrottle", lambda c: _throttle(describe, c)
        ),
        "paginators": classes(
            "paginator", paginators, "pagination.BasePagination", lambda c: _paginator(describe, c)
        ),
        "classes": describe.each("class", own, describe.class_facts),
        "filtersets": _filtersets(describe),
    }


def _throttle(describe: Describer, cls: Any) -> Record:
    scope = getattr(cls, "scope", None)
    rate = getattr(cls, "rate", None)
    if rate is None and isinstance(scope, str):
        rate = (getattr(cls, "THROTTLE_RATES", None) or {}).get(scope)
    return dict(describe.class_facts(cls), scope=text(scope), rate=text(rate))


_PAGINATION = (
    "page_size", "page_query_param", "page_size_query_param", "max_page_size", "last_page_strings",
    "default_limit", "limit_query_param", "offset_query_param", "max_limit",
    "ordering", "cursor_query_param", "offset_cutoff", "invalid_page_message",
    "invalid_cursor_message",
)  # fmt: skip


def _paginator(describe: Describer, cls: Any) -> Record:
    record = describe.class_facts(cls)
    kinds = (
        ("page_number", "PageNumberPagination"),
        ("limit_offset", "LimitOffsetPagination"),
        ("cursor", "CursorPagination"),
    )
    record["kind"] = "other"
    record["overrides"] = list(describe.overrides(cls))
    for kind, name in kinds:
        base = find("rest_framework.pagination." + name)
        if base is not None and issubclass(cls, base):
            record["kind"] = kind
    for name in _PAGINATION:
        value = getattr(cls, name, None)
        if hasattr(cls, name) and not callable(value) and not isinstance(value, property):
            record["attributes"][name] = describe.value(value)
    return record


def _filtersets(describe: Describer) -> List[Record]:
    named = dict(describe.filtersets)
    for cls in project_classes(describe, "django_filters.filterset.BaseFilterSet"):
        named[dotted(cls)] = cls
    found: List[Record] = []
    for name, cls in sorted(named.items()):
        make = functools.partial(filterset_facts, describe, cls, name)
        source = describe.sources.of_class(cls)
        record = describe.attempt("filterset", name, source, make, None)
        if record is not None:
            found.append(record)
    return found


# --- signals, migrations, the independent walk ---------------------------------------------------


def receiver_facts(describe: Describer) -> List[Record]:
    """The receivers connected to Django's signals and to those in the project's modules."""
    models = list(find("django.apps.apps").get_models(include_auto_created=True))
    by_id = {id(model): model._meta.label for model in models}
    found: List[Record] = []
    for name, signal_ in _signals(describe):
        grouped: Dict[Any, Record] = collections.OrderedDict()
        for entry in signal_.receivers:
            (identity, sender), receiver = entry[0], entry[1]
            weak = hasattr(receiver, "__callback__") or type(receiver).__name__ == "WeakMethod"
            function = receiver() if weak else receiver
            heard = None if function is None else _heard_by(function, models)
            if function is None or heard == []:
                continue
            key = (id(getattr(function, "__func__", function)), str(identity))
            record = grouped.setdefault(
                key,
                {
                    "signal": name,
                    "function": describe.ref(function),
                    "senders": [],
                    "weak": weak,
                    "dispatch_uid": identity if isinstance(identity, str) else None,
                },
            )
            if sender != id(None):
                record["senders"].append(by_id.get(sender, "unknown"))
            elif heard is not None:
                record["senders"].extend(heard)
        found.extend(grouped.values())
    return found


def _heard_by(function: Any, models: Iterable[Any]) -> Optional[List[str]]:
    """The models that a receiver of all signals looks at, where it is known to choose; else None."""
    owner = getattr(function, "__self__", None)
    if dotted(type(owner)) != "imagekit.specs.sourcegroups.ModelSignalRouter":
        return None
    groups = getattr(owner, "_source_groups", ())
    sources = tuple(group.model_class for group in groups)
    return [model._meta.label for model in models if issubclass(model, sources)]


def _signals(describe: Describer) -> Iterator[Tuple[str, Any]]:
    base = find("django.dispatch.Signal")
    places = ["django.db.models.signals", "django.core.signals", "django.contrib.auth.signals"]
    own = [
        n for n in sorted(sys.modules) if n in sys.modules and describe.sources.package(n) is None
    ]
    seen: Set[int] = set()
    for module in places + own:
        for name, thing in sorted(vars(sys.modules.get(module, types)).items()):
            if isinstance(thing, base) and id(thing) not in seen and name != "setting_changed":
                seen.add(id(thing))
                yield (name if module == places[0] else "{}.{}".format(module, name)), thing


def migration_facts(describe: Describer) -> Record:
    """The migrations on disk; which of them a database has is never asked."""

    def read() -> List[Any]:
        loader = find("django.db.migrations.loader.MigrationLoader")(
            None, ignore_no_migrations=True
        )
        return sorted(list(key) for key in loader.disk_migrations)

    return {"applied": describe.attempt("migrations", "migrations", None, read, [])}


def walk(resolver: Any, prefix: str = "") -> Iterator[Tuple[str, Any]]:
    """Expressions with what answers, found another way: compiled expressions, bound handlers.

    It shares no code with the endpoints above, so that an endpoint that gets lost there is missed
    here. Format-suffix twins are known by their argument and by what answers, patterns that an equal earlier one hides
    by their text without group names.
    """
    for entry in resolver.url_patterns:
        holder = getattr(entry, "pattern", entry)
        localized = (
            "LocalePrefix" in type(holder).__name__ or "LocaleRegexURL" in type(entry).__name__
        )
        expression = prefix + ("(?P<language>[^/]+)/" if localized else holder.regex.pattern)
        if hasattr(entry, "url_patterns"):
            for pair in walk(entry, expression):
                yield pair
        else:
            yield expression, entry.callback


def _walk_methods(callback: Any) -> List[str]:
    actions = getattr(callback, "actions", None)
    cls = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
    drf = hasattr(callback, "cls")
    if cls is None:
        names: List[str] = []
        inner = callback
        while inner is not None and not names:
            closure = inspect.getclosurevars(inner).nonlocals if inspect.isfunction(inner) else {}
            names = list(closure.get("request_method_list", ()))
            inner = getattr(inner, "__wrapped__", None)
    else:
        settings = getattr(callback, "initkwargs", None) or getattr(callback, "view_initkwargs", {})
        names = settings.get("http_method_names", cls.http_method_names)
        names = [name for name in names if (name in actions if actions else hasattr(cls, name))]
    methods = {name.upper() for name in names} - {"HEAD", "OPTIONS"}
    return sorted(methods) or ([] if drf else ["ANY"])


def walked() -> List[Tuple[str, str]]:
    """(method, expression) pairs of the walk, format-suffix twins and hidden patterns left out."""
    settings = find("rest_framework.settings.api_settings")
    suffix = getattr(settings, "FORMAT_SUFFIX_KWARG", None) or "format"
    leaves = list(walk(find("django.urls.get_resolver")()))
    plain = {(_walk_key(expression), id(callback)) for expression, callback in leaves}
    twin = re.compile(
        r"/?(?:\\\.)?\(\?P<%s>(?:[^()]|\([^()]*\))*\)(?:/\?)?(?:\$|\\[Zz])?$" % suffix
    )
    kept: Dict[str, List[Tuple[str, str]]] = collections.OrderedDict()
    for expression, callback in leaves:
        base = twin.sub("", expression)
        bases = {(_walk_key(text), id(callback)) for text in (base, base + "/")}
        if base != expression and bases & plain:
            continue
        methods = _walk_methods(callback)
        kept.setdefault(_walk_key(expression), [(method, expression) for method in methods])
    return [pair for pairs in kept.values() for pair in pairs]


def _walk_key(expression: str) -> str:
    path = re.sub(r"\?P<\w+>", "", expression)
    path = re.sub(r"(?<!\\)[\^$]|\\[AZz]|\\(?=[^\w])", "", path)
    return path[:-1] if path.endswith("?") else path


# --- tasks ---------------------------------------------------------------------------------------

# What of Celery's settings decides about a message that is sent.
_CELERY = (
    "broker_connection_timeout", "broker_failover_strategy", "broker_heartbeat", "broker_login_method", "broker_transport",
    "broker_transport_options", "enable_utc", "task_always_eager", "task_compression", "task_create_missing_queue_exchange_type",
    "task_create_missing_queue_type", "task_create_missing_queues", "task_default_delivery_mode", "task_default_exchange",
    "task_default_exchange_type", "task_default_priority", "task_default_queue", "task_default_queue_type",
    "task_default_routing_key", "task_ignore_result", "task_inherit_parent_priority", "task_protocol", "task_publish_retry",
    "task_publish_retry_policy", "task_queue_max_priority", "task_routes", "task_send_sent_event", "task_serializer", "timezone",
)  # fmt: skip
_SENDING = (
    "delay",
    "apply_async",
    "shadow_name",
    "_get_exec_options",
    "_get_app",
    "signature_from_request",
)
_QUEUE = (
    "routing_key", "durable", "exclusive", "auto_delete", "queue_arguments", "max_priority", "expires", "message_ttl", "max_length",
    "max_length_bytes",
)  # fmt: skip


def celery_facts(describe: Describer) -> Optional[Record]:
    """The project's Celery application and its tasks; None where it has none."""
    if "celery" not in sys.modules or find("celery._state") is None:
        return None
    app = find("celery._state.get_current_app")()
    if not app.configured and all(name.startswith("celery.") for name in app.tasks):
        return None
    for config in find("django.apps.apps").get_app_configs():
        name = config.name + ".tasks"
        if describe.sources.package(config.name) is None and importlib.util.find_spec(name):
            load = functools.partial(importlib.import_module, name)
            describe.attempt("import", name, None, load, None)
    conf, obstacles = _celery_conf(app)
    return {
        "version": find("celery.__version__"),
        "conf": conf,
        "transport": str(app.conf.broker_url or "amqp").partition("://")[0],
        "obstacles": obstacles,
        "paths": sorted(
            "{}.{}".format(module, name)
            for module in list(sys.modules)
            if describe.sources.package(module) is None
            for name, value in list(vars(sys.modules.get(module) or types).items())
            if value is app
        ),
        "tasks": describe.each(
            "task",
            [name for name in sorted(app.tasks) if not name.startswith("celery.")],
            functools.partial(_task, app),
        ),
    }


def _celery_conf(app: Any) -> Tuple[Record, List[str]]:
    """Settings that differ from Celery's own, and why messages cannot be made from them alone."""
    usual = find("celery.Celery")("usual", set_as_current=False).conf
    found, obstacles = {}, []
    for name in _CELERY:
        value = getattr(app.conf, name, None)
        if value == getattr(usual, name, None):
            continue
        value = str(value) if name == "timezone" and value is not None else value
        if name == "task_routes" and isinstance(value, (str, list, tuple)):
            named = [value] if isinstance(value, str) else value
            value = object() if any(isinstance(each, str) for each in named) else value
        if _is_json(value):
            found[name] = _plain(value)
        else:
            obstacles.append("its setting `{}` is no plain value".format(name))
    if app.conf.broker_use_ssl:
        obstacles.append("its broker is reached by `broker_use_ssl`")
    queues = app.conf.task_queues or ()
    read = [_queue(each) for each in queues] if not isinstance(queues, dict) else [None]
    if None in read:
        obstacles.append("its setting `task_queues` holds more than plain queues")
    elif read:
        found["task_queues"] = read
    return found, obstacles + _celery_changes(app)


def _celery_changes(app: Any) -> List[str]:
    """What code of the project or of a package has to do with a message that is sent."""
    found = []
    signals = find("celery.signals")
    for name in ("before_task_publish", "after_task_publish"):
        if getattr(signals, name).receivers:
            found.append("its signal `{}` is heard".format(name))
    parts = (("send_task", type(app).send_task), ("amqp", type(app.amqp)))
    for name, part in parts:
        if not str(getattr(part, "__module__", "")).startswith("celery."):
            found.append("`{}` of it is not Celery's own".format(name))
    return found


def _queue(queue: Any) -> Optional[Record]:
    """A queue by what it was made with; None where it is more than that."""
    kombu, exchange = find("kombu"), queue.exchange
    if type(queue) is not kombu.Queue or queue.bindings or queue.alias or queue.no_declare:
        return None
    plain = kombu.Queue(queue.name)
    record = {n: getattr(queue, n) for n in _QUEUE if getattr(queue, n) != getattr(plain, n)}
    made = plain.exchange
    if exchange is not None and exchange.name:
        record["exchange"], record["exchange_type"] = exchange.name, exchange.type
        made = kombu.Exchange(exchange.name, exchange.type)
    more = {name: value for name, value in record.items() if not name.startswith("exchange")}
    if kombu.Queue(queue.name, made, **more) != queue or made != exchange:
        return None
    return _plain(dict(record, name=queue.name)) if _is_json(record) else None


def _task(app: Any, name: str) -> Record:
    """One task: where it is called, what Celery adds to its messages, what it takes."""
    task = app.tasks[name]
    function = getattr(task.run, "__func__", task.run)
    path = "{}.{}".format(function.__module__, function.__name__)
    module = sys.modules.get(function.__module__)
    held = getattr(module, function.__name__, None)
    if getattr(held, "name", None) != name:
        path = ""
    obstacles = [
        "its `{}` is not Celery's own".format(each)
        for each in _SENDING
        if hasattr(type(task), each)
        and not str(getattr(getattr(type(task), each), "__module__", "")).startswith("celery.")
    ]
    if task.app is not app and getattr(task, "app", None) != app:
        obstacles.append("it belongs to another Celery application")
    options = dict(task._get_exec_options())
    if not _is_json(options):
        obstacles.append("its options are no plain values")
    names = []
    for each in inspect.signature(task.run).parameters.values():
        names.append([each.name, int(each.kind), each.default is not each.empty])
    return {
        "name": name,
        "path": path,
        "options": {n: _plain(v) for n, v in options.items() if v is not None and _is_json(v)},
        "ignore_result": bool(task.ignore_result),
        "parameters": names if getattr(task, "typing", True) else None,
        "on_commit": hasattr(task, "delay_on_commit"),
        "obstacles": obstacles,
    }


# --- the whole -----------------------------------------------------------------------------------


def gather(describe: Describer, settings_module: str) -> Record:
    """All facts of the booted project."""
    settings = find("django.conf.settings")
    patterns = url_patterns(describe)  # imports every module of views
    describe.attempt("settings", "LANGUAGES", None, lambda: mark_texts(settings), None)
    editor = open_editor(describe)
    served = served_patterns(describe, patterns)
    endpoints = _endpoints(describe, served)
    models = find("django.apps.apps").get_models(include_auto_created=True, include_swapped=True)
    facts = {
        "version": 1,
        "legacy": {
            "python": platform.python_version(),
            "django": find("django.get_version")(),
            "drf": find("rest_framework.VERSION"),
            "packages": describe.attempt("packages", "distributions", None, distributions, {}),
        },
        "settings_module": settings_module,
        "root_urlconf": settings.ROOT_URLCONF,
        "settings": settings_facts(describe, settings),
        "pages": describe.attempt("pages", "error pages", None, page_facts, {}),
        "models": describe.each("model", models, functools.partial(_model, describe, editor)),
        "endpoints": endpoints,
        "urls": url_facts(patterns, served),
        "serializers": _serializers(describe, endpoints),
        "receivers": describe.attempt(
            "signals", "receivers", None, lambda: receiver_facts(describe), []
        ),
        "migrations": migration_facts(describe),
        "celery": describe.attempt("celery", "Celery", None, lambda: celery_facts(describe), None),
        "adopted": describe.attempt("packages", "sources", None, lambda: adopted(describe), {}),
        "adopted_settings": adopted_settings(describe),
    }
    facts.update(environment_facts(describe, settings))
    facts.update(component_facts(describe, endpoints))
    facts["problems"] = describe.problems
    clean: Record = redacted(facts, secrets_of(settings))
    return clean


def adopted(describe: Describer) -> Record:
    """The sources of the modules that are read as the project's own though they are installed."""
    found = {}
    for name, module in sorted(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if name.split(".")[0] in _ADOPTED and path and path.endswith(".py"):
            with open(path, encoding="utf-8") as file:
                found[str(describe.sources.relative(path))] = file.read()
    return found


# Objects that hold the settings of adopted packages, and where the names of these are.
_SETTING_OBJECTS = {
    "djoser.conf.settings": "djoser.conf.default_settings",
    "dj_rest_auth.app_settings.api_settings": "dj_rest_auth.app_settings.DEFAULTS",
}


def adopted_settings(describe: Describer) -> Record:
    """What the settings of these packages are in the project, by the path of the object."""
    found = {}
    for path, names in _SETTING_OBJECTS.items():
        if path.rpartition(".")[0] in sys.modules:
            values = {}
            for name in find(names, {}):
                read = functools.partial(getattr, find(path), name)
                value = describe.attempt("settings", name, None, read, _UNREAD)
                told = _UNREAD if value is _UNREAD else _setting(value)
                if told is not _UNREAD:
                    values[name] = told
            found[path] = values
    return found


_UNREAD = object()


def _loaded_item(value: Any, name: str) -> Any:
    """An item of a setting; djoser's mappings load what a path names when it is asked for."""
    try:
        return getattr(value, name, value[name])
    except Exception:  # it names nothing that can be imported, or is no name
        return _UNREAD


def _setting(value: Any) -> Any:
    """One setting: JSON, a class or function by its path, mappings and lists of these."""
    if value is None or type(value) in (bool, int, str):
        return value
    if isinstance(value, (type, types.FunctionType)):
        return {"path": dotted(value)}
    if isinstance(value, dict):
        each = {name: _setting(_loaded_item(value, name)) for name in map(str, value)}
        return {"items": {name: told for name, told in each.items() if told is not _UNREAD}}
    if isinstance(value, (list, tuple)):
        items = [_setting(item) for item in value]
        return _UNREAD if _UNREAD in items else items
    return _UNREAD


def _model(describe: Describer, editor: Any, model: Any) -> Record:
    return model_facts(describe, model, editor)


def _endpoints(describe: Describer, patterns: List[Served]) -> List[Record]:
    found: List[Record] = []
    for served in patterns:
        make = functools.partial(endpoint_facts, describe, served)
        found.extend(describe.attempt("endpoint", served.path, None, make, []))
    return found


def _serializers(describe: Describer, endpoints: List[Record]) -> List[Record]:
    """The project's serializers, and those of packages that an endpoint or a field needs."""
    if find("rest_framework.serializers.BaseSerializer") is None:
        return []
    for app in find("django.apps.apps").get_app_configs():
        if describe.sources.package(app.name) is None:
            name = app.name + ".serializers"
            if importlib.util.find_spec(name) is not None:
                load = functools.partial(importlib.import_module, name)
                describe.attempt("import", name, None, load, None)
    named = [e["serializer"] for e in endpoints if e.get("serializer")]
    classes = collected(describe, named, "rest_framework.serializers.BaseSerializer")
    return describe.each("serializer", classes, functools.partial(serializer_facts, describe))


_PR_SET_PDEATHSIG = 1


def limit_memory(amount: int) -> None:
    """No more address space than so many bytes, where the system can say so."""
    if amount and sys.platform.startswith("linux"):
        resource = importlib.import_module("resource")
        resource.setrlimit(resource.RLIMIT_AS, (amount, amount))


def end_with_parent() -> None:
    """Let the system kill this process when its parent is gone, killed even; Linux can."""
    if sys.platform.startswith("linux"):
        library = importlib.import_module("ctypes").CDLL(None)
        library.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def main(arguments: List[str]) -> int:
    """Write the facts, or why there are none, to the given file descriptor."""
    root, settings, pipe = arguments[0], arguments[1], int(arguments[2])
    options = json.loads(arguments[3]) if len(arguments) > 3 else {}
    os.set_inheritable(pipe, False)
    process = os.getpid()
    end_with_parent()
    sources = Sources(root, options.get("skip", ()))
    os.chdir(sources.root)
    limit_memory(options.get("memory", 0))
    if options.get("timeout"):
        faulthandler.dump_traceback_later(options["timeout"], exit=True, file=pipe)
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        module = boot(sources, settings)
        describe = Describer(sources)
        if options.get("walk"):
            answer = {"walk": walked()}  # type: Record
        elif "texts" in options:
            answer = {"languages": languages(options["texts"])}
        else:
            answer = {"facts": gather(describe, module)}
    except BaseException as error:  # whatever the project does becomes one clear line
        reason = explain(sources, error)
        answer = {
            "error": {"code": reason.code, "message": reason.message, "source": reason.source}
        }
        answer["error"]["trace"] = traceback.format_exc()[-4000:]
    faulthandler.cancel_dump_traceback_later()
    if os.getpid() != process:  # a copy that the project made with `os.fork`
        return 0
    with os.fdopen(pipe, "w", encoding="ascii") as out:
        json.dump(answer, out)
    return 0


if __name__ == "__main__":
    _code = main(sys.argv[1:])
    # Threads and exit handlers of the project have no say in when this ends.
    os._exit(_code)
