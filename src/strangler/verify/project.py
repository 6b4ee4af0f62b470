"""What `verify` works on: the two applications and how to start each."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from strangler.verify.executor import LEGACY_SCRIPT, Executor
from strangler.verify.twins import Place

_ADDED = (
    "legacy_seeding",
    "legacy_rows",
    "legacy_users",
    "legacy_states",
    "legacy_copies",
    "legacy_credentials",
)


@dataclass(frozen=True)
class Project:
    """The legacy project and the application generated from it."""

    path: Path
    settings: str
    python: str
    out: Path
    app: str
    new_python: str
    #: What legacy's process finds in its environment, `[legacy] env_file` included.
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    #: Seconds one answer may take.
    seconds: float = 30.0
    #: `host:port` of services that both may reach; they cost the network namespace.
    services: tuple[str, ...] = ()

    def legacy(self, place: Place | None, isolation: str, **more: Any) -> Executor:
        """The legacy application on a twin; without one it only tells its settings.

        With `stays=True` it takes operations all the same, and has no business with a database.
        """
        boot = {
            "path": str(self.path),
            "settings": self.settings,
            "isolation": isolation,
            "allowed": list(place.allowed) if place else [],
            "services": list(self.services),
            "twin": place.boot() if place else None,
            **more,
        }
        return Executor(
            "legacy", self.python, boot, environment=self.environment, seconds=self.seconds
        )

    def seeding(self, place: Place, isolation: str) -> Executor:
        """The legacy application on the template, with the operations that fill it."""
        scripts = [LEGACY_SCRIPT.with_name(f"{name}.py") for name in _ADDED]
        return self.extended(self.legacy(place, isolation), *scripts)

    def extended(self, executor: Executor, *scripts: Path) -> Executor:
        """The executor with the operations that these files define."""
        try:
            for script in scripts:
                source = script.read_text(encoding="utf-8")
                executor.ask({"op": "add", "name": script.stem, "source": source})
        except BaseException:
            executor.close()
            raise
        return executor

    def new(self, place: Place, isolation: str, hello: Mapping[str, Any], media: str) -> Executor:
        """The generated application on a twin; secrets come from legacy's hello, by pipe."""
        boot = {
            "path": str(self.out),
            "app": self.app,
            "isolation": isolation,
            "allowed": list(place.allowed),
            "services": list(self.services),
            "https": hello["https"],
            "stores": hello["stores"],
            "backwards": True,
            "environment": {
                **hello["secrets"],
                "DATABASE_URL": place.url,
                "MEDIA_ROOT": media,
            },
        }
        return Executor("new", self.new_python, boot, seconds=self.seconds)
