"""A forge behind TLS and a proxy before it, for network.sh: prints the two ports, then serves.

    network.py CERTIFICATE KEY LOG

The forge answers everything with a 404 in JSON, which is an answer. The proxy knows one name, leads it
to the forge and writes each request to LOG; without the right password it answers 407.
"""

import http.server
import select
import socket
import ssl
import sys
import threading


class Forge(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{"message":"404 Project Not Found"}'
        self.send_response(404)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Proxy(http.server.BaseHTTPRequestHandler):
    forge = 0
    log = ""

    def do_CONNECT(self):
        with open(self.log, "a") as log:
            log.write(f"{self.path} {self.headers.get('proxy-authorization', '-')}\n")
        # ann:secret
        if self.headers.get("proxy-authorization") != "Basic YW5uOnNlY3JldA==":
            self.send_response(407)
            self.send_header("proxy-authenticate", "Basic")
            self.end_headers()
            return
        if not self.path.startswith("forge.invalid:"):
            self.send_error(502)
            return
        self.send_response(200)
        self.end_headers()
        with socket.create_connection(("127.0.0.1", self.forge)) as upstream:
            self.relay(self.connection, upstream)

    def relay(self, one, other):
        while True:
            for ready in select.select([one, other], [], [], 20)[0] or [None]:
                data = ready.recv(65536) if ready else b""
                if not data:
                    return
                (other if ready is one else one).sendall(data)

    def log_message(self, *_):
        pass


def main():
    certificate, key, log = sys.argv[1:]
    forge = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Forge)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    forge.socket = context.wrap_socket(forge.socket, server_side=True)
    Proxy.forge, Proxy.log = forge.server_address[1], log
    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    print(forge.server_address[1], proxy.server_address[1], flush=True)
    threading.Thread(target=forge.serve_forever, daemon=True).start()
    proxy.serve_forever()


main()
