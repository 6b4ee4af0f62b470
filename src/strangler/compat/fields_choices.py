"""Choices among fixed values."""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, ClassVar

from . import settings
from .fields import ABSENT, FieldType, Form, FormRules
from .fields import type_name as name_of

Choices = type[Enum] | Mapping[Any, Any] | Iterable[Any]


def flat_choices(choices: Choices) -> list[Any]:
    """Return the values of an enum, a mapping, or of DRF's values, pairs and groups."""
    if isinstance(choices, type):
        return list(choices)
    if isinstance(choices, Mapping):
        return list(choices)
    values: list[Any] = []
    for choice in choices:
        if not isinstance(choice, (list, tuple)):
            values.append(choice)
        elif isinstance(choice[1], (list, tuple)):
            values += flat_choices(choice[1])
        else:
            values.append(choice[0])
    return values


def choice_texts(choices: Choices) -> dict[str, Any]:
    """Map the text by which a value is chosen to the value; of equal values the first counts."""
    return {choice_text(value): value for value in dict.fromkeys(flat_choices(choices))}


def choice_text(value: Any) -> str:
    """Return the text of a value; of an enum member's value, should they differ."""
    return str(value.value) if isinstance(value, Enum) else str(value)


class Choice(FieldType):
    """One of `choices`, told apart by text, so that "1" chooses 1."""

    repeatable = True
    default_messages: ClassVar = {"invalid_choice": '"{input}" is not a valid choice.'}

    def __init__(self, choices: Choices, *, allow_blank: bool = False, **common: Any) -> None:
        super().__init__(**common)
        self.texts = choice_texts(choices)
        self.allow_blank = allow_blank

    def choose(self, data: Any) -> Any:
        """Return the chosen value."""
        if data == "" and self.allow_blank:
            return ""
        try:
            return self.texts[choice_text(data)]
        except KeyError as error:
            raise self.error("invalid_choice", input=data) from error

    def converter(self) -> Callable[[Any], Any]:
        return self.choose

    def quick(self, careful: Callable[[Any], Any]) -> Callable[[Any], Any]:
        texts = {text: value for text, value in self.texts.items() if text}

        def run(data: Any) -> Any:
            return texts[data] if type(data) is str and data in texts else careful(data)

        return run

    def json_schema(self) -> dict[str, Any]:
        values = [v.value if isinstance(v, Enum) else v for v in self.texts.values()]
        return {"enum": [*values, *([""] if self.allow_blank and "" not in values else [])]}


class MultipleChoice(Choice):
    """A list of choices without repetitions; a set before DRF 3.17."""

    repeatable = True
    default_messages: ClassVar = {
        "not_a_list": 'Expected a list of items but got type "{input_type}".',
        "empty": "This selection may not be empty.",
    }

    def __init__(self, choices: Choices, *, allow_empty: bool = True, **options: Any) -> None:
        super().__init__(choices, **options)
        self.allow_empty = allow_empty

    def converter(self) -> Callable[[Any], Any]:
        collect = dict.fromkeys if settings.DRF >= (3, 17) else set

        def convert(data: Any) -> Any:
            if isinstance(data, str) or not hasattr(data, "__iter__"):
                raise self.error("not_a_list", input_type=name_of(data))
            if not self.allow_empty and len(data) == 0:
                raise self.error("empty")
            chosen = collect([self.choose(item) for item in data])
            return list(chosen) if isinstance(chosen, dict) else chosen

        return convert

    def quick(self, careful: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return careful

    def form_value(self, name: str, form: Form, rules: FormRules) -> Any:
        return ABSENT if rules.partial and name not in form else form.getlist(name)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "array", "items": super().json_schema(), "uniqueItems": True}


class FilePath(Choice):
    """One of the paths that were listed when the app was converted."""

    repeatable = True
    default_messages: ClassVar = {"invalid_choice": '"{input}" is not a valid path choice.'}
