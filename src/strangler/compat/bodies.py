"""Request bodies, parsed when a handler reads them, with DRF's refusals."""

import codecs
import io
import json
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, NoReturn, cast
from urllib.parse import parse_qsl

from anyio import from_thread
from sqlalchemy.util import await_only
from sqlalchemy.util.concurrency import in_greenlet
from starlette.datastructures import FormData, ImmutableMultiDict, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from . import settings
from .charsets import declared_charset
from .errors import ParseError, UnsupportedMediaType
from .mediatypes import MediaType, parse_header
from .multipart import Completed
from .urls import SuspiciousRequest


@dataclass(frozen=True)
class Parser:
    """A media type of bodies and what reads them."""

    media_type: str
    parse: Callable[[Request, str], Awaitable[Any]]


def content_length(request: Request) -> int:
    """Return the announced size; a body without one counts as empty, as under WSGI."""
    try:
        return int(request.headers.get("content-length") or 0)
    except ValueError:
        return 0


def _check_size(request: Request) -> None:
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if limit is not None and settings.DRF >= (3, 18) and content_length(request) > limit:
        raise SuspiciousRequest("Request body exceeded DATA_UPLOAD_MAX_MEMORY_SIZE.")


def _encoding(content_type: str) -> str:
    charset = declared_charset(content_type)
    try:
        # Refuses codecs from bytes to bytes, which could blow a small body up.
        "".encode(charset)
    except (LookupError, UnicodeError):
        text = f'Unsupported charset "{charset}" in request Content-Type header.'
        raise ParseError(text) from None
    return charset


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"Out of range float values are not JSON compliant: {name!r}")


async def parse_json(request: Request, content_type: str) -> Any:
    """Read a JSON body; errors carry the text of Python's own parser."""
    _check_size(request)
    encoding = _encoding(content_type)
    stream = codecs.getreader(encoding)(io.BytesIO(await request.body()))
    constant = _refuse_constant if settings.STRICT_JSON else None
    try:
        return json.loads(stream.read(), parse_constant=constant)
    except ValueError as error:
        raise ParseError(f"JSON parse error - {error}") from None


def _query_text(body: bytes, encoding: str) -> str:
    try:
        return body.decode(encoding)
    except UnicodeDecodeError:
        return body.decode("iso-8859-1")


async def parse_form(request: Request, content_type: str) -> FormData:
    """Read a urlencoded body; blank values are kept."""
    _check_size(request)
    encoding = _encoding(content_type)
    text = _query_text(await request.body(), encoding)
    try:
        pairs = parse_qsl(
            text,
            keep_blank_values=True,
            encoding=encoding,
            max_num_fields=settings.DATA_UPLOAD_MAX_NUMBER_FIELDS,
        )
    except ValueError as error:
        raise SuspiciousRequest(str(error)) from None
    return FormData([*pairs])


def _boundary(content_type: str) -> str:
    try:
        boundary = parse_header(content_type)[1].get("boundary")
    except ValueError:
        boundary = None
    if not boundary or len(boundary) > 200 or not boundary.isascii():
        raise ParseError(f"Multipart form parse error - Invalid boundary in multipart: {boundary}")
    return boundary


def _clean_name(name: str) -> str:
    """Keep the last part of a path, Windows' or not, without characters that do not print."""
    name = os.path.basename(name.replace("\\", "/"))
    return "".join(char for char in name if char.isprintable()).strip()


