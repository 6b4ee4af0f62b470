"""Django's validators of e-mail addresses, URLs, domain names and IP addresses."""

import ipaddress
import re
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Final
from urllib.parse import SplitResult, urlsplit, urlunsplit

from . import settings
from .errors import ErrorDetail, ValidationError
from .translations import gettext
from .validators import RegexValidator, refuse

_MAX_IPV6_LENGTH: Final = 39
_MAX_HOST_LENGTH: Final = 253
_MAX_EMAIL_LENGTH: Final = 320
#: The Django that takes hosts as they are.
_ENCODES_NO_HOSTS: Final = (5, 2)

_UL = "\u00a1-\uffff"
_HOSTNAME = rf"[a-z{_UL}0-9](?:[a-z{_UL}0-9-]{{0,61}}[a-z{_UL}0-9])?"
_DOMAIN = rf"(?:\.(?!-)[a-z{_UL}0-9-]{{1,63}}(?<!-))*"
_TLD_NO_FQDN = rf"\.(?!-)(?:[a-z{_UL}-]{{2,63}}|xn--[a-z0-9]{{1,59}})(?<!-)"
_TLD = _TLD_NO_FQDN + r"\.?"
_IPV4 = (
    r"(?:0|25[0-5]|2[0-4][0-9]|1[0-9]?[0-9]?|[1-9][0-9]?)"
    r"(?:\.(?:0|25[0-5]|2[0-4][0-9]|1[0-9]?[0-9]?|[1-9][0-9]?)){3}"
)


class DomainNameValidator(RegexValidator):
    """Refuse what is no domain name of at most 255 characters."""

    message = "Enter a valid domain name."

    def __init__(self, message: str | None = None, accept_idna: bool = True) -> None:
        pattern = _HOSTNAME + _DOMAIN + _TLD
        if not accept_idna:
            pattern = (
                r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
                r"(?:\.(?!-)[a-zA-Z0-9-]{1,63}(?<!-))*\.(?!-)(?:[a-zA-Z0-9-]{2,63})(?<!-)\.?"
            )
        super().__init__(re.compile(rf"^{pattern}\Z", re.IGNORECASE), message)
        self.accept_idna = accept_idna

    def __call__(self, value: Any) -> None:
        too_long = not isinstance(value, str) or len(value) > 255
        if too_long or (not self.accept_idna and not value.isascii()):
            raise refuse(self.message, self.code, value=value)
        super().__call__(value)


