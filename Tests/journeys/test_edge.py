"""What strangers can send: none of it ends the server, holds it up, or comes back as an error of ours."""
import base64, hashlib, hmac, json, select, socket, sqlite3, subprocess, threading, time

import pytest
from support import TOKEN, post_signed, request, seeded, wait_until

NUMBER = "+14155550100"
T = "/api/v1/tenants/acme/"


def sign(url):
    return base64.b64encode(hmac.new(TOKEN.encode(), url.encode(), hashlib.sha1).digest()).decode()


def post_json(server, path, fields, signature=None):
    """A webhook with a JSON body: its address carries the body's hash, and is what is signed."""
    body = fields if isinstance(fields, str) else json.dumps(fields)
    path += ("&" if "?" in path else "?") + "bodySHA256=" + hashlib.sha256(body.encode()).hexdigest()
    signature = sign(server.url + path) if signature is None else signature
    return request(server.port, "POST", path, body, {"Content-Type": "application/json", **({"X-Twilio-Signature": signature} if signature else {})})[0]


def inbound(server, sender, body, sid):
    return post_signed(server.url + "/webhooks/twilio/inbound", {"MessageSid": sid, "From": sender, "To": NUMBER, "Body": body})[0]


def events(server):
    file = sqlite3.connect(f"file:{server.data}/tenants/acme/tenant.sqlite?mode=ro", uri=True)
    rows = file.execute("SELECT kind, sid, outcome FROM webhook_events ORDER BY id").fetchall()
    refused = file.execute("SELECT kind, error FROM refused_events").fetchall()
    file.close()
    return rows, refused


def log_lines(server):
    return [json.loads(line) for line in open(server.data + "/../server.log") if line.startswith("{")]


def test_whatever_a_person_writes_is_read(server):
    key = server.provision("acme", NUMBER)
    bodies = ["dont t t t t", "I don't t t t t know", "e" + "\u0301" * 3000, "a\0b", "\0", "s t o p t t t t", "\U0001f6d1\u200d" * 500]
    for n, body in enumerate(bodies):
        assert inbound(server, f"+1415700000{n}", body, f"SM{n:032x}") == 204
    texts = server.api("GET", T + "messages", key=key)[1]["data"]
    assert len(texts) == len(bodies) and events(server)[1] == []


