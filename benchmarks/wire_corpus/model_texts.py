"""Models made from a seed, as source, with rows for their tables."""

from dataclasses import dataclass
from random import Random
from typing import Any

MODELS = 12
_TEXT_OPTIONS = ("blank=True", "null=True", "unique=True", "default='d'", "help_text='Say it.'")
_PLAIN = ("null=True", "null=True, blank=True", "blank=True", "unique=True", "db_index=True")


@dataclass(frozen=True)
class ModelText:
    """A model: name, source, which values suit which of its fields."""

    name: str
    source: str
    suiting: dict[str, str]


def _text(random: Random) -> str:
    size = random.randint(3, 12)
    if random.random() < 0.25:
        return f"models.TextField({random.choice(['', 'blank=True', 'null=True', f'max_length={size}'])})"
    more = random.choice(
        ["validators=[MinLengthValidator(2)]", "validators=[RegexValidator('^[a-z]')]", "", "", ""]
    )
    chosen = random.sample(_TEXT_OPTIONS, random.randint(0, 2))
    return _field("CharField", f"max_length={size}", *chosen, more)


def _field(name: str, *options: str) -> str:
    return f"models.{name}({', '.join(option for option in options if option)})"


def _plain(name: str, *more: str) -> Any:
    def declare(random: Random) -> str:
        options = [random.choice(_PLAIN)] if random.random() < 0.5 else []
        return _field(name, *more, *options)

    return declare


def _integer(random: Random) -> str:
    name = random.choice(
        ["IntegerField", "BigIntegerField", "SmallIntegerField", "PositiveIntegerField",
         "PositiveSmallIntegerField", "PositiveBigIntegerField"]
    )  # fmt: skip
    more = random.choice(
        ["validators=[MaxValueValidator(10)]", "validators=[MinValueValidator(-2), MaxValueValidator(9)]",
         "default=3", "choices=[(1, 'one'), (2, 'two')]", "null=True", "unique=True", ""]
    )  # fmt: skip
    return _field(name, more)


def _choice(random: Random) -> str:
    more = random.choice(["blank=True", "default='a'", "null=True", ""])
    return _field("CharField", "max_length=3", "choices=[('a', 'Alpha'), ('b', 'Beta')]", more)


def _boolean(random: Random) -> str:
    return _field("BooleanField", random.choice(["default=True", "default=False", "null=True", ""]))


def _moment(random: Random) -> str:
    more = random.choice(
        ["null=True", "auto_now=True", "auto_now_add=True", "default=timezone.now", ""]
    )
    return _field("DateTimeField", more)


def _relation(random: Random) -> str:
    more = random.choice(["null=True", "blank=True, null=True", "unique=True", "", ""])
    target = random.choice(["Tag", "Label"])
    return _field("ForeignKey", target, "on_delete=models.CASCADE", "related_name='+'", more)


_DECLARED = (
    ("text", _text), ("text", _text), ("integer", _integer), ("choice", _choice),
    ("boolean", _boolean), ("stamp", _moment), ("date", _plain("DateField")),
    ("time", _plain("TimeField")), ("duration", _plain("DurationField")),
    ("number", _plain("DecimalField", "max_digits=6", "decimal_places=2")),
    ("number", _plain("FloatField")), ("uuid", _plain("UUIDField")), ("email", _plain("EmailField")),
    ("url", _plain("URLField")), ("slug", _plain("SlugField", "max_length=8")),
    ("address", _plain("GenericIPAddressField")), ("anything", _plain("JSONField")),
    ("key", _relation), ("key", _relation),
)  # fmt: skip


def models(random: Random) -> list[ModelText]:
    """Twelve models with the fields of Django; some have constraints over two of them."""
    return [_model(random, number) for number in range(MODELS)]


def _model(random: Random, number: int) -> ModelText:
    drawn = random.choices(_DECLARED, k=7)
    suiting = {f"m{position}": suits for position, (suits, _) in enumerate(drawn)}
    # columns of texts and documents: a unique column may not be null twice in all databases
    suiting |= {"pair_a": "integer", "pair_b": "text", "day": "date"}
    lines = [f"class M{number}(models.Model):"]
    lines += [f"    m{position} = {declare(random)}" for position, (_, declare) in enumerate(drawn)]
    lines.append(
        f"    pair_a = models.IntegerField({random.choice(['', 'null=True', 'default=1'])})"
    )
    lines.append(f"    pair_b = models.CharField(max_length=9{random.choice(['', ', blank=True'])}"
                 f"{random.choice(['', '', ', unique_for_date={!r}'.format('day')])})")  # fmt: skip
    lines.append("    day = models.DateField(default=datetime.date(2024, 1, 5))")
    lines += [
        "",
        "    class Meta:",
        f"        verbose_name = {random.choice(['thing', 'Odd One'])!r}",
    ]
    draw = random.random()
    if draw < 0.35:
        lines.append("        unique_together = [('pair_a', 'pair_b')]")
    elif draw < 0.7:
        more = random.choice(
            ["", ", violation_error_message='Taken.'", ", condition=models.Q(pair_a__gt=2)"]
        )
        lines.append("        constraints = [models.UniqueConstraint("
                     f"fields=['pair_a', 'pair_b'], name='only_{number}'{more})]")  # fmt: skip
    return ModelText(f"M{number}", "\n".join(lines) + "\n", suiting)