class Upload(UploadFile):
    """An uploaded file, which code of the legacy application reads as it read Django's.

    Unlike Starlette's, `read` and `seek` do not have to be awaited.
    """

    @property
    def name(self) -> str:
        """The file's name, without folders."""
        return self.filename or ""

    @property
    def content_type(self) -> str | None:
        """The type that the client told, without parameters."""
        return (self.headers.get("content-type") or "").partition(";")[0].strip()

    def read(self, size: int = -1) -> bytes:  # type: ignore[override]  # as Django's
        """Return the next bytes, all by default."""
        return self.file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:  # type: ignore[override]  # as Django's
        """Move to another place in the file."""
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place in the file."""
        return self.file.tell()

    def chunks(self, chunk_size: int = 64 * 1024) -> Iterator[bytes]:
        """Give the whole file, part by part."""
        self.file.seek(0)
        while part := self.file.read(chunk_size):
            yield part

    def multiple_chunks(self, chunk_size: int = 64 * 1024) -> bool:
        """Whether the file is larger than one part."""
        return (self.size or 0) > chunk_size

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.file)


async def _accepted(value: UploadFile | str, encoding: str) -> Upload | str | None:
    """Return a field's text, or an upload with its clean name; None for one without a name."""
    if isinstance(value, str):
        return value
    if not value.filename:
        return (await value.read()).decode(encoding, "replace")
    name = _clean_name(value.filename)
    if name in ("", ".", ".."):
        return None
    return Upload(value.file, size=value.size, filename=name, headers=value.headers)


def _limit(value: int | None) -> float:
    return float("inf") if value is None else value


def _close_later(request: Request, form: FormData) -> None:
    stack: AsyncExitStack | None = request.scope.get("fastapi_middleware_astack")
    if stack is not None:
        stack.push_async_callback(form.close)


