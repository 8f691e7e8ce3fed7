"""Somebody between us and the provider who changes what it says: a real HTTP server on loopback."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

HOP = {"connection", "transfer-encoding", "content-length", "content-encoding", "date", "server"}


class Middleman(ThreadingHTTPServer):
    """Pass requests on to the provider and its JSON answers back, each through `change` (path, answer) -> answer."""

    daemon_threads = True

    def __init__(self, target, change):
        super().__init__(("127.0.0.1", 0), Passing)
        self.target, self.change = target, change
        self.address = f"http://127.0.0.1:{self.server_port}"


class Passing(BaseHTTPRequestHandler):
    def log_message(self, *words):
        pass

    def do_GET(self):
        self.answer("GET", b"")

    def do_POST(self):
        self.answer("POST", self.rfile.read(int(self.headers["Content-Length"])))

    def answer(self, method, body):
        headers = {name: value for name, value in self.headers.items() if name.lower() not in {*HOP, "host"}}
        given = httpx.request(method, self.server.target + self.path, content=body, headers=headers)
        text = given.text
        if given.status_code == 200:
            changed = self.server.change(self.path.partition("?")[0], given.json())
            text = changed if isinstance(changed, str) else json.dumps(changed)
        data = text.encode()
        self.send_response(given.status_code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def middleman(target, change):
    server = Middleman(target, change)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def signed(token, pem, **changes):
    """Sign a token's claims again with `pem` after changing them; None takes a claim away. The key's name stays."""
    claims = jwt.decode(token, options={"verify_signature": False}) | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, pem, algorithm="RS256", headers={"kid": jwt.get_unverified_header(token)["kid"]})


def unsigned(token):
    claims = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(claims, None, algorithm="none", headers={"kid": jwt.get_unverified_header(token)["kid"]})


def by_public_key(token, pem_public):
    """Sign with the provider's public key as if it were a secret: the classic confusion of algorithms."""
    import base64
    import hashlib
    import hmac

    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    header = {"alg": "HS256", "typ": "JWT", "kid": jwt.get_unverified_header(token)["kid"]}
    body = part(header) + b"." + part(jwt.decode(token, options={"verify_signature": False}))
    digest = hmac.new(pem_public, body, hashlib.sha256).digest()
    return (body + b"." + base64.urlsafe_b64encode(digest).rstrip(b"=")).decode()


def foreign_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def long_ago():
    return int(time.time()) - 3600
