"""How legacy, the new application and the proxy are started."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from strangler.config import Config
from strangler.errors import UsageError
from strangler.legacy import environment_of, interpreter_of, root_of, settings_of
from strangler.serving.processes import Program
from strangler.verify.project import Project
from strangler.verify.source import database_url

_MAIN = "import sys; from strangler.cli import main; sys.exit(main())"
_NEW_SERVER = Path(__file__).with_name("new_server.py")


def project_of(config: Config, settings: str | None = None) -> Project:
    """Both applications of a configuration; `settings` as the facts know them."""
    return Project(
        path=root_of(config),
        settings=settings or settings_of(config),
        python=interpreter_of(config),
        out=config.at(config.new.path),
        app=config.new.app,
        new_python=config.new.python or sys.executable,
        environment=environment_of(config),
    )


def hello_of(project: Project) -> Mapping[str, Any]:
    """What the booted settings say, secrets included; they stay in memory."""
    with project.legacy(None, "none") as executor:
        return executor.hello


def secrets_of(project: Project, hello: Mapping[str, Any]) -> dict[str, str]:
    """The environment that the new application shares with legacy."""
    return {
        **hello["secrets"],
        "DATABASE_URL": database_url(project, hello),
        "MEDIA_ROOT": str(hello["media"]),
    }


def legacy_program(config: Config, project: Project) -> Program:
    """Gunicorn where the project has it, else its own manage.py."""
    place = _place(config.legacy.url)
    environment = {
        **project.environment,
        "DJANGO_SETTINGS_MODULE": project.settings,
        "PYTHONUNBUFFERED": "1",
    }
    wsgi = _wsgi_of(project)
    if wsgi and _has(project.python, "gunicorn", environment):
        # threads, since only they keep connections open between requests
        options = ["--worker-class", "gthread", "--threads", "8", "--workers", "1"]
        command = [project.python, "-m", "gunicorn", *options, "--bind", place, wsgi]
        command += ["--keep-alive", "30", "--log-level", "warning"]
    else:
        command = [project.python, "manage.py", "runserver", "--noreload", place]
    return Program("legacy", command, project.path, config.legacy.url, environment)


def new_program(config: Config, project: Project, hello: Mapping[str, Any], key: str) -> Program:
    """Uvicorn in `[new] python`; `key` puts the application in shadow mode when it is asked."""
    if (
        not (project.out / project.app.partition(":")[0].replace(".", "/"))
        .with_suffix(".py")
        .is_file()
    ):
        raise UsageError(
            f"there is no generated application in {project.out}", hint="strangler convert"
        )
    parts = urlsplit(config.new.url)
    boot = {
        "path": str(project.out),
        "app": project.app,
        "host": parts.hostname,
        "port": parts.port or 80,
        "environment": {**secrets_of(project, hello), "STRANGLER_PROXY_KEY": key},
    }
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    return Program(
        "new",
        [project.new_python, str(_NEW_SERVER)],
        project.out,
        config.new.url,
        environment,
        json.dumps(boot).encode(),
        patience=7.0,
    )


def proxy_program(config: Config, *arguments: str) -> Program:
    """The proxy; `arguments` lead it to the same configuration."""
    command = [sys.executable, "-c", _MAIN, "proxy", *arguments]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    url = f"http://{config.proxy.listen}"
    return Program("proxy", command, config.folder, url, environment, patience=12.0)


def _place(url: str) -> str:
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{host}:{parts.port or 80}"


def _wsgi_of(project: Project) -> str:
    """`shop.wsgi:application` beside `shop.settings`; empty where there is no such file."""
    parts = project.settings.split(".")
    for depth in range(len(parts) - 1, 0, -1):
        if project.path.joinpath(*parts[:depth], "wsgi.py").is_file():
            return f"{'.'.join(parts[:depth])}.wsgi:application"
    return ""


def _has(python: str, module: str, environment: Mapping[str, str]) -> bool:
    command = [python, "-c", f"import {module}"]
    done = subprocess.run(command, env=dict(environment), capture_output=True, check=False)
    return done.returncode == 0
