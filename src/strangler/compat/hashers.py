"""Password hashers that write and read what Django's do.

Costs are those of the legacy application's Django release, so that neither application finds
the other's hashes outdated.
"""

import base64
import hashlib
import math
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

import argon2
import bcrypt
from argon2.low_level import ARGON2_VERSION, Type, hash_secret

from . import settings
from .crypto import LETTERS_AND_DIGITS, django, random_string, same

_PREFIX = "django.contrib.auth.hashers."
_DEFAULT = ("PBKDF2", "PBKDF2SHA1", "Argon2", "BCryptSHA256", "Scrypt")
_BITS_PER_CHARACTER = math.log2(len(LETTERS_AND_DIGITS))
# A salt must have this many bits from Django 3.2 on.
_SALT_BITS = 128
# Rounds of PBKDF2 from each Django release on.
_ITERATIONS = {
    (1, 10): 30_000, (1, 11): 36_000, (2, 0): 100_000, (2, 1): 120_000, (2, 2): 150_000,
    (3, 0): 180_000, (3, 1): 216_000, (3, 2): 260_000, (4, 0): 320_000, (4, 1): 390_000,
    (4, 2): 600_000, (5, 0): 720_000, (5, 1): 870_000, (5, 2): 1_000_000, (6, 0): 1_200_000,
    (6, 1): 1_500_000,
}  # fmt: skip


def _weak_salt(salt: str) -> bool:
    return django() >= (3, 2) and len(salt) * _BITS_PER_CHARACTER < _SALT_BITS


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


