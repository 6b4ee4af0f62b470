"""Apps of models that hang on one another in every way, made from a seed."""

import random
from pathlib import Path

APPS = 6
_MODELS = 10
_HEAD = """\
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models


def first():
    return 1


def last():
    return Node0.objects.order_by("-code0").first()

"""
# how often each kind is drawn; what it asks of the column; how it is written
_KINDS = (
    (8, "", "CASCADE"), (1, "", "PROTECT"), (1, "", "RESTRICT"), (2, "null", "SET_NULL"),
    (1, "default", "SET_DEFAULT"), (1, "null", "SET_DEFAULT"), (1, "", "SET(2)"),
    (1, "null", "SET(None)"), (2, "", "SET(first)"), (1, "", "DO_NOTHING"),
)  # fmt: skip


def write_apps(folder: Path, seed: str) -> list[str]:
    """Write `graph0`, `graph1`… into a folder; their names."""
    names = [f"graph{number}" for number in range(APPS)]
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").touch()
        (folder / name / "models.py").write_text(models_text(name, seed))
    return names


def models_text(app: str, seed: str) -> str:
    """`models.py` of one app."""
    chance = random.Random(f"{seed}{app}")
    generic = chance.randrange(_MODELS)
    return _HEAD + "".join(_model(number, chance, generic) for number in range(_MODELS))


def _model(number: int, chance: random.Random, generic: int) -> str:
    base = "models.Model"
    if number and number != generic and chance.random() < 0.25:
        base = f"Node{chance.randrange(number)}"
    lines = [f"code{number} = models.IntegerField(unique=True)"]
    lines += [_key(number, place, chance) for place in range(chance.choice((1, 2, 2, 3)))]
    if chance.random() < 0.3:
        many = f'models.ManyToManyField("Node{chance.randrange(_MODELS)}", related_name="many{number}")'
        lines.append(f"links{number} = {many}")
    if number == generic:
        lines += [
            "kind = models.ForeignKey(ContentType, models.CASCADE)",
            "about_id = models.IntegerField()",
            'about = GenericForeignKey("kind", "about_id")',
        ]
    elif chance.random() < 0.3:
        lines.append(f'notes{number} = GenericRelation("Node{generic}", "about_id", "kind")')
    body = "".join(f"    {line}\n" for line in lines)
    return f"\nclass Node{number}({base}):\n{body}\n"


def _key(number: int, place: int, chance: random.Random) -> str:
    _, asks, kind = chance.choices(_KINDS, [weight for weight, _, _ in _KINDS])[0]
    target = chance.randrange(_MODELS)
    if kind == "SET(first)" and chance.random() < 0.5:
        kind, target = "SET(last)", 0
    name = "OneToOneField" if chance.random() < 0.15 else "ForeignKey"
    options = [f'"Node{target}"', f"models.{kind}", f'related_name="back{number}_{place}"']
    if asks == "null" or name == "OneToOneField" or chance.random() < 0.4:
        options.append("null=True")
    if asks == "default":
        options.append("default=1")
    if chance.random() < 0.1:
        options.append("db_constraint=False")
    if chance.random() < 0.15:
        options.append(f'to_field="code{target}"')
    return f"key{number}_{place} = models.{name}({', '.join(options)})"
