"""Text: Char and its relatives, UUIDs and IP addresses."""

import re
import sys
import uuid
from collections.abc import Callable
from typing import Any, ClassVar, Final, Literal

from .addresses import EmailValidator, URLValidator, is_ipv4, is_ipv6, no_address, parse_ipv6
from .errors import ErrorDetail
from .fields import ABSENT, Check, FieldType

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def _find_nul(value: str) -> list[Any] | None:
    if "\x00" not in value:
        return None
    return [ErrorDetail("Null characters are not allowed.", "null_characters_not_allowed")]


def _find_surrogate(value: str) -> list[Any] | None:
    if value.isascii() or not (found := _SURROGATE.search(value)):
        return None
    text = "Surrogate characters are not allowed: U+{code_point:X}."
    return [ErrorDetail(text.format(code_point=ord(found[0])), "surrogate_characters_not_allowed")]


class Char(FieldType):
    """Text; numbers are written out, other JSON types refused. Surrounding blanks are cut off."""

    repeatable = True

    # Matches part of what a subclass accepts, much faster than its own rules.
    evident: ClassVar[re.Pattern[str] | None] = None

    default_messages: ClassVar = {
        "invalid": "Not a valid string.",
        "blank": "This field may not be blank.",
        "max_length": "Ensure this field has no more than {max_length} characters.",
        "min_length": "Ensure this field has at least {min_length} characters.",
    }

    def __init__(
        self,
        *,
        max_length: int | None = None,
        min_length: int | None = None,
        allow_blank: bool = False,
        trim_whitespace: bool = True,
        **common: Any,
    ) -> None:
        super().__init__(**common)
        self.max_length = max_length
        self.min_length = min_length
        self.allow_blank = allow_blank
        self.trim_whitespace = trim_whitespace

    def shortcut(self, null: bool) -> Callable[[Any], Any]:
        trim, allow_blank = self.trim_whitespace, self.allow_blank

        def settle(data: Any) -> Any:
            if not isinstance(data, str) or (data.strip() if trim else data):
                return ABSENT
            if allow_blank:
                return ""
            raise self.error("blank")

        return settle

    def converter(self) -> Callable[[Any], str]:
        trim = self.trim_whitespace

        def convert(data: Any) -> str:
            if isinstance(data, bool) or not isinstance(data, (str, int, float)):
                raise self.error("invalid")
            return str(data).strip() if trim else str(data)

        return convert

    def limits(self) -> list[Check]:
        checks: list[Check] = []
        longest, shortest = self.max_length, self.min_length
        if longest is not None:
            checks.append(self.check("max_length", lambda v: len(v) > longest, max_length=longest))
        if shortest is not None:
            checks.append(
                self.check("min_length", lambda v: len(v) < shortest, min_length=shortest)
            )
        return [*checks, _find_nul, _find_surrogate, *self.pattern()]

    def pattern(self) -> list[Check]:
        """Return the checks that make a subclass special; they come last."""
        return []

    def json_schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "string"}
        if self.max_length is not None:
            schema["maxLength"] = self.max_length
        shortest = self.min_length or (0 if self.allow_blank else 1)
        return {**schema, "minLength": shortest} if shortest else schema

    def quick(self, careful: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Accept plain ASCII text without calling the checks."""
        if not self.trim_whitespace or not (self.evident or type(self) is Char):
            return careful
        evident = self.evident.fullmatch if self.evident else None
        shortest = max(self.min_length or 1, 1)
        longest = sys.maxsize if self.max_length is None else self.max_length

        def run(data: Any) -> Any:
            if type(data) is str and data.isascii():
                text = data.strip()
                if shortest <= len(text) <= longest and (
                    evident(text) if evident else "\x00" not in text
                ):
                    return text
            return careful(data)

        return run


class Email(Char):
    """An e-mail address by Django's rules."""

    repeatable = True
    default_messages: ClassVar = {"invalid": "Enter a valid email address."}
    evident = re.compile(
        r"[\w+-]{1,64}(?:\.[\w+-]{1,32}){0,4}@(?:[a-z0-9]{1,32}\.){1,2}[a-z]{2,9}", re.ASCII
    )

    def pattern(self) -> list[Check]:
        accepts = EmailValidator().accepts
        return [self.check("invalid", lambda value: "@" not in value or not accepts(value))]

    def json_schema(self) -> dict[str, Any]:
        return {**super().json_schema(), "format": "email"}


class Pattern(Char):
    """Text in which `regex` is found anywhere."""

    repeatable = True
    default_messages: ClassVar = {"invalid": "This value does not match the required pattern."}

    def __init__(self, regex: str | re.Pattern[str], **options: Any) -> None:
        super().__init__(**options)
        self.regex = re.compile(regex)

    def pattern(self) -> list[Check]:
        search = self.regex.search
        return [self.check("invalid", lambda value: not search(value))]

    def json_schema(self) -> dict[str, Any]:
        return {**super().json_schema(), "pattern": self.regex.pattern}


class Slug(Char):
    """Letters, digits, underscores and hyphens; of any alphabet with allow_unicode."""

    repeatable = True
    default_messages: ClassVar = {
        "invalid": ('Enter a valid "slug" consisting of letters, numbers, underscores or hyphens.'),
        "invalid_unicode": (
            'Enter a valid "slug" consisting of Unicode letters, numbers, underscores, or hyphens.'
        ),
    }

    def __init__(self, *, allow_unicode: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.allow_unicode = allow_unicode

    evident = re.compile(r"[a-zA-Z0-9_-]+")

    def pattern(self) -> list[Check]:
        if self.allow_unicode:
            words = re.compile(r"^[-\w]+\Z")
            text = self.messages["invalid_unicode"]
            return [lambda value: None if words.search(value) else [ErrorDetail(text, "invalid")]]
        # `$` is DRF's: untrimmed text may end in a line break.
        plain = re.compile(r"^[-a-zA-Z0-9_]+$")
        return [self.check("invalid", lambda value: not plain.search(value))]

    def json_schema(self) -> dict[str, Any]:
        return {**super().json_schema(), "pattern": r"^[-\w]+$"}


class Url(Char):
    """An absolute http, https, ftp or ftps URL."""

    repeatable = True
    default_messages: ClassVar = {"invalid": "Enter a valid URL."}
    evident = re.compile(r"https?://(?:[a-z0-9]{1,32}\.){1,3}[a-z]{2,9}(?:/[\w/.-]{0,999})?")

    def pattern(self) -> list[Check]:
        accepts = URLValidator().accepts
        return [self.check("invalid", lambda value: not accepts(value))]

    def json_schema(self) -> dict[str, Any]:
        return {**super().json_schema(), "format": "uri"}


class Uuid(FieldType):
    """A UUID as text in any of Python's notations, or as an integer."""

    repeatable = True
    default_messages: ClassVar = {"invalid": "Must be a valid UUID."}

    def converter(self) -> Callable[[Any], uuid.UUID]:
        def convert(data: Any) -> uuid.UUID:
            try:
                if isinstance(data, str):
                    return uuid.UUID(hex=data)
                if isinstance(data, int):
                    return uuid.UUID(int=data)
            except ValueError:
                pass  # refused below, like every other type
            if isinstance(data, uuid.UUID):
                return data
            raise self.error("invalid")

        return convert

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "uuid"}


class IpAddress(Char):
    """An IP address as text; IPv6 is normalised and, with both protocols, mapped IPv4 unpacked."""

    repeatable = True
    default_messages: ClassVar = {"invalid": "Enter a valid IPv4 or IPv6 address."}

    def __init__(
        self, *, protocol: Literal["both", "ipv4", "ipv6"] = "both", **options: Any
    ) -> None:
        super().__init__(**options)
        self.protocol = protocol

    def converter(self) -> Callable[[Any], str]:
        as_text = super().converter()

        def convert(data: Any) -> str:
            if not isinstance(data, str):
                raise self.error("invalid")
            if ":" not in data or self.protocol == "ipv4":
                return as_text(data)
            try:
                return self.normal(data)
            except ValueError as error:
                raise self.error("invalid") from error

        return convert

    def normal(self, text: str) -> str:
        """Write an IPv6 address in its shortest form; ValueError when it is none."""
        address = parse_ipv6(text)
        if address.ipv4_mapped is None:
            return str(address)
        return f"{'' if self.protocol == 'both' else '::ffff:'}{address.ipv4_mapped}"

    def pattern(self) -> list[Check]:
        accepts = {"both": (is_ipv4, is_ipv6), "ipv4": (is_ipv4,), "ipv6": (is_ipv6,)}[
            self.protocol
        ]

        def check(value: str) -> list[Any] | None:
            if any(accept(value) for accept in accepts):
                return None
            return [ErrorDetail(no_address(self.protocol), "invalid")]

        return [check]

    def json_schema(self) -> dict[str, Any]:
        formats = {"ipv4": ["ipv4"], "ipv6": ["ipv6"], "both": ["ipv4", "ipv6"]}[self.protocol]
        return {"anyOf": [{"type": "string", "format": name} for name in formats]}
