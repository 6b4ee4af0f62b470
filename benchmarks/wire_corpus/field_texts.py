"""Field declarations of DRF with options that a seed chooses: one function for each kind of field."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from .values import WORDS

Options = dict[str, str]


@dataclass(frozen=True)
class Kind:
    """A kind of field: how its declarations are made, which values suit it, from which DRF on."""

    declare: Callable[[Random], str]
    values: str
    since: tuple[int, int] = (3, 14)


def _maybe(random: Random, chance: float, **options: str) -> Options:
    return options if random.random() < chance else {}


def _call(random: Random, name: str, default: str | None, **options: str) -> str:
    """One declaration: the options of every field beside its own."""
    given: Options = {**options, **_presence(random, default)}
    given |= _maybe(random, 0.1, error_messages=_messages(random))
    given |= _maybe(random, 0.1, label=repr(random.choice(WORDS)))
    given |= _maybe(random, 0.1, help_text=repr(f"Tell {random.choice(WORDS)}."))
    if random.random() < 0.12 and "validators" not in given:
        names = random.sample(["no_threes", "not_long", "short_text"], random.randint(1, 2))
        given["validators"] = f"[{', '.join(names)}]"
    return f"serializers.{name}({', '.join(f'{key}={text}' for key, text in given.items())})"


def _presence(random: Random, default: str | None) -> Options:
    given = _maybe(random, 0.35, allow_null="True")
    draw = random.random()
    if draw < 0.3:
        given["required"] = "False"
    elif draw < 0.45 and default is not None:
        given["default"] = default
    elif draw < 0.5:
        given["required"] = "True"
    if random.random() < 0.08:
        given["write_only"] = "True"
    return given


def _messages(random: Random) -> str:
    keys = random.sample(["required", "null", "invalid", "blank", "max_length", "min_value"], 2)
    return repr({key: f"Bad {random.choice(WORDS)} ({key})." for key in keys})


def _lengths(random: Random, least: int = 0, most: int = 12) -> Options:
    low = random.randint(least, most // 2)
    given = _maybe(random, 0.5, max_length=str(random.randint(low + 1, most)))
    return given | _maybe(random, 0.3, min_length=str(low))


def _text(random: Random) -> Options:
    given = _lengths(random)
    given |= _maybe(random, 0.4, allow_blank=random.choice(["True", "True", "False"]))
    return given | _maybe(random, 0.3, trim_whitespace=random.choice(["False", "True"]))


def char(random: Random) -> str:
    """Texts."""
    return _call(random, "CharField", repr(random.choice(WORDS)), **_text(random))


def email(random: Random) -> str:
    """Addresses."""
    given = {**_maybe(random, 0.4, allow_blank="True"), **_maybe(random, 0.4, max_length="14")}
    return _call(random, "EmailField", "'a@b.co'", **given)


def regex(random: Random) -> str:
    """Patterns, some with an end that allows a line feed."""
    pattern = random.choice([r"^[a-c]+$", r"\d", r"^\w{2,4}$", r"x|y", r"^(?i:ab)\Z"])
    flags = {
        **_maybe(random, 0.3, trim_whitespace="False"),
        **_maybe(random, 0.3, allow_blank="True"),
    }
    return _call(random, "RegexField", "'ab'", regex=f"r{pattern!r}".replace("\\\\", "\\"), **flags)


def slug(random: Random) -> str:
    """Slugs."""
    given = {**_maybe(random, 0.4, allow_unicode="True"), **_maybe(random, 0.4, max_length="6")}
    return _call(random, "SlugField", "'a-b'", **given | _maybe(random, 0.3, allow_blank="True"))


def url(random: Random) -> str:
    """URLs."""
    given = {**_maybe(random, 0.3, max_length="30"), **_maybe(random, 0.3, allow_blank="True")}
    return _call(random, "URLField", "'http://a.co'", **given)


def uuid(random: Random) -> str:
    """UUIDs in every format of showing."""
    shown = random.choice(["hex_verbose", "hex", "int", "urn"])
    return _call(random, "UUIDField", "None", **_maybe(random, 0.6, format=repr(shown)))


def address(random: Random) -> str:
    """IP addresses."""
    protocol = random.choice(["both", "IPv4", "ipv6"])
    return _call(random, "IPAddressField", "'::1'", **_maybe(random, 0.7, protocol=repr(protocol)))


def _limits(random: Random, draw: Callable[[], str]) -> Options:
    return {**_maybe(random, 0.4, max_value=draw()), **_maybe(random, 0.4, min_value=draw())}


def integer(random: Random) -> str:
    """Integers."""
    limits = _limits(random, lambda: str(random.randint(-9, 20)))
    return _call(random, "IntegerField", str(random.randint(-3, 3)), **limits)


def big_integer(random: Random) -> str:
    """Integers of 64 bits."""
    limits = _limits(random, lambda: str(random.choice([-(2**63), 2**63 - 1, 5])))
    text = {"coerce_to_string": random.choice(["True", "False"])}
    return _call(
        random, "BigIntegerField", "7", **limits, **(text if random.random() < 0.4 else {})
    )


def number(random: Random) -> str:
    """Floats."""
    return _call(
        random, "FloatField", "0.5", **_limits(random, lambda: repr(random.uniform(-9, 9)))
    )


def decimal(random: Random) -> str:
    """Decimals."""
    digits = random.choice(["None", str(random.randint(2, 12))])
    places = str(random.randint(0, int(digits) if digits != "None" else 6))
    places = random.choice([places, places, "None"]) if digits == "None" else places
    given = {"max_digits": digits, "decimal_places": places}
    given |= _limits(random, lambda: f"Decimal('{random.randint(-99, 999)}.5')")
    given |= _maybe(random, 0.3, coerce_to_string=random.choice(["True", "False"]))
    given |= _maybe(random, 0.2, normalize_output="True")
    given |= _maybe(
        random, 0.2, rounding=random.choice(["decimal.ROUND_HALF_UP", "decimal.ROUND_DOWN"])
    )
    return _call(random, "DecimalField", "Decimal('1.5')", **given)


def boolean(random: Random) -> str:
    """Booleans."""
    return _call(random, "BooleanField", random.choice(["True", "False"]))


_STAMPS = ["'%d/%m/%Y'", "'%Y-%m-%d %H:%M'", "'iso-8601'", "'%H.%M'", "'%m/%d/%y %I%p'"]


def _formats(random: Random) -> Options:
    chosen = ", ".join(random.sample(_STAMPS, random.randint(1, 3)))
    given = _maybe(random, 0.3, input_formats=f"[{chosen}]")
    return given | _maybe(
        random, 0.2, format=random.choice(["'%Y!%m'", "'%H:%M'", "None", "'iso-8601'"])
    )


def stamp(random: Random) -> str:
    """Moments."""
    zone = _maybe(
        random, 0.2, default_timezone=random.choice(["UTC", "zoneinfo.ZoneInfo('Asia/Tokyo')"])
    )
    return _call(random, "DateTimeField", None, **_formats(random), **zone)


def date(random: Random) -> str:
    """Days."""
    return _call(random, "DateField", "datetime.date(2024, 2, 29)", **_formats(random))


def time(random: Random) -> str:
    """Times of day."""
    return _call(random, "TimeField", "datetime.time(1, 2, 3)", **_formats(random))


def duration(random: Random) -> str:
    """Lengths of time."""
    limits = _limits(random, lambda: f"datetime.timedelta(hours={random.randint(-5, 99)})")
    return _call(random, "DurationField", "datetime.timedelta(1)", **limits)


_CHOICES = (
    "['new', 'paid', 'sent']", "[('a', 'Alpha'), ('b', 'Beta')]", "[(1, 'one'), (2, 'two')]",
    "[('Group', [('x', 'X'), ('y', 'Y')]), ('z', 'Z')]", "[('', 'none'), ('1', 'one')]",
    "[(True, 'yes'), (False, 'no')]", "['%s', '{x}']",
)  # fmt: skip


def choice(random: Random) -> str:
    """One of several."""
    given = _maybe(random, 0.4, allow_blank="True")
    return _call(random, "ChoiceField", "'a'", choices=random.choice(_CHOICES), **given)


def multiple_choice(random: Random) -> str:
    """Several of several."""
    given = _maybe(random, 0.4, allow_empty="False")
    return _call(random, "MultipleChoiceField", None, choices=random.choice(_CHOICES[:4]), **given)


_CHILDREN = (char, integer, number, decimal, boolean, date, choice, uuid, email, stamp)


def _child(random: Random) -> str:
    made = random.choice(_CHILDREN)(random)
    # what a child has of presence is not for its own list
    while "required=" in made or "default=" in made or "write_only" in made:
        made = random.choice(_CHILDREN)(random)
    return made


def sequence(random: Random) -> str:
    """Lists."""
    given = {} if random.random() < 0.1 else {"child": _child(random)}
    given |= _maybe(random, 0.3, allow_empty="False") | _lengths(random, 1, 5)
    return _call(random, "ListField", None, **given)


def dictionary(random: Random) -> str:
    """Dictionaries."""
    given = {} if random.random() < 0.2 else {"child": _child(random)}
    return _call(random, "DictField", None, **given, **_maybe(random, 0.3, allow_empty="False"))


def store(random: Random) -> str:
    """PostgreSQL's dictionaries of texts."""
    return _call(random, "HStoreField", None, **_maybe(random, 0.3, allow_empty="False"))


