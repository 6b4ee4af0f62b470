"""Who sends requests: users of the twin by role, and the headers that make each known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Headers = tuple[tuple[str, str], ...]
_FEW, _MANY = 2, 10


@dataclass(frozen=True, slots=True)
class User:
    """A user of the twin."""

    pk: str
    staff: bool = False
    superuser: bool = False
    active: bool = True
    #: Groups, and values of columns that tell users apart.
    traits: frozenset[str] = frozenset()

    @property
    def role(self) -> str:
        """`plain`, `staff` or `superuser`."""
        return "superuser" if self.superuser else "staff" if self.staff else "plain"


@dataclass(frozen=True, slots=True)
class Roster:
    """The chosen users, and credentials as (authenticator, user) -> headers."""

    users: tuple[User, ...]
    credentials: Mapping[str, Mapping[str, Headers]] = field(default_factory=dict)
    kinds: Mapping[str, str | None] = field(default_factory=dict)
    #: Login forms as they would pass, and single values that only the server can make, by name.
    logins: Sequence[Mapping[str, str]] = ()
    known: Mapping[str, str] = field(default_factory=dict)
    #: What links hold in letters to somebody who forgot a password, and to one who may not log in yet.
    resets: Sequence[Mapping[str, str]] = ()

    def of_role(self, role: str) -> list[User]:
        """Active users of one role."""
        return [user for user in self.users if user.role == role and user.active]

    @property
    def pks(self) -> list[str]:
        """Keys of all users."""
        return [user.pk for user in self.users]

    def usable(self, authenticators: Sequence[str]) -> list[str]:
        """Those of an endpoint's authenticators that we have credentials for."""
        return [path for path in authenticators if self.credentials.get(path)]

    def headers(self, authenticator: str, user: User) -> Headers:
        """What a request needs to come from a user."""
        return self.credentials[authenticator][user.pk]

    def sender(self, headers: Headers) -> tuple[str, str] | None:
        """The authenticator and the user whose headers are all among these; None for nobody."""
        present = set(headers)
        for path, known in self.credentials.items():
            for pk, needed in known.items():
                if needed and present.issuperset(needed):
                    return path, pk
        return None

    def unknown(self, authenticators: Sequence[str]) -> list[str]:
        """Authenticators that nobody can pass here."""
        return [path for path in authenticators if not self.credentials.get(path)]


def chosen(listed: Sequence[Mapping[str, Any]], owners: Mapping[str, int]) -> list[User]:
    """A few users of each role, plain ones by how many rows they own; one inactive.

    Plain ones who are what nobody before them is come first.
    """
    users = [
        User(e["pk"], e["staff"], e["superuser"], e["active"], frozenset(e["traits"]))
        for e in listed
    ]
    users.sort(key=lambda user: -owners.get(user.pk, 0))
    active = [user for user in users if user.active]
    plain = _various([user for user in active if user.role == "plain"])[:_MANY]
    others = [
        user
        for role in ("staff", "superuser")
        for user in [each for each in active if each.role == role][:_FEW]
    ]
    return plain + others + [user for user in users if not user.active][:1]


def _various(users: Sequence[User]) -> list[User]:
    """The first two and those who are what nobody before them is, then the others."""
    seen: set[str] = set()
    first: list[User] = []
    rest: list[User] = []
    for place, user in enumerate(users):
        (first if place < _FEW or user.traits - seen else rest).append(user)
        seen |= user.traits
    return first + rest


def read(users: Sequence[User], answer: Mapping[str, Any]) -> Roster:
    """The roster from the executor's `credentials`."""
    found = answer["credentials"]
    return Roster(
        tuple(users),
        {
            path: {
                pk: tuple((name, value) for name, value in headers)
                for pk, headers in each["headers"].items()
            }
            for path, each in found.items()
        },
        {path: each["kind"] for path, each in found.items()},
        answer["logins"],
        answer["known"],
        answer["resets"],
    )
