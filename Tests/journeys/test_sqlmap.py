"""sqlmap at its highest level on ten addresses: queries, bodies, ids in paths, headers. It finds nothing, and it does find what is there."""
import concurrent.futures, http.server, json, shutil, sqlite3, subprocess, threading, urllib.parse

import pytest
from support import ACCOUNT, TOKEN, people

NUMBER, BASE = "+14155550100", "/api/v1/tenants/acme/"
# Everything that it knows for SQLite, the only database there is, and for all; `T` is a query that takes its time.
FLAGS = ["--batch", "--level=5", "--risk=3", "--dbms=sqlite", "--technique=BEUSTQ", "--union-cols=1-4", "--time-sec=2", "--threads=4", "--flush-session", "--fresh-queries",
         "--disable-coloring", "--skip-waf", "--ignore-code=*", "--random-agent", "--timeout=20", "--retries=1", "--skip=user-agent,referer,host,cookie"]


def found(folder, name, url, method="GET", body=None, headers=()):
    """Whether it finds an injection at one of the places that are marked with `*`; what it says of it."""
    arguments = ["sqlmap", "-u", url, "--method", method, "--output-dir", str(folder / name), *FLAGS]
    for header in headers:
        arguments += ["-H", header]
    if body is not None:
        arguments += ["--data", json.dumps(body)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=900, stdin=subprocess.DEVNULL)
    said = done.stdout + done.stderr
    if "identified the following injection point" in said:
        return True, said
    # Anything else is no verdict: a server that did not answer, a flag that it does not know.
    assert "do not appear to be injectable" in said and "unable to connect" not in said, said[-3000:]
    return False, said


@pytest.fixture
def injectable():
    """A server with the mistake that is looked for."""
    rows = sqlite3.connect(":memory:", check_same_thread=False)
    rows.executescript("CREATE TABLE people (id INTEGER, name TEXT); INSERT INTO people VALUES (1, 'Ada'), (2, 'Eve');")
    lock = threading.Lock()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            id = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query).get("id", [""])[0]
            try:
                with lock:
                    text, status = json.dumps(rows.execute("SELECT name FROM people WHERE id = " + id).fetchall()), 200
            except sqlite3.Error:
                text, status = "{}", 422
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/people?id=1*"
    server.shutdown()
    server.server_close()


def test_it_finds_what_is_there(injectable, tmp_path):
    assert shutil.which("sqlmap"), "sqlmap is not installed: ops/setup tests installs it"
    assert found(tmp_path, "there", injectable)[0]


def test_it_finds_nothing_here(servers, tmp_path):
    server, _ = servers()
    server.start()
    key = server.provision("acme", NUMBER, host="go.acme.test")
    platform = server.cli("key", "create", "--platform", "--name", "p")["key"]
    server.import_csv("acme", key, people(3))
    campaign = server.campaign("acme", key, NUMBER, "Hello", launch=False).rsplit("/", 1)[1]
    mine, theirs = f"Authorization: Bearer {key}", f"Authorization: Bearer {platform}"
    url = server.url + BASE
    # Marked is what comes near a statement; other members of a body are read before by the same reader.
    tries = {
        "contacts": (url + "contacts?q=P1*&field.city=Rome*",), "contact": (url + "contacts/1*",), "conversations": (url + "conversations?q=P1*&assignee=ann*",),
        "messages": (url + "messages?phone=%2B14157000001&direction=in*",), "recipients": (url + f"campaigns/{campaign}/recipients?state=queued*",),
        "make": (url + "contacts", "POST", {"phone": "+14157009999", "first_name": "Ada*", "tags": ["vip*"]}),
        "rule": (url + "audiences/preview", "POST", {"rule": {"field": "city", "is": "Rome*"}}),
        "edit": (url + "contacts/1", "PATCH", {"last_name": "Lovelace*"}),
        "header": (url + "canned-replies", "POST", {"name": "Hours*", "body": "We open"}, ["Idempotency-Key: a*"]),
        "key": (url + "contacts", "GET", None, ["Authorization: Bearer rh_a*_b"]),
        "admin": (server.url + "/api/v1/admin/tenants", "POST", {"key": "third*", "name": "Third", "owner_email": "o@third.test"}),
    }

    def look(name):
        url, method, body, headers = (*tries[name], *("GET", None, [])[len(tries[name]) - 1:])
        own = [] if name == "key" else [theirs if name == "admin" else mine]
        return name, found(tmp_path, name, url, method, body, [*own, *headers])

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        verdicts = list(pool.map(look, tries))
    assert len(verdicts) >= 10
    for name, (is_found, said) in verdicts:
        assert not is_found, f"{name}: {said[-3000:]}"
    log = [json.loads(line) for line in open(f"{server.data}/../server.log") if line.startswith("{")]
    assert [line for line in log if line["level"] in ("error", "critical")] == []
    asked = sum(line["message"] == "Request" for line in log)
    print("requests", asked)
    assert asked > 5_000
