"""Letters are byte for byte those that Django writes and sends, whatever they say."""

import re
import socketserver
import threading
from collections.abc import Callable, Iterator
from email.mime.image import MIMEImage
from email.mime.text import MIMEText
from pathlib import Path
from typing import Any

import pytest
from django.core import mail as django
from django.test.utils import override_settings

from strangler.compat import mail as ours
from strangler.compat.letters import BadHeaderError, EmailMessage, EmailMultiAlternatives
from strangler.compat.mail import BaseMailSettings, Outbox

LETTERS: dict[str, dict[str, Any]] = {
    "plain": {"subject": "Hello", "body": "There", "to": ["a@example.org"]},
    "not ascii": {"subject": "Grüße " * 12, "body": "Ärger\nFrom here\n", "to": ["Zoë <z@exämple.org>"]},
    "long lines": {"subject": "x" * 200, "body": "ü" * 1200, "to": ["a@example.org", "b@example.org"]},
    "everybody": {
        "subject": "s",
        "from_email": "Ann Öl <ann@example.org>",
        "to": ["a@example.org"],
        "cc": ["C <c@example.org>"],
        "bcc": ["d@example.org", ""],
        "reply_to": ["r@example.org", "s@example.org"],
    },
    "headers": {
        "subject": "s",
        "body": "b",
        "to": ["a@example.org"],
        "headers": {"X-Kind": "ü", "From": "other@example.org", "To": "list@example.org", "message-id": "<1@x>"},
    },
    "attachments": {
        "subject": "s",
        "body": "b",
        "to": ["a@example.org"],
        "attachments": [
            ("a.txt", "täxt", "text/plain"),
            ("b.bin", b"\x00\xff", None),
            ("ü.csv", b"a;b", "text/csv"),
            ("c.html", b"\xff\xfe", "text/html"),
            (None, b"%PDF", "application/pdf"),
            ("d.eml", "Subject: inner\n\nbody", "message/rfc822"),
            MIMEImage(b"GIF89a", "gif"),
        ],
    },
    "only an attachment": {"to": ["a@example.org"], "attachments": [MIMEText("x")]},
}  # fmt: skip
FORMS: dict[str, list[tuple[str, str]]] = {
    "none": [],
    "html": [("<p>Grüße</p>", "text/html")],
    "two": [("<p>x</p>", "text/html"), ("{}", "application/json")],
}


def same(written: bytes) -> bytes:
    """A letter without what every letter has of its own."""
    text = re.sub(rb"(Date: ).*|(Message-ID: <)[^>]*", rb"\1\2", written)
    for number, mark in enumerate(re.findall(rb'boundary="(=+\d+==)"', text)):
        text = text.replace(mark, b"mark%d" % number)
    return text


class _Server(socketserver.StreamRequestHandler):
    """As little of SMTP as two clients need; every command and letter is kept."""

    def handle(self) -> None:
        say: Callable[[bytes], Any] = lambda text: self.wfile.write(text + b"\r\n")  # noqa: E731
        heard = self.server.heard  # type: ignore[attr-defined]  # set below
        say(b"220 ready")
        while line := self.rfile.readline().strip():
            word = line.upper()
            heard.append(line)
            if word == b"DATA":
                say(b"354 go on")
                heard.append(same(b"".join(iter(self.rfile.readline, b".\r\n"))))
            if word.startswith(b"RCPT TO:<NOBODY"):
                say(b"550 unknown")
                continue
            say(b"221 bye" if word == b"QUIT" else b"250 ok")
            if word == b"QUIT":
                return


@pytest.fixture
def server() -> Iterator[Any]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Server) as running:
        running.heard = []  # type: ignore[attr-defined]  # what its handlers keep
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def outbox(**settings: Any) -> Outbox:
    return Outbox(BaseMailSettings(**settings))


@pytest.mark.parametrize("subtype", ["plain", "html"])
@pytest.mark.parametrize("name", sorted(LETTERS))
def test_a_letter_is_djangos(name: str, subtype: str) -> None:
    theirs, mine = django.EmailMessage(**LETTERS[name]), EmailMessage(**LETTERS[name])
    theirs.content_subtype = mine.content_subtype = subtype
    assert mine.recipients() == theirs.recipients()
    written = ours.as_bytes(outbox().written(mine), linesep="\r\n")
    assert same(written) == same(theirs.message().as_bytes(linesep="\r\n"))


@pytest.mark.parametrize("forms", sorted(FORMS))
@pytest.mark.parametrize("name", sorted(LETTERS))
def test_a_letter_in_several_forms_is_djangos(name: str, forms: str) -> None:
    theirs = django.EmailMultiAlternatives(**LETTERS[name], alternatives=FORMS[forms][:1])
    mine = EmailMultiAlternatives(**LETTERS[name], alternatives=FORMS[forms][:1])
    for form in FORMS[forms][1:]:
        theirs.attach_alternative(*form)
        mine.attach_alternative(*form)
    written = ours.as_bytes(outbox().written(mine))
    assert same(written) == same(theirs.message().as_bytes())


