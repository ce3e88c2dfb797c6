"""Link hosts from outside: whose they are is shown by DNS or by a file, and the proxy in front gets certificates for them alone."""
import hashlib, http.client, json, os, socket, sqlite3, ssl, struct, subprocess, time
from concurrent.futures import ThreadPoolExecutor

import pytest
from names import CNAME, NameServer, WebServer, labels, record, reply, text
from support import BIN, free_port, people, request, wait_until

NUMBER, HOST = "+14155550100", "go.acme.test"
T, BETA = "/api/v1/tenants/acme/", "/api/v1/tenants/beta/"
PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
         "Accept": "text/html", "Accept-Language": "en"}


@pytest.fixture
def dns():
    server = NameServer()
    yield server
    server.close()


@pytest.fixture
def served(servers, dns):
    """A server that asks our name server, with two tenants; their keys."""
    server, _ = servers("--callback-delay", "5-20")
    server.start(settings={"ROUNDHOUSE_DNS_SERVER": f"127.0.0.1:{dns.port}"})
    return server, server.provision("acme", NUMBER), server.provision("beta", "+14155550101")


def add(server, key, host=HOST, base=T):
    status, made = server.api("POST", base + "hosts", {"host": host}, key)
    assert (status, made["state"], made["is_default"], made["last_check"]) == (201, "pending", False, None), made
    return made


def verify(server, key, host=HOST, base=T):
    return server.api("POST", f"{base}hosts/{host}/verify", key=key)


def show(dns, made):
    name = made["challenge"]["txt_name"]
    dns.names[name] = [text(name, made["challenge"]["txt_value"])]


