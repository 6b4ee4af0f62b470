"""Runs the generated application for `verify`, in `[new] python`.

    python new_executor.py READ_FD WRITE_FD

Speaks as `legacy_executor.py` does, whose channel and isolation it borrows by path: that
interpreter need not have strangler installed. The first line brings the folder, the application's
name and the environment, secrets included, which therefore never touch the disk.
"""

import asyncio
import base64
import importlib
import importlib.util
import logging
import os
import platform
import sys
import time
import traceback
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from weakref import WeakSet

Message = dict[str, Any]


def _borrowed() -> Any:
    place = Path(__file__).with_name("legacy_executor.py")
    spec = importlib.util.spec_from_file_location("strangler_legacy_executor", place)
    if spec is None or spec.loader is None:
        raise ImportError(f"{place} is missing")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Engines:
    """The SQLAlchemy engines that connected, so that a twin can be replaced below them."""

    def __init__(self) -> None:
        self._seen: WeakSet[Any] = WeakSet()

    def watch(self) -> None:
        """Listen to every engine of the process; nothing to do without SQLAlchemy."""
        try:
            sqlalchemy = importlib.import_module("sqlalchemy")
        except ImportError:
            return
        remember = self._remember
        sqlalchemy.event.listen(sqlalchemy.Engine, "engine_connect", remember)

    def _remember(self, connection: Any) -> None:
        engine = connection.engine
        # an option engine shares the pool of the engine it was made from
        self._seen.add(getattr(engine, "_proxied", engine))

    async def dispose(self) -> None:
        """Close all pooled connections; the next request connects anew."""
        if not self._seen:
            return
        spawn = importlib.import_module("sqlalchemy.util.concurrency").greenlet_spawn
        for engine in list(self._seen):
            if engine.dialect.is_async:
                await spawn(engine.dispose)
            else:
                engine.dispose()


class Failures(logging.Handler):
    """Keeps the last exception that was logged: frameworks answer 500 and log the cause."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Called by `logging`."""
        if record.exc_info and record.exc_info[1] is not None:
            self._last = "".join(traceback.format_exception(record.exc_info[1]))

    def take(self) -> str:
        """The last one since the last call."""
        taken, self._last = self._last, ""
        return taken


class Application:
    """One ASGI application with its lifespan, driven without a server."""

    def __init__(self, app: Any, guard: Any, boot: Message, effects: Any, body_limit: int) -> None:
        self.app, self.guard, self.body_limit = app, guard, body_limit
        self.failures = Failures()
        self.effects = effects
        logging.getLogger().addHandler(self.failures)
        self.scheme = "https" if boot.get("https") else "http"
        self.state: dict[str, Any] = {}
        self._lifespan: asyncio.Task[None] | None = None
        self._started: asyncio.Event = asyncio.Event()
        self._stop: asyncio.Event = asyncio.Event()
        self._stopped: asyncio.Event = asyncio.Event()
        self._failure = ""

    async def start(self) -> None:
        """Run the start-up part of the lifespan; RuntimeError with its message when it fails."""
        self._lifespan = asyncio.get_running_loop().create_task(self._run_lifespan())
        await self._started.wait()
        if self._failure:
            raise RuntimeError(self._failure)

    async def stop(self) -> None:
        """Run the other part."""
        self._stop.set()
        if self._lifespan is not None:
            await asyncio.wait([self._lifespan], timeout=5)

    async def _run_lifespan(self) -> None:
        sent = False

        async def receive() -> Message:
            nonlocal sent
            if not sent:
                sent = True
                return {"type": "lifespan.startup"}
            await self._stop.wait()
            return {"type": "lifespan.shutdown"}

        async def send(message: Message) -> None:
            if message["type"] == "lifespan.startup.failed":
                self._failure = message.get("message") or "the lifespan failed"
            self._started.set()

        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": self.state}
        try:
            await self.app(scope, receive, send)
        except Exception:  # an application without lifespan raises: that is allowed
            traceback.print_exc()
        finally:
            self._started.set()

    async def request(self, message: Message) -> Message:
        """Send one request; answer with what a client sees."""
        client = _Client(base64.b64decode(message.get("body") or ""), self.body_limit)
        error = ""
        self.effects.take()
        started = time.time()
        try:
            await self.app(self._scope(message, len(client.body)), client.receive, client.send)
        except Exception:  # whatever the application raises is part of what it did
            error = traceback.format_exc()
        answer = client.answer()
        answer["started"], answer["ended"] = started, time.time()
        logged = self.failures.take()
        if answer["status"] >= 500:
            answer["error"] = (error or logged)[-4000:]
        answer["refused"] = self.guard.take()
        answer.update(self.effects.take())
        return answer

    def _scope(self, message: Message, length: int) -> Message:
        path, _, query = message["path"].partition("?")
        headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in message.get("headers") or []
        ]
        if length or message["method"] in {"POST", "PUT", "PATCH"}:
            headers.append((b"content-length", str(length).encode()))
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": message["method"],
            "scheme": self.scheme,
            "path": unquote(path),
            "raw_path": path.encode("latin-1"),
            "query_string": query.encode("latin-1"),
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 50000),
            "server": ("localhost", 443 if self.scheme == "https" else 80),
            "state": dict(self.state),
        }


