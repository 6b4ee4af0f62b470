"""What the corpus project serves: paths, methods, parameters, bodies, who is asked for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from .values import any_json, text

Draw = Callable[[Random], Any]


@dataclass(frozen=True)
class Surface:
    """One path of the project and what is sensible to send there."""

    section: str
    path: str
    methods: tuple[str, ...]
    query: dict[str, Draw] = field(default_factory=dict)
    body: dict[str, Draw] = field(default_factory=dict)
    parts: dict[str, Draw] = field(default_factory=dict)
    #: Credentials that matter here; empty where anybody may.
    who: tuple[str, ...] = ()
    #: Whether bodies are sent as forms with files.
    files: bool = False
    weight: float = 1.0


def one_of(*values: Any) -> Draw:
    """Any of these."""
    return lambda random: random.choice(values)


def _number(random: Random) -> Any:
    return random.choice(
        [1, 2, 3, 7, 0, -1, 99, "x", "", " 2", "1_0", 1.5, "٣", "last", "1.0", 2**70]
    )


def _key(random: Random) -> str:
    return random.choice(
        [*"12345678", "9", "30", "31", "99", "abc", "1.5", "0", "-1", "01", " 1", "1_0"]
    )


def _rarely(draw: Draw, chance: float = 0.06) -> Draw:
    """A draw whose value is now and then any JSON."""
    return lambda random: any_json(random) if random.random() < chance else draw(random)


def _title(random: Random) -> str:
    return f"{random.choice(['Book', 'ä', 'long', 'x'])} {random.randint(0, 999)}"


def _price(random: Random) -> Any:
    return random.choice(
        [
            f"{random.uniform(0, 999):.2f}",
            round(random.uniform(0, 99), 2),
            5,
            "1e2",
            "x",
            -3,
            "99999999",
        ]
    )


_TAG = {
    "name": _rarely(
        lambda random: f"tag{random.randint(0, 400)}" if random.random() < 0.8 else text(random)
    ),
    "rank": _rarely(one_of(1, 2, 3, 50, 98, 100, "7", "x", -4, 2**31, None)),
}
_AUTHOR = {
    "name": _rarely(lambda random: text(random) or "Somebody"),
    "email": _rarely(
        lambda random: f"m{random.randint(0, 500)}@example.com" if random.random() < 0.8 else "bad"
    ),
    "born": _rarely(one_of("1970-01-02", None, "", "2024-02-30", "05/01/2024")),
    "rating": _rarely(one_of("1.5", 2, 99.9, "100.0", "x", 0.05, 95, "-1")),
    "active": _rarely(one_of(True, False, "yes", "off", "maybe", None, "")),
}
_BOOK = {
    "title": _rarely(_title),
    "author": _rarely(one_of(1, 2, "3", 8, 99, "x", None, "")),
    "tags": _rarely(one_of([], [1], [1, 2], [2, 1, 2], [99], ["x"], "1", None)),
    "kind": _rarely(one_of("novel", "poems", "other", "", None)),
    "price": _rarely(_price, 0.03),
    "pages": _rarely(one_of(1, 0, None, "12", -1, 2**31, "")),
    "published": _rarely(
        one_of("2024-05-06T07:08:09Z", None, "2024-05-06", "2024-03-31T02:30:00", "x", "")
    ),
    "weight": _rarely(one_of(1.5, None, "2", "nan", 1e300, "")),
    "lent": _rarely(one_of("1 02:03:04", 60, None, "x", "P1D", "")),
    "code": _rarely(one_of("550e8400-e29b-41d4-a716-446655440000", None, 5, "x", "")),
    "note": _rarely(text),
    "extra": any_json,
}
_DEEP = {name: _BOOK[name] for name in ("title", "price")} | {
    "writer": _BOOK["author"],
    "tags": _rarely(one_of([], ["tag1"], ["tag1", "tag3"], ["none"], [1], "tag1")),
}
_OWNED = {name: _BOOK[name] for name in ("title", "author", "price")} | {"owner": one_of(1, 2)}
_LINKED = {
    "title": _title, "price": _price,
    "author": _rarely(one_of("/more/linked-authors/1/", "http://localhost/more/linked-authors/2/", 5,
                             "/more/linked-authors/99/", "/more/linked-books/1/", "/nowhere/", "", "1",
                             "/more/linked-authors/3", "http://localhost/more/linked-authors/4")),
}  # fmt: skip
_LOAN = {"days": _rarely(one_of(1, 3, 5, 99, "2", "x", None)), "reason": _rarely(text),
         "tags": _rarely(one_of([], ["a"], ["a", "toolong"], "x")), "urgent": one_of(True, "no", "x")}  # fmt: skip
_PAPER = {"name": _rarely(lambda random: f"paper {random.randint(0, 99)}")}
_PAGE = dict.fromkeys(("page", "p", "page_size", "size", "limit", "offset", "cursor"), _number)
_WORDS = one_of(
    "amber",
    "Birch",
    "a",
    "coral 1",
    '"birch tree"',
    "grain, sweet",
    "50%",
    "_x",
    "é",
    "É",
    "",
    "'",
    "\x00",
    '"',
    "e e",
    "\\",
    "[",
)
_SORTS = one_of(
    "price",
    "-price",
    "title,id",
    "-id",
    "--id",
    "id",
    "none",
    "",
    " title , -id",
    "author__name",
    "price,,id",
    "-author__name,id",
    "+id",
    "pk",
    "-pages,id",
    "author",
    "title_length,id",
    "?",
)
_FILTERS: dict[str, Draw] = {
    "cheap": one_of("5", "50.5", "x", "", "1e1", "NaN"),
    "word": _WORDS, "writer": _WORDS,
    "after": one_of("2023-05-06", "2023-05-06T00:00:00Z", "2023-05-06 10:00", "x", ""),
    "noted": one_of("true", "false", "1", "0", "maybe", ""),
    "kind": one_of("novel", "poems", "zz", ""),
    "pages": one_of("1", "0", "x"), "pages__lt": one_of("100", "x", ""), "pages__gt": one_of("10", "x"),
    "pages__gte": one_of("10", ""), "pages__in": one_of("0,1", "x", "1,", ""),
    "pages__isnull": one_of("true", "0", "x"), "pages__range": one_of("1,100", "1", "x,y", ""),
    "author": one_of("1", "2", "99", "x", ""), "tags": one_of("1", "99", "x"),
    "published__year": one_of("2023", "x", ""), "published__date": one_of("2023-01-05", "x"),
    "code": one_of("x", "550e8400-e29b-41d4-a716-446655440000"), "unknown": one_of("1"),
}  # fmt: skip
_ALL = ("GET", "POST")
_ONE = ("GET", "GET", "PUT", "PATCH", "DELETE")
_PK = {"pk": _key}
_FIND = {"search": _WORDS, "q": _WORDS, "ordering": _SORTS, "sort": _SORTS}
_ALL_WHO = ("none", "token", "session", "jwt", "basic")


def _crud(
    section: str, base: str, body: dict[str, Draw], slash: str = "/", **more: Any
) -> list[Surface]:
    return [
        Surface(
            section,
            base + slash,
            (*_ALL, "POST"),
            query=more.pop("query", {**_PAGE}),
            body=body,
            **more,
        ),
        Surface(section, f"{base}/{{pk}}{slash}", _ONE, body=body, parts=_PK, **more),
    ]


def surfaces(chosen: dict[str, str]) -> list[Surface]:
    """Every path of the project that was made with these choices."""
    slash = "/" if chosen["router_slash"] == "True" else ""
    what = one_of("text", "list", "dict", "missing", "gone", "denied", "refused", "login", "failed", "parse",
                  "media", "method", "wait", "teapot", "teapot2", "crash", "else")  # fmt: skip
    login = {
        "username": one_of("alice", "bob", "gone", "nobody", "", None),
        "password": one_of("alice-pass", "bob-pass", "x", ""),
    }
    found = [
        Surface("routing", "/api/", ("GET",)),
        *_crud("parsing", "/api/authors", _AUTHOR, weight=2),
        *_crud("parsing", "/api/tags", _TAG, weight=2),
        *_crud("parsing", "/api/books", _BOOK, weight=3),
        *_crud("relations", "/api/deep", _DEEP, weight=2),
        Surface("routing", "/api/books/{pk}/lend/", ("POST",), body=_LOAN, parts=_PK, weight=2),
        Surface("routing", "/api/books/recent/", ("GET",)),
        Surface("routing", "/api/shelves/", ("GET",)),
        Surface("routing", "/api/shelves/{email}/", ("GET",), parts={"email": one_of("a1@example.com", "a7@example.com", "x", "a1@example.co")}),
        Surface("routing", "/bare/tags", _ALL, body=_TAG),
        Surface("routing", "/bare/tags/{name}", _ONE, body=_TAG, parts={"name": one_of("tag1", "tag2", "none", "tag 3", "tag1.json")}),
        Surface("routing", "/bare/books/{pk}", ("GET",), parts=_PK),
        Surface("routing", "/bare/numbers/{number}/", ("GET", "DELETE"), parts={"number": one_of("12", "99", "1", "123", "ab")}),
        Surface("parsing", "/bare/echo/", ("GET", "POST", "POST", "POST"), query={"q": text}, body=_BOOK, weight=3),
        Surface("pagination", "/pages/numbered/", ("GET",), query=_PAGE, weight=4),
        Surface("pagination", "/pages/windowed/", ("GET",), query=_PAGE, weight=4),
        Surface("pagination", "/pages/cursored/", ("GET",), query=_PAGE, weight=4),
        Surface("pagination", "/pages/unpaged/", ("GET",), query=_PAGE),
        Surface("filtering", "/find/searched/", ("GET",), query=_FIND, weight=4),
        Surface("filtering", "/find/ordered/", ("GET",), query=_FIND, weight=4),
        Surface("filtering", f"/more/filtered{slash}", ("GET",), query={**_FIND, **_FILTERS}, weight=8),
        Surface("filtering", f"/more/filtered/{{pk}}{slash}", ("GET",), query={**_FIND, **_FILTERS}, parts=_PK, weight=2),
        Surface("filtering", "/find/active/", ("GET",), query={**_FIND, "active": one_of("true", "0", "x"), "name": _WORDS, "born": one_of("1962-02-03", "x"), "rating": one_of("1.5", "x")}, weight=3),
        *(Surface("authentication", f"/guard/{kind}/", _ALL, who=_ALL_WHO, body=_TAG, weight=2) for kind in ("token", "session", "jwt", "many", "none", "public")),
        Surface("authentication", "/guard/basic/", _ALL, who=("none", "basic", "token"), weight=1),
        Surface("authentication", "/guard/obtain/", ("POST",), body=login, weight=0.4),
        Surface("authentication", "/guard/jwt/pair/", ("POST",), body=login, weight=0.4),
        Surface("authentication", "/guard/jwt/refresh/", ("POST",), body={"refresh": one_of("$refresh", "$access", "x", "", None)}, weight=2),
        Surface("authentication", "/guard/jwt/verify/", ("POST",), body={"token": one_of("$refresh", "$access", "x.y.z", "", None)}, weight=2),
        *_crud("permissions", "/more/owned", _OWNED, slash, who=_ALL_WHO, weight=2.5),
        *_crud("permissions", "/more/modeled", _TAG, slash, who=_ALL_WHO, weight=2.5),
        Surface("permissions", "/guard/even/{pk}/", _ONE, body=_TAG, parts=_PK, who=_ALL_WHO, weight=3),
        Surface("permissions", "/guard/composed/", _ALL, body=_TAG, who=_ALL_WHO, weight=3),
        Surface("throttles", "/limits/anonymous/", ("GET",), who=("none", "token"), weight=2),
        Surface("throttles", "/limits/users/", _ALL, body=_TAG, who=("none", "token"), weight=2),
        Surface("throttles", "/limits/scoped/", _ALL, body=_TAG, who=("none", "token"), weight=2),
        *_crud("files", "/more/papers", _PAPER, slash, files=True, weight=3),
        Surface("files", "/files/multi/", ("POST",), body=_PAPER, files=True, weight=2),
        Surface("files", "/files/raw/{filename}", ("PUT",), parts={"filename": one_of("a.txt", "b.png", "é.txt")}, body=_PAPER),
        Surface("files", "/files/measured/", ("POST",), body=_PAPER, files=True, weight=2),
        *_crud("hyperlinks", "/more/linked-authors", _AUTHOR, slash, weight=1.5),
        *_crud("hyperlinks", "/more/linked-books", _LINKED, slash, weight=2),
        Surface("answers", "/answers/raise/{what}/", ("GET",), parts={"what": what}, weight=4),
        Surface("answers", "/answers/values/", ("GET",)),
        Surface("answers", "/answers/nothing/", ("GET", "POST", "DELETE")),
        Surface("answers", "/answers/listed/", ("GET", "PUT", "PATCH")),
        Surface("versions", "/versions/accept/", ("GET",), weight=2),
        Surface("versions", "/versions/query/", ("GET",), query={"version": one_of("v1", "v2", "v9", "")}, weight=2),
        Surface("versions", "/versions/host/", ("GET",), weight=2),
        Surface("versions", "/versions/path/{version}/", ("GET",), parts={"version": one_of("v1", "v2", "v3", "v4")}, weight=1.5),
        Surface("versions", "/versions/paths/{version}/", ("GET",), parts={"version": one_of("v1", "v2", "v9")}, weight=1.5),
        Surface("versions", "/versions/tags/{version}/", _ALL, parts={"version": one_of("v1", "v9")}, body=_TAG, weight=1.5),
        *(Surface("versions", f"/versions/{name}/named/", ("GET",)) for name in ("v1", "v2", "v9")),
        Surface("sessions", "/sessions/login/", ("POST",), body=login, who=("none", "session"), weight=0.4),
        Surface("sessions", "/sessions/logout/", ("POST",), who=("none", "session"), weight=0.5),
        Surface("sessions", "/sessions/visits/", ("GET",), who=("none", "session"), weight=1.5),
    ]  # fmt: skip
    return found