class URLValidator(RegexValidator):
    """Refuse what is no absolute URL of the allowed schemes, at most `max_length` long."""

    message = "Enter a valid URL."
    max_length: ClassVar[int] = 2048
    schemes: tuple[str, ...] = ("http", "https", "ftp", "ftps")
    pattern: ClassVar[re.Pattern[str]] = re.compile(
        r"^(?:[a-z0-9.+-]*)://(?:[^\s:@/]+(?::[^\s:@/]*)?@)?"
        rf"(?:{_IPV4}|\[[0-9a-f:.]+\]|({_HOSTNAME}{_DOMAIN}{_TLD}|localhost))"
        r"(?::[0-9]{1,5})?(?:[/?#][^\s]*)?\Z",
        re.IGNORECASE,
    )

    def __init__(
        self,
        schemes: Iterable[str] | None = None,
        message: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(self.pattern, message, code)
        self.schemes = self.schemes if schemes is None else tuple(schemes)

    def __call__(self, value: Any) -> None:
        if not isinstance(value, str) or not self.accepts(value):
            raise refuse(self.message, self.code, value=value)

    def accepts(self, value: str) -> bool:
        """Tell whether the text is such a URL."""
        if len(value) > self.max_length or not {"\t", "\r", "\n"}.isdisjoint(value):
            return False
        if value.split("://", maxsplit=1)[0].lower() not in self.schemes:
            return False
        try:
            parts = urlsplit(value)
        except ValueError:
            return False
        if self.regex.search(value):
            bracketed = re.search(r"^\[(.+)\](?::[0-9]{1,5})?$", parts.netloc)
            if bracketed and not is_ipv6(bracketed[1]):
                return False
        elif settings.DJANGO >= _ENCODES_NO_HOSTS or not self._accepts_encoded(parts):
            return False
        return parts.hostname is not None and len(parts.hostname) <= _MAX_HOST_LENGTH

    def _accepts_encoded(self, parts: SplitResult) -> bool:
        """Whether it is a URL once other letters of the host are brought to ASCII."""
        try:
            encoded = parts.netloc.encode("idna").decode("ascii")
        except UnicodeError:
            return False
        return self.regex.search(urlunsplit(parts._replace(netloc=encoded))) is not None


class EmailValidator:
    """Refuse what is no e-mail address."""

    message: str = "Enter a valid email address."
    code: str = "invalid"
    user: ClassVar[re.Pattern[str]] = re.compile(
        r"(^[-!#$%&'*+/=?^_`{}|~0-9A-Z]+(\.[-!#$%&'*+/=?^_`{}|~0-9A-Z]+)*\Z"
        r'|^"([\001-\010\013\014\016-\037!#-\[\]-\177]|\\[\001-\011\013\014\016-\177])*"\Z)',
        re.IGNORECASE,
    )
    domain: ClassVar[re.Pattern[str]] = re.compile(
        rf"^{_HOSTNAME}{_DOMAIN}{_TLD_NO_FQDN}\Z", re.IGNORECASE
    )
    # Before Django 5.2: ASCII alone, to which other letters are brought.
    earlier_domain: ClassVar[re.Pattern[str]] = re.compile(
        r"((?:[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?\.)+)(?:[A-Z0-9-]{2,63}(?<!-))\Z", re.IGNORECASE
    )
    literal: ClassVar[re.Pattern[str]] = re.compile(r"\[([A-F0-9:.]+)\]\Z", re.IGNORECASE)

    def __init__(
        self,
        message: str | None = None,
        code: str | None = None,
        allowlist: Iterable[str] = ("localhost",),
    ) -> None:
        self.message = self.message if message is None else message
        self.code = self.code if code is None else code
        self.allowlist = tuple(allowlist)

    def __call__(self, value: Any) -> None:
        if not value or "@" not in value or not self.accepts(value):
            raise refuse(self.message, self.code, value=value)

    def _is_domain(self, domain: str) -> bool:
        if settings.DJANGO >= (5, 2):
            return self.domain.match(domain) is not None
        try:
            names = (domain, domain.encode("idna").decode("ascii"))
        except UnicodeError:
            names = (domain, domain)
        return any(self.earlier_domain.match(name) for name in names)

    def accepts(self, value: str) -> bool:
        """Tell whether the text, which has an @, is an address."""
        user, domain = value.rsplit("@", 1)
        if len(value) > _MAX_EMAIL_LENGTH or not self.user.match(user):
            return False
        if domain in self.allowlist or self._is_domain(domain):
            return True
        literal = self.literal.match(domain)
        return bool(literal and (is_ipv4(literal[1]) or is_ipv6(literal[1])))


def is_ipv4(text: str) -> bool:
    """Tell whether the text is an IPv4 address."""
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def parse_ipv6(text: str) -> ipaddress.IPv6Address:
    """Read an IPv6 address without its zone; ValueError when it is none or too long."""
    if len(text) > _MAX_IPV6_LENGTH:
        raise ValueError("too long for an IPv6 address")
    return ipaddress.IPv6Address(int(ipaddress.IPv6Address(text)))


def is_ipv6(text: str) -> bool:
    """Tell whether the text is an IPv6 address."""
    try:
        parse_ipv6(text)
    except (TypeError, ValueError):
        return False
    return True


#: The release of Django from which on the message is put together.
_NAMES_PROTOCOL = (5, 1)


def _address(protocol: str, *accepts: Callable[[str], bool]) -> Callable[[Any], None]:
    def validate(value: Any) -> None:
        if not any(accept(value) for accept in accepts):
            raise ValidationError([ErrorDetail(no_address(protocol), "invalid")])

    return validate


def no_address(protocol: str) -> str:
    """What is said of a text that is no address: its release of Django says it in its way."""
    whole = {
        "ipv4": "Enter a valid IPv4 address.",
        "ipv6": "Enter a valid IPv6 address.",
        "both": "Enter a valid IPv4 or IPv6 address.",
    }
    names = {
        "ipv4": gettext("IPv4"),
        "ipv6": gettext("IPv6"),
        "both": gettext("IPv4 or IPv6"),
    }
    if settings.DJANGO < _NAMES_PROTOCOL:
        return whole[protocol]
    text = "Enter a valid %(protocol)s address."
    return text % {"protocol": names[protocol]}


validate_email = EmailValidator()
validate_domain_name = DomainNameValidator()
validate_ipv4_address = _address("ipv4", is_ipv4)
validate_ipv6_address = _address("ipv6", is_ipv6)
validate_ipv46_address = _address("both", is_ipv4, is_ipv6)