class Hasher:
    """One algorithm. Its hashes are `algorithm$…`; `verify` and `must_update` get whole ones."""

    algorithm: ClassVar[str]

    def salt(self) -> str:
        """Return a new random salt."""
        enough = math.ceil(_SALT_BITS / _BITS_PER_CHARACTER)
        return random_string(enough if django() >= (3, 2) else 12)

    def encode(self, password: str, salt: str) -> str:
        """Return the hash; a salt with a `$` is a ValueError."""
        raise NotImplementedError

    def verify(self, password: str, encoded: str) -> bool:
        """Whether `encoded` is a hash of `password`."""
        raise NotImplementedError

    def must_update(self, encoded: str) -> bool:
        """Whether a new hash of the same password would be better."""
        return False

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Do the work that `encoded` lacks, so that its age cannot be timed."""


def _check_salt(salt: str) -> None:
    if not salt or "$" in salt:
        raise ValueError("salt must be provided and cannot contain $.")


class Pbkdf2(Hasher):
    """PBKDF2 with SHA-256: `algorithm$iterations$salt$hash`."""

    algorithm = "pbkdf2_sha256"
    digest: ClassVar[str] = "sha256"

    @property
    def iterations(self) -> int:
        """The rounds of new hashes."""
        if settings.PBKDF2_ITERATIONS is not None:
            return settings.PBKDF2_ITERATIONS
        known = [rounds for release, rounds in _ITERATIONS.items() if release <= django()]
        return known[-1] if known else 24_000

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        _check_salt(salt)
        rounds = iterations or self.iterations
        # a number that is compared is taken for its text, as in Django
        secret = str(password).encode()
        digest = hashlib.pbkdf2_hmac(self.digest, secret, salt.encode(), rounds)
        return f"{self.algorithm}${rounds}${salt}${_base64(digest)}"

    def verify(self, password: str, encoded: str) -> bool:
        _, rounds, salt, _ = encoded.split("$", 3)
        return same(encoded, self.encode(password, salt, int(rounds)))

    def must_update(self, encoded: str) -> bool:
        _, rounds, salt, _ = encoded.split("$", 3)
        return int(rounds) != self.iterations or _weak_salt(salt)

    def harden_runtime(self, password: str, encoded: str) -> None:
        _, rounds, salt, _ = encoded.split("$", 3)
        if self.iterations > int(rounds):
            self.encode(password, salt, self.iterations - int(rounds))


class Pbkdf2Sha1(Pbkdf2):
    """PBKDF2 with SHA-1."""

    algorithm = "pbkdf2_sha1"
    digest = "sha1"


class Argon2(Hasher):
    """Argon2, id since Django 3.2 and i before: `argon2$argon2id$v=19$m=…,t=…,p=…$salt$hash`."""

    algorithm = "argon2"

    def _parameters(self) -> argon2.Parameters:
        modern = django() >= (3, 2)
        return argon2.Parameters(
            type=Type.ID if modern else Type.I,
            version=ARGON2_VERSION,
            salt_len=argon2.DEFAULT_RANDOM_SALT_LENGTH,
            hash_len=argon2.DEFAULT_HASH_LENGTH,
            time_cost=2,
            memory_cost=102_400 if modern else 512,
            parallelism=8 if modern else 2,
        )

    def encode(self, password: str, salt: str) -> str:
        costs = self._parameters()
        data = hash_secret(
            password.encode(),
            salt.encode(),
            time_cost=costs.time_cost,
            memory_cost=costs.memory_cost,
            parallelism=costs.parallelism,
            hash_len=costs.hash_len,
            type=costs.type,
        )
        return self.algorithm + data.decode()

    def verify(self, password: str, encoded: str) -> bool:
        try:
            return argon2.PasswordHasher().verify(encoded.removeprefix(self.algorithm), password)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False

    def must_update(self, encoded: str) -> bool:
        current = argon2.extract_parameters(encoded.removeprefix(self.algorithm))
        wanted = self._parameters()
        # The length of the salt is given with the salt, not as a cost.
        wanted.salt_len = current.salt_len
        text = encoded.split("$")[-2]
        salt = base64.b64decode(text + "=" * (-len(text) % 4)).decode("latin-1")
        return current != wanted or _weak_salt(salt)


class BcryptSha256(Hasher):
    """Bcrypt of a SHA-256: `bcrypt_sha256$$2b$12$…`."""

    algorithm = "bcrypt_sha256"
    rounds: ClassVar[int] = 12

    def salt(self) -> str:
        return bcrypt.gensalt(self.rounds).decode()

    def prepared(self, password: str) -> bytes:
        """Return what bcrypt hashes."""
        return hashlib.sha256(password.encode()).hexdigest().encode()

    def encode(self, password: str, salt: str) -> str:
        return f"{self.algorithm}${bcrypt.hashpw(self.prepared(password), salt.encode()).decode()}"

    def verify(self, password: str, encoded: str) -> bool:
        return same(encoded, self.encode(password, encoded.split("$", 1)[1]))

    def must_update(self, encoded: str) -> bool:
        return int(encoded.split("$", 4)[3]) != self.rounds

    def harden_runtime(self, password: str, encoded: str) -> None:
        salt = encoded.split("$", 1)[1][:29]
        # Each round more doubles the work.
        for _ in range(2 ** max(self.rounds - int(salt.split("$")[2]), 0) - 1):
            self.encode(password, salt)


class Bcrypt(BcryptSha256):
    """Bcrypt of the password itself, of which only 72 bytes count."""

    algorithm = "bcrypt"

    def prepared(self, password: str) -> bytes:
        return password.encode()[:72]


class Scrypt(Hasher):
    """Scrypt: `scrypt$work_factor$salt$block_size$parallelism$hash`."""

    algorithm = "scrypt"

    def _costs(self) -> tuple[int, int, int]:
        return 2**14, 8, 5 if django() >= (5, 1) else 1

    def encode(self, password: str, salt: str, costs: tuple[int, int, int] | None = None) -> str:
        _check_salt(salt)
        n, r, p = costs or self._costs()
        digest = hashlib.scrypt(password.encode(), salt=salt.encode(), n=n, r=r, p=p, dklen=64)
        return f"{self.algorithm}${n}${salt}${r}${p}${_base64(digest)}"

    def _read(self, encoded: str) -> tuple[str, tuple[int, int, int]]:
        _, n, salt, r, p, _ = encoded.split("$", 5)
        return salt, (int(n), int(r), int(p))

    def verify(self, password: str, encoded: str) -> bool:
        return same(encoded, self.encode(password, *self._read(encoded)))

    def must_update(self, encoded: str) -> bool:
        return self._read(encoded)[1] != self._costs()


class Md5(Hasher):
    """One MD5: `md5$salt$hash`."""

    algorithm = "md5"

    def encode(self, password: str, salt: str) -> str:
        _check_salt(salt)
        digest = hashlib.new(self.algorithm, (salt + password).encode(), usedforsecurity=False)
        return f"{self.algorithm}${salt}${digest.hexdigest()}"

    def verify(self, password: str, encoded: str) -> bool:
        return same(encoded, self.encode(password, encoded.split("$", 2)[1]))

    def must_update(self, encoded: str) -> bool:
        return _weak_salt(encoded.split("$", 2)[1])


class Sha1(Md5):
    """One SHA-1: `sha1$salt$hash`; gone from Django since 5.1."""

    algorithm = "sha1"


class UnsaltedSha1(Hasher):
    """`sha1$$hash`; gone from Django since 5.1."""

    algorithm = "unsalted_sha1"

    def salt(self) -> str:
        return ""

    def encode(self, password: str, salt: str) -> str:
        return f"sha1$${hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest()}"

    def verify(self, password: str, encoded: str) -> bool:
        return same(encoded, self.encode(password, ""))


class UnsaltedMd5(UnsaltedSha1):
    """A bare MD5, or `md5$$hash`; gone from Django since 5.1."""

    algorithm = "unsalted_md5"

    def encode(self, password: str, salt: str) -> str:
        return hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()

    def verify(self, password: str, encoded: str) -> bool:
        return same(encoded.removeprefix("md5$$"), self.encode(password, ""))


# By the dotted path in PASSWORD_HASHERS. Add a hasher of the project's own under its path.
HASHERS: dict[str, type[Hasher]] = {
    f"{_PREFIX}{name}PasswordHasher": hasher
    for name, hasher in {
        "PBKDF2": Pbkdf2, "PBKDF2SHA1": Pbkdf2Sha1, "Argon2": Argon2, "BCrypt": Bcrypt,
        "BCryptSHA256": BcryptSha256, "Scrypt": Scrypt, "MD5": Md5, "SHA1": Sha1,
        "UnsaltedSHA1": UnsaltedSha1, "UnsaltedMD5": UnsaltedMd5,
    }.items()
}  # fmt: skip
_DEFAULT_PATHS = tuple(f"{_PREFIX}{name}PasswordHasher" for name in _DEFAULT)


@cache
def _loaded(paths: tuple[str, ...]) -> Mapping[str, Hasher]:
    hashers = [HASHERS[path]() for path in paths]
    return {hasher.algorithm: hasher for hasher in hashers}


def hashers() -> Mapping[str, Hasher]:
    """Return the hashers of PASSWORD_HASHERS by algorithm, the preferred one first.

    KeyError names a hasher that is not known here.
    """
    paths: Any = getattr(settings, "PASSWORD_HASHERS", None) or _DEFAULT_PATHS
    return _loaded(tuple(paths))