@pytest.mark.parametrize("signature", ["", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="])
def test_nested_json_of_strangers_holds_nobody_up(server, signature):
    server.provision("acme", NUMBER)
    bombs = ["[" * 61_000, "[" * 30_000 + "]" * 30_000, '{"a":' * 12_000, "[" + "[[[[[[[[],[]]]]]]],[]],\n" * 2_400 + "0]", '{"To":"' + "\\u0041" * 10_000 + '"}', "{" + ",".join(f'"k{n}":{n}' for n in range(5_000)) + "}"]
    statuses = []

    def throw(bomb):
        statuses.append(post_json(server, "/webhooks/twilio/inbound", bomb, signature))

    threads = [threading.Thread(target=throw, args=(bomb,)) for bomb in bombs * 4]
    for thread in threads:
        thread.start()
    assert request(server.port, "GET", "/health")[0] == 200
    for thread in threads:
        thread.join()
    assert set(statuses) <= {403, 413, 422} and len(statuses) == 24
    assert inbound(server, "+14157000001", "still here", "SM" + "1" * 32) == 204


def test_json_webhooks_outlive_a_pause_and_a_restart(server):
    key = server.provision("acme", NUMBER)
    status = f"/webhooks/twilio/status?tenant=acme&job=7&attempt=ff&issued={int(time.time())}"
    report = {"MessageSid": "SM" + "a" * 32, "MessageStatus": "delivered", "From": NUMBER, "To": "+14157000001", "ErrorCode": None}
    text = {"MessageSid": "SM" + "b" * 32, "From": "+14157000001", "To": NUMBER, "Body": "a picture & more = ü", "NumMedia": "1",
            "MediaUrl0": "http://127.0.0.1:9/pictures/1?a=b&c=d", "MediaContentType0": "image/png"}
    server.cli("tenant", "pause", "acme")
    assert post_json(server, status, report) == 204
    assert post_json(server, "/webhooks/twilio/inbound", text) == 204
    server.kill()
    server.start()
    server.cli("tenant", "resume", "acme")
    [message] = server.api("GET", T + "messages", key=key)[1]["data"]
    assert message["body"] == text["Body"]
    assert events(server) == ([("status", "SM" + "a" * 32, "orphan"), ("inbound", "SM" + "b" * 32, "applied")], [])
    file = sqlite3.connect(f"file:{server.data}/tenants/acme/tenant.sqlite?mode=ro", uri=True)
    assert file.execute("SELECT url, content_type FROM message_media").fetchall() == [(text["MediaUrl0"], "image/png")]
    file.close()


def test_idle_and_half_sent_connections_take_no_descriptor_that_others_need(servers):
    server, _ = servers("--callback-delay", "5-50")
    server.start(under=("prlimit", "--nofile=160:160"))
    key = server.provision("acme", NUMBER)
    idle = []
    for n in range(400):
        s = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        if n % 2:
            try:
                s.sendall(b"POST /webhooks/twilio/inbound HTTP/1.1\r\nHost: a\r\nX-")
            except OSError:
                pass
        idle.append(s)
        if n % 100 == 99:
            assert request(server.port, "GET", "/health")[0] == 200
            assert inbound(server, f"+1415700{n:04d}", "STOP", f"SM{n:032x}") == 204
    assert server.process.poll() is None
    stopped = {row["phone"] for row in server.api("GET", T + "do-not-contact", key=key)[1]["data"]}
    assert stopped == {f"+1415700{n:04d}" for n in (99, 199, 299, 399)}

    def open_ones():
        count = 0
        for s in idle:
            s.setblocking(False)
            try:
                count += s.recv(1) != b""
            except BlockingIOError:
                count += 1
            except OSError:
                pass
        return count

    assert wait_until(lambda: open_ones() <= 40)
    # What is left of them has never finished a head: ten seconds.
    assert wait_until(lambda: open_ones() == 0, 20)
    for s in idle:
        s.close()
    assert len([line for line in log_lines(server) if line["message"].startswith("There are too many connections")]) == 1
    assert any("limit of open files" in line["message"] for line in log_lines(server))


def test_a_slow_head_is_cut_off_and_a_stream_is_not(server):
    key = server.provision("acme", NUMBER)
    stream = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    stream.sendall(f"GET {T}inbox/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n\r\n".encode())
    assert b"200 OK" in stream.recv(4096)
    slow = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    began = time.monotonic()
    # A byte each fifth of a second, until the server has had enough of it.
    isCutOff = False
    try:
        for byte in b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Padding: " + b"a" * 200:
            slow.sendall(bytes([byte]))
            if isCutOff := bool(select.select([slow], [], [], 0.2)[0]):
                break
    except OSError:
        isCutOff = True
    assert isCutOff and time.monotonic() - began > 8
    assert inbound(server, "+14157000001", "hello", "SM" + "1" * 32) == 204
    assert stream.recv(65536) != b"", "the stream was cut off"
    stream.close()


@pytest.mark.parametrize("method, path, body, field", [
    ("POST", "contacts", {"phone": "+14157000001", "tags": ["\0"]}, "tags"),
    ("POST", "contacts", {"phone": "+14157000001", "first_name": "\0"}, "first_name"),
    ("POST", "contacts", {"phone": "+14157000001", "fields": {"city": "a\0"}}, "fields.city"),
    ("POST", "contact-fields", {"name": "e\u0301" * 60, "type": "text"}, "name"),
    ("POST", "contacts", {"phone": "+14157000001", "tags": ["e\u0301" * 60]}, "tags"),
    ("POST", "audiences", {"name": "a\0", "rule": {"all": True}}, "name"),
    ("POST", "audiences", {"name": "e\u0301" * 60, "rule": {"all": True}}, "name"),
    ("POST", "audiences", {"name": "a", "rule": {"tag": "\0"}}, "rule.tag"),
    ("POST", "audiences", {"name": "a", "rule": {"field": "city", "is": "\0"}}, "rule.is"),
    ("POST", "templates", {"name": "\0", "body": "b"}, "name"), ("POST", "templates", {"name": "e\u0301" * 60, "body": "b"}, "name"),
    ("GET", "find?q=%00", None, "q"), ("POST", "campaigns", {"name": "c", "exclude": [{"tag": "\0"}]}, "exclude[0].tag"),
    ("POST", "canned-replies", {"name": "\0", "body": "b"}, "name"),
    ("POST", "canned-replies", {"name": "e\u0301" * 60, "body": "b"}, "name"),
    ("POST", "bulk-changes", {"action": "tag", "tag": "a\0", "audience": {"all": True}}, "tag"),
    ("POST", "suppression-rules", {"kind": "tag", "tag": "\0"}, "tag"),
    ("POST", "links", {"target": "https://shop.test/", "name": "\0"}, "name"),
    ("POST", "links", {"target": "https://shop.test/", "name": "e\u0301" * 120}, "name"),
    ("POST", "imports?mode=commit&tags=%00", "Mobile\n+14157000001\n", "tags"),
    ("POST", "imports?mode=commit&audience=a%00", "Mobile\n+14157000001\n", "audience"),
    ("POST", "imports?mode=commit&audience=" + "e%CC%81" * 60, "Mobile\n+14157000001\n", "audience"),
    ("GET", "contacts?tag=%00", None, "tag"), ("GET", "contacts?q=%00", None, "q"), ("GET", "conversations?assignee=%00", None, "assignee"),
])
def test_what_the_schema_would_refuse_is_refused_by_name(shared_house, method, path, body, field):
    server, key = shared_house
    headers = {"Content-Type": "text/csv"} if path.startswith("imports") else None
    status, problem = server.api(method, T + path, body.encode() if isinstance(body, str) else body, key, headers)
    assert status == 422, problem
    assert field in [error["field"] for error in problem["errors"]]


@pytest.fixture(scope="module")
def shared_house(tmp_path_factory):
    from support import Roundhouse, Simulator, free_port
    port, folder = free_port(), tmp_path_factory.mktemp("edge")
    provider = Simulator(inbound=f"http://127.0.0.1:{port}/webhooks/twilio/inbound")
    (folder / "data").mkdir()
    server = Roundhouse(folder / "data", provider, port).start()
    yield server, server.provision("acme", NUMBER)
    server.stop()
    provider.close()


def test_each_request_is_told_once_and_names_no_person(server):
    key = server.provision("acme", NUMBER)
    given = {"Authorization": f"Bearer {key}", "X-Request-Id": "journey-1.a_B"}
    status, headers, _ = request(server.port, "GET", T + "consents?phone=%2B14157001234", headers=given)
    assert status == 200 and headers["X-Request-Id"] == "journey-1.a_B"
    status, headers, text = request(server.port, "GET", T + "contacts/987654321987", headers={**given, "X-Request-Id": "no spaces please"})
    made = headers["X-Request-Id"]
    assert status == 404 and len(made) == 16 and json.loads(text)["request_id"] == made
    assert inbound(server, "+14157001234", "hello", "SM" + "1" * 32) == 204
    for n in range(5):
        post_signed(server.url + "/webhooks/twilio/inbound", {"MessageSid": f"SM{n}", "From": "+14157001234", "To": "+14157009999", "Body": "x"})
    lines = wait_until(lambda: (l := log_lines(server)) and any(line.get("request_id") == made for line in l) and l)
    [first] = [line for line in lines if line.get("request_id") == "journey-1.a_B"]
    assert {"method": "GET", "status": "200", "tenant": "acme"}.items() <= first.items() and first["route"].startswith("/api/v1/tenants/") and float(first["ms"]) >= 0
    text = open(server.data + "/../server.log").read()
    assert "7001234" not in text and "7009999" not in text and "987654321987" not in text
    told = [(line["route"], line["status"], line["tenant"]) for line in lines if "webhooks" in line.get("route", "")]
    assert told == [("/webhooks/twilio/inbound", "204", "acme")] + [("/webhooks/twilio/inbound", "404", "")] * 5
    assert len([line for line in lines if "nobody's here" in line["message"]]) == 1


def test_of_a_storm_of_webhooks_each_is_told_or_counted(server):
    server.provision("acme", NUMBER)
    connection = socket.create_connection(("127.0.0.1", server.port))
    sent, one = 1_500, f"POST /webhooks/twilio/status HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: 0\r\n\r\n".encode()
    writer = threading.Thread(target=connection.sendall, args=(one * sent,))
    writer.start()
    answered = b""
    while answered.count(b"HTTP/1.1 ") < sent:
        assert (piece := connection.recv(1 << 20))
        answered += piece
    writer.join()
    connection.close()

    def told():
        post_json(server, "/webhooks/twilio/status", {})
        lines = [line for line in log_lines(server) if line.get("route") == "/webhooks/twilio/status"]
        counted = sum(int(line.get("requests_without_a_line", 0)) for line in lines)
        return (lines, counted) if sent < len(lines) + counted else None

    # What a second left out is counted by the first line of a later second, and the storm may span several.
    lines, counted = wait_until(told)
    seconds = len({line["at"][:19] for line in lines})
    assert counted and len(lines) <= 200 * (seconds + 1), (len(lines), counted)
    assert sum(line["request_id"] != "" for line in lines) == len(lines)


HOSTILE = ["\0", "a\0b", "e\u0301" * 3000, "\u0301", "\u200b", "\u2028", "\n", " ", "", "\U0001f6d1" * 500, "x" * 20_000, "=1+1", "%00", "../..", "\ufdfa" * 70, "nan", "1e999", "9" * 400,
           0, -1, 1, 2**63 - 1, -2**63, 2**63, 1e300, -1e300, 0.5, True, False, None, [], {}, [None], ["\0"], ["e\u0301" * 60], [[[[]]]], [{}], {"\0": "\0"}, {"e\u0301" * 60: 1}, {"a": {"b": "\0"}}, [1e300], [2**63 - 1], ["x"] * 300]

BODIES = [
    ("POST", "contacts", {"phone": "+14157000002", "first_name": "A", "email": "a@b.test", "tags": ["a"], "fields": {"city": "Rome"}, "time_zone": "UTC", "language": "en", "notes": "n"}),
    ("PATCH", "contacts/1", {"first_name": "A", "tags": ["a"], "fields": {"city": "Rome"}, "notes": "n"}),
    ("POST", "contacts/1/merge", {"other_id": 2}), ("POST", "contact-fields", {"name": "shoe", "type": "text"}),
    ("POST", "audiences", {"name": "a", "rule": {"all": [{"tag": "a"}, {"field": "city", "is": "Rome"}, {"not": {"import": 1}}, {"not_texted_days": 3}]}}),
    ("PATCH", "audiences/1", {"name": "b", "rule": {"all": True}}),
    ("POST", "bulk-changes", {"action": "tag", "tag": "b", "audience": {"all": True}}),
    ("POST", "suppression-rules", {"kind": "tag", "tag": "b"}), ("POST", "suppression-rules", {"kind": "texted_within", "hours": 3}),
    ("POST", "campaigns", {"name": "c", "body": "Hi {{first_name|there}}", "audience": {"all": True}, "numbers": [NUMBER], "purpose": "informational", "budget_micros": 5, "send_at": "2030-01-01T00:00:00Z", "quiet_hours": {"enabled": True, "start": "21:00", "end": "08:00"}}),
    ("POST", "campaigns", {"name": "c", "variants": [{"name": "A", "body": "a", "weight": 1}, {"name": "B", "body": "b"}], "audience": {"all": True}, "numbers": [NUMBER]}),
    ("POST", "campaigns", {"name": "c", "exclude": [{"tag": "a"}, {"texted_days": 3}], "send_at_local": "2030-01-01T09:00", "misfire": {"policy": "send_within", "minutes": 5}, "delivery": "at_least_once"}),
    ("PATCH", "campaigns/3", {"name": "d", "body": "b", "exclude": [{"texted": 1}], "send_at_local": "2030-01-02T09:00", "numbers": [NUMBER], "misfire": {"policy": "skip"}}),
    ("POST", "templates", {"name": "t", "body": "Hello {{first_name|you}}"}), ("PATCH", "templates/1", {"name": "t2", "body": "b"}),
    ("PATCH", "campaigns/1", {"budget_micros": 7}), ("POST", "campaigns/1/preview", {"contact_id": 1}), ("POST", "campaigns/1/pause", {"reason": "r"}),
    ("POST", "canned-replies", {"name": "r", "body": "Hello {{first_name|you}}"}), ("PATCH", "canned-replies/1", {"name": "r2", "body": "b"}),
    ("POST", "conversations", {"phone": "+14157000001", "number": NUMBER}), ("PATCH", "conversations/1", {"state": "closed", "assignee": "a", "tags": ["t"], "unread": 0}),
    ("POST", "conversations/1/messages", {"body": "hello"}), ("POST", "consents", {"phone": "+14157000003", "action": "grant", "purpose": "marketing", "method": "m", "evidence": "e", "source": "s", "at": "2026-01-01T00:00:00Z"}),
    ("POST", "do-not-contact", {"phone": "+14157000004", "reason": "r", "source": "s"}), ("POST", "do-not-contact", {"phones": ["+14157000005"], "reason": "r"}),
    ("POST", "links", {"target": "https://shop.test/?a=b", "slug": "menu", "name": "n", "og": {"title": "t", "description": "d", "image_url": "https://a.test/i.png"}}), ("PATCH", "links/1", {"name": "n", "target": "https://shop.test/"}),
    ("POST", "webhook-endpoints", {"url": "https://hooks.test/", "events": ["sent"], "description": "d"}), ("PATCH", "webhook-endpoints/1", {"description": "d", "enabled": False}),
    ("PATCH", "settings", {"require_consent": False, "countries": ["1"], "prices": {"1": 8300}, "texting_hours": {"start": "08:00", "end": "20:00"}, "days_off": ["2026-12-25"], "warm_up_ladder": [1, 2], "circuit_breaker": {"opt_out_percent": 5}, "budget_alerts": [50], "languages": ["es"], "stop_words": ["x"], "help_text": "h", "link_page": {"name": "n", "color": "#112233", "text": "t"}, "utm": {"source": "s"}, "link_hit_days": 3}),
    ("PUT", "budget", {"daily_micros": 5, "monthly_micros": 9}), ("PUT", "kill-switch", {"on": False, "reason": "r"}), ("POST", "hosts", {"host": "go.shop.test"}), ("PATCH", f"numbers/{NUMBER}", {"paused": False, "reason": "r"}),
]

ADMIN_BODIES = [
    ("POST", "tenants", {"key": "acme", "name": "A", "owner_email": "o@a.test", "time_zone": "UTC", "twilio_sid": "AC" + "a" * 32, "twilio_token": "t"}),
    ("POST", "tenants/acme/resume", {"reason": "r"}), ("POST", "tenants/acme/reinstate", {"reason": "r"}),
    ("POST", "tenants/acme/numbers", {"number": "+14155550177", "rate": 1, "daily_cap": 5, "warm_up": "off", "messaging_service": "MG" + "a" * 32, "brand": "b"}),
    ("POST", "tenants/acme/hosts", {"host": "go.acme.test"}), ("PUT", "kill-switch", {"on": False, "reason": "r"}),
]


def paths(body, path=()):
    """Every member and every value of a body."""
    if isinstance(body, (dict, list)) and body:
        for key in (body if isinstance(body, dict) else range(len(body))):
            yield path + (key,)
            yield from paths(body[key], path + (key,))


def with_value(body, path, value):
    copy = json.loads(json.dumps(body))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return copy


def test_no_input_is_an_error_of_ours(server):
    """Each member of each request, in its turn, is what no form would send: 2xx or 4xx, and the work that follows ends."""
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, "First Name,Mobile\nA,+14157000001\nB,+14157000009\n")
    inbound(server, "+14157000001", "hello", "SM" + "1" * 32)
    wrong, count, chance = [], 0, seeded()
    for method, path, body in BODIES:
        first = server.api(method, T + path, body, key)
        if first[0] >= 400:
            print("as it should be", method, path, first)
        for path_in_body in paths(body):
            for value in chance.sample(HOSTILE, 15):
                status, answer = server.api(method, T + path, with_value(body, path_in_body, value), key)
                count += 1
                if status >= 500:
                    wrong.append((method, path, path_in_body, repr(value)[:60], status, answer))
    platform = server.cli("key", "create", "--platform", "--name", "p")["key"]
    for method, path, body in ADMIN_BODIES:
        for path_in_body in paths(body):
            for value in chance.sample(HOSTILE, 15):
                status, answer = server.api(method, "/api/v1/admin/" + path, with_value(body, path_in_body, value), platform)
                count += 1
                if status >= 500:
                    wrong.append((method, path, path_in_body, repr(value)[:60], status, answer))
    for path in ["contacts", "conversations", "messages", "campaigns", "events", "links", "imports", "audiences", "do-not-contact", "consents", "webhook-deliveries", "opt-out-reviews", "contacts.csv", "canned-replies", "campaigns/1/recipients", "templates", "find"]:
        for name in ["q", "tag", "email", "cursor", "limit", "audience", "field.city", "phone", "state", "assignee", "number", "import", "unread", "direction", "before", "sort", "since", "type", "kind"]:
            for value in ["%00", "%FF", "e%CC%81" * 300, "-1", "9223372036854775807", "9223372036854775808", "1.5", "1.1", "%2B", "%25", "%22*", "(", "nan", "%F0%9F%9B%91", "a%0Ab", "*", "NEAR(a", "\\"]:
                status, answer = server.api("GET", f"{T}{path}?{name}={value}", key=key)
                count += 1
                if status >= 500:
                    wrong.append(("GET", path, name, value, status, answer))
    assert wrong == [] and count > 4_000
    busy = lambda: [b for b in server.api("GET", T + "bulk-changes?limit=500", key=key)[1]["data"] if b["state"] == "running"]
    wait_until(lambda: not busy(), 60)
    assert [line for line in log_lines(server) if line["level"] in ("error", "critical")] == []
