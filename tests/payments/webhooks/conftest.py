"""Receivers of webhooks: real HTTP servers on free ports of this machine."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from payments.actions import create_webhook_endpoint


class Receiver:
    """Take webhooks and answer as told: `answers` holds functions of the handler, the last one is used on and on."""

    def __init__(self, context=None):
        self.taken = []  # (path, headers, body) in the order of arrival
        self.connections = []  # the receiver's ports of the connections
        self.answers = [reply(200)]
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.taken.append((self.path, self.headers, body))
                receiver.connections.append(self.client_address[1])
                answer = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
                answer(self)

            def do_GET(self):
                receiver.taken.append((self.path, self.headers, b"GET"))
                reply(200)(self)

            def log_message(self, *_args):
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, request, client_address):
                """A sender that has left is part of the test."""

        self.server = Server(("127.0.0.1", 0), Handler)
        if context is not None:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hook"
        self.released = threading.Event()  # what holds an answer back until the test ends
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def reply(status, text="", **headers):
    """Answer with a status and a text."""

    def answer(handler):
        body = text.encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.fixture
def make_receiver(settings):
    """Give a function that opens a receiver, whose host and port settings list."""
    running = []

    def make(context=None, host="127.0.0.1"):
        receiver = Receiver(context)
        running.append(receiver)
        settings.PAYMENTS_WEBHOOK_PRIVATE_HOSTS = [
            *settings.PAYMENTS_WEBHOOK_PRIVATE_HOSTS,
            f"{host}:{receiver.port}",
        ]
        return receiver

    yield make
    for receiver in running:
        receiver.close()


@pytest.fixture
def receiver(make_receiver):
    return make_receiver()


@pytest.fixture
def endpoint(receiver):
    """Register the receiver for every event."""
    return create_webhook_endpoint(url=receiver.url, enabled_events=["*"])