class _Client:
    """The two ends of one request."""

    def __init__(self, body: bytes, limit: int) -> None:
        self.body, self.limit = body, limit
        self._asked = False
        self._status = 0
        self._headers: list[list[str]] = []
        self._parts: list[bytes] = []
        self._size = 0
        self._complete = False

    async def receive(self) -> Message:
        if self._asked:
            return {"type": "http.disconnect"}
        self._asked = True
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = [
                [name.decode("latin-1"), value.decode("latin-1")]
                for name, value in message.get("headers", ())
            ]
        elif message["type"] == "http.response.body":
            part = message.get("body", b"")
            self._parts.append(part[: max(0, self.limit - self._size)])
            self._size += len(part)
            self._complete = not message.get("more_body", False)

    def answer(self) -> Message:
        if not self._status:
            return {"status": 500, "headers": [], "body": "", "complete": True}
        return {
            "status": self._status,
            "headers": self._headers,
            "body": base64.b64encode(b"".join(self._parts)).decode("ascii"),
            "complete": self._complete and self._size <= self.limit,
        }


def _load(boot: Message) -> Any:
    os.chdir(boot["path"])
    sys.path.insert(0, boot["path"])
    os.environ.update(boot.get("environment") or {})
    module, _, name = boot["app"].partition(":")
    app: Any = importlib.import_module(module)
    for part in (name or "app").split("."):
        app = getattr(app, part)
    return app


def _clear_caches() -> None:
    """Forget what the application counts in the process between requests: its throttles."""
    for name, module in list(sys.modules.items()):
        if name.endswith(".compat.throttling"):
            clear = getattr(module.SimpleRateThrottle.cache, "clear", None)
            if callable(clear):
                clear()


def _serve(runner: asyncio.Runner, channel: Any, application: Application, engines: Engines) -> Any:
    def request(message: Message) -> Message:
        if message.get("fresh"):
            _clear_caches()
            application.effects.forget()
        return runner.run(application.request(message))

    def reset(message: Message) -> Message:
        _clear_caches()
        application.effects.forget()
        if message.get("connections"):
            runner.run(engines.dispose())
        return {"ok": True}

    return {"request": request, "reset": reset}


def main() -> None:
    """Boot as the first line says, then serve."""
    borrowed = _borrowed()
    channel = borrowed.Channel(int(sys.argv[1]), int(sys.argv[2]))
    del sys.path[0]  # the folder of this file: its modules are not the application's
    boot = channel.read()
    engines = Engines()
    with asyncio.Runner() as runner:
        guard = None
        try:
            isolation, guard = borrowed.beside("legacy_isolation").isolate(boot)
            borrowed.beside("legacy_hashing").remember_hashes()
            engines.watch()
            effects = borrowed.beside("legacy_effects").Effects(borrowed.beside, guard)
            guard.stand_in.places.update(boot.get("stores", ()))
            effects.watch_sqlalchemy()
            if boot.get("backwards"):
                borrowed.beside("legacy_orders").watch_sqlalchemy()
            app = _load(boot)
            effects.install()
            effects.keep_outbox()
            effects.watch_stores()
            application = Application(app, guard, boot, effects, borrowed.BODY_LIMIT)
            runner.run(application.start())
        except BaseException as error:  # SystemExit of settings too: the parent gets its one line
            refused = guard.take() if guard is not None else []
            channel.write({"problem": borrowed.one_line(error), "refused": refused})
            return
        channel.write({"ok": True, "isolation": isolation, "python": platform.python_version()})
        borrowed.serve(channel, _serve(runner, channel, application, engines))
        runner.run(application.stop())


if __name__ == "__main__":
    main()
