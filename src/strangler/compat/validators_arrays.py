"""The validators that Django's array fields come with: how many items a list may have."""

from typing import Any

from .texts import ngettext
from .validators import MaxLengthValidator, MinLengthValidator


class ArrayMaxLengthValidator(MaxLengthValidator):
    """Refuse longer lists."""

    singular = "List contains %(show_value)d item, it should contain no more than %(limit_value)d."
    plural = "List contains %(show_value)d items, it should contain no more than %(limit_value)d."

    def text(self, limit: Any, value: Any) -> str:
        return self.own_message or ngettext(self.singular, self.plural, value)


class ArrayMinLengthValidator(MinLengthValidator):
    """Refuse shorter lists."""

    singular = "List contains %(show_value)d item, it should contain no fewer than %(limit_value)d."
    plural = "List contains %(show_value)d items, it should contain no fewer than %(limit_value)d."

    def text(self, limit: Any, value: Any) -> str:
        return self.own_message or ngettext(self.singular, self.plural, value)
