"""What is known of tokens: SimpleJWT's, and those that reset passwords."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class WebToken:
    """One of SimpleJWT's tokens, of the type `kind`: refresh, access or untyped."""

    kind: str


@dataclass(frozen=True)
class WebTokenClass:
    """The class of such tokens."""

    kind: str


@dataclass(frozen=True)
class ResetTokens:
    """What makes and checks tokens for resetting a password."""


Token: TypeAlias = WebToken | WebTokenClass | ResetTokens
