"""API versions, found where DRF's versioning classes look for them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from starlette.requests import Request

from . import settings
from .errors import NotAcceptable, NotFound
from .mediatypes import parse_header


class BaseVersioning:
    """Reads the version of a request; subclasses say where it is written."""

    invalid_version_message: ClassVar[str]
    default_version: ClassVar[str | None] = None
    allowed_versions: ClassVar[Sequence[str] | None] = None
    version_param: ClassVar[str | None] = None

    @property
    def parameter(self) -> str:
        """The name of the version among parameters."""
        return self.version_param or settings.VERSION_PARAM

    @property
    def default(self) -> str | None:
        """The version of requests that name none."""
        return self.default_version or settings.DEFAULT_VERSION

    def is_allowed(self, version: str | None) -> bool:
        """Whether requests may ask for `version`."""
        allowed = self.allowed_versions or settings.ALLOWED_VERSIONS
        if not allowed:
            return True
        return (version is not None and version == self.default) or version in allowed

    def determine(self, request: Request, media_type: str) -> str | None:
        """Return the version; raise NotFound or NotAcceptable when it may not be asked for."""
        version = self.read(request, media_type)
        if not self.is_allowed(version):
            raise self.refusal()
        return version

    def refusal(self) -> NotFound | NotAcceptable:
        """Return the error for a version that is not allowed."""
        return NotFound(self.invalid_version_message)

    def read(self, request: Request, media_type: str) -> str | None:
        """Return the version that the request names, else the default."""
        raise NotImplementedError


class AcceptHeaderVersioning(BaseVersioning):
    """`Accept: application/json; version=1.0`."""

    invalid_version_message = 'Invalid version in "Accept" header.'

    def read(self, request: Request, media_type: str) -> str | None:
        return parse_header(media_type)[1].get(self.parameter, self.default)

    def refusal(self) -> NotAcceptable:
        return NotAcceptable(self.invalid_version_message)


class URLPathVersioning(BaseVersioning):
    """`/v1/users/`, as the path parameter `version`."""

    invalid_version_message = "Invalid version in URL path."

    def read(self, request: Request, media_type: str) -> str | None:
        version: str | None = request.path_params.get(self.parameter, self.default)
        return self.default if version is None else version


@dataclass(frozen=True)
class NamespaceVersioning(BaseVersioning):
    """The namespace that the legacy route is in: the first part of it that is a version."""

    namespace: str = ""
    invalid_version_message = "Invalid version in URL path. Does not match any version namespace."

    def determine(self, request: Request, media_type: str) -> str | None:
        if not self.namespace:
            return self.default
        for version in self.namespace.split(":"):
            if self.is_allowed(version):
                return version
        raise self.refusal()


class QueryParameterVersioning(BaseVersioning):
    """`/users/?version=1.0`."""

    invalid_version_message = "Invalid version in query parameter."

    def read(self, request: Request, media_type: str) -> str | None:
        return request.query_params.get(self.parameter, self.default)


class HostNameVersioning(BaseVersioning):
    """`v1.example.com`."""

    invalid_version_message = "Invalid version in hostname."
    hostname_regex: ClassVar[re.Pattern[str]] = re.compile(
        r"^([a-zA-Z0-9]+)\.[a-zA-Z0-9]+\.[a-zA-Z0-9]+$"
    )

    def determine(self, request: Request, media_type: str) -> str | None:
        # a host without a version gets the default, be that allowed or not
        named = self.read(request, media_type)
        return self.default if named is None else super().determine(request, media_type)

    def read(self, request: Request, media_type: str) -> str | None:
        hostname = request.headers.get("host", "").partition(":")[0]
        match = self.hostname_regex.match(hostname)
        return match.group(1) if match else None
