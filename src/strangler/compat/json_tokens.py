"""JSON web tokens that projects make and read themselves, as PyJWT did for them.

Errors are PyJWT's own; `…_1` are the functions of its releases before 2, whose tokens are bytes.
"""

import json
import time
from calendar import timegm
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import jwt
from jwt.exceptions import (
    DecodeError,
    ExpiredSignatureError,
    ImmatureSignatureError,
    InvalidAudienceError,
)

from .crypto import Secret

_HMAC = ("HS256", "HS384", "HS512")


def encode_token(payload: Mapping[str, Any], key: Secret, algorithm: str = "HS256") -> str:
    """Sign a payload; datetimes of registered claims become seconds."""
    return jwt.encode(dict(payload), key, algorithm)


def decode_token(
    token: str | bytes, key: Secret, algorithms: Sequence[str], *, typed: bool = False
) -> dict[str, Any]:
    """Check a token and return its payload; PyJWT's errors otherwise.

    typed: whether subjects and identifiers have to be texts, as from PyJWT 2.10 on.
    """
    options: Any = {"verify_sub": typed, "verify_jti": typed}
    return jwt.decode(token, key, _listed(algorithms), options)


def _listed(algorithms: Sequence[str]) -> list[str]:
    """PyJWT looks for an algorithm `in` what it is given, which may be one text."""
    return [algorithms] if isinstance(algorithms, str) else list(algorithms)


def encode_token_1(payload: Mapping[str, Any], key: Secret, algorithm: str = "HS256") -> bytes:
    """Sign a payload as PyJWT 1 does, which keeps the order of what it writes."""
    claims = dict(payload)
    for name in ("exp", "iat", "nbf"):
        if isinstance(claims.get(name), datetime):
            claims[name] = timegm(claims[name].utctimetuple())
    text = json.dumps(claims, separators=(",", ":")).encode()
    return jwt.PyJWS().encode(text, key, algorithm, sort_headers=False).encode()


def decode_token_1(
    token: str | bytes, key: Secret, algorithms: Sequence[str] = _HMAC
) -> dict[str, Any]:
    """Check a token as PyJWT 1 does, for keys that are texts."""
    payload = jwt.PyJWS().decode(token, key, _listed(algorithms))
    try:
        claims = json.loads(payload.decode())
    except ValueError as error:
        raise DecodeError(f"Invalid payload string: {error}") from None
    if not isinstance(claims, dict):
        raise DecodeError("Invalid payload string: must be a json object")
    now = timegm(time.gmtime())
    if "iat" in claims and _seconds(claims, "iat") > now:
        raise ImmatureSignatureError("Issued At claim (iat) cannot be in the future.")
    if "nbf" in claims and _seconds(claims, "nbf") > now:
        raise ImmatureSignatureError("The token is not yet valid (nbf)")
    if "exp" in claims and _seconds(claims, "exp") < now:
        raise ExpiredSignatureError("Signature has expired")
    if "aud" in claims:
        raise InvalidAudienceError("Invalid audience")
    return claims


def _seconds(claims: dict[str, Any], name: str) -> int:
    try:
        return int(claims[name])
    except ValueError:
        raise DecodeError(f"{name} must be an integer.") from None
