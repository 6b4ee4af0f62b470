"""Media types as `Accept` and `Content-Type` write them, and which of them match."""

import codecs
from dataclasses import dataclass
from email.message import Message
from email.utils import collapse_rfc2231_value
from functools import cached_property


def _parameter(value: str | tuple[str, str, str]) -> str:
    if isinstance(value, tuple):
        if value[0]:
            try:
                codecs.lookup(value[0])
            except LookupError:
                raise ValueError(f"Invalid encoding {value[0]!r} for RFC 2231 param.") from None
        return collapse_rfc2231_value(value)
    return value


def parse_header(line: str) -> tuple[str, dict[str, str]]:
    """Split `text/html; charset=utf-8` into its lower-case value and its parameters."""
    if not line:
        return "", {}
    if ";" not in line:
        return line.strip().lower(), {}
    message = Message()
    message["content-type"] = line
    (value, _), *rest = message.get_params() or [("", "")]
    return value.lower(), {name: _parameter(text) for name, text in rest if name}


@dataclass(frozen=True)
class MediaType:
    """One media type; a text that cannot be parsed matches nothing but a full wildcard."""

    text: str

    @cached_property
    def parsed(self) -> tuple[str, str, dict[str, str]]:
        """(main type, sub type, parameters)."""
        try:
            value, parameters = parse_header(self.text)
        except ValueError:
            value, parameters = "", {}
        main, _, sub = value.partition("/")
        return main, sub, parameters

    @cached_property
    def precedence(self) -> int:
        """0 for */*, 1 for type/*, 2 without and 3 with parameters; `q` is none."""
        main, sub, parameters = self.parsed
        if main == "*":
            return 0
        if sub == "*":
            return 1
        return 2 if not parameters or list(parameters) == ["q"] else 3

    def matches(self, other: "MediaType") -> bool:
        """Whether `other` satisfies this type, wildcards allowed on both sides."""
        main, sub, parameters = self.parsed
        other_main, other_sub, others = other.parsed
        if any(key != "q" and others.get(key) != value for key, value in parameters.items()):
            return False
        return (sub == "*" or other_sub in ("*", sub)) and (
            main == "*" or other_main in ("*", main)
        )
