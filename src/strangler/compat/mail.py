"""Letters are sent as Django's backends do: by SMTP, to the terminal, into files, or nowhere.

    class MailSettings(BaseMailSettings):
        default_from_email: str = "shop@example.org"

    outbox = Outbox(MailSettings())
    outbox.send_mail("Welcome", "...", None, [user.email])

Sending waits for the server: below `session.run_sync` it runs in a thread while other requests go
on; async code calls it by `asyncio.to_thread`.
"""

import smtplib
import ssl
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import Message
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from . import settings as constants
from . import shadow
from .crypto import in_thread
from .letters import EmailMessage, EmailMultiAlternatives, as_bytes, host_name, sanitize_address

_LINE = "-" * 79


class BaseMailSettings(BaseSettings):
    """How letters are sent, read from the environment by Django's names."""

    email_backend: str = "django.core.mail.backends.smtp.EmailBackend"
    email_host: str = "localhost"
    email_port: int = 25
    email_host_user: str = ""
    email_host_password: SecretStr = SecretStr("")
    email_use_tls: bool = False
    email_use_ssl: bool = False
    email_timeout: float | None = None
    email_use_localtime: bool = False
    email_file_path: str = ""
    email_subject_prefix: str = "[Django] "
    default_from_email: str = "webmaster@localhost"
    server_email: str = "root@localhost"
    admins: tuple[tuple[str, str], ...] = ()
    managers: tuple[tuple[str, str], ...] = ()


class Outbox:
    """Sends letters as `settings` say."""

    def __init__(self, settings: BaseMailSettings) -> None:
        self.settings = settings

    def send(self, letter: EmailMessage, fail_silently: bool = False) -> int:
        """Send a letter; how many were sent. Nobody to send it to: none."""
        return self._send([letter], fail_silently) if letter.recipients() else 0

    def send_mail(
        self,
        subject: str,
        message: str,
        from_email: str | None,
        recipient_list: Iterable[str],
        fail_silently: bool = False,
        *,
        html_message: str | None = None,
    ) -> int:
        """Send one letter that all recipients are named in."""
        letter = EmailMultiAlternatives(subject, message, from_email, recipient_list)
        if html_message:
            letter.attach_alternative(html_message, "text/html")
        return self.send(letter, fail_silently)

    def send_mass_mail(
        self,
        datatuple: Iterable[tuple[str, str, str | None, Iterable[str]]],
        fail_silently: bool = False,
    ) -> int:
        """Send letters of subject, text, sender and recipients by one connection."""
        return self._send([EmailMessage(*each) for each in datatuple], fail_silently)

    def mail_admins(
        self,
        subject: str,
        message: str,
        fail_silently: bool = False,
        *,
        html_message: str | None = None,
    ) -> None:
        """Write to those whom the setting ADMINS names."""
        self._mail_to(self.settings.admins, subject, message, fail_silently, html_message)

    def mail_managers(
        self,
        subject: str,
        message: str,
        fail_silently: bool = False,
        *,
        html_message: str | None = None,
    ) -> None:
        """Write to those whom the setting MANAGERS names."""
        self._mail_to(self.settings.managers, subject, message, fail_silently, html_message)

    def _mail_to(
        self,
        people: Sequence[tuple[str, str]],
        subject: str,
        message: str,
        fail_silently: bool,
        html_message: str | None,
    ) -> None:
        if not people:
            return
        title = f"{self.settings.email_subject_prefix}{subject}"
        to = [address for _, address in people]
        sender = self.settings.server_email
        self.send_mail(title, message, sender, to, fail_silently, html_message=html_message)

    def _send(self, letters: list[EmailMessage], fail_silently: bool) -> int:
        if shadow.skips("mail"):
            return len(letters)
        return in_thread(deliver, self, letters, fail_silently)

    def sender(self, letter: EmailMessage) -> str:
        """Who a letter is from."""
        return letter.from_email or self.settings.default_from_email

    def written(self, letter: EmailMessage) -> Message:
        """A letter with its headers, dated now."""
        date = datetime.now(UTC)
        if self.settings.email_use_localtime:
            date = date.astimezone(ZoneInfo(constants.TIME_ZONE))
        else:
            date = date.replace(tzinfo=None)  # which is written as -0000
        identifier = make_msgid(domain=host_name())
        return letter.message(self.sender(letter), format_datetime(date), identifier)


