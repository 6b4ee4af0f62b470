"""Tables of tokens: those in which a key finds one user."""

from __future__ import annotations

from .world import World

_TEXTS = frozenset(f"django.db.models.fields.{n}Field" for n in ("Char", "Text", "Slug"))


def token_problem(world: World, label: str) -> str | None:
    """Why rows of a model do not serve as DRF's tokens; None where they do.

    DRF reads `key` and `user` of them, through the manager `objects`.
    """
    model = world.models.get(label)
    if model is None:
        return f"the table of the tokens `{label}` is not known"
    fields = {field.name: field for field in model.fields}
    key, user = fields.get("key"), fields.get("user")
    if key is None or user is None or user.relation is None:
        return f"`{label}` has no `key` and `user`"
    if not (key.unique or key.primary_key) or key.cls not in _TEXTS:
        return f"`key` of `{label}` is no text that finds one row"
    users = world.models[world.user_label]
    if user.null or (user.relation.model, user.relation.to_field) != (world.user_label, users.pk):
        return f"`user` of `{label}` is not always a user"
    manager = next((m for m in model.managers if m.name == "objects"), None)
    if manager is None or manager.filtering or manager.overrides:
        return f"`{label}.objects` finds rows in its own way"
    return None
