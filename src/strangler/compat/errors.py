"""Exceptions that views, validators and permissions raise, with the texts and shapes of DRF.

APIException                     500  .detail is text, a list or a dict of ErrorDetail
├── ValidationError (ValueError) 400  .detail is always a list or a dict
├── ParseError                   400
├── AuthenticationFailed         401
├── NotAuthenticated             401
├── PermissionDenied             403
├── NotFound                     404
├── MethodNotAllowed             405
├── NotAcceptable                406
├── UnsupportedMediaType         415
└── Throttled                    429
Http404                          404  the text is shown from DRF 3.15 on
Forbidden                        403  as above
InvalidValueError (ValueError)   500 when unhandled
ObjectDoesNotExist, MultipleObjectsReturned, ProtectedError, RestrictedError   500 when unhandled
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from .texts import ngettext


class ErrorDetail(str):
    """A message that also knows its machine-readable code."""

    __slots__ = ("code",)
    code: str | None

    def __new__(cls, text: str, code: str | None = None) -> "ErrorDetail":
        self = super().__new__(cls, text)
        self.code = code
        return self

    def __eq__(self, other: object) -> bool:
        same = str.__eq__(self, other)
        if same is NotImplemented or not isinstance(other, ErrorDetail):
            return same
        return same and self.code == other.code

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return str.__hash__(self)

    def __repr__(self) -> str:
        return f"ErrorDetail(string={str(self)!r}, code={self.code!r})"


def details(data: Any, code: str) -> Any:
    """Give every text below `data` a code: str -> ErrorDetail, containers keep their shape."""
    if isinstance(data, (list, tuple)):
        return [details(item, code) for item in data]
    if isinstance(data, dict):
        return {key: details(value, code) for key, value in data.items()}
    if isinstance(data, ErrorDetail):
        return data
    return ErrorDetail(str(data), code)


def _codes(detail: Any) -> Any:
    if isinstance(detail, list):
        return [_codes(item) for item in detail]
    if isinstance(detail, dict):
        return {key: _codes(value) for key, value in detail.items()}
    return detail.code


def _full(detail: Any) -> Any:
    if isinstance(detail, list):
        return [_full(item) for item in detail]
    if isinstance(detail, dict):
        return {key: _full(value) for key, value in detail.items()}
    return {"message": detail, "code": detail.code}


def detail_of(exc: Exception) -> Any:
    """The detail of an exception that should have one; AttributeError where it has none."""
    return exc.detail  # type: ignore[attr-defined]  # what has none fails here, as in DRF


class APIException(Exception):
    """An answer other than success: `status_code`, and `detail` as the body."""

    status_code: int = 500
    default_detail: ClassVar[Any] = "A server error occurred."
    default_code: ClassVar[str] = "error"

    def __init__(
        self, detail: Any = None, code: str | None = None, status_code: int | None = None
    ) -> None:
        text = self.default_detail if detail is None else detail
        self.detail: Any = details(text, self.default_code if code is None else code)
        if status_code is not None:
            self.status_code = status_code

    def __str__(self) -> str:
        return str(self.detail)

    def get_codes(self) -> Any:
        """Return the codes alone: {"name": ["required"]}."""
        return _codes(self.detail)

    def get_full_details(self) -> Any:
        """Return messages with codes: {"name": [{"message": …, "code": "required"}]}."""
        return _full(self.detail)


class ValidationError(APIException, ValueError):
    """Input was refused. A single text becomes a list of one."""

    status_code = 400
    default_detail = "Invalid input."
    default_code = "invalid"

    def __init__(self, detail: Any = None, code: str | None = None) -> None:
        text = self.default_detail if detail is None else detail
        if not isinstance(text, (dict, list, tuple)):
            text = [text]
        self.detail = details(text, self.default_code if code is None else code)


class ParseError(APIException):
    """The body could not be parsed."""

    status_code = 400
    default_detail = "Malformed request."
    default_code = "parse_error"


class AuthenticationFailed(APIException):
    """Credentials were given and are wrong."""

    status_code = 401
    default_detail = "Incorrect authentication credentials."
    default_code = "authentication_failed"


class NotAuthenticated(APIException):
    """No credentials were given where they are needed."""

    status_code = 401
    default_detail = "Authentication credentials were not provided."
    default_code = "not_authenticated"


class PermissionDenied(APIException):
    """The caller is known and may not do this."""

    status_code = 403
    default_detail = "You do not have permission to perform this action."
    default_code = "permission_denied"


class NotFound(APIException):
    """There is no such object for this caller."""

    status_code = 404
    default_detail = "Not found."
    default_code = "not_found"


class MethodNotAllowed(APIException):
    """The path exists, the method does not."""

    status_code = 405
    default_detail = 'Method "{method}" not allowed.'
    default_code = "method_not_allowed"

    def __init__(self, method: str, detail: Any = None, code: str | None = None) -> None:
        super().__init__(
            self.default_detail.format(method=method) if detail is None else detail, code
        )


class NotAcceptable(APIException):
    """No renderer satisfies the Accept header."""

    status_code = 406
    default_detail = "Could not satisfy the request Accept header."
    default_code = "not_acceptable"

    def __init__(
        self,
        detail: Any = None,
        code: str | None = None,
        available_renderers: Iterable[Any] | None = None,
    ) -> None:
        self.available_renderers = available_renderers
        super().__init__(detail, code)


class UnsupportedMediaType(APIException):
    """No parser reads this Content-Type."""

    status_code = 415
    default_detail = 'Unsupported media type "{media_type}" in request.'
    default_code = "unsupported_media_type"

    def __init__(self, media_type: str, detail: Any = None, code: str | None = None) -> None:
        if detail is None:
            detail = self.default_detail.format(media_type=media_type)
        super().__init__(detail, code)


class Throttled(APIException):
    """Too many requests; `wait` is in seconds."""

    status_code = 429
    default_detail = "Request was throttled."
    default_code = "throttled"
    extra_detail_singular: ClassVar[str] = "Expected available in {wait} second."
    extra_detail_plural: ClassVar[str] = "Expected available in {wait} seconds."

    def __init__(
        self, wait: float | None = None, detail: Any = None, code: str | None = None
    ) -> None:
        text = self.default_detail if detail is None else detail
        self.wait = None if wait is None else math.ceil(wait)
        if self.wait is not None:
            extra = ngettext(self.extra_detail_singular, self.extra_detail_plural, self.wait)
            text = f"{text} {extra.format(wait=self.wait)}"
        super().__init__(text, code)


class Http404(Exception):
    """Django's own not-found; without a text the answer says "Not found."."""


