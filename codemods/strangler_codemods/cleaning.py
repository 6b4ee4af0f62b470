"""What `full_clean` asks of the rows of a model, as a constant of the new app."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial

from strangler.facts import Constraint, Model, ModelField, release

from .body import Import
from .comparing import SIGNS
from .field_validators import expression
from .languages import shown
from .modules import Tree
from .names import quoted, snake
from .refusal import RefusalError
from .sessions import passwords_problem
from .types import Plain
from .value_types import RANGES, python_type
from .world import World

_CLEANING = "app.compat.cleaning"
#: Codes of texts that compat looks up.
_CODES = frozenset({"null", "blank", "invalid", "invalid_choice", "unique"})
_FILES = frozenset({"FileField", "ImageField"})
_AUTO = frozenset({"AutoField", "BigAutoField", "SmallAutoField"})
_NO_RULE = frozenset(
    {
        *RANGES, "BinaryField", "FilePathField", "GenericIPAddressField", "HStoreField",
        "IPAddressField", "SearchVectorField",
    }
)  # fmt: skip
_USERS = "django.contrib.auth.base_user.AbstractBaseUser"
_FULL_USERS = "django.contrib.auth.models.AbstractUser"
#: What of it a model may not replace.
_FIXED = (
    *("full_clean", "clean_fields", "validate_constraints"),
    *("_get_unique_checks", "_perform_unique_checks", "unique_error_message"),
)
_CONSTRAINTS_APART = (4, 1)
#: `Q` with one comparison, as Django shows it.
_COMPARED = re.compile(
    r"\(AND: \('(?P<name>\w+?)__(?P<lookup>gte?|lte?)', "
    r"(?:(?P<number>-?\d+(?:\.\d+)?)|F\((?P<other>\w+)\))\)\)"
)
_ORDERED = frozenset({"int", "float", "Decimal", "date", "datetime", "time"})
_QUOTED = (3, 0)


@dataclass
class Cleaning:
    """Writes the rules of models on demand."""

    world: World
    tree: Tree
    _done: dict[str, Import | RefusalError] = field(default_factory=dict)

    def install(self) -> None:
        """Let rules ask for them."""
        self.world.row_rules = self.place

    @property
    def _release(self) -> tuple[int, ...]:
        """The legacy project's Django."""
        return release(self.world.facts.legacy.django)

    def place(self, label: str) -> Import:
        """Module and name of the constant.

        Raises:
            RefusalError: something that `full_clean` would ask has no rule.
        """
        if label not in self._done:
            try:
                self._done[label] = self._write(self.world.models[label])
            except RefusalError as refusal:
                self._done[label] = refusal
        known = self._done[label]
        if isinstance(known, RefusalError):
            raise known
        return known

    def _write(self, model: Model) -> Import:
        self._check(model)
        module = self.tree.module(
            model_place(self.world, model.name)[0], "What rows are checked for."
        )
        place = self.world.model_symbol(model.name)
        imports: set[Import] = {place, (_CLEANING, "RowRules"), (_CLEANING, "FieldRules")}
        fields = [self._field(model, column, imports) for column in model.fields]
        options = [place[1], quoted(model.verbose_name), f"[{', '.join(fields)}]"]
        uniques = self._uniques(model)
        options += [f"uniques={_tuples(uniques)}"] if uniques else []
        texts = self._constraints(model, imports)
        options += [f"constraints=[{', '.join(texts)}]"] if texts else []
        options += self._clean(model, imports)
        options += self._own_unique(model)
        name = model_place(self.world, model.name)[1]
        module.add(name, f"{name} = RowRules({', '.join(options)})", imports, (2, model.name, 0))
        return module.name, name

    def _check(self, model: Model) -> None:
        """Refuse models whose `full_clean` is more than Django's."""
        place = model.source or ""
        if self._release < _QUOTED:
            raise RefusalError("B106", "the texts of Django before 3.0 have no rule", place)
        for name in _FIXED:
            if name in model.methods:
                raise RefusalError("B106", f"{model.name} has a `{name}` of its own", place)
        if model.parents or model.proxy or len(model.pk_columns) > 1:
            raise RefusalError("B106", f"`full_clean` of {model.name} asks several tables", place)
        if any(m.default and m.filtering for m in model.managers):
            raise RefusalError("B106", f"the default manager of {model.name} filters", place)

    def _field(self, model: Model, column: ModelField, imports: set[Import]) -> str:
        place = column.source or model.source or ""
        self._check_field(model, column, place)
        name, attribute = column.name, self.world.attribute(column.attname)
        options = [quoted(name)]
        options += [f"attribute={quoted(attribute)}"] if attribute != name else []
        options += [f"label={quoted(column.verbose_name)}"] if column.verbose_name else []
        options += ["null=True"] if column.null or column.internal_type in _FILES else []
        options += ["blank=True"] if column.blank else []
        skipped = not column.editable or column.internal_type in _AUTO
        options += ["checked=False"] if skipped else []
        validators = []
        for validator in column.validators:
            language = partial(shown, self.world.facts)
            problem = passwords_problem(self.world)
            imported, text = expression(validator, self._own, place, language, problem)
            imports.add(imported)
            validators.append(text)
        options += [f"validators=[{', '.join(validators)}]"] if validators else []
        if column.choices is not None:
            options.append(f"choices={[value for value, _ in column.choices]!r}")
        if column.relation is not None:
            options.append(f"target={self._target(column, imports, place)}")
        options += [f"messages={column.error_messages!r}"] if column.error_messages else []
        return f"FieldRules({', '.join(options)})"

    def _own(self, path: str, place: str) -> Import:
        raise RefusalError("S112", f"the validator `{path}` of a column has no rule", place)

    def _check_field(self, model: Model, column: ModelField, place: str) -> None:
        kind = column.internal_type
        text = f"what `full_clean` asks of `{column.name}` of {model.name} has no rule"
        known = column.relation is not None or (
            python_type(kind) is not None and kind not in _NO_RULE
        )
        own = any(ref.package is None for ref in column.lineage)
        dated = column.unique_for_date or column.unique_for_month or column.unique_for_year
        values = [value for value, _ in column.choices or ()]
        odd = any(not isinstance(value, str | int | None) for value in values)
        if not known or own or dated or odd or column.generated is not None or column.db_default:
            raise RefusalError("B106", text, place)
        if not column.error_messages.keys() <= _CODES:
            raise RefusalError("B106", text, place)

    def _target(self, column: ModelField, imports: set[Import], place: str) -> str:
        relation = column.relation
        assert relation is not None
        target = self.world.models[relation.model]
        if relation.limit_choices_to or any(m.base and m.filtering for m in target.managers):
            text = f"which rows `{column.name}` may point to has no rule"
            raise RefusalError("B106", text, place)
        found = self.world.field_named(relation.model, relation.to_field or "pk")
        if found is None:
            raise RefusalError("B106", f"`{column.name}` points to no known column", place)
        symbol = self.world.model_symbol(relation.model)
        imports |= {symbol, (_CLEANING, "Target")}
        attribute = f"{symbol[1]}.{self.world.attribute(found[1].attname)}"
        shown = f"{quoted(target.verbose_name)}, {quoted(found[1].name)}"
        return f"Target({attribute}, {shown})"

    def _uniques(self, model: Model) -> list[tuple[str, ...]]:
        """What is asked first, which the constraints were a part of once."""
        single = [(column.name,) for column in model.fields if column.unique]
        former = [] if self._release >= _CONSTRAINTS_APART else model.constraints
        constraints = [constraint.fields for constraint in former if _is_plain(constraint)]
        return [*model.unique_together, *constraints, *single]

    def _constraints(self, model: Model, imports: set[Import]) -> list[str]:
        """What `Meta.constraints` asks last, as declared: of unique fields or a comparison."""
        texts = []
        for constraint in model.constraints if self._release >= _CONSTRAINTS_APART else ():
            found = _COMPARED.fullmatch(constraint.condition or "")
            is_check = constraint.kind.rpartition(".")[2] == "CheckConstraint"
            told = constraint.violation_error_message is not None or constraint.code
            if told or not (found if is_check else _is_plain(constraint)):
                text = f"the constraint `{constraint.name}` of {model.name} has no rule"
                raise RefusalError("B106", text, model.source or "")
            if found is None:
                texts.append(repr(constraint.fields))
                continue
            names = [name for name in (found["name"], found["other"]) if name]
            sides = [f"row.{self._attribute(model, name)}" for name in names]
            right = sides[1] if found["other"] else found["number"]
            test = f"lambda row: {sides[0]} {SIGNS[found['lookup']]} {right}"
            texts.append(f"CheckRule({constraint.name!r}, {tuple(names)!r}, {test})")
            imports.add((_CLEANING, "CheckRule"))
        return texts

    def _attribute(self, model: Model, name: str) -> str:
        """The attribute of a column that numbers or dates are in."""
        found = self.world.field_named(model.name, name)
        ordered = found is not None and python_type(found[1].internal_type) in _ORDERED
        if found is None or not ordered or found[1].name != name:
            raise RefusalError("B106", f"a constraint over `{name}` of {model.name} has no rule")
        return self.world.attribute(found[1].attname)

    def _own_unique(self, model: Model) -> list[str]:
        """The `validate_unique` of the project, which is told what to leave out."""
        if "validate_unique" not in model.methods:
            return []
        self._done[model.name] = model_place(self.world, model.name)
        find = self.world.model_method
        given = (("exclude", Plain("Any")),)
        member = find(model.name, "validate_unique", given) if find is not None else None
        if member is None or member.is_property:
            text = f"`validate_unique` of {model.name} has no rule"
            raise RefusalError("B106", text, model.source or "")
        first = "session, " if member.session else ""
        return [
            f"validate_unique=lambda session, row, exclude: row.validate_unique({first}exclude)"
        ]

    def _clean(self, model: Model, imports: set[Import]) -> list[str]:
        """The `clean` of the model: the project's, or Django's of users."""
        if "clean" in model.methods:
            return [self._own_clean(model)]
        lineage = {ref.path for ref in model.lineage}
        if _USERS not in lineage:
            return []
        value = model.attributes.get("USERNAME_FIELD")
        names = [str(value.value) if value is not None and value.value else "username"]
        if _FULL_USERS in lineage:
            email = model.attributes.get("EMAIL_FIELD")
            names.append(str(email.value) if email is not None and email.value else "email")
        if any(self.world.field_named(model.name, name) is None for name in names):
            raise RefusalError("B106", f"{model.name} has no column for {names}", "")
        imports.add((_CLEANING, "clean_user"))
        texts = ", ".join(quoted(self.world.attribute(name)) for name in names)
        return [f"clean=lambda _, row: clean_user(row, {texts})"]

    def _own_clean(self, model: Model) -> str:
        find = self.world.model_method
        member = find(model.name, "clean") if find is not None else None
        if member is None or member.is_property:
            raise RefusalError("B106", f"`clean` of {model.name} has no rule", model.source or "")
        given = "session" if member.session else ""
        return f"clean=lambda session, row: row.clean({given})"


def model_place(world: World, label: str) -> Import:
    """Module and name of the constant for a model."""
    name = f"{snake(world.model_symbol(label)[1]).upper()}_RULES"
    return f"app.{label.partition('.')[0]}.cleaning", name


def _is_plain(constraint: Constraint) -> bool:
    """Whether it is of some fields, for all rows."""
    is_unique = constraint.kind.rpartition(".")[2] == "UniqueConstraint"
    return is_unique and bool(constraint.fields) and constraint.condition is None


def _tuples(groups: list[tuple[str, ...]]) -> str:
    return f"[{', '.join(repr(tuple(group)) for group in groups)}]"