def deliver(outbox: Outbox, letters: list[EmailMessage], fail_silently: bool) -> int:
    """Send letters by the backend of the settings; how many were sent.

    Raises:
        OSError: the server does not answer as it should, unless that is to be silent.
    """
    name = outbox.settings.email_backend.split(".")[-2]
    return _BACKENDS[name](outbox, letters, fail_silently)


def _smtp(outbox: Outbox, letters: list[EmailMessage], fail_silently: bool) -> int:
    if not letters:
        return 0
    try:
        client = _connected(outbox.settings)
    except OSError:
        if not fail_silently:
            raise
        return 0
    with _closing(client, fail_silently):
        return sum(_by(client, outbox, letter, fail_silently) for letter in letters)


def _connected(settings: BaseMailSettings) -> smtplib.SMTP:
    if settings.email_use_ssl and settings.email_use_tls:
        raise ValueError(
            "EMAIL_USE_TLS/EMAIL_USE_SSL are mutually exclusive, so only set "
            "one of those settings to True."
        )
    more: dict[str, Any] = {"local_hostname": host_name()}
    if settings.email_timeout is not None:
        more["timeout"] = settings.email_timeout
    if settings.email_use_ssl:
        more["context"] = ssl.create_default_context()
        client: smtplib.SMTP = smtplib.SMTP_SSL(settings.email_host, settings.email_port, **more)
    else:
        client = smtplib.SMTP(settings.email_host, settings.email_port, **more)
    if settings.email_use_tls:
        client.starttls(context=ssl.create_default_context())
    password = settings.email_host_password.get_secret_value()
    if settings.email_host_user and password:
        client.login(settings.email_host_user, password)
    return client


@contextmanager
def _closing(client: smtplib.SMTP, fail_silently: bool) -> Iterator[None]:
    try:
        yield
    finally:
        try:
            client.quit()
        except (ssl.SSLError, smtplib.SMTPServerDisconnected):
            client.close()  # the server was faster, or speaks TLS that way
        except smtplib.SMTPException:
            if not fail_silently:
                raise


def _by(client: smtplib.SMTP, outbox: Outbox, letter: EmailMessage, fail_silently: bool) -> bool:
    if not letter.recipients():
        return False
    sender = sanitize_address(outbox.sender(letter))
    recipients = [sanitize_address(each) for each in letter.recipients()]
    content = as_bytes(outbox.written(letter), linesep="\r\n")
    try:
        client.sendmail(sender, recipients, content)
    except smtplib.SMTPException:
        if not fail_silently:
            raise
        return False
    return True


def _console(outbox: Outbox, letters: list[EmailMessage], fail_silently: bool) -> int:
    for letter in letters:
        text = as_bytes(outbox.written(letter)).decode()
        sys.stdout.write(f"{text}\n{_LINE}\n")
        sys.stdout.flush()
    return len(letters)


def _filebased(outbox: Outbox, letters: list[EmailMessage], fail_silently: bool) -> int:
    folder = Path(outbox.settings.email_file_path)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{datetime.now():%Y%m%d-%H%M%S}-{uuid4().int % 10**15}.log"
    with (folder / name).open("ab") as file:
        for letter in letters:
            file.write(as_bytes(outbox.written(letter)) + f"\n{_LINE}\n".encode())
    return len(letters)


def _nowhere(outbox: Outbox, letters: list[EmailMessage], fail_silently: bool) -> int:
    return len(letters)


def _checked(outbox: Outbox, letters: list[EmailMessage], fail_silently: bool) -> int:
    """Django's backend for tests keeps letters in its process; here they are only written."""
    for letter in letters:
        outbox.written(letter)
    return len(letters)


_BACKENDS: dict[str, Callable[[Outbox, list[EmailMessage], bool], int]] = {
    "smtp": _smtp,
    "console": _console,
    "filebased": _filebased,
    "dummy": _nowhere,
    "locmem": _checked,
}
