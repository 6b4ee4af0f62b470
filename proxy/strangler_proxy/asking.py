"""Asks a running proxy's admin listener, for the commands that show or change its state."""

import http.client
import json
import os
import time
from dataclasses import dataclass
from typing import Any

from strangler.config import Config
from strangler_proxy.settings import Address, address
from strangler_proxy.state import TOKEN_VARIABLE, StateFolder

_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where a proxy's admin listener is, and what opens it."""

    admin: Address
    token: str

    def get(self, path: str) -> Any:
        """The JSON at a path; None: nobody is there, or it is not ours."""
        connection = http.client.HTTPConnection(self.admin.host, self.admin.port, timeout=_SECONDS)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {self.token}"})
            answer = connection.getresponse()
            return json.loads(answer.read()) if answer.status == 200 else None
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()

    def takes(self, digest: str, seconds: float = _SECONDS) -> dict[str, Any] | None:
        """The status once the proxy's table is the one with this digest; None: it is not, in time.

        A proxy that refuses the file says so at once, in `routes.problem`.
        """
        end = time.monotonic() + seconds
        while (status := self.get("/status")) is not None:
            routes = status["routes"]
            if routes["digest"] == digest or routes["problem"]:
                return dict(status)
            if time.monotonic() > end:
                return None
            time.sleep(0.05)
        return None


def proxy_of(config: Config) -> Proxy | None:
    """The proxy that a configuration describes; None where no token was ever made."""
    folder = StateFolder.of(config)
    if not os.environ.get(TOKEN_VARIABLE) and not (folder.path / "admin.token").exists():
        return None
    return Proxy(address(config.proxy.admin), folder.token())
