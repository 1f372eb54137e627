"""Local HTTP server that simulates the faults of the internet."""

import contextlib
import dataclasses
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclasses.dataclass
class Behaviour:
    """How a path is served; each request may change it through `before`."""

    body: bytes
    ranges: bool = True
    etag: str = ""
    kind: str = "application/octet-stream"
    status: int = 200
    headers: dict = dataclasses.field(default_factory=dict)
    stop_after: int | None = None  # bytes of the body, then the connection breaks
    claimed_length: int | None = None  # what Content-Length says instead of the truth
    wrong_range: bool = False  # a 206 of other bytes than were asked for
    before: Callable | None = None  # called with (behaviour, number of the request)
    halfway: Callable | None = None  # called after `stop_after` bytes were sent


class FaultServer:
    """Serves `paths`, counts requests in `requests`: (path, Range header)."""

    def __init__(self):
        self.paths, self.requests = {}, []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                server.answer(self)

            def log_message(self, *_):
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):  # the client was killed
                pass

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)

    def answer(self, request):
        name, asked = request.path.partition("?")[0], request.headers.get("Range")
        self.requests.append((request.path, asked))
        request.close_connection = True
        served = self.paths.get(name, Behaviour(b"no such file", status=404))
        if served.before:
            served.before(served, len(self.requests))
        start = 0
        fresh = served.etag and request.headers.get("If-Range", served.etag) != served.etag
        if asked and served.ranges and served.status == 200 and not fresh:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        if start and start >= len(served.body):
            request.send_response(416)
            request.send_header("Content-Range", f"bytes */{len(served.body)}")
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        body = served.body[start + 7 :] if start and served.wrong_range else served.body[start:]
        request.send_response(206 if start and served.status == 200 else served.status)
        if start:
            first = start + 7 if served.wrong_range else start
            request.send_header("Content-Range", f"bytes {first}-{len(served.body) - 1}/{len(served.body)}")
        if served.etag:
            request.send_header("ETag", served.etag)
        request.send_header("Content-Type", served.kind)
        request.send_header(
            "Content-Length", str(len(body) if served.claimed_length is None else served.claimed_length)
        )
        for key, value in served.headers.items():
            request.send_header(key, value)
        request.end_headers()
        request.wfile.write(body if served.stop_after is None else body[: served.stop_after])
        request.wfile.flush()
        if served.halfway:
            served.halfway(request.path)


@contextlib.contextmanager
def fault_server():
    served = FaultServer()
    served.thread.start()
    try:
        yield served
    finally:
        served.server.shutdown()
        served.server.server_close()
        served.thread.join()
