"""One request as both applications get it."""

import base64
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import urlencode

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

    def with_query(self, **parameters: str) -> Self:
        """The same with a query string."""
        return replace(self, path=f"{self.path.partition('?')[0]}?{urlencode(parameters)}")

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