def bare(server, host, path="/", method="GET", headers=None):
    """The whole answer as bytes, its date aside."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as s:
        more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        s.sendall(f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n".encode())
        answer = b""
        while part := s.recv(65536):
            answer += part
    return b"\r\n".join(line for line in answer.split(b"\r\n") if not line.lower().startswith(b"date:"))


def test_a_host_works_from_the_moment_its_owner_has_shown_the_record(served, dns):
    server, key, _ = served
    made = add(server, key)
    challenge = made["challenge"]
    token = challenge["body"]
    name = hashlib.sha256(token.encode()).hexdigest()[:16]
    assert challenge == {"txt_name": f"_roundhouse.{HOST}", "txt_value": f"roundhouse-host={token}",
                         "url": f"http://{HOST}/.well-known/roundhouse-host/{name}", "body": token} and len(token) == 32
    link = lambda: server.api("POST", T + "links", {"target": "https://shop.test/", "slug": "menu"}, key)
    assert link()[0] == 409  # No host to live at.
    status, problem = verify(server, key)
    assert status == 409 and "is not there" in problem["detail"] and challenge["txt_value"] in problem["detail"]
    listed = server.api("GET", T + "hosts", key=key)[1]["data"]
    assert len(listed) == 1 and listed[0]["last_check"]["failure"] == problem["detail"] and listed[0]["state"] == "pending"
    assert server.api("PATCH", T + f"hosts/{HOST}", {"is_default": True}, key)[0] == 409
    assert bare(server, HOST, "/menu") == bare(server, "nobody.test", "/menu")

    show(dns, made)
    status, verified = verify(server, key)
    assert (status, verified["state"], verified["is_default"], verified["challenge"]) == (200, "verified", True, None)
    assert verified["verified_at"] and verified["last_check"]["failure"] is None
    status, menu = link()
    assert (status, menu["url"]) == (201, f"https://{HOST}/menu")
    assert request(server.port, "GET", "/menu", headers={"Host": HOST, **PHONE})[0] == 302
    assert server.cli("tenant", "show", "acme")["hosts"] == [HOST]
    # Another one, and it is the default by word alone; the default goes last.
    second = add(server, key, "links.acme.test")
    show(dns, second)
    assert verify(server, key, "links.acme.test")[1]["is_default"] is False
    assert server.api("PATCH", T + "hosts/links.acme.test", {"is_default": False}, key)[0] == 422
    assert server.api("PATCH", T + "hosts/links.acme.test", {"is_default": True}, key)[1]["is_default"] is True
    assert [h["is_default"] for h in server.api("GET", T + "hosts", key=key)[1]["data"]] == [False, True]
    assert server.api("GET", T + f"links/{menu['id']}", key=key)[1]["url"] == "https://links.acme.test/menu"
    status, problem = server.api("DELETE", T + "hosts/links.acme.test", key=key)
    assert status == 409 and "default" in problem["detail"]
    assert server.api("DELETE", T + f"hosts/{HOST}", key=key)[0] == 204
    assert bare(server, HOST, "/menu") == bare(server, "nobody.test", "/menu")
    assert server.api("DELETE", T + "hosts/links.acme.test", key=key)[0] == 204
    assert server.api("GET", T + "hosts", key=key)[1]["data"] == []
    file = sqlite3.connect(f"{server.data}/control.sqlite")
    rows = file.execute("SELECT action, subject, detail, address FROM audit_log WHERE action LIKE 'host.%' ORDER BY id").fetchall()
    file.close()
    assert [row[0] for row in rows] == ["host.add", "host.check_failed", "host.verify", "host.add", "host.verify", "host.default", "host.remove", "host.remove"]
    assert {row[1] for row in rows} == {"acme"} and rows[0][2:] == (HOST, "127.0.0.1")


def test_what_the_name_server_says_is_told_and_nothing_it_says_does_harm(served, dns):
    server, key, other = served
    made, theirs = add(server, key), add(server, other, base=BETA)
    name, right = made["challenge"]["txt_name"], made["challenge"]["txt_value"]
    assert theirs["challenge"]["txt_name"] == name and theirs["challenge"]["txt_value"] != right

    def said(answer):
        dns.names[name] = answer
        began = time.monotonic()
        status, problem = verify(server, key)
        assert status == 409 and time.monotonic() - began < 9, problem
        return problem["detail"].split("; http")[0]

    assert "is not there" in said([])
    assert "is not there" in said(lambda query, tcp: reply(query, [], code=0))
    assert "“roundhouse-host=wrong”" in said([text(name, "roundhouse-host=wrong")])
    assert "has another value" in said([text(name, theirs["challenge"]["txt_value"])])
    assert "has another value" in said([text(name, right + "0")])
    assert "has another value" in said([text(name, right[:-1])])
    assert "“????<b>”" in said([text(name, b"\x00\x1b\xff\n<b>")])
    assert "…" in said([text(name, "v" * 200)] * 30)
    assert "could not be looked up" in said(lambda query, tcp: reply(query, [], code=2))
    assert "could not be looked up" in said(lambda query, tcp: reply(query, [], code=5))
    # A record that says it is longer than it is, a name that points at itself, noise, half a head.
    assert "could not be looked up" in said(lambda query, tcp: reply(query, [labels(name) + struct.pack("!HHIH", 16, 1, 60, 500) + b"\xff12"]))
    said(lambda query, tcp: query[:2] + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0) + query[12:] + b"\xc0" + bytes([len(query)]) + struct.pack("!HHIH", 16, 1, 60, 2) + b"\x01a")
    said(lambda query, tcp: query[:2] + os.urandom(300))
    said(lambda query, tcp: query[:7])
    said(lambda query, tcp: b"")
    # Nobody who did not see the question can answer it.
    said(lambda query, tcp: bytes([query[0] ^ 1]) + reply(query, [text(name, right)])[1:])
    # Silence, and no more than two questions at a time of one tenant.
    dns.names[name] = lambda query, tcp: None
    began = time.monotonic()
    with ThreadPoolExecutor(5) as together:
        answers = list(together.map(lambda _: verify(server, key), range(5)))
    assert sorted(status for status, _ in answers) == [409, 409, 429, 429, 429] and time.monotonic() - began < 9
    assert all("was not answered in time" in problem["detail"] for status, problem in answers if status == 409)
    assert "could not be looked up" in said(lambda query, tcp: None if tcp else reply(query, [], flags=0x8380, code=0))
    assert server.api("GET", "/health")[0] == 200
    # One among several, in pieces, behind another name, and over TCP, for it was cut off.
    alias = "proof.elsewhere.test"
    many = [text(name, "v=spf1 -all"), text(name, "x" * 255, "y" * 255), text(name, right[:10], right[10:])]
    dns.names[name] = lambda query, tcp: reply(query, [record(name, CNAME, labels(alias))] + [text(alias, right)] + many) if tcp else reply(query, [], flags=0x8380, code=0)
    status, verified = verify(server, key)
    assert (status, verified["state"]) == (200, "verified"), verified
    assert (name, True) in dns.asked

    pieces = add(server, key, "pieces.acme.test")
    value, name = pieces["challenge"]["txt_value"], pieces["challenge"]["txt_name"]
    dns.names[name] = [text(name, "x" * 255, "y" * 255), text(name, value[:10], value[10:])]
    assert verify(server, key, "pieces.acme.test")[0] == 200


def test_a_host_is_one_tenants_and_which_one_is_not_told(served, dns):
    server, key, other = served
    mine, theirs = add(server, key), add(server, other, base=BETA)
    name = mine["challenge"]["txt_name"]
    # Both are shown: the first who asks gets it.
    dns.names[name] = [text(name, mine["challenge"]["txt_value"]), text(name, theirs["challenge"]["txt_value"])]
    assert verify(server, other, base=BETA)[0] == 200
    status, problem = verify(server, key)
    assert (status, problem["detail"]) == (409, f"{HOST} cannot be used for links here. If it is yours, ask the operator of this server.")
    assert "beta" not in json.dumps(server.api("GET", T + "hosts", key=key)[1])
    assert server.api("DELETE", T + f"hosts/{HOST}", key=key)[0] == 204
    assert server.api("POST", T + "hosts", {"host": HOST.upper() + "."}, key)[1]["detail"] == problem["detail"]
    server.cli("host", "add", "acme", HOST, fails=True)
    # What was shown once for a host that has gone is worth nothing.
    again = add(server, key, "old.acme.test")
    show(dns, again)
    assert server.api("DELETE", T + "hosts/old.acme.test", key=key)[0] == 204
    assert add(server, key, "old.acme.test")["challenge"]["txt_value"] != again["challenge"]["txt_value"]
    assert verify(server, key, "old.acme.test")[0] == 409
    # Another tenant's host is none of ours.
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/verify")):
        body = {"is_default": True} if method == "PATCH" else None
        assert server.api(method, T + f"hosts/{HOST}{path}", body, key)[0] == 404
        assert server.api(method, BETA + f"hosts/{HOST}{path}", body, key)[0] == 404
    assert server.api("GET", BETA + f"hosts/{HOST}", key=other)[1]["state"] == "verified"


def test_hostile_names_are_refused_with_a_reason(served):
    server, key, _ = served
    for host, why in (("", "required"), ("localhost", "like go.example.com"), ("127.0.0.1", "not an address"), ("[::1]", "not an address"), ("::1", "not an address"),
                      ("1.2.3.4.5", "like"), ("0x7f.0.0.1", "like"), ("go.acme.test:8080", "without a port"), ("https://go.acme.test/x", "without https://"),
                      ("bücher.test", "xn--"), ("go。acme.test", "xn--"), ("a..b", "like"), ("-a.test", "like"), ("a-.test", "like"), ("_a.test", "like"), ("*.acme.test", "like"),
                      ("a b.test", "like"), ("a\n.test", "like"), ("a.test\r\nHost: b.test", "without"), ("x" * 64 + ".test", "like"), (".".join(["x" * 49] * 6), "like"), ("x." * 150 + "test", "at most")):
        status, problem = server.api("POST", T + "hosts", {"host": host}, key)
        assert status == 422 and problem["errors"][0]["field"] == "host" and why in problem["errors"][0]["message"], (host, problem)
    for body in ({"host": 7}, {"host": None}, {"host": {"a": 1}}, {"host": HOST, "state": "verified"}, [HOST]):
        assert server.api("POST", T + "hosts", body, key)[0] == 422
    assert add(server, key, "XN--Bcher-KVA.Test")["host"] == "xn--bcher-kva.test"
    for n in range(19):
        add(server, key, f"h{n}.acme.test")
    status, problem = server.api("POST", T + "hosts", {"host": "one-more.acme.test"}, key)
    assert status == 409 and "20" in problem["detail"]
    assert server.api("POST", T + "hosts", {"host": "h3.acme.test"}, key)[0] == 200
    assert server.api("GET", T + "hosts/%2e%2e%2fetc", key=key)[0] == 404


def test_an_unknown_host_is_told_nothing_whatever_is_asked(served):
    server, key, _ = served
    pending = add(server, key)
    name = pending["challenge"]["url"].rsplit("/", 1)[1]
    server.cli("host", "add", "acme", "gone.acme.test")
    server.cli("host", "remove", "acme", "gone.acme.test")
    for path in ("/", "/health", "/ready", "/menu", f"/.well-known/roundhouse-host/{name}", "/.well-known/", "/internal/tls-ask?domain=" + HOST, "/webhooks/twilio/inbound", T + "contacts", "/u/23456789"):
        for method in ("GET", "HEAD", "POST", "PUT", "OPTIONS"):
            for headers in ({}, {"Authorization": f"Bearer {key}"}, {"X-Forwarded-Host": "127.0.0.1"}):
                answers = {bare(server, host, path, method, headers) for host in (HOST, "gone.acme.test", "nobody.test", "127.0.0.1.nobody.test")}
                assert len(answers) == 1, answers
                answer = answers.pop()
                assert answer.startswith(b"HTTP/1.1 404 ") and answer.endswith(b"\r\n\r\n") and b"json" not in answer, (method, path, answer)
    # The server's own names serve no tokens and no proofs, and a known one keeps working.
    assert request(server.port, "GET", f"/.well-known/roundhouse-host/{name}")[0] == 404
    assert request(server.port, "GET", "/health", headers={"Host": "localhost"})[0] == 200
    server.cli("host", "add", "acme", HOST)
    assert request(server.port, "GET", f"/.well-known/roundhouse-host/{name}", headers={"Host": HOST})[0] == 404


def test_an_operators_word_is_enough_and_commands_show_and_change_hosts(servers, dns):
    server, _ = servers()
    server.environment["ROUNDHOUSE_DNS_SERVER"] = f"127.0.0.1:{dns.port}"
    server.start()
    key = server.provision("acme", NUMBER)
    made = server.cli("host", "add", "acme", "Go.Acme.test")
    assert (made["tenant"], made["host"], made["state"], made["is_default"]) == ("acme", HOST, "verified", True)
    assert server.cli("host", "add", "acme", HOST)["verified_at"] == made["verified_at"]
    pending = add(server, key, "b.acme.test")
    server.cli("host", "verify", "acme", "b.acme.test", fails=True)
    server.cli("host", "default", "acme", "b.acme.test", fails=True)
    server.stop()  # The same without a server.
    show(dns, pending)
    assert server.cli("host", "verify", "acme", "b.acme.test")["state"] == "verified"
    assert server.cli("host", "default", "acme", "b.acme.test")["is_default"] is True
    assert [(h["host"], h["is_default"]) for h in server.cli("host", "list", "acme")] == [(HOST, False), ("b.acme.test", True)]
    server.cli("host", "remove", "acme", "b.acme.test", fails=True)
    assert server.cli("host", "remove", "acme", HOST)["state"] == "removed"
    server.cli("host", "remove", "acme", HOST, fails=True)
    server.cli("host", "list", "nobody", fails=True)
    for bad in ("localhost:53", "127.0.0.1:0", "127.0.0.1:99999", "dns.test:53", "::1:53x", "127.0.0.1:53,8.8.8.8:53"):
        done = subprocess.run([f"{BIN}/roundhouse", "serve"], env={**server.environment, "ROUNDHOUSE_DNS_SERVER": bad}, capture_output=True, text=True, timeout=30)
        assert done.returncode != 0 and "ROUNDHOUSE_DNS_SERVER" in done.stderr, (bad, done.stderr)
    # The public address takes a name away from a tenant who had it.
    server.start(settings={"ROUNDHOUSE_PUBLIC_URL": "https://b.acme.test"})
    assert request(server.port, "GET", "/health", headers={"Host": "b.acme.test"})[0] == 200
    server.cli("host", "add", "acme", "b.acme.test", fails=True)
    assert server.api("POST", BETA.replace("beta", "acme") + "hosts", {"host": "b.acme.test"}, key)[0] == 200  # It is there already, and leads nowhere.
    # Read while the file is away.
    server.cli("tenant", "pause", "acme")
    assert server.api("GET", T + "hosts", key=key)[0] == 200 and server.api("GET", T + "contacts", key=key)[0] == 423


def test_the_last_host_stays_while_campaigns_text_its_links(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER, host=HOST)
    server.import_csv("acme", key, people(3))
    status, made = server.api("POST", T + "campaigns", {
        "name": "Sale", "body": "See https://shop.test/sale", "audience": {"all": True}, "numbers": [NUMBER], "purpose": "informational",
        "send_at": "2030-01-01T12:00:00Z"}, key)
    assert status == 201, made
    path = T + f"campaigns/{made['id']}"
    assert server.api("POST", path + "/launch", key=key)[0] == 202
    status, problem = server.api("DELETE", T + f"hosts/{HOST}", key=key)
    assert status == 409 and "Campaigns under way (1)" in problem["detail"]
    assert server.api("POST", path + "/cancel", key=key)[0] < 300
    server.cli("tenant", "pause", "acme")
    assert server.api("DELETE", T + f"hosts/{HOST}", key=key)[0] == 423
    server.cli("tenant", "resume", "acme")
    assert server.api("DELETE", T + f"hosts/{HOST}", key=key)[0] == 204


@pytest.mark.skipif(os.geteuid() != 0, reason="port 80 is for root")
def test_a_file_on_the_owners_web_server_proves_it_too(servers, dns, tmp_path):
    """The real port and the system's resolver, whose hosts file is ours."""
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 go.acme.test away.acme.test\n")
    server, _ = servers()
    wrapped = {"ROUNDHOUSE_DNS_SERVER": f"127.0.0.1:{dns.port}", "LD_PRELOAD": "libnss_wrapper.so", "NSS_WRAPPER_HOSTS": str(hosts)}
    server.start(settings={**wrapped})
    key = server.provision("acme", NUMBER)
    made = add(server, key)
    token, path = made["challenge"]["body"], made["challenge"]["url"].removeprefix(f"http://{HOST}")
    web = WebServer(80)
    try:
        web.pages[path] = (200, token.encode())
        status, problem = verify(server, key)
        assert status == 409 and "not public (loopback)" in problem["detail"] and web.asked == []
        server.stop()
        server.start(settings={"ROUNDHOUSE_WEBHOOK_ALLOW": "127.0.0.1/32"})
        for page, said in (((404, b""), "answers 404"), ((200, b"<html>welcome</html>"), "with another body"), ((200, token.encode() * 2), "with another body"),
                           ((200, token.encode() + b" " * 100_000), "with another body"), ((302, b"", {"Location": f"http://{HOST}/proof"}), "answers 302"), ((200, b"\xff\xfe\x00"), "with another body")):
            web.pages = {path: page, "/proof": (200, token.encode())}
            status, problem = verify(server, key)
            assert status == 409 and said in problem["detail"], problem
        assert {asked[1] for asked in web.asked} == {path} and {asked[0] for asked in web.asked} == {HOST}
        web.pages = {path: (200, token.encode() + b"\r\n")}
        assert verify(server, key)[1]["state"] == "verified"
    finally:
        web.close()
    add(server, key, "away.acme.test")
    assert "cannot be reached" in verify(server, key, "away.acme.test")[1]["detail"]


