"""The users whom both sides know, all with one password."""

import hashlib

NAMES = ("ann", "staff", "root", "gone")
PASSWORD = "a secret of theirs"
SALT = "a" * 22
# the fast hasher of the tests has MD5 written by hand
HASH = f"md5${SALT}${hashlib.md5((SALT + PASSWORD).encode()).hexdigest()}"
HASHERS = ("django.contrib.auth.hashers.MD5PasswordHasher",)
