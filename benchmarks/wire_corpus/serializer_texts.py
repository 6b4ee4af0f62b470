"""Serializers made from a seed, as source: one field kind each, nested ones, lists, hooks, models."""

from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from .field_texts import KINDS
from .model_texts import ModelText
from .values import WORDS, any_json, value

#: Fields of each serializer of one kind, and how many such serializers are made.
FIELDS, VARIANTS = 3, 8


@dataclass(frozen=True)
class Case:
    """A serializer: its kind in the table, its name, its source, which values suit which field."""

    kind: str
    name: str
    source: str
    suiting: dict[str, Any] = field(default_factory=dict)
    #: Rows that updates may be about: the model and its name.
    model: str | None = None

    def given(self, random: Random) -> Any:
        """Random input."""
        if random.random() < 0.02:
            return any_json(random)
        return _given(random, self.suiting)


def _given(random: Random, suiting: Any) -> Any:
    if isinstance(suiting, list):
        if random.random() < 0.08:
            return any_json(random)
        return [_given(random, suiting[0]) for _ in range(random.randint(0, 3))]
    if isinstance(suiting, dict):
        if random.random() < 0.06:
            return any_json(random)
        found = {
            name: _given(random, inner) for name, inner in suiting.items() if random.random() < 0.9
        }
        if random.random() < 0.1:
            found[random.choice(WORDS)] = any_json(random)
        return found
    return value(random, suiting)


def cases(random: Random, models: list[ModelText], drf: tuple[int, ...]) -> list[Case]:
    """All serializers of a corpus for one DRF; the seed decides their options."""
    known = {name: kind for name, kind in KINDS.items() if drf[:2] >= kind.since}
    found = []
    for name, kind in known.items():
        for _ in range(VARIANTS):
            fields = {f"f{number}": kind.declare(random) for number in range(FIELDS)}
            suiting = dict.fromkeys(fields, kind.values)
            found.append(_case(name, len(found), fields, suiting))
    for make in (_mixed, _hooked, _nested, _nested_many, _sourced):
        for _ in range(VARIANTS):
            found.append(make(random, known, len(found)))
    for model in models:
        found.append(_of_model(random, model, len(found)))
    return [replace(case, source=_spoken(case.source, drf)) for case in found]


def _spoken(source: str, drf: tuple[int, ...]) -> str:
    """Without arguments that a release does not know yet."""
    return source if drf >= (3, 15) else source.replace(", normalize_output=True", "")


def _case(
    kind: str, number: int, fields: dict[str, str], suiting: dict[str, Any], more: str = ""
) -> Case:
    lines = [f"class Case{number}Serializer(serializers.Serializer):"]
    lines += [f"    {name} = {declared}" for name, declared in fields.items()]
    return Case(kind, f"Case{number}", "\n".join(lines) + "\n" + more, suiting)


def _fields(random: Random, known: Any, count: int) -> tuple[dict[str, str], dict[str, Any]]:
    names = random.choices([name for name in known if "Related" not in name], k=count)
    fields = {f"{random.choice(WORDS)}_{n}": known[name] for n, name in enumerate(names)}
    return (
        {name: kind.declare(random) for name, kind in fields.items()},
        {name: kind.values for name, kind in fields.items()},
    )


def _mixed(random: Random, known: Any, number: int) -> Case:
    fields, suiting = _fields(random, known, 7)
    fields["shown"] = random.choice(
        ["serializers.ReadOnlyField()", "serializers.CharField(read_only=True)"]
    )
    return _case("many kinds together", number, fields, suiting | {"shown": "text"})


def _hooked(random: Random, known: Any, number: int) -> Case:
    fields = {"low": KINDS["IntegerField"].declare(random), "high": KINDS["IntegerField"].declare(random),
              "name": KINDS["CharField"].declare(random)}  # fmt: skip
    suiting = {"low": "integer", "high": "integer", "name": "text"}
    word = random.choice(WORDS)
    hook = f"""
    def validate_name(self, value):
        if value and value.startswith({word[0]!r}):
            raise serializers.ValidationError({f"No {word}."!r})
        return value.upper() if value else value

    def validate(self, attrs):
        low, high = attrs.get("low"), attrs.get("high")
        if low is not None and high is not None and low > high:
            raise serializers.ValidationError({_raised(random)})
        return attrs
"""
    return _case("validate hooks", number, fields, suiting, hook)


def _raised(random: Random) -> str:
    text = f"Low {random.choice(WORDS)}."
    shapes = [
        repr(text),
        repr([text, "Twice."]),
        repr({"low": [text]}),
        repr({"low": text, "x": ["y"]}),
    ]
    return random.choice(shapes)


def _nested(random: Random, known: Any, number: int, many: bool = False) -> Case:
    fields, inner = _fields(random, known, 3)
    made = _case("", number, fields, inner)
    text = made.source.replace(f"Case{number}Serializer", f"Inner{number}Serializer")
    options = {"many": "True"} if many else {}
    for key, chance in (
        ("required", 0.3),
        ("allow_null", 0.3),
        ("allow_empty", 0.3 if many else 0),
    ):
        if random.random() < chance:
            options[key] = "False" if key in {"required", "allow_empty"} else "True"
    if many and random.random() < 0.3:
        options["max_length"] = "2"
    written = ", ".join(f"{key}={option}" for key, option in options.items())
    around = {
        "name": KINDS["CharField"].declare(random),
        "inner": f"Inner{number}Serializer({written})",
    }
    suiting = {"name": "text", "inner": [inner] if many else inner}
    kind = "nested(many)" if many else "nested"
    outer = _case(kind, number, around, suiting)
    return Case(kind, outer.name, f"{text}\n\n{outer.source}", suiting)


def _nested_many(random: Random, known: Any, number: int) -> Case:
    return _nested(random, known, number, many=True)


def _sourced(random: Random, known: Any, number: int) -> Case:
    fields = {
        "first": f"serializers.CharField(source={random.choice(['other', 'given'])!r}, max_length=6)",
        "second": "serializers.IntegerField(source='a.b', required=False)",
        "third": f"serializers.CharField(source='a.c', allow_blank={random.random() < 0.5})",
        "fourth": KINDS["DecimalField"].declare(random),
    }
    suiting = {"first": "text", "second": "integer", "third": "text", "fourth": "number"}
    return _case("source", number, fields, suiting)


def _of_model(random: Random, model: ModelText, number: int) -> Case:
    lines = [f"class Case{number}Serializer(serializers.ModelSerializer):", "    class Meta:"]
    lines.append(f"        model = {model.name}")
    names = ["id", *model.suiting]
    draw = random.random()
    if draw < 0.5:
        lines.append("        fields = '__all__'")
    elif draw < 0.75:
        lines.append(f"        exclude = [{random.choice(list(model.suiting))!r}]")
    else:
        random.shuffle(names)
        lines.append(f"        fields = {names!r}")
    extra = {}
    for name in random.sample(list(model.suiting), 2):
        extra[name] = random.choice(
            [{"required": False}, {"required": True}, {"read_only": True}, {"label": "Named"},
             {"error_messages": {"required": "Give it."}}]
        )  # fmt: skip
    if (random.random() < 0.4 and draw >= 0.75) or draw < 0.4:
        lines.append(f"        extra_kwargs = {extra!r}")
    return Case(
        "ModelSerializer", f"Case{number}", "\n".join(lines) + "\n", model.suiting, model.name
    )
