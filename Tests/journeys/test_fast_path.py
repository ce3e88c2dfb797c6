"""The connection itself: webhooks and the rest of the site on one port, however the bytes arrive."""
import base64, hashlib, hmac, socket
from urllib.parse import urlencode

from support import ACCOUNT, TOKEN

NUMBER = "+14155550100"
T = "/api/v1/tenants/acme/"


def inbound(server, sid, body="hello", more="", version="HTTP/1.1", sender="+14157000001"):
    """A signed webhook as bytes."""
    fields = {"MessageSid": sid, "AccountSid": ACCOUNT, "From": sender, "To": NUMBER, "Body": body}
    text = server.url + "/webhooks/twilio/inbound" + "".join(name + value for name, value in sorted(fields.items()))
    signature = base64.b64encode(hmac.new(TOKEN.encode(), text.encode(), hashlib.sha1).digest()).decode()
    form = urlencode(fields)
    return (f"POST /webhooks/twilio/inbound {version}\r\nHost: 127.0.0.1:{server.port}\r\nX-Twilio-Signature: {signature}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n{more}\r\n{form}").encode()


def plain(server, method, path, more="", body=""):
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n{more}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def connect(server):
    s = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s, s.makefile("rb")


def answer(reader, method="POST"):
    """Status, headers, body of the next answer; None at the end."""
    line = reader.readline()
    if not line:
        return None
    headers = {}
    while (field := reader.readline()) not in (b"\r\n", b""):
        name, value = field.decode().split(":", 1)
        assert name.lower() not in headers, f"{name} stands twice"
        headers[name.lower()] = value.strip()
    status = int(line.split()[1])
    if status == 204 or status < 200:
        assert "content-length" not in headers and "transfer-encoding" not in headers
        return status, headers, b""
    return status, headers, b"" if method == "HEAD" else reader.read(int(headers["content-length"]))


def received(server, key):
    return sorted(m["body"] for m in server.api("GET", T + "messages?limit=500", key=key)[1]["data"])


def test_requests_of_all_kinds_behind_each_other_on_one_connection_are_answered_in_order(server):
    key = server.provision("acme", NUMBER)
    s, reader = connect(server)
    bodies, statuses, requests = [], [], b""
    for n in range(120):
        bodies.append(f"text {n:03}")
        requests += inbound(server, f"SM{n:032x}", bodies[-1])
        requests += plain(server, "GET", "/health") + plain(server, "POST", "/webhooks/twilio/status", body="a=b") + plain(server, "DELETE", "/webhooks/twilio/inbound")
        requests += plain(server, "GET", T + "contacts", f"Authorization: Bearer {key}\r\n") + plain(server, "GET", "/nowhere")
        statuses += [204, 200, 403, 405, 200, 404]
    s.sendall(requests)
    assert [answer(reader)[0] for _ in statuses] == statuses
    s.close()
    assert received(server, key) == bodies


def test_whole_requests_and_pieces_take_turns_on_one_connection(server):
    """What comes whole is read before the parser, what does not is the parser's: neither may overtake the other."""
    key = server.provision("acme", NUMBER)
    get = lambda path, more="": f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n{more}\r\n".encode()
    s, reader = connect(server)
    bodies = []
    for n in range(30):
        bodies.append(f"text {n:03}")
        for request, status in [(inbound(server, f"SM{n:032x}", bodies[-1]), 204), (get("/health"), 200), (get("/nowhere"), 404),
                                (get(T + "contacts", f"Authorization: Bearer {key}\r\n"), 200), (plain(server, "POST", "/webhooks/twilio/status", body="a=b"), 403)]:
            s.sendall(request)
            assert answer(reader)[0] == status
    # From here on pieces: each write ends in the middle of a request, the next begins there.
    rest, statuses = b"", []
    for n in range(30, 60):
        bodies.append(f"text {n:03}")
        request = inbound(server, f"SM{n:032x}", bodies[-1]) + get("/health")
        s.sendall(rest + request[:n * 7])
        rest, statuses = request[n * 7:], statuses + [204, 200]
    s.sendall(rest)
    assert [answer(reader)[0] for _ in statuses] == statuses
    # What looks like a whole request is none in another one's head, nor in its body.
    inside = inbound(server, "SM999", "smuggled")
    s, reader = connect(server)
    s.sendall(b"GET /health HTTP/1.1\r\nX-A: ")  # Its one Host is that of the other.
    assert server.api("GET", "/health")[0] == 200  # By now that has been read.
    s.sendall(inside)
    assert answer(reader)[0] == 200
    s, reader = connect(server)
    s.sendall(f"POST /webhooks/twilio/inbound HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: {len(inside)}\r\nExpect: 100-continue\r\n\r\n".encode())
    assert answer(reader)[0] == 100
    s.sendall(inside)
    assert answer(reader)[0] == 403
    s.sendall(get("/health"))
    assert answer(reader)[0] == 200
    # Refused at once, while the one before it is on its way to the disk.
    refused = f"POST /webhooks/twilio/status HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: 3\r\n\r\na=b".encode()
    for n in range(60, 160):
        bodies.append(f"text {n:03}")
        s, reader = connect(server)
        s.sendall(inbound(server, f"SM{n:032x}", bodies[-1]))
        s.sendall(refused)
        assert [answer(reader)[0] for _ in range(2)] == [204, 403]
        s.close()
    assert received(server, key) == bodies