def document(random: Random) -> str:
    """JSON."""
    return _call(random, "JSONField", "None", **_maybe(random, 0.3, binary="True"))


def key(random: Random) -> str:
    """A row by its primary key."""
    rows = random.choice(
        ["Tag.objects.all()", "Tag.objects.filter(pk__lte=3)", "Label.objects.all()"]
    )
    return _call(random, "PrimaryKeyRelatedField", None, queryset=rows)


def keys(random: Random) -> str:
    """Several rows by their primary keys."""
    given = {"queryset": "Tag.objects.all()", "many": "True"}
    given |= _maybe(random, 0.4, allow_empty="False")
    return _call(random, "PrimaryKeyRelatedField", None, **given)


def by_slug(random: Random) -> str:
    """A row, or several, by a unique column."""
    given = {"slug_field": random.choice(["'name'", "'rank'"]), "queryset": "Tag.objects.all()"}
    return _call(random, "SlugRelatedField", None, **given, **_maybe(random, 0.4, many="True"))


KINDS: dict[str, Kind] = {
    "CharField": Kind(char, "text"),
    "EmailField": Kind(email, "email"),
    "RegexField": Kind(regex, "text"),
    "SlugField": Kind(slug, "slug"),
    "URLField": Kind(url, "url"),
    "UUIDField": Kind(uuid, "uuid"),
    "IPAddressField": Kind(address, "address"),
    "IntegerField": Kind(integer, "integer"),
    "BigIntegerField": Kind(big_integer, "integer", (3, 17)),
    "FloatField": Kind(number, "number"),
    "DecimalField": Kind(decimal, "number"),
    "BooleanField": Kind(boolean, "boolean"),
    "DateTimeField": Kind(stamp, "stamp"),
    "DateField": Kind(date, "date"),
    "TimeField": Kind(time, "time"),
    "DurationField": Kind(duration, "duration"),
    "ChoiceField": Kind(choice, "choice"),
    "MultipleChoiceField": Kind(multiple_choice, "choices"),
    "ListField": Kind(sequence, "list"),
    "DictField": Kind(dictionary, "dict"),
    "HStoreField": Kind(store, "dict"),
    "JSONField": Kind(document, "anything"),
    "PrimaryKeyRelatedField": Kind(key, "key"),
    "PrimaryKeyRelatedField(many)": Kind(keys, "keys"),
    "SlugRelatedField": Kind(by_slug, "choices"),
}
