"""Both applications on twins, for tests that send them the same request."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from strangler.config import discover, resolve
from strangler.diff import Difference
from strangler.errors import UsageError
from strangler.legacy import read_facts
from strangler.serving.programs import project_of
from strangler.verify.requests import Request
from strangler.verify.stage import staged


class Both:
    """Legacy and the generated application with equal rows; a context manager.

    path: The folder of manage.py. out, settings, python, database: As `strangler verify` has them.
    endpoints: Ids of those that are asked; rows and users are made for them as `verify` does.
    """

    def __init__(
        self,
        path: str,
        *,
        endpoints: Sequence[str],
        out: str | None = None,
        settings: str | None = None,
        python: str | None = None,
        database: str | None = None,
    ) -> None:
        self.config = resolve(
            discover(Path(path)),
            legacy_path=path,
            legacy_settings=settings,
            legacy_python=python,
            new_path=out,
        )
        self.endpoints, self.database = list(endpoints), database
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            facts = read_facts(self.config)
            known = {each.id: each for each in facts.endpoints}
            gone = [name for name in self.endpoints if name not in known]
            if gone:
                raise UsageError(f"legacy has no endpoint {gone[0]!r}")
            project = project_of(self.config, facts.settings_module)
            chosen = [known[name] for name in self.endpoints]
            stage = staged(project, facts, chosen, url=self.database)
            scene, self._lockstep = opened.enter_context(stage)
            self._roster, self._host = scene.roster, scene.hello["host"]
            self._open = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def differences(
        self,
        endpoint: str,
        path: str,
        *,
        user: str | None = None,
        authenticator: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> list[Difference]:
        """What counts among the differences of one request; the twins are as before afterwards.

        user: Key of a user, who proves it the way of `authenticator`, a class of Django REST
            framework by its dotted path. Without both the request is anonymous.
        """
        lines = (("Host", self._host), *(headers or {}).items())
        if user is not None and authenticator is not None:
            lines += tuple(self._roster.credentials[authenticator][user])
        request = Request(endpoint.partition(" ")[0], path, lines, body)
        return list(self._lockstep.run(request, endpoint).differences)
