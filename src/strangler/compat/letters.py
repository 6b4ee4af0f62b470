"""Letters as Django writes them: the same headers, parts and encodings.

`EmailMessage` and `EmailMultiAlternatives` only keep what a letter says; `mail.Outbox` sends it.
"""

import mimetypes
import socket
from collections.abc import Iterable, Mapping
from email import charset as charsets
from email import encoders, generator, message_from_bytes
from email.errors import HeaderParseError
from email.header import Header
from email.headerregistry import Address
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import formataddr, getaddresses
from functools import lru_cache
from importlib import import_module
from io import BytesIO
from typing import Any

ENCODING = "utf-8"
_LONGEST_LINE = 998  # of RFC 5322
_UNKNOWN_TYPE = "application/octet-stream"
_ADDRESSES = frozenset(
    [
        *("from", "sender", "reply-to", "to", "cc", "bcc", "resent-from", "resent-sender"),
        *("resent-to", "resent-cc", "resent-bcc"),
    ]
)

_UTF8 = charsets.Charset(ENCODING)
_UTF8.body_encoding = None  # type: ignore[assignment]  # no BASE64, as the library does not say
_UTF8_QP = charsets.Charset(ENCODING)
_UTF8_QP.body_encoding = charsets.QP


class BadHeaderError(ValueError):
    """A header's value has several lines."""


@lru_cache(maxsize=1)
def host_name() -> str:
    """This machine's full name, asked once."""
    return punycode(socket.getfqdn())


def punycode(domain: str) -> str:
    """The name of a domain in ASCII."""
    return domain.encode("idna").decode("ascii")


def header(name: str, given: object) -> str:
    """The value of a header as it is sent.

    Raises:
        BadHeaderError: it has several lines.
    """
    value = str(given)
    if "\n" in value or "\r" in value:
        raise BadHeaderError(
            f"Header values can't contain newlines (got {value!r} for header {name!r})"
        )
    if value.isascii():
        return Header(value).encode() if name.lower() == "subject" else value
    if name.lower() in _ADDRESSES:
        return ", ".join(sanitize_address(each) for each in getaddresses((value,)))
    return Header(value, ENCODING).encode()


def sanitize_address(given: tuple[str, str] | str) -> str:
    """An address, or a pair of name and address, as SMTP takes it.

    Raises:
        ValueError: it is none.
    """
    if isinstance(given, tuple):
        name, address = given
        if "@" not in address:
            raise ValueError(f'Invalid address "{address}"')
        local, domain = address.rsplit("@", 1)
    else:
        name, local, domain = _parsed(str(given))
    if {"\n", "\r"} & set(name + local + domain):
        raise ValueError("Invalid address; address parts cannot contain newlines.")
    name = Header(name).encode() if name.isascii() else Header(name, ENCODING).encode()
    if not local.isascii():
        local = Header(local, ENCODING).encode()
    return formataddr((name, Address(username=local, domain=punycode(domain)).addr_spec))


def _parsed(text: str) -> tuple[str, str, str]:
    parser: Any = import_module("email._header_value_parser")
    try:
        token, rest = parser.get_mailbox(text)
    except (HeaderParseError, ValueError, IndexError) as error:
        raise ValueError(f'Invalid address "{text}"') from error
    if rest:  # all of it has to be one address
        raise ValueError(f'Invalid address; only {token} could be parsed from "{text}"')
    return token.display_name or "", token.local_part, token.domain or ""


def as_bytes(message: Message, linesep: str = "\n") -> bytes:
    """The letter as it is sent; lines that begin with `From ` stay as they are."""
    written = BytesIO()
    generator.BytesGenerator(written, mangle_from_=False).flatten(message, linesep=linesep)
    return written.getvalue()


class _Text(MIMEText):
    def __init__(self, text: str, subtype: str) -> None:
        super().__init__(text, _subtype=subtype, _charset=ENCODING)

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, header(name, value))

    def set_payload(self, payload: Any, charset: Any = None) -> None:
        if charset == ENCODING and not isinstance(charset, charsets.Charset):
            lines = (line.encode(errors="surrogateescape") for line in payload.splitlines())
            charset = _UTF8_QP if any(len(line) > _LONGEST_LINE for line in lines) else _UTF8
        super().set_payload(payload, charset=charset)


class _Multipart(MIMEMultipart):
    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, header(name, value))


def _addresses(name: str, given: Iterable[str] | None) -> list[str]:
    if given and isinstance(given, str):
        raise TypeError(f'"{name}" argument must be a list or tuple')
    return list(given) if given else []