# MARK: TLS


class Caddy:
    """The proxy with the configuration that we give to operators; its certificates are its own."""

    def __init__(self, folder, upstream):
        self.port = free_port()
        options = ["admin off", "local_certs", "skip_install_trust", "auto_https disable_redirects", f"http_port {free_port()}", f"https_port {self.port}"]
        environment = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder),
                       "ROUNDHOUSE_UPSTREAM": f"127.0.0.1:{upstream}", "CADDY_GLOBAL_OPTIONS": "\n".join(options)}
        config = os.path.join(os.path.dirname(__file__), "../../ops/proxy/Caddyfile")
        self.log = open(folder / "caddy.log", "wb")
        self.process = subprocess.Popen(["caddy", "run", "--adapter", "caddyfile", "--config", config], env=environment, stdout=self.log, stderr=self.log)
        self.root = folder / "caddy/pki/authorities/local/root.crt"
        wait_until(self._listens)

    def _listens(self):
        assert self.process.poll() is None, "caddy ended"
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return self.root.exists()
        except OSError:
            return False

    def get(self, host, path, method="GET", body=None, headers=None):
        """Status, headers and body; raises ssl.SSLError where there is no certificate."""
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        connection = http.client.HTTPConnection(host, timeout=20)
        connection.sock = ssl.create_default_context(cafile=self.root).wrap_socket(raw, server_hostname=host)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        connection.close()
        return found

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()