def test_a_webhook_arrives_in_pieces_in_chunks_and_with_the_wish_to_be_told_to_go_on(server):
    key = server.provision("acme", NUMBER)
    s, reader = connect(server)
    for byte in inbound(server, "SM01", "byte by byte"):
        s.sendall(bytes([byte]))
    assert answer(reader)[0] == 204
    head, form = inbound(server, "SM02", "in chunks").split(b"\r\n\r\n", 1)
    head = b"\r\n".join(line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")) + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
    s.sendall(head + b"".join(f"{len(form[i:i + 7]):x}\r\n".encode() + form[i:i + 7] + b"\r\n" for i in range(0, len(form), 7)) + b"0\r\n\r\n")
    assert answer(reader)[0] == 204
    head, form = inbound(server, "SM03", "when told to", more="Expect: 100-continue\r\n").split(b"\r\n\r\n", 1)
    s.sendall(head + b"\r\n\r\n")
    assert answer(reader)[0] == 100
    s.sendall(form)
    assert answer(reader)[0] == 204
    assert received(server, key) == ["byte by byte", "in chunks", "when told to"]


def test_a_connection_ends_when_it_should_and_not_before_its_answer(server):
    key = server.provision("acme", NUMBER)
    for n, (more, version) in enumerate([("Connection: close\r\n", "HTTP/1.1"), ("", "HTTP/1.0")]):
        s, reader = connect(server)
        s.sendall(inbound(server, f"SM1{n}", f"last {n}", more, version))
        assert answer(reader)[0] == 204 and answer(reader) is None
    # Anyone who says that nothing more will come still hears the answer.
    s, reader = connect(server)
    s.sendall(inbound(server, "SM20", "half closed"))
    s.shutdown(socket.SHUT_WR)
    assert answer(reader)[0] == 204 and answer(reader) is None
    assert received(server, key) == ["half closed", "last 0", "last 1"]
    # Anyone who goes away in the middle of a request leaves nothing behind.
    s, _ = connect(server)
    s.sendall(inbound(server, "SM30", "never ended")[:-3])
    s.close()
    assert server.api("GET", "/health")[0] == 200 and len(received(server, key)) == 3


def test_too_much_is_refused_and_the_connection_goes_on(server):
    key = server.provision("acme", NUMBER)
    s, reader = connect(server)
    s.sendall(inbound(server, "SM40", "x" * 70_000) + inbound(server, "SM41", "small"))
    assert [answer(reader)[0] for _ in range(2)] == [413, 204]
    s.sendall(plain(server, "POST", "/webhooks/twilio/inbound", "X-Twilio-Signature: x\r\n", "&".join(f"a{n}=1" for n in range(300))))
    assert answer(reader)[0] == 422
    assert received(server, key) == ["small"]
    for broken in (b"POST /webhooks/twilio/inbound HTTP/9.9\r\n\r\n", b"\x00\x01\x02\r\n\r\n", b"POST /webhooks/twilio/inbound HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"G" * 200_000):
        s, reader = connect(server)
        try:
            s.sendall(broken)
            found = answer(reader)
            assert found is None or found[0] == 400
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert server.api("GET", "/health")[0] == 200


def test_a_server_that_stops_answers_what_it_has_taken(server):
    key = server.provision("acme", NUMBER)
    connections = [connect(server) for _ in range(20)]
    for n, (s, _) in enumerate(connections):
        s.sendall(inbound(server, f"SM5{n:02}", f"text {n:02}"))
    answered = answer(connections[0][1])[0] == 204
    server.stop()
    for s, reader in connections[1:]:
        try:
            answered += (answer(reader) or (0,))[0] == 204
        except ConnectionResetError:
            pass
    server.start()
    assert len(received(server, key)) >= answered > 0


def test_whoever_asks_and_does_not_listen_is_not_listened_to(server):
    server.provision("acme", NUMBER, host="go.acme.test")
    resident = lambda: int(next(line for line in open(f"/proc/{server.process.pid}/status") if line.startswith("VmRSS")).split()[1])
    before = resident()
    s = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    s.settimeout(1)
    wrong = b"GET /zzzzzzzz HTTP/1.1\r\nHost: go.acme.test\r\n\r\n" * 2_000
    sent = 0
    try:
        while sent < 60_000_000:
            sent += s.send(wrong)
    except TimeoutError:
        pass
    assert sent < 30_000_000 and resident() < before + 60_000
    # Once it listens, it is answered to the end of what it asked.
    s.settimeout(20)
    taken = 0
    while taken < 10_000_000 and (part := s.recv(1 << 20)):
        taken += len(part)
    assert taken >= 1_000_000
    s.close()
    assert server.api("GET", "/health")[0] == 200
