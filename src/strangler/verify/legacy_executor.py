"""Runs the legacy Django project for `verify`, inside the project's own interpreter.

    python legacy_executor.py READ_FD WRITE_FD

One JSON object a line comes in on READ_FD, one goes out on WRITE_FD; what user code prints goes
elsewhere. The first line says how to boot (`boot`), its answer is the hello line. After that each
line names an operation, `request` for the most part. One file, Python 3.6 grammar, nothing but the
standard library and the project's own Django (1.10 or newer).
"""

import base64
import importlib
import importlib.util
import io
import json
import os
import platform
import runpy
import sys
import time
import traceback
import types
from typing import Any, Callable, Dict, List, Tuple
from urllib.parse import unquote_to_bytes

Message = Dict[str, Any]
Operation = Callable[[Message], Message]

#: Bytes of one answer that are kept; more is cut, and said so.
BODY_LIMIT = 16 * 1024 * 1024
_MAIL = "django.core.mail.backends.locmem.EmailBackend"
# They write down what Django does, in tables and pages that the new application has no use for.
_PROFILERS = (
    "silk.middleware.SilkyMiddleware",
    "debug_toolbar.middleware.DebugToolbarMiddleware",
)
_NO_DATABASE = {"ENGINE": "django.db.backends.dummy"}
#: Options of drivers that would lead elsewhere than to the twin's Unix socket.
_ELSEWHERE = (
    "service", "passfile", "host", "port", "user", "password", "dbname", "db", "database",
    "passwd", "unix_socket", "read_default_file", "read_default_group", "ssl", "ssl_mode",
)  # fmt: skip


def load(name: str) -> Any:
    """A module by its dotted name: Django is only ever reached so, after the boot line is read."""
    return importlib.import_module(name)


def beside(name: str) -> Any:
    """A module from the folder of this file, which is not on the path."""
    place = os.path.join(os.path.dirname(os.path.abspath(__file__)), name + ".py")
    spec: Any = importlib.util.spec_from_file_location("strangler_" + name, place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Channel:
    """JSON objects, one a line, on two file descriptors of our own."""

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self._reader = os.fdopen(read_fd, "rb")
        self._writer = os.fdopen(write_fd, "wb")
        self._process = os.getpid()

    def read(self) -> Any:
        """The next object, or None at the end."""
        line = self._reader.readline()
        return json.loads(line.decode("utf-8")) if line else None

    def write(self, message: Message) -> None:
        """Send one object; a copy of this process, made by `os.fork` in user code, ends here."""
        if os.getpid() != self._process:
            os._exit(0)
        self._writer.write(json.dumps(message).encode("ascii") + b"\n")
        self._writer.flush()


# --- Django --------------------------------------------------------------------------------------


def _twin(source: Message, twin: Message) -> Message:
    """The settings of one alias with the twin's place in it; options stay where they fit."""
    database = dict(source)
    for name in ("HOST", "PORT", "USER", "PASSWORD"):
        database[name] = ""
    if vendor_of(source.get("ENGINE", "")) != twin["vendor"]:
        database["ENGINE"] = "django.db.backends." + twin["vendor"]
        database["OPTIONS"] = {}
    options = dict(database.get("OPTIONS") or {})
    for name in _ELSEWHERE:
        options.pop(name, None)
    database["OPTIONS"] = options
    database["CONN_MAX_AGE"] = 0 if "pool" in options else None
    database["CONN_HEALTH_CHECKS"] = False
    database.update(twin["settings"])
    return database


def vendor_of(engine: str) -> str:
    """`sqlite3` of `django.db.backends.sqlite3` and of what is built on it."""
    lowered = engine.lower()
    if any(word in lowered for word in ("postg", "psql", "timescale", "pgvector")):
        return "postgresql"
    if any(word in lowered for word in ("mysql", "mariadb")):
        return "mysql"
    return next((word for word in ("sqlite", "spatialite") if word in lowered), "") and "sqlite3"


def _databases(configured: Message, twin: Message) -> Message:
    """Every alias: the twin for default and its replicas, nothing at all for the others."""
    default = configured.get("default") or {}
    place = [default.get(name) for name in ("ENGINE", "NAME", "PORT")]
    result = {}
    for alias, settings in configured.items():
        mirrors = (settings.get("TEST") or {}).get("MIRROR") == "default"
        same = [settings.get(name) for name in ("ENGINE", "NAME", "PORT")] == place
        twinned = alias == "default" or mirrors or same
        result[alias] = _twin(settings, twin) if twinned else dict(_NO_DATABASE)
    result.setdefault("default", _twin(default, twin))
    return result


def _hosts(settings: Any) -> List[str]:
    """ALLOWED_HOSTS with what DEBUG would have allowed, since DEBUG is off here."""
    hosts = list(settings.ALLOWED_HOSTS)
    return hosts or (["localhost", "127.0.0.1"] if settings.DEBUG else [])


def host_for(hosts: List[str]) -> str:
    """A Host header that the project accepts."""
    if not hosts or "*" in hosts or "localhost" in hosts:
        return "localhost"
    return hosts[0].lstrip(".")


class Handover(BaseException):
    """Raised where manage.py would hand over to Django's command line."""


def run_manage(path: str) -> None:
    """Run manage.py up to its command: paths that it adds and variables that it sets count."""
    management = load("django.core.management")

    def hand_over(*args: Any, **options: Any) -> None:
        raise Handover

    main, arguments = sys.modules["__main__"], sys.argv
    execute = management.execute_from_command_line
    management.execute_from_command_line = hand_over
    sys.argv = [os.path.join(path, "manage.py"), "check"]
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    except Handover:
        pass
    finally:
        sys.modules["__main__"], sys.argv = main, arguments
        management.execute_from_command_line = execute


def configure(boot: Message) -> Any:
    """Load the settings and put the twin, local mail, caches and files in place."""
    os.chdir(boot["path"])
    sys.path.insert(0, boot["path"])
    os.environ["DJANGO_SETTINGS_MODULE"] = boot["settings"]
    run_manage(boot["path"])
    os.environ["DJANGO_SETTINGS_MODULE"] = boot["settings"]
    settings = load("django.conf").settings
    if not boot.get("twin"):
        return settings
    settings.DATABASES = _databases(settings.DATABASES, boot["twin"])
    settings.EMAIL_BACKEND = _MAIL
    settings.CACHES = beside("legacy_caches").in_memory(settings.CACHES)
    if boot.get("media"):
        settings.MEDIA_ROOT = boot["media"]
    settings.ALLOWED_HOSTS = _hosts(settings)
    if getattr(settings, "MIDDLEWARE", None):  # None or missing: MIDDLEWARE_CLASSES of Django 1.x
        settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if each not in _PROFILERS]
    settings.DEBUG = False
    return settings