def test_the_proxy_ends_tls_for_our_hosts_and_for_no_other(servers, dns, tmp_path):
    server, provider = servers("--callback-delay", "5-20")
    server.start(settings={"ROUNDHOUSE_TRUSTED_PROXIES": "127.0.0.1", "ROUNDHOUSE_PUBLIC_URL": "https://app.roundhouse.test",
                          "ROUNDHOUSE_DNS_SERVER": f"127.0.0.1:{dns.port}"})
    key = server.provision("acme", NUMBER)
    pending = add(server, key)
    folder = tmp_path / "caddy-home"
    folder.mkdir()
    caddy = Caddy(folder, server.port)
    try:
        for host in (HOST, "nobody.test", "acme.test", "127-0-0-1.nobody.test"):
            with pytest.raises(ssl.SSLError):
                caddy.get(host, "/health")
        show(dns, pending)
        assert verify(server, key)[0] == 200
        link = server.api("POST", T + "links", {"target": "https://shop.test/menu", "slug": "menu"}, key)[1]
        assert link["url"] == f"https://{HOST}/menu"
        # Caddy remembers a refusal for a moment.
        def first():
            try:
                return caddy.get(HOST, "/menu", headers={**PHONE, "X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "http"})
            except ssl.SSLError:
                return None
        status, headers, _ = wait_until(first)
        assert (status, headers["location"]) == (302, "https://shop.test/menu")
        assert caddy.get("app.roundhouse.test", "/health")[0] == 200
        assert caddy.get("app.roundhouse.test", "/menu")[0] == 404 and caddy.get(HOST, "/nothing")[0] == 404
        assert caddy.get("app.roundhouse.test", T + "hosts", headers={"Authorization": f"Bearer {key}"})[0] == 200
        # Nobody asks about names from outside, in whatever spelling.
        for path in (f"/internal/tls-ask?domain={HOST}", f"/Internal/tls-ask?domain={HOST}", f"//internal/tls-ask?domain={HOST}", f"/x/../internal/tls-ask?domain={HOST}", f"/%69nternal/tls-ask?domain={HOST}"):
            assert caddy.get("app.roundhouse.test", path)[0] == 404, path
        assert server.api("DELETE", T + f"hosts/{HOST}", key=key)[0] == 204
        assert caddy.get(HOST, "/menu")[0] == 404  # The certificate is still there, the host is not.
    finally:
        caddy.close()
    server.stop()
    file = sqlite3.connect(f"{server.data}/tenants/acme/tenant.sqlite")
    kept = file.execute("SELECT count(*), sum(is_secure) FROM link_hits").fetchone()
    file.close()
    assert kept[0] > 0 and kept[0] == kept[1]


def test_only_proxies_may_ask_about_names(servers):
    server, _ = servers()
    server.start(settings={"ROUNDHOUSE_PUBLIC_URL": "https://app.roundhouse.test"})
    key = server.provision("acme", NUMBER, host=HOST)
    add(server, key, "pending.acme.test")
    ask = lambda domain, **headers: request(server.port, "GET", f"/internal/tls-ask?domain={domain}", headers={name.replace("_", "-"): value for name, value in headers.items()})
    for domain in (HOST, HOST.upper(), HOST + ".", "app.roundhouse.test"):
        assert ask(domain)[0] == 200 and ask(domain)[2] == b"", domain
    for domain in ("pending.acme.test", "nobody.test", "acme.test", "x." + HOST, "", "127.0.0.1", "localhost", "%00", "a" * 3000, f"{HOST}%0a", f"{HOST}/x"):
        status, _, body = ask(domain)
        assert (status, body) == (404, b""), domain
    assert request(server.port, "GET", "/internal/tls-ask")[0] == 404
    without_id = lambda body: {**json.loads(body), "request_id": None}
    nowhere = without_id(request(server.port, "GET", "/internal/nothing")[2])
    for name, value in (("X_Forwarded_For", "203.0.113.5"), ("Forwarded", "for=1.2.3.4"), ("Via", "1.1 proxy")):
        status, _, body = ask(HOST, **{name: value})
        assert (status, without_id(body)) == (404, nowhere)
    assert request(server.port, "POST", f"/internal/tls-ask?domain={HOST}")[0] == 404
