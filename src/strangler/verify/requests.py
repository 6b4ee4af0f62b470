"""One request as both applications get it."""

import base64
import json
import re
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import parse_qs

#: Longest body that a report shows.
_SHOWN = 2000


@dataclass(frozen=True, slots=True)
class Request:
    """Method, path with query, headers in order, raw body."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def message(self) -> dict[str, Any]:
        """The line for an executor."""
        return {
            "op": "request",
            "method": self.method,
            "path": self.path,
            "headers": [list(pair) for pair in self.headers],
            "body": base64.b64encode(self.body).decode("ascii"),
        }

    def with_headers(self, *headers: tuple[str, str]) -> Self:
        """The same with further headers; one of the same name takes the old one's place."""
        names = {name.lower() for name, _ in headers}
        kept = tuple(pair for pair in self.headers if pair[0].lower() not in names)
        return replace(self, headers=kept + headers)

    def sender(self) -> tuple[tuple[str, str], ...]:
        """The headers that say who asks."""
        names = {"authorization", "cookie"}
        return tuple(pair for pair in self.headers if pair[0].lower() in names)

    def names(self, envelope: str | None = None) -> set[str]:
        """The top-level names in the body, however it is encoded; of the object under `envelope`."""
        media = next((v for k, v in self.headers if k.lower() == "content-type"), "")
        if media.startswith("application/json"):
            try:
                body = json.loads(self.body)
            except ValueError:
                return set()
            if envelope is not None and isinstance(body, dict):
                body = body.get(envelope)
            if isinstance(body, list):
                return {name for one in body if isinstance(one, dict) for name in one}
            return set(body) if isinstance(body, dict) else set()
        if media.startswith("multipart/"):
            return set(re.findall(r'form-data; name="([^"]*)"', self.body.decode("latin-1")))
        return set(parse_qs(self.body.decode("latin-1"), keep_blank_values=True))

    def shown(self) -> dict[str, Any]:
        """For reports: without credentials, the body as text where it is text."""
        visible = {
            name: "***" if name.lower() in {"authorization", "cookie", "x-csrftoken"} else value
            for name, value in self.headers
        }
        result: dict[str, Any] = {"method": self.method, "path": self.path, "headers": visible}
        if self.body:
            result["body"] = self.body.decode("utf-8", "replace")[:_SHOWN]
        return result
