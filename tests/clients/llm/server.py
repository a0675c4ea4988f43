"""A server that speaks both protocols of language models, and has every fault that a test asks for."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: What a turn of the server does: a handler gets the request and writes the reply.
Turn = Callable[[BaseHTTPRequestHandler, dict[str, Any]], None]


class Model:
    """A model's server. Each request takes the next turn; the last one stays."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.models = ["a-model"]
        self.url = ""

    def will(self, *turns: Turn) -> None:
        """The turns that follow."""
        self.turns = list(turns)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Take one request."""
        size = int(handler.headers.get("Content-Length") or 0)
        body = json.loads(handler.rfile.read(size) or b"{}")
        self.paths.append(handler.path)
        self.headers.append({name.lower(): value for name, value in handler.headers.items()})
        if handler.path.partition("?")[0].endswith("/models"):
            return write(handler, 200, {"data": [{"id": name} for name in self.models]})
        self.asked.append(body)
        turn = self.turns.pop(0) if len(self.turns) > 1 else self.turns[0]
        turn(handler, body)


@contextmanager
def served() -> Iterator[Model]:
    """A server on loopback until the block ends."""
    model = Model()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            model.answer(self)

        do_GET = do_POST

        def log_message(self, *args: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    model.url = f"http://127.0.0.1:{running.server_address[1]}"
    try:
        yield model
    finally:
        running.shutdown()
        thread.join()
        running.server_close()


def write(handler: BaseHTTPRequestHandler, status: int, told: Any, headers: dict[str, str] | None = None) -> None:
    """A whole reply; `told` is sent as JSON, bytes as they are."""
    sent = told if isinstance(told, bytes) else json.dumps(told).encode()
    handler.send_response(status)
    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(sent)), **(headers or {})}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(sent)


def status(code: int, told: Any, headers: dict[str, str] | None = None) -> Turn:
    """A turn that answers so."""
    return lambda handler, _: write(handler, code, told, headers)


def says(text: str = "", *, data: Any = None, usage: Any = "", stop: str = "", model: str = "a-model-1") -> Turn:
    """A turn that answers in the protocol in which it is asked. `data`: an answer of a schema, as a tool or as text."""

    def turn(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        is_chat = handler.path.partition("?")[0].endswith("/chat/completions")
        write(handler, 200, (_chat if is_chat else _message)(text, data, usage, stop, model), {"x-request-id": "r-1"})

    return turn


def _chat(text: str, data: Any, usage: Any, stop: str, model: str) -> dict[str, Any]:
    content = text if data is None else json.dumps(data)
    used = {"prompt_tokens": 100, "completion_tokens": 20} if usage == "" else usage
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": stop or "stop"}
    return {"id": "c-1", "object": "chat.completion", "model": model, "choices": [choice], "usage": used}


def _message(text: str, data: Any, usage: Any, stop: str, model: str) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = [{"type": "text", "text": text}] if text else []
    if data is not None:
        blocks.append({"type": "tool_use", "id": "t-1", "name": "answer", "input": data})
    used = {"input_tokens": 100, "output_tokens": 20} if usage == "" else usage
    why = stop or ("tool_use" if data is not None else "end_turn")
    return {
        "id": "m-1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": blocks,
        "stop_reason": why,
        "usage": used,
    }


def cut_off(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    """A turn that ends in the middle of its body."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"id": "m-1", "type": "message", "content": [')
    handler.wfile.flush()
    handler.close_connection = True


def cut_off_stream(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    """A turn whose chunks break off."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"20\r\n{")
    handler.wfile.flush()
    handler.close_connection = True


def hangs(until: threading.Event) -> Turn:
    """A turn that says nothing until the test is over."""

    def turn(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        until.wait(60)
        handler.close_connection = True

    return turn


def drips(until: threading.Event) -> Turn:
    """A turn that sends its head, and then a space now and then: every read succeeds."""

    def turn(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        handler.close_connection = True
        try:
            while not until.wait(0.05):
                handler.wfile.write(b" ")
                handler.wfile.flush()
        except OSError:
            return

    return turn
