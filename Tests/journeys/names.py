"""A name server and a web server for tests: answers by name, and wrong ones, too."""
import socket, struct, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TXT, CNAME = 16, 5


def labels(name):
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".") if part) + b"\0"


def record(name, kind, data):
    return labels(name) + struct.pack("!HHIH", kind, 1, 60, len(data)) + data


def text(name, *strings):
    """One TXT record of several strings."""
    return record(name, TXT, b"".join(bytes([len(s)]) + s for s in (s if isinstance(s, bytes) else s.encode() for s in strings)))


class NameServer:
    """`names[name]` is a list of records, or a function (query, is_tcp) that gives the whole answer, or None for none at all."""

    def __init__(self):
        self.names, self.asked = {}, []
        for _ in range(100):  # Until a port is free for both.
            self.tcp = socket.create_server(("127.0.0.1", 0))
            self.port = self.tcp.getsockname()[1]
            self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                self.udp.bind(("127.0.0.1", self.port))
                break
            except OSError:
                self.close()
        for work in (self._udp, self._tcp):
            threading.Thread(target=work, daemon=True).start()

    def _udp(self):
        while True:
            try:
                query, peer = self.udp.recvfrom(4096)
            except OSError:
                return
            answer = self.answer(query, False)
            if answer is not None:
                self.udp.sendto(answer, peer)

    def _tcp(self):
        while True:
            try:
                peer, _ = self.tcp.accept()
            except OSError:
                return
            with peer:
                peer.settimeout(10)
                size = peer.recv(2)
                query = peer.recv(struct.unpack("!H", size)[0]) if len(size) == 2 else b""
                answer = self.answer(query, True) if query else None
                if answer is not None:
                    peer.sendall(struct.pack("!H", len(answer)) + answer)

    def answer(self, query, is_tcp):
        at, parts = 12, []
        while query[at]:
            parts.append(query[at + 1:at + 1 + query[at]].decode())
            at += query[at] + 1
        name = ".".join(parts).lower()
        self.asked.append((name, is_tcp))
        found = self.names.get(name, [])
        if callable(found):
            return found(query[:at + 5], is_tcp)
        return reply(query[:at + 5], found)

    def close(self):
        self.udp.close()
        self.tcp.close()


def reply(query, records, flags=0x8180, code=None):
    """`query`: its head and question alone."""
    code = (0 if records else 3) if code is None else code
    return query[:2] + struct.pack("!HHHHH", flags | code, 1, len(records), 0, 0) + query[12:] + b"".join(records)


class WebServer:
    """`pages[path]` is (status, body) or (status, body, headers); `asked` holds (host, path)."""

    def __init__(self, port=0):
        self.pages, self.asked = {}, []
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                web.asked.append((self.headers["Host"], self.path))
                status, body, *more = web.pages.get(self.path, (404, b""))
                self.send_response(status)
                for name, value in (more[0] if more else {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