async def parse_multipart(request: Request, content_type: str) -> FormData:
    """Read a multipart body: fields first, then uploads that have a file name."""
    encoding = _encoding(content_type)
    boundary = _boundary(content_type)
    chunks = Completed(request.stream(), boundary)
    parser = MultiPartParser(
        request.headers,
        chunks.__aiter__(),
        max_files=_limit(settings.DATA_UPLOAD_MAX_NUMBER_FILES),
        max_fields=_limit(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS),
        max_part_size=settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 2**62,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        if error.message.startswith(("Too many", "Part exceeded")):
            raise SuspiciousRequest(error.message) from None
        raise ParseError(f"Multipart form parse error - {error.message}") from None
    # Files that were not accepted are closed with the others, when the request ends.
    _close_later(request, form)
    fields: list[tuple[str, UploadFile | str]] = []
    files: list[tuple[str, UploadFile | str]] = []
    sent_parts = form.multi_items()
    last = sent_parts[-1][1] if chunks.cut and sent_parts else ""
    if isinstance(last, UploadFile) and last.filename:
        sent_parts.pop()
    for name, sent in sent_parts:
        value = await _accepted(sent, encoding)
        if value is not None:
            (fields if isinstance(value, str) else files).append((name.strip(), value))
    # DRF adds the files to the fields, so a file wins over a field of its name.
    return FormData([*fields, *files])


def _upload_name(request: Request) -> str:
    named: str | None = request.path_params.get("filename")
    if named is not None:
        return named
    try:
        parameters = parse_header(request.headers.get("content-disposition", ""))[1]
    except ValueError:
        return ""
    return parameters.get("filename*") or parameters.get("filename", "")


async def parse_upload(request: Request, content_type: str) -> FormData:
    """Take the whole body as one file, named by the path or by Content-Disposition."""
    name = _upload_name(request)
    if not name:
        raise ParseError(
            "Missing filename. Request should include a Content-Disposition header with a"
            " filename parameter."
        )
    held = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed with the request
    upload = Upload(cast("BinaryIO", held), size=0, filename=name)
    async for chunk in request.stream():
        await upload.write(chunk)
    upload.seek(0)
    form = FormData([("file", upload)])
    _close_later(request, form)
    return form


JSON_PARSER = Parser("application/json", parse_json)
FORM_PARSER = Parser("application/x-www-form-urlencoded", parse_form)
MULTIPART_PARSER = Parser("multipart/form-data", parse_multipart)
UPLOAD_PARSER = Parser("*/*", parse_upload)
DEFAULT_PARSERS = (JSON_PARSER, FORM_PARSER, MULTIPART_PARSER)
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
# Uploads that are larger lie in a file.
_IN_MEMORY = 2**20
# A Content-Type longer than this is refused unread (from DRF 3.18 on).
_MAX_CONTENT_TYPE = 256


def _is_form(content_type: str) -> bool:
    try:
        return parse_header(content_type)[0] in _FORM_TYPES
    except ValueError:
        return False


def _parser_for(content_type: str, parsers: Sequence[Parser]) -> Parser:
    if len(content_type) <= _MAX_CONTENT_TYPE or settings.DRF < (3, 18):
        sent = MediaType(content_type)
        for parser in parsers:
            if MediaType(parser.media_type).matches(sent):
                return parser
    raise UnsupportedMediaType(content_type)


async def _parse(request: Request, parsers: Sequence[Parser]) -> Any:
    content_type = request.headers.get("content-type", "")
    if content_length(request) == 0:
        return FormData() if _is_form(content_type) else {}
    return await _parser_for(content_type, parsers).parse(request, content_type)


async def request_data(request: Request) -> Any:
    """Return the parsed body: JSON values, or FormData with text and uploads.

    Parsed once per request by the parsers of its route. Raises ParseError,
    UnsupportedMediaType, or SuspiciousRequest for bodies over Django's limits.
    """
    state = request.state
    if not hasattr(state, "data"):
        parsers = getattr(state, "parsers", DEFAULT_PARSERS)
        # As in DRF, who reads on after a failure sees an empty form, not the error again.
        state.data = FormData()
        state.data = await _parse(request, parsers)
    return state.data


async def request_files(request: Request) -> ImmutableMultiDict[str, Upload]:
    """Return the files of the body, in `request_data`'s form and with its refusals."""
    data = await request_data(request)
    sent = data.multi_items() if isinstance(data, FormData) else ()
    files = [(name, value) for name, value in sent if isinstance(value, Upload)]
    return ImmutableMultiDict(files)


def query_data(request: Request) -> FormData:
    """Return the query of the address as a form, as DRF's serializers take it."""
    return FormData([*request.query_params.multi_items()])


async def set_data(request: Request, key: str, value: Any) -> None:
    """Set a value of the parsed body; as Django's, a form takes none unless it came with files."""
    data = await request_data(request)
    if not isinstance(data, FormData):
        data[key] = value
        return
    items = data.multi_items()
    if not any(isinstance(held, UploadFile) for _, held in items):
        raise AttributeError("This QueryDict instance is immutable")
    request.state.data = FormData([*((k, v) for k, v in items if k != key), (key, value)])


class MutableForm(FormData):
    """A copy of a form that can be changed, with the methods of Django's QueryDict."""

    def __setitem__(self, key: str, value: Any) -> None:
        """Put one value in the place of all of a key."""
        self._set([*((k, v) for k, v in self._list if k != key), (key, value)])

    def pop(self, key: str, *default: Any) -> Any:
        """Take all values of a key, as a list; KeyError where there is none, and no default."""
        if key not in self._dict:
            if default:
                return default[0]
            raise KeyError(key)
        values = self.getlist(key)
        self._set([(k, v) for k, v in self._list if k != key])
        return values

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The last value of a key, which is the default from now on where there was none."""
        if key not in self._dict:
            self[key] = default
        return self[key]

    def update(self, values: Any) -> None:
        """Add values to those that the keys have."""
        pairs = values.multi_items() if isinstance(values, FormData) else dict(values).items()
        self._set([*self._list, *pairs])

    def _set(self, pairs: list[tuple[str, Any]]) -> None:
        self._list = pairs
        self._dict = dict(pairs)


def copied(data: Any) -> Any:
    """Return `data.copy()` of a parsed body: a form becomes one that can be changed."""
    return MutableForm(data.multi_items()) if isinstance(data, FormData) else data.copy()


def read_data(request: Request) -> Any:
    """Return the parsed body to sync code: below `session.run_sync`, or in a worker thread."""
    if in_greenlet():
        return await_only(request_data(request))
    return from_thread.run(request_data, request)
