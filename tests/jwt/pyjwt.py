"""Asks PyJWT: tests/jwt/README.txt."""
import json
import sys

import jwt


def main():
    asked = json.load(sys.stdin)
    keys = {key["kid"]: jwt.PyJWK(key) for key in asked["jwks"]["keys"]}
    for token in asked["tokens"]:
        try:
            kid = jwt.get_unverified_header(token)["kid"]
            jwt.decode(token, keys[kid].key, algorithms=["EdDSA"], issuer=asked["issuer"], audience=asked["audience"],
                       options={"require": ["aud", "iat", "iss", "jti", "nbf", "sub"]})
            print("yes")
        except (jwt.PyJWTError, KeyError) as error:
            print("no", type(error).__name__, str(error).replace("\n", " "))


main()