class Forbidden(Exception):
    """Django's own permission-denied, which is no APIException."""


class ObjectDoesNotExist(Exception):
    """A query for one object found none."""


class MultipleObjectsReturned(Exception):
    """A query for one object found several."""


class ProtectedError(Exception):
    """A delete would remove rows that `on_delete=PROTECT` keeps: `protected_objects`."""

    def __init__(self, message: str, protected_objects: Iterable[Any] = ()) -> None:
        self.protected_objects = set(protected_objects)
        super().__init__(message, self.protected_objects)


class RestrictedError(Exception):
    """A delete would remove rows that `on_delete=RESTRICT` keeps: `restricted_objects`."""

    def __init__(self, message: str, restricted_objects: Iterable[Any] = ()) -> None:
        self.restricted_objects = set(restricted_objects)
        super().__init__(message, self.restricted_objects)


class InvalidValueError(ValueError):
    """Django's ValidationError: a value that its column cannot hold, or that the project refuses.

    No client's fault, unless a finder or a serializer asked. Numbers raise a plain ValueError or
    TypeError, as in Django.
    """

    def __init__(self, message: str = "", params: Mapping[str, Any] | None = None) -> None:
        super().__init__(message % params if params else message)
        self.raw = message

    @property
    def message(self) -> str:
        """What is wrong, its gaps still open, as in Django."""
        return self.raw

    @property
    def messages(self) -> list[str]:
        """What is wrong, as Django's error lists it."""
        return [str(self)]

    @property
    def refused(self) -> Any:
        """What is wrong, as DRF shows it."""
        return [ErrorDetail(str(self), "invalid")]


class InvalidRowError(InvalidValueError):
    """What is wrong with a row, by the names of its fields; `__all__` for the row itself."""

    def __init__(self, errors: Mapping[str, list[ErrorDetail]]) -> None:
        self.errors = dict(errors)
        super().__init__(str({name: list(map(str, found)) for name, found in errors.items()}))

    @property
    def message(self) -> str:
        """Django's error has none where fields are named."""
        raise AttributeError("'ValidationError' object has no attribute 'message'")

    @property
    def messages(self) -> list[str]:
        """All that is wrong, one after the other."""
        return [str(text) for found in self.errors.values() for text in found]

    @property
    def refused(self) -> Any:
        """What is wrong, as DRF shows it."""
        return dict(self.errors)


# What Django and DRF call the classes that have another name here.
_LEGACY_NAMES = {
    "Forbidden": "PermissionDenied",
    "InvalidValueError": "ValidationError",
    "InvalidRowError": "ValidationError",
}


def legacy_name(error: Exception) -> str:
    """The name of the class that the legacy application would have raised."""
    name = type(error).__name__
    return _LEGACY_NAMES.get(name, name)
