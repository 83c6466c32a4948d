"""A server between a client and a service, which keeps what the service answered first and may answer something
else: `change(earlier, answer, request)`.
"""

import contextlib
import http.server
import threading
import urllib.error
import urllib.request


class Between(http.server.ThreadingHTTPServer):
    def __init__(self, service):
        super().__init__(("127.0.0.1", 0), Handler)
        self.service = service
        self.earlier = None
        self.change = None
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        request = self.rfile.read(int(self.headers["Content-Length"]))
        kind = {"Content-Type": self.headers["Content-Type"]}
        asked = urllib.request.Request(self.server.service + self.path, request, kind)
        try:
            with urllib.request.urlopen(asked, timeout=60) as reply:
                answer = reply.status, reply.read()
        except urllib.error.HTTPError as error:
            answer = error.code, error.read()
        if self.server.change:
            answer = self.server.change(self.server.earlier, answer, request)
        self.server.earlier = self.server.earlier or answer
        status, body = answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing."""


@contextlib.contextmanager
def between(service):
    """A server in front of the service at this address, as long as it is needed."""
    with Between(service) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