class EmailMessage:
    """What a letter says."""

    content_subtype = "plain"
    mixed_subtype = "mixed"

    def __init__(  # noqa: PLR0913  # a letter has that many parts
        self,
        subject: str = "",
        body: str | None = "",
        from_email: str | None = None,
        to: Iterable[str] | None = None,
        bcc: Iterable[str] | None = None,
        *,
        attachments: Iterable[Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        cc: Iterable[str] | None = None,
        reply_to: Iterable[str] | None = None,
    ) -> None:
        self.to, self.cc = _addresses("to", to), _addresses("cc", cc)
        self.bcc, self.reply_to = _addresses("bcc", bcc), _addresses("reply_to", reply_to)
        self.from_email = from_email
        self.subject = subject
        self.body = body or ""
        self.attachments: list[Any] = []
        for each in attachments or ():
            self.attach(*((each,) if isinstance(each, MIMEBase) else each))
        self.extra_headers = dict(headers or {})

    def recipients(self) -> list[str]:
        """Everybody who gets it."""
        return [each for each in (*self.to, *self.cc, *self.bcc) if each]

    def attach(
        self, filename: Any = None, content: Any = None, mimetype: str | None = None
    ) -> None:
        """Attach a part, or content under a name; text in bytes is decoded where it is UTF-8."""
        if isinstance(filename, MIMEBase):
            if content is not None or mimetype is not None:
                raise ValueError(
                    "content and mimetype must not be given when a MIMEBase instance is provided."
                )
            self.attachments.append(filename)
            return
        if content is None:
            raise ValueError("content must be provided.")
        kind = mimetype or mimetypes.guess_type(filename)[0] or _UNKNOWN_TYPE
        if kind.startswith("text/") and isinstance(content, bytes):
            try:
                content = content.decode()
            except UnicodeDecodeError:
                kind = _UNKNOWN_TYPE
        self.attachments.append((filename, content, kind))

    def message(self, sender: str, date: str, identifier: str) -> Message:
        """The letter from `sender`, with these headers `Date` and `Message-ID` unless it has own."""
        message = self._attached(self._whole(_Text(self.body, self.content_subtype)))
        message["Subject"] = self.subject
        message["From"] = self.extra_headers.get("From", sender)
        for name, values in (("To", self.to), ("Cc", self.cc), ("Reply-To", self.reply_to)):
            if name in self.extra_headers:
                message[name] = self.extra_headers[name]
            elif values:
                message[name] = ", ".join(map(str, values))
        names = {name.lower() for name in self.extra_headers}
        if "date" not in names:
            message["Date"] = date
        if "message-id" not in names:
            message["Message-ID"] = identifier
        for name, value in self.extra_headers.items():
            if name.lower() not in ("from", "to", "cc", "reply-to"):
                message[name] = value
        return message

    def _whole(self, body: Message) -> Message:
        return body

    def _attached(self, body: Message) -> Message:
        if not self.attachments:
            return body
        message = _Multipart(_subtype=self.mixed_subtype)
        if self.body or body.is_multipart():
            message.attach(body)
        for each in self.attachments:
            message.attach(each if isinstance(each, MIMEBase) else _attachment(*each))
        return message


def _part(content: Any, mimetype: str) -> Message:
    main, subtype = mimetype.split("/", 1)
    if main == "text":
        return _Text(content, subtype)
    if mimetype == "message/rfc822":
        if not isinstance(content, Message):
            raw = content if isinstance(content, bytes) else str(content).encode()
            content = message_from_bytes(raw)
        return MIMEMessage(content, subtype)
    part = MIMEBase(main, subtype)
    part.set_payload(content)
    encoders.encode_base64(part)
    return part


def _attachment(filename: str | None, content: Any, mimetype: str) -> Message:
    part = _part(content, mimetype)
    if filename:
        name: Any = filename if filename.isascii() else (ENCODING, "", filename)
        part.add_header("Content-Disposition", "attachment", filename=name)
    return part


class EmailMultiAlternatives(EmailMessage):
    """A letter that says the same in several forms."""

    alternative_subtype = "alternative"

    def __init__(
        self,
        subject: str = "",
        body: str | None = "",
        from_email: str | None = None,
        to: Iterable[str] | None = None,
        bcc: Iterable[str] | None = None,
        *,
        alternatives: Iterable[tuple[str, str]] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(subject, body, from_email, to, bcc, **more)
        self.alternatives: list[tuple[Any, str]] = [
            (form, kind) for form, kind in alternatives or ()
        ]

    def attach_alternative(self, content: Any, mimetype: str | None) -> None:
        """Add another form."""
        if content is None or mimetype is None:
            raise ValueError("Both content and mimetype must be provided.")
        self.alternatives.append((content, mimetype))

    def _whole(self, body: Message) -> Message:
        if not self.alternatives:
            return body
        message = _Multipart(_subtype=self.alternative_subtype)
        if self.body:
            message.attach(body)
        for content, mimetype in self.alternatives:
            message.attach(_part(content, mimetype))
        return message