@pytest.mark.parametrize("local", [False, True])
def test_the_date_is_written_as_django_does(local: bool) -> None:
    with override_settings(EMAIL_USE_LOCALTIME=local, TIME_ZONE="UTC"):
        theirs = django.EmailMessage(to=["a@example.org"]).message()["Date"]
    mine = outbox(email_use_localtime=local).written(EmailMessage())["Date"]
    assert re.sub(r"\d", "0", mine) == re.sub(r"\d", "0", theirs).replace("-0000", mine[-5:])
    assert mine[-5:] == ("+0000" if local else "-0000")


@pytest.mark.parametrize(
    "given",
    [
        {"subject": "a\nb", "to": ["a@example.org"]},
        {"to": "a@example.org"},
        {"cc": "a@example.org"},
        {"to": ["a@example.org"], "attachments": [("x",)]},
        {"to": ["a@example.org"], "headers": {"X": "a\rb"}},
    ],
)
def test_what_django_refuses_is_refused_in_its_words(given: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)) as theirs:
        django.EmailMessage(**given).message()
    with pytest.raises((ValueError, TypeError)) as mine:
        outbox().written(EmailMessage(**given))
    assert str(mine.value) == str(theirs.value)
    assert isinstance(mine.value, BadHeaderError) == isinstance(theirs.value, django.BadHeaderError)


@pytest.mark.parametrize("name", sorted(LETTERS))
def test_a_server_hears_what_it_hears_from_django(name: str, server: Any) -> None:
    port = server.server_address[1]
    backend = "django.core.mail.backends.smtp.EmailBackend"
    with override_settings(EMAIL_BACKEND=backend, EMAIL_HOST="127.0.0.1", EMAIL_PORT=port):
        count = django.EmailMessage(**LETTERS[name]).send()
    theirs, server.heard = server.heard, []
    box = outbox(email_host="127.0.0.1", email_port=port)
    assert box.send(EmailMessage(**LETTERS[name])) == count
    assert server.heard == theirs
    assert theirs != []


@pytest.mark.parametrize(
    ("function", "args", "kwargs"),
    [
        ("send_mail", ("s", "b", None, ["a@example.org"]), {}),
        (
            "send_mail",
            ("s", "b", "me@example.org", ["a@example.org"]),
            {"html_message": "<p>ü</p>"},
        ),
        ("send_mail", ("s", "b", None, []), {}),
        ("send_mail", ("s", "b", None, ["nobody@example.org"]), {"fail_silently": True}),
        ("send_mail", ("s", "b", None, ["not an address"]), {"fail_silently": True}),
        ("send_mass_mail", ([("s", "b", None, ["a@example.org"]), ("t", "c", "x@y.z", [])],), {}),
        ("send_mass_mail", ([],), {}),
        ("mail_admins", ("s", "b"), {}),
        ("mail_admins", ("s", "b"), {"html_message": "<p>x</p>"}),
        ("mail_managers", ("s", "b"), {}),
    ],
)
def test_each_function_sends_what_djangos_sends(
    function: str, args: Any, kwargs: Any, server: Any
) -> None:
    port, told = server.server_address[1], {}

    def outcome(call: Callable[..., Any]) -> Any:
        server.heard = []
        try:
            return call(*args, **kwargs), server.heard
        except ValueError as error:
            return str(error), server.heard

    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=port,
        DEFAULT_FROM_EMAIL="me@example.org",
        ADMINS=[("Ann", "ann@example.org"), ("Bob", "bob@example.org")],
    ):
        told["theirs"] = outcome(getattr(django, function))
    box = outbox(
        email_host="127.0.0.1",
        email_port=port,
        default_from_email="me@example.org",
        admins=(("Ann", "ann@example.org"), ("Bob", "bob@example.org")),
    )
    told["mine"] = outcome(getattr(box, function))
    assert told["mine"] == told["theirs"]


def test_a_server_that_is_not_there_is_an_error_unless_that_is_silent() -> None:
    box = outbox(email_host="127.0.0.1", email_port=1)
    with pytest.raises(OSError, match="refused"):
        box.send(EmailMessage(to=["a@example.org"]))
    assert box.send(EmailMessage(to=["a@example.org"]), fail_silently=True) == 0


@pytest.mark.parametrize("backend", ["console", "filebased", "dummy", "locmem"])
def test_the_other_backends_send_nothing(
    backend: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = f"django.core.mail.backends.{backend}.EmailBackend"
    letter = LETTERS["not ascii"]
    with override_settings(EMAIL_BACKEND=path, EMAIL_FILE_PATH=tmp_path / "theirs"):
        assert django.EmailMessage(**letter).send() == 1
    theirs = capsys.readouterr().out
    box = outbox(email_backend=path, email_file_path=str(tmp_path / "mine"))
    assert box.send(EmailMessage(**letter)) == 1
    assert same(capsys.readouterr().out.encode()) == same(theirs.encode())
    written = [
        [same(file.read_bytes()) for file in (tmp_path / side).glob("*.log")]
        for side in ("theirs", "mine")
    ]
    assert written[0] == written[1]
    assert bool(written[0]) == (backend == "filebased")