def hello(settings: Any, isolation: str) -> Message:
    """What the parent has to know; the secrets in it stay in memory."""
    hosts = _hosts(settings)
    default = dict(settings.DATABASES.get("default") or {})
    jwt = getattr(settings, "SIMPLE_JWT", None) or {}
    return {
        "ok": True,
        "isolation": isolation,
        "python": platform.python_version(),
        "django": load("django").get_version(),
        "secrets": {
            "SECRET_KEY": settings.SECRET_KEY,
            "JWT_SIGNING_KEY": str(jwt.get("SIGNING_KEY") or settings.SECRET_KEY),
            **beside("legacy_outside").addresses(settings),
        },
        "database": json.loads(json.dumps(default, default=str)),
        "vendor": vendor_of(default.get("ENGINE", "")),
        "host": host_for(hosts),
        "https": bool(settings.SECURE_SSL_REDIRECT),
        "media": str(settings.MEDIA_ROOT),
        "stores": beside("legacy_caches").servers(settings.CACHES),
        "time_zone": settings.TIME_ZONE if settings.USE_TZ else None,
    }


class Legacy:
    """The booted project: answers requests and whatever operations were added."""

    def __init__(self, guard: Any, boot: Message) -> None:
        self.guard = guard
        self.https = bool(boot.get("https"))
        self.errors: List[str] = []
        signals = load("django.core.signals")
        signals.got_request_exception.connect(self._remember, weak=False)
        self.handler = load("django.core.handlers.wsgi").WSGIHandler()
        self.effects = beside("legacy_effects").Effects(beside, guard)
        guard.stand_in.places.update(boot.get("stores", ()))
        self.effects.watch_django()
        self.operations: Dict[str, Operation] = {
            "request": self.request,
            "reset": self.reset,
            "add": self.add,
        }

    def _remember(self, **_: Any) -> None:
        self.errors.append(traceback.format_exc())

    def add(self, message: Message) -> Message:
        """Take in further operations: `source` defines `operations(legacy)` returning a dict.

        Sources that come later find it as the module `strangler_NAME`.
        """
        module: Any = types.ModuleType("strangler_" + message["name"])
        module.load = load
        exec(compile(message["source"], message["name"], "exec"), module.__dict__)
        sys.modules[module.__name__] = module
        self.operations.update(module.operations(self))
        return {"ok": True}

    def reset(self, message: Message) -> Message:
        """Forget caches and mail; with `connections` let go of the database too."""
        for cache in load("django.core.cache").caches.all():
            cache.clear()
        load("django.core.mail").outbox = []
        self.effects.forget()
        if message.get("connections"):
            load("django.db").connections.close_all()
        return {"ok": True}

    def request(self, message: Message) -> Message:
        """Send one request through the middleware and the view; answer with what a client sees."""
        answer: Dict[str, Any] = {}

        def start_response(status: str, headers: Any, exc_info: Any = None) -> None:
            answer["status"] = int(status.split(" ", 1)[0])
            answer["headers"] = [[str(name), str(value)] for name, value in headers]

        if message.get("fresh"):
            self.reset({})
        del self.errors[:]
        self.effects.take()
        environ = self._environ(message)
        started = time.time()
        try:
            response = self.handler(environ, start_response)
            body, complete = _collect(response)
        except Exception:
            answer = {"status": 500, "headers": []}
            body, complete = b"", True
            self.errors.append(traceback.format_exc())
        answer["started"], answer["ended"] = started, time.time()
        answer["body"] = base64.b64encode(body).decode("ascii")
        answer["complete"] = complete
        if answer["status"] >= 500:
            answer["error"] = "\n".join(self.errors)[-4000:]
        answer["refused"] = self.guard.take()
        self.effects.post()
        answer.update(self.effects.take())
        return answer

    def _environ(self, message: Message) -> Message:
        path, _, query = message["path"].partition("?")
        body = base64.b64decode(message.get("body") or "")
        environ: Dict[str, Any] = {
            "REQUEST_METHOD": message["method"],
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "REMOTE_ADDR": "127.0.0.1",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "443" if self.https else "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "https" if self.https else "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in message.get("headers") or []:
            if "_" in name:  # servers drop these, or two names could give one key
                continue
            key = name.upper().replace("-", "_")
            key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_" + key
            environ[key] = environ[key] + "," + value if key in environ else value
        if body or message["method"] in ("POST", "PUT", "PATCH"):
            environ["CONTENT_LENGTH"] = str(len(body))
        return environ


def _collect(response: Any) -> Tuple[bytes, bool]:
    """The body as bytes, up to the limit; closing the response lets Django end the request."""
    parts: List[bytes] = []
    size = 0
    try:
        for part in response:
            parts.append(part)
            size += len(part)
            if size > BODY_LIMIT:
                return b"".join(parts)[:BODY_LIMIT], False
    finally:
        response.close()
    return b"".join(parts), True


def is_own(filename: str) -> bool:
    """Whether a file is of the application that runs, which was entered at boot."""
    inside = os.path.realpath(filename).startswith(os.path.realpath(os.getcwd()) + os.sep)
    return inside and "site-packages" not in filename and os.path.isfile(filename)


def one_line(error: BaseException) -> str:
    """An exception with the place it comes from, for people."""
    frames = traceback.extract_tb(error.__traceback__)
    written = [frame for frame in frames if not frame.filename.startswith("<frozen")]
    own = [frame for frame in written if is_own(frame.filename)]
    last = (own or written)[-1:]
    place = "{}:{}: ".format(last[0].filename, last[0].lineno) if last else ""
    text = str(error)
    if isinstance(error, SyntaxError) and error.filename:
        place, text = "{}:{}: ".format(error.filename, error.lineno), error.msg
    return " ".join("{}{}: {}".format(place, type(error).__name__, text).split())


def serve(channel: Channel, operations: Dict[str, Operation]) -> None:
    """Answer lines until the parent closes the pipe; a failing operation is an answer too."""
    while True:
        message = channel.read()
        if message is None:
            return
        try:
            answer = operations[message["op"]](message)
        except Exception as error:
            answer = {"problem": one_line(error)}
        channel.write(answer)


def main() -> None:
    """Boot as the first line says, then serve."""
    channel = Channel(int(sys.argv[1]), int(sys.argv[2]))
    del sys.path[0]  # the folder of this file: its modules are not the project's
    boot = channel.read()
    guard = None
    try:
        isolation, guard = beside("legacy_isolation").isolate(boot)
        beside("legacy_hashing").remember_hashes()
        settings = configure(boot)
        greeting = hello(settings, isolation)
        if boot.get("twin") is None and not boot.get("stays"):
            channel.write(greeting)
            return
        if boot.get("backwards"):
            beside("legacy_orders").watch_django()
        load("django").setup()
        legacy = Legacy(guard, boot)
        load("django.urls").get_resolver().url_patterns  # noqa: B018  # imports the views now
        legacy.effects.install()
        # by now the project's modules are there, and its Celery with them
        greeting["secrets"].update(beside("legacy_outside").addresses(settings))
        greeting["refused"] = guard.take()
    except BaseException as error:  # SystemExit in settings too: the parent gets its one line
        channel.write({"problem": one_line(error), "refused": guard.take() if guard else []})
        return
    channel.write(greeting)
    serve(channel, legacy.operations)


if __name__ == "__main__":
    main()
