"""Random values that clients send: such as suit a kind of field, awkward ones, and any JSON."""

import json
import uuid
from collections.abc import Callable
from random import Random
from typing import Any

WORDS = ("amber", "birch", "coral", "delta", "ember", "fjord", "grain", "haven", "inlet")
_ODD = (
    "", " ", "\t\n", "\u3000", "\x00", "a\x00b", "\ud800", "ä", "ﬁ", "日本", "😀", "%s", "{x}", "null",
    "None", "undefined", "a\n", "\na ", "\x1c", "é́", "²", "٣", "１２", "½", "-0", "1_0", "<b>", "'", '"',
)  # fmt: skip
_ALPHABET = "abcxyz ABC019_-.@:/+%#?é日\n"
AWKWARD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 10, 99, 1.0, -0.0, 1.5, 1e20, 1e-7, 2.675, 2**31, -(2**31) - 1,
    2**63, 2**63 - 1, 2**64, 10**40, *_ODD, "a" * 300, "9" * 1001, "nan", "inf", "-Infinity", [], {},
    [None], [[]], [{}], {"a": None}, [1, "1", 1.0], {"": 1}, {"0": {"x": 1}}, ["a", "b", "a"],
)  # fmt: skip


def any_json(random: Random, depth: int = 2) -> Any:
    """Any JSON value, not deeper than `depth`."""
    draw = random.randrange(8 if depth else 5)
    match draw:
        case 0:
            return random.choice([None, True, False])
        case 1:
            return random.choice([random.randint(-100, 100), random.getrandbits(70)])
        case 2:
            return random.uniform(-1e3, 1e3)
        case 3 | 4:
            return text(random)
        case 5 | 6:
            return [any_json(random, depth - 1) for _ in range(random.randint(0, 3))]
    return {text(random): any_json(random, depth - 1) for _ in range(random.randint(0, 3))}


def text(random: Random) -> str:
    """A word, odd characters, or any of an alphabet."""
    draw = random.random()
    if draw < 0.45:
        return random.choice(WORDS)[: random.randint(1, 6)]
    if draw < 0.6:
        return random.choice(_ODD)
    return "".join(random.choice(_ALPHABET) for _ in range(random.randint(0, 14)))


def _mixed(random: Random, written: str) -> str:
    """A text with a change that often makes it wrong, and sometimes not."""
    draw = random.random()
    if draw < 0.6 or not written:
        return written
    place = random.randrange(len(written))
    if draw < 0.75:
        return written[:place] + random.choice("0 -:.xZ+é") + written[place + 1 :]
    return random.choice(
        [written + " ", f" {written}", written[:-1], written.upper(), f"{written}\n"]
    )


def _email(random: Random) -> Any:
    local = random.choice([random.choice(WORDS), "a.b", "a+b", '"q q"', "é", ".a", "a..b"])
    domain = random.choice(["b.co", "localhost", "[127.0.0.1]", "x-y.org", "-a.co", "ä.de", "b"])
    return _mixed(random, f"{local}@{domain}")


def _slug(random: Random) -> Any:
    return _mixed(
        random, "".join(random.choice("abcAZ019-_ä") for _ in range(random.randint(0, 8)))
    )


def _url(random: Random) -> Any:
    scheme = random.choice(["http", "https", "ftp", "ftps", "HTTP", "file", ""])
    host = random.choice(
        ["a.co", "localhost", "1.2.3.4", "[::1]", "a..b", "x_y.de", "ä.de", "u:p@a.co"]
    )
    tail = random.choice(["", "/", ":80/", ":99999", "/x?y=1#z", "/a b", "/%zz"])
    return _mixed(random, f"{scheme}://{host}{tail}")


def _uuid(random: Random) -> Any:
    made = uuid.UUID(int=random.getrandbits(128))
    shapes = [str(made), made.hex, made.urn, f"{{{made}}}", made.int, str(made).upper()]
    found = random.choice(shapes)
    return _mixed(random, found) if isinstance(found, str) else found


def _address(random: Random) -> Any:
    four = ".".join(str(random.randint(0, 260)) for _ in range(random.choice([4, 4, 4, 3])))
    six = ":".join(f"{random.getrandbits(16):x}" for _ in range(8))
    return _mixed(
        random, random.choice([four, six, "::ffff:1.2.3.4", "fe80::1%eth0", "::1", "1::2"])
    )


def _integer(random: Random) -> Any:
    made = random.choice([random.randint(-12, 25), random.choice([-1, 1]) * random.getrandbits(66)])
    shapes = [
        made,
        made,
        str(made),
        f"{made}.0",
        f"{made}.00",
        float(made),
        f" {made} ",
        f"{made}.5",
    ]
    found = random.choice(shapes)
    return _mixed(random, found) if isinstance(found, str) else found


def _number(random: Random) -> Any:
    made = round(random.uniform(-150, 1500), random.randint(0, 7))
    shapes = [
        made,
        made,
        str(made),
        int(made),
        f"{made:e}",
        f"{made:.3f}",
        f" {made}",
        random.uniform(0, 1),
    ]
    found = random.choice(shapes)
    return _mixed(random, found) if isinstance(found, str) else found


