"""Tokens that projects check themselves: what PyJWT of their release takes, ours takes."""

import jwt
import pytest

from strangler.compat.json_tokens import decode_token, decode_token_1, encode_token, encode_token_1

KEY = "a key of thirty-two bytes or more!"
FAR = 9_999_999_999


@pytest.mark.parametrize("claims", [{"exp": FAR}, {"exp": 1}, {"sub": 7}, {"jti": 7}, {"aud": "x"}])
def test_tokens_of_today_are_judged_as_pyjwt_judges_them(claims: dict[str, object]) -> None:
    token = encode_token(claims, KEY)

    def outcome(decode: object, **more: object) -> object:
        try:
            return decode(token, KEY, algorithms=["HS256"], **more)  # type: ignore[operator]
        except jwt.PyJWTError as error:
            return type(error), str(error)

    assert outcome(decode_token, typed=True) == outcome(jwt.decode)


def test_one_algorithm_may_be_given_as_a_text() -> None:
    assert decode_token(encode_token({"id": 7}, KEY), KEY, "HS256") == {"id": 7}
    with pytest.raises(jwt.InvalidAlgorithmError):
        decode_token(encode_token({"id": 7}, KEY), KEY, "HS512")


def test_before_2_10_subjects_were_of_any_type() -> None:
    token = encode_token({"sub": 7, "jti": 8}, KEY)
    assert decode_token(token, KEY, ["HS256"]) == {"sub": 7, "jti": 8}
    with pytest.raises(jwt.exceptions.InvalidSubjectError):
        decode_token(token, KEY, ["HS256"], typed=True)


def test_before_2_tokens_were_bytes_in_the_order_of_their_claims() -> None:
    token = encode_token_1({"z": 1, "exp": FAR}, KEY)
    assert isinstance(token, bytes)
    assert list(decode_token_1(token, KEY)) == ["z", "exp"]
    with pytest.raises(jwt.ExpiredSignatureError, match="Signature has expired"):
        decode_token_1(encode_token_1({"exp": 1}, KEY), KEY)
    with pytest.raises(jwt.InvalidSignatureError):
        decode_token_1(token, "another key of thirty-two bytes...")
