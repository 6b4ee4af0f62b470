"""`str(row)` where the project wrote no `__str__`: Django's own, "Book object (1)"."""

from __future__ import annotations

from strangler.facts import Model

from .world import World

# What may stand above a model without giving it another text; other frameworks' classes may.
_PLAIN = frozenset(
    ["django.db.models.base.Model", "django.db.models.utils.AltersData", "builtins.object"]
)
_FRAMEWORKS = ("django.", "rest_framework.", "builtins.")
#: Models of Django's whose text is a column.
_COLUMNS = {
    "django.contrib.auth.models.Group": "name",
    "django.contrib.sites.models.Site": "domain",
}


def has_usual_text(world: World, model: Model) -> bool:
    """Whether Django's own `__str__` shows the rows, and by one class name."""
    inherited = any(
        ref.path.startswith(_FRAMEWORKS) and ref.path not in _PLAIN for ref in model.lineage
    )
    proxied = any(each.proxy and each.db_table == model.db_table for each in world.facts.models)
    known = model.path in _COLUMNS or not (inherited or proxied)
    return known and "__str__" not in model.methods


def usual_text(model: Model) -> str:
    """The method that Django's `Model`, or a model of Django's, has."""
    name = model.path.rpartition(".")[2]
    column = _COLUMNS.get(model.path)
    text = f"self.{column}" if column else f'f"{name} object ({{pk_of(self)}})"'
    return f"def __str__(self) -> str:\n    return {text}\n"
