"""Requests made from a seed: what a surface suits, and what spoils it."""

import base64
import json
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

from strangler.verify.requests import Request

from .surfaces import Surface
from .values import any_json, as_text, text

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "FROB")
_ACCEPTS = (
    "application/json", "*/*", "application/*", "application/json; indent=4", "application/xml", "",
    "text/html, application/json;q=0.1", "application/json;q=0", "text/plain, */*;q=0.5", "x",
    "application/json; version=v2", "application/json; version=v9", "application/json; version=v1; indent=2",
)  # fmt: skip
_TYPES = (
    "text/plain", "application/json; charset=latin-1", "application/JSON", "application/json; charset=zz",
    "application/vnd.api+json", "multipart/form-data", "", "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=", "json", "application/json; charset=utf-16",
)  # fmt: skip
_BROKEN = (
    b"", b"{", b"{'a': 1}", b'{"a": NaN}', b"[1, 2", b'{"a": 1} x', b"\xef\xbb\xbf{}", b'{"a": "\xff"}', b"nul",
    b'"text"', b"[]", b"null", b"5", b'{"a": 1, "a": 2}', b'{"name": "\\ud800"}', b"a=1&b=2&a=3", b"\x00",
    b'{"a": Infinity}', b"--x\r\n", b"[" * 3000, b'{"name": "\xc3\xa9"}', b'{"rank": 1e999, "name": "huge"}',
)  # fmt: skip
_LANGUAGES = (
    "de", "fr;q=0.5, de", "xx", "en", "de-AT", "", "*", "en-us;q=0.4, en", "en-GB", "EN-us", "de, en;q=0.2", "en;q=9",
)  # fmt: skip
_BOUNDARY = "corpusboundary"
_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


@dataclass(frozen=True)
class Asked:
    """One request, the surface it is about and what section of the specification it belongs to."""

    section: str
    surface: Surface
    request: Request