def _boolean(random: Random) -> Any:
    words = [
        "true",
        "True",
        "tRue",
        "t",
        "y",
        "YES",
        "on",
        "off",
        "no",
        "F",
        "0",
        "1",
        "null",
        "Null",
        "",
    ]
    return random.choice([True, False, 0, 1, 1.0, 2, *words])


def _day(random: Random) -> str:
    year = random.choice([2024, 2024, 2023, 1, 9999, 1999])
    shape = random.choice(["{:04}-{:02}-{:02}"] * 5 + ["{}{:02}{:02}", "{:04}-{}-{}"])
    made = shape.format(year, random.randint(1, 13), random.randint(1, 31))
    other = f"{random.randint(1, 31):02}/{random.randint(1, 12):02}/{year:04}"
    return random.choice(
        [made, made, made, other, f"{year:04}-W{random.randint(1, 54):02}-{random.randint(1, 8)}"]
    )


def _clock(random: Random) -> str:
    made = f"{random.randint(0, 24):02}:{random.randint(0, 60):02}"
    made += random.choice(
        ["", f":{random.randint(0, 60):02}", ":05", ":05.5", ":05.123456", ":05,25", ":05.1234567"]
    )
    return random.choice([made, made, made, "02:30:00", "10.30", "101112", "1:2"])


def _stamp(random: Random) -> Any:
    zone = random.choice(["", "", "Z", "+05:30", "-0330", "+02", "+25:00", " +0100", "z"])
    shapes = [f"{_day(random)}{random.choice('T  t')}{_clock(random)}{zone}", _day(random)]
    shapes += ["2024-03-31T02:30:00", "2024-10-27T02:30:00", "2024-01-05 10:11"]
    return _mixed(random, random.choice(shapes[:1] * 6 + shapes))


def _duration(random: Random) -> Any:
    clock = f"{random.randint(-1, 30)}:{random.randint(0, 70):02}:{random.randint(0, 70):02}"
    shapes = [clock, f"{random.randint(-9, 99)} {clock}", f"{clock}.{random.randint(0, 10**7)}"]
    shapes += [
        "P3DT4H5M6S",
        "-P1D",
        "PT1.5S",
        "P1Y",
        "3 days 04:05:06",
        "1:02",
        "999999999999 0:0:0",
    ]
    shapes += [str(random.randint(0, 10**6)), random.randint(-9, 10**6), random.uniform(0, 1e4)]  # type: ignore[list-item]
    found = random.choice(shapes)
    return _mixed(random, found) if isinstance(found, str) else found


_PICKED = (
    "new",
    "paid",
    "sent",
    "a",
    "b",
    "1",
    "2",
    1,
    2,
    "x",
    "y",
    "z",
    "",
    True,
    "True",
    "%s",
    "{x}",
    "Group",
)


def _choice(random: Random) -> Any:
    return random.choice([*_PICKED, *(f"tag {number}" for number in range(1, 5))])


def _choices(random: Random) -> Any:
    if random.random() < 0.15:
        return _choice(random)
    return [_choice(random) for _ in range(random.randint(0, 4))]


def _scalar(random: Random) -> Any:
    return SUITING[random.choice(sorted(set(SUITING) - {"list", "dict", "key", "keys"}))](random)


def _list(random: Random) -> Any:
    draw = SUITING[
        random.choice(["text", "integer", "number", "date", "choice", "boolean", "uuid"])
    ]
    return [
        draw(random) if random.random() < 0.9 else _scalar(random)
        for _ in range(random.randint(0, 6))
    ]


def _dict(random: Random) -> Any:
    return {text(random): item for item in _list(random)}


def _key(random: Random) -> Any:
    return random.choice(
        [1, 2, 3, 4, "1", "2", " 3 ", 5, 99, "x", 1.0, True, "", None, 2**70, "1.0", -1]
    )


def _keys(random: Random) -> Any:
    return (
        [_key(random) for _ in range(random.randint(0, 4))]
        if random.random() < 0.9
        else _key(random)
    )


SUITING: dict[str, Callable[[Random], Any]] = {
    "text": text, "email": _email, "slug": _slug, "url": _url, "uuid": _uuid, "address": _address,
    "integer": _integer, "number": _number, "boolean": _boolean, "stamp": _stamp,
    "date": lambda random: _mixed(random, _day(random)),
    "time": lambda random: _mixed(random, _clock(random)),
    "duration": _duration, "choice": _choice, "choices": _choices, "list": _list, "dict": _dict,
    "anything": any_json, "key": _key, "keys": _keys,
}  # fmt: skip


def value(random: Random, suiting: str) -> Any:
    """A value for a field: mostly one that suits it, now and then an awkward one or any JSON."""
    draw = random.random()
    if draw < 0.7:
        return SUITING[suiting](random)
    if draw < 0.9:
        return random.choice(AWKWARD)
    return any_json(random)


def as_text(given: Any) -> str:
    """A value as a form sends it."""
    return given if isinstance(given, str) else json.dumps(given)
