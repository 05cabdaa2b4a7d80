"""Whether programs that are not ours verify our JWTs by `caplet jwks`, and refuse the tampered ones: README.txt.

usage: clients_test.py CAPLET
"""
import base64
import hashlib
import hmac
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
AUDIENCE = "https://orders.example"
ORDER = 2**252 + 27742317777372353535851937790883648493  # of Ed25519's group (RFC 8032, section 5.1)


def encode(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def python():
    """A Python that has PyJWT: Debian's, where another comes first in PATH."""
    for candidate in ("python3", "/usr/bin/python3"):
        if subprocess.run([candidate, "-c", "import jwt, cryptography"], capture_output=True, check=False).returncode == 0:
            return candidate
    sys.exit("python3-jwt and python3-cryptography are missing")


CLIENTS = {
    "jose": ["node", HERE / "jose.cjs"],
    "PyJWT": [python(), HERE / "pyjwt.py"],
    "Crypt::JWT": ["perl", HERE / "crypt_jwt.pl"],
}

# What a client takes although RFC 8032 forbids it; should that change, this test says so.
LENIENT = {("Crypt::JWT", "S + L")}  # LibTomCrypt, below CryptX, does not compare S with the group's order


class Store:
    def __init__(self, caplet, home):
        self.caplet = caplet
        self.environment = {"PATH": os.environ["PATH"], "CAPLET_HOME": str(home), "HOME": str(home)}
        self.environment |= {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}

    def run(self, *words, given="", status=0):
        done = subprocess.run([self.caplet, *words], input=given, capture_output=True, text=True, env=self.environment,
                              check=False)
        assert done.returncode == status, (words, done)
        return done.stdout

    def create(self, name, *options):
        return self.run("token", "create", "-n", name, "--format", "jwt", "-a", AUDIENCE, *options).strip()

    def verify(self, token):
        answer = subprocess.run([self.caplet, "verify", "-o", "json", "-a", AUDIENCE, "--token", "-"], input=token,
                                capture_output=True, text=True, env=self.environment, check=False)
        return answer.returncode == 0

    def jwks(self):
        return json.loads(self.run("jwks"))

    def issuer(self):
        return "caplet:" + json.loads(self.run("store", "info", "-o", "json"))["id"]


def ask(client, jwks, issuer, tokens):
    asked = json.dumps({"jwks": jwks, "issuer": issuer, "audience": AUDIENCE, "tokens": tokens})
    environment = os.environ | {"NODE_PATH": "/usr/share/nodejs:/usr/lib/nodejs"}
    answer = subprocess.run(CLIENTS[client], input=asked, capture_output=True, text=True, env=environment, check=False)
    lines = answer.stdout.splitlines()
    assert answer.returncode == 0 and len(lines) == len(tokens), (client, answer)
    return lines


def tampered(token, jwks):
    """What others do to a good token: each is refused by every client."""
    header, payload, signature = token.split(".")
    key = next(key for key in jwks["keys"] if key["kid"] == json.loads(decode(header))["kid"])
    claims = json.loads(decode(payload))

    def with_header(**change):
        return encode(json.dumps(json.loads(decode(header)) | change, separators=(",", ":")).encode())

    def with_claims(**change):
        return encode(json.dumps(claims | change, separators=(",", ":")).encode())

    def hs256(secret):
        text = with_header(alg="HS256") + "." + payload
        return text + "." + encode(hmac.new(secret, text.encode(), hashlib.sha256).digest())

    raw = bytearray(decode(signature))
    raw[5] ^= 1
    scalar = int.from_bytes(decode(signature)[32:], "little") + ORDER
    second = decode(signature)[:32] + scalar.to_bytes(32, "little")
    yield "a bit of the signature", f"{header}.{payload}.{encode(raw)}"
    yield "S + L", f"{header}.{payload}.{encode(second)}"
    yield "another account", f"{header}.{with_claims(sub='Account12345')}.{signature}"
    yield "a later end", f"{header}.{with_claims(exp=claims['exp'] + 1)}.{signature}"
    yield "a scope more", f"{header}.{with_claims(scope='*')}.{signature}"
    yield "another id", f"{header}.{with_claims(jti='Token0123456')}.{signature}"
    for none in ("none", "None", "NONE", "nOnE"):
        yield f"{none}, not signed", f"{with_header(alg=none)}.{payload}."
        yield f"{none}, signed", f"{with_header(alg=none)}.{payload}.{signature}"
    yield "HS256 with the public key", hs256(decode(key["x"]))
    yield "HS256 with the public key in base64url", hs256(key["x"].encode())
    yield "HS256 with the key set", hs256(json.dumps(jwks).encode())
    yield "another key id", f"{with_header(kid='Other0123456')}.{payload}.{signature}"
    yield "a path for a key id", f"{with_header(kid='../../../../dev/null')}.{payload}.{signature}"
    yield "jwk in the header", f"{with_header(jwk=key)}.{payload}.{signature}"
    yield "jku in the header", f"{with_header(jku='https://example.org/jwks')}.{payload}.{signature}"
    yield "crit in the header", f"{with_header(crit=['exp'])}.{payload}.{signature}"
    yield "zip in the header", f"{with_header(zip='DEF')}.{payload}.{signature}"
    yield "cut", token[:-10]
    yield "without its signature", f"{header}.{payload}."
    yield "header and payload", f"{header}.{payload}"
    yield "its parts in another order", f"{payload}.{header}.{signature}"


def misspelt(token):
    """The same in another spelling: lenient decoders of others may take it, caplet never does."""
    header, payload, signature = token.split(".")
    yield "padding", token + "=="
    yield "a newline in it", f"{header}.\n{payload}.{signature}"
    yield "the other alphabet", f"{header}.{payload}.{signature.replace('-', '+').replace('_', '/')}+"
    yield "a bit behind the end", token[:-1] + chr(ord(token[-1]) + 1)


def check_all(store, jwks, tokens, good):
    """Each client, and caplet, of each token: (what it is, the string)."""
    for client in CLIENTS:
        for (what, _), answer in zip(tokens, ask(client, jwks, store.issuer(), [token for _, token in tokens])):
            expected = good or (client, what) in LENIENT
            assert answer.startswith("yes" if expected else "no "), (client, what, answer)
    for what, token in tokens:
        assert store.verify(token) == good, ("caplet", what)


def check_parts(token):
    """Debian's jose takes the token apart as we put it together."""
    done = subprocess.run(["jose", "jws", "fmt", "-i", "-", "-o", "-"], input=token, capture_output=True, text=True,
                          check=True)
    parts = json.loads(done.stdout)
    assert [parts[name] for name in ("protected", "payload", "signature")] == token.split("."), parts


def main():
    with tempfile.TemporaryDirectory(prefix="caplet-jwt-") as directory:
        store = Store(sys.argv[1], pathlib.Path(directory) / "store")
        other = Store(sys.argv[1], pathlib.Path(directory) / "other")
        short = store.create("short", "-e", "3s"), time.monotonic()
        plain = store.create("plain")
        tokens = [("personal", plain), ("never ends", store.create("endless", "-e", "never")),
                  ("scoped", store.create("scoped", "-s", "orders:read", "-s", "run:*")),
                  ("for two", store.create("two", "-a", "https://stock.example"))]
        for _ in range(4):  # as fast as may be: the last is not from a second to come
            rotated = store.run("token", "rotate", "scoped").strip()
        tokens = [(what, rotated if what == "scoped" else token) for what, token in tokens]
        check_all(store, store.jwks(), tokens, True)
        claims = json.loads(decode(plain.split(".")[1]))
        assert set(claims) == {"aud", "exp", "iat", "iss", "jti", "nbf", "sub"} and claims["aud"] == [AUDIENCE], claims
        jwks = store.jwks()
        check_all(store, jwks, tokens, True)
        check_parts(plain)

        bad = list(tampered(plain, jwks))
        bad += [("of another store", other.create("stranger")),
                ("not yet valid", store.create("later", "--not-before", "1h")),
                ("for others", store.run("token", "create", "-n", "others", "--format", "jwt", "-a", "https://x.example").strip())]
        check_all(store, jwks, bad, False)
        for what, token in misspelt(plain):
            assert not store.verify(token), what

        # Another key signs now; what the first one has signed is still verified, until it ends.
        store.run("jwks", "rotate")
        tokens.append(("of the second key", store.create("second")))
        jwks = store.jwks()
        assert len(jwks["keys"]) == 2, jwks
        check_all(store, jwks, tokens, True)
        check_all(store, jwks, [("of another store", other.create("another"))], False)
        for name in ("plain", "endless", "scoped", "two", "later", "others"):
            store.run("token", "delete", name)
        time.sleep(max(0.0, short[1] + 4 - time.monotonic()))
        check_all(store, jwks, [("expired", short[0])], False)
        left = store.jwks()
        assert [key["kid"] for key in left["keys"]] == [jwks["keys"][0]["kid"]], left
        for client in CLIENTS:  # the key of the deleted one is gone, so nobody takes it any more
            assert ask(client, left, store.issuer(), [plain])[0].startswith("no "), client
        check_all(store, left, [("of the second key", tokens[-1][1])], True)
    print(f"{len(CLIENTS)} clients, {len(tokens)} good tokens, {len(bad) + 1} bad ones: all as they should be")


main()