class Requests:
    """Makes requests for surfaces; `credentials` is what the rows' maker printed."""

    def __init__(
        self, random: Random, credentials: dict[str, dict[str, str]], localized: bool
    ) -> None:
        self.random, self.credentials, self.localized = random, credentials, localized

    def make(self, surface: Surface) -> Asked:
        """One request, mostly a sensible one."""
        random, section = self.random, surface.section
        method = random.choice(surface.methods)
        path = surface.path
        for name, draw in surface.parts.items():
            path = path.replace(f"{{{name}}}", quote(str(draw(random)), safe=""))
        headers = [("Host", "localhost")]
        if random.random() < 0.06:
            method, section = random.choice(_METHODS), "methods"
        query = self._query(surface)
        if random.random() < 0.05:
            path, query, section = *self._elsewhere(path, query), "routing"
        if random.random() < 0.12:
            headers.append(("Accept", random.choice(_ACCEPTS)))
            section = "negotiation" if section == surface.section else section
        headers += self._versions(surface) + self._who(surface, method) + self._odd(surface)
        body, more = self._body(surface, method)
        # one of each name: servers differ in what they make of several
        request = Request(method, path + query, tuple(dict((*headers, *more)).items()), body)
        return Asked(section, surface, request)

    def _query(self, surface: Surface) -> str:
        random = self.random
        names = [name for name in surface.query if random.random() < 2.2 / len(surface.query)]
        pairs = [(name, as_text(surface.query[name](random))) for name in names]
        if random.random() < 0.05:
            pairs.append(
                (random.choice(["x", "format", *surface.query]), text(random).replace("\ud800", ""))
            )
        return f"?{urlencode(pairs, errors='replace')}" if pairs else ""

    def _elsewhere(self, path: str, query: str) -> tuple[str, str]:
        """Without its slash, with a suffix, with a format, or nowhere."""
        random, bare = self.random, path.rstrip("/")
        suffix = random.choice([".json", ".json/", ".api", ".xml", ".JSON"])
        formats = f"format={random.choice(['json', 'xml', 'api', ''])}"
        return random.choice(
            [(bare, query), (f"{bare}/", query), (bare + suffix, query), (f"{path}nowhere/", query),
             (path, f"{query}&{formats}" if query else f"?{formats}"), (f"/{path}", query)]
        )  # fmt: skip

    def _versions(self, surface: Surface) -> list[tuple[str, str]]:
        if "/accept/" in surface.path and self.random.random() < 0.8:
            version = self.random.choice(["v1", "v2", "v9", "", "v1; q=1"])
            return [("Accept", f"application/json; version={version}")]
        return []

    def _odd(self, surface: Surface) -> list[tuple[str, str]]:
        random, found = self.random, []
        if (surface.section == "versions" and "/host/" in surface.path) or random.random() < 0.02:
            hosts = [
                "v1.example.com",
                "v9.example.com",
                "localhost:80",
                "evil",
                "LOCALHOST",
                "v2.example.com:8000",
            ]
            found.append(("X-Corpus-Host", random.choice(hosts)))
        if self.localized or random.random() < 0.03:
            found.append(
                (
                    "Accept-Language",
                    random.choice(_LANGUAGES),
                )
            )
        if random.random() < 0.04 or (surface.section == "throttles" and random.random() < 0.3):
            found.append(("X-Forwarded-For", random.choice(["1.2.3.4", "5.6.7.8, 9.9.9.9", "x"])))
        if random.random() < 0.03:
            found.append(("Origin", random.choice(["http://evil.io", "http://localhost", "null"])))
        return found

    # --- who asks ---------------------------------------------------------------------------------

    def _who(self, surface: Surface, method: str) -> list[tuple[str, str]]:
        random = self.random
        kinds = surface.who or ("none", "none", "none", "none", "none", "token", "session", "jwt")
        kind = random.choice(kinds)
        if kind == "basic" and random.random() < 0.6:  # passwords take long to check
            kind = "spoiled"
        made = {
            "none": lambda: [], "token": self._token, "jwt": self._jwt, "basic": self._basic,
            "session": lambda: self._session(method), "spoiled": self._spoiled,
        }  # fmt: skip
        found: list[tuple[str, str]] = made[kind]()
        return found

    def _user(self) -> dict[str, str]:
        name = self.random.choice(["admin", "alice", "alice", "bob", "bob", "gone"])
        return {"name": name, **self.credentials[name]}

    def _token(self) -> list[tuple[str, str]]:
        token = self._user()["token"]
        shapes = [f"Token {token}"] * 9 + [f"token {token}", f"Token {token[:-1]}x", "Token", f"Token {token} x",
                                           "Token é", f"Bearer {token}", "", "Token  "]  # fmt: skip
        return [("Authorization", self.random.choice(shapes))]

    def _jwt(self) -> list[tuple[str, str]]:
        user = self._user()
        access = user["access"]
        shapes = [f"Bearer {access}"] * 9 + [f"bearer {access}", f"Bearer {user['refresh']}", f"Bearer {access[:-2]}xx",
                                             "Bearer", f"Bearer {access} x", "Bearer x.y.z", "Bearer x"]  # fmt: skip
        return [("Authorization", self.random.choice(shapes))]

    def _basic(self) -> list[tuple[str, str]]:
        user = self._user()
        pair = f"{user['name']}:{self.random.choice([user['password'], user['password'], 'wrong'])}"
        return [("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}")]

    def _spoiled(self) -> list[tuple[str, str]]:
        encoded = base64.b64encode(b"nocolon").decode()
        shapes = [
            "Basic",
            "Basic a b",
            "Basic !!!",
            f"Basic {encoded}",
            "basic",
            "Basic w6k6",
            "Digest x",
        ]
        return [("Authorization", self.random.choice(shapes))]

    def _session(self, method: str) -> list[tuple[str, str]]:
        random, user = self.random, self._user()
        secret = "c" * 32
        key = user["session"] if random.random() < 0.9 else random.choice(["x" * 32, "", "none"])
        cookies, more = [f"sessionid={key}"], []
        if random.random() < 0.85:
            cookies.append(f"csrftoken={secret}")
        if method not in {"GET", "HEAD", "OPTIONS", "TRACE"} and random.random() < 0.85:
            more.append(
                (
                    "X-CSRFToken",
                    secret if random.random() < 0.85 else random.choice(["d" * 32, "x", ""]),
                )
            )
        return [("Cookie", "; ".join(cookies)), *more]

    # --- bodies -----------------------------------------------------------------------------------

    def _body(self, surface: Surface, method: str) -> tuple[bytes, list[tuple[str, str]]]:
        random = self.random
        sends = method in {"POST", "PUT", "PATCH"} or random.random() < 0.03
        if not sends or (not surface.body and random.random() < 0.7):
            return b"", []
        draw = random.random()
        data = self._data(surface)
        if draw < 0.07:
            kind = random.choice(["application/json"] * 4 + list(_TYPES))
            return random.choice(_BROKEN), [("Content-Type", kind)] if kind else []
        if draw < 0.1:
            encoded = json.dumps(data).encode()
            kind = random.choice(_TYPES)
            return encoded, [("Content-Type", kind)] if kind else []
        if (surface.files and draw < 0.85) or draw < 0.2:
            return self._multipart(data, surface.files)
        if draw < 0.35:
            pairs = [
                (name, as_text(item)) for name, value in data.items() for item in _several(value)
            ]
            body = urlencode(pairs, errors="replace").encode()
            return body, [("Content-Type", "application/x-www-form-urlencoded")]
        if draw < 0.38:
            data = [data] if random.random() < 0.5 else any_json(random)
        return json.dumps(data).encode(), [("Content-Type", "application/json")]

    def _data(self, surface: Surface) -> Any:
        random = self.random
        kept = 0.4 if random.random() < 0.3 else 0.96
        data = {name: draw(random) for name, draw in surface.body.items() if random.random() < kept}
        user = random.choice(["alice", "bob"])
        for name, value in data.items():
            if value in ("$refresh", "$access"):
                data[name] = self.credentials[user][value[1:]]
        return data

    def _multipart(self, data: dict[str, Any], files: bool) -> tuple[bytes, list[tuple[str, str]]]:
        random = self.random
        parts = []
        for name, value in data.items():
            for item in _several(value):
                shown = as_text(item).encode("utf-8", "replace")
                parts.append(
                    f'Content-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + shown
                )
        for name in ("file", "image") if files else ():
            if random.random() < 0.6:
                content, filename = self._file(name)
                parts.append(
                    f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
                    f"Content-Type: {random.choice(['text/plain', 'image/png'])}\r\n\r\n".encode()
                    + content
                )
        lines = b"".join(b"--" + _BOUNDARY.encode() + b"\r\n" + part + b"\r\n" for part in parts)
        end = b"--" + _BOUNDARY.encode() + b"--\r\n"
        whole = lines + end
        if random.random() < 0.06:
            whole = random.choice([lines, whole[: random.randint(0, len(whole))]])
        return whole, [("Content-Type", f"multipart/form-data; boundary={_BOUNDARY}")]

    def _file(self, name: str) -> tuple[bytes, str]:
        random, number = self.random, self.random.randint(0, 10**6)
        content = random.choice(
            [_PNG, _PNG, b"plain text", b"", b"\x00\xff"]
            if name == "image"
            else [b"text", b"", b"\x00" * 40]
        )
        stem = random.choice(
            [f"f{number}", f"é {number}", f"../f{number}", "n" * 60 + str(number), f"a{number}.b"]
        )
        return content, random.choice([f"{stem}.png", f"{stem}.txt", stem, ""])


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
