"""Manners of HTTP: bounds of requests, tags of what is changed, cursors, headers, other origins."""
import concurrent.futures, http.client, json, re, socket, threading

import pytest
from support import people, request, wait_until

NUMBER, BASE = "+14155550100", "/api/v1/tenants/acme/"


def ask(server, method, path, key=None, body=None, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    if body is not None:
        headers["Content-Type"], body = "application/json", json.dumps(body)
    status, answered, text = request(server.port, method, path, body, headers)
    return status, {name.lower(): value for name, value in answered.items()}, text


# Bounds

@pytest.mark.parametrize("shared", [False, True], ids=["memory", "redis"])
def test_a_key_that_asks_too_often_is_told_when_to_come_again_and_nobody_else_is(servers, redis, shared):
    server, _ = servers()
    settings = {"ROUNDHOUSE_REQUESTS_PER_MINUTE": "5", "ROUNDHOUSE_REFUSALS_PER_MINUTE": "3", **({"ROUNDHOUSE_REDIS_URL": redis[0]} if shared else {})}
    server.start(settings=settings)
    key, other = server.provision("acme", NUMBER), server.provision("other", "+14155550101")
    left = []
    for _ in range(5):
        status, headers, _ = ask(server, "GET", BASE + "contacts", key)
        assert status == 200 and headers["ratelimit-policy"] == '"requests";q=5;w=60'
        left.append(int(re.fullmatch(r'"requests";r=(\d+);t=(\d+)', headers["ratelimit"])[1]))
    assert left[0] == 4 and left[-1] <= 1
    status, headers, text = wait_until(lambda: (answer := ask(server, "POST", BASE + "contacts", key, {"phone": "+14157000001"}))[0] == 429 and answer)
    assert 1 <= int(headers["retry-after"]) <= 12 and json.loads(text)["status"] == 429 and 'r=0;' in headers["ratelimit"]
    assert ask(server, "GET", "/api/v1/tenants/other/contacts", other)[0] == 200
    assert ask(server, "GET", "/health")[0] == 200
    # Without a key: by address. A good key from there is let in all the same.
    assert [ask(server, "GET", "/api/v1/tenants/other/contacts", "rh_x_y")[0] for _ in range(4)] == [401, 401, 401, 429]
    assert ask(server, "GET", "/api/v1/tenants/other/contacts")[1]["ratelimit-policy"] == '"refusals";q=3;w=60'
    assert ask(server, "GET", "/api/v1/tenants/other/contacts", other)[0] == 200


def test_without_redis_requests_are_counted_by_the_server_itself(servers, redis):
    server, _ = servers()
    server.start(settings={"ROUNDHOUSE_REQUESTS_PER_MINUTE": "20", "ROUNDHOUSE_REDIS_URL": redis[0]})
    key = server.provision("acme", NUMBER)
    assert ask(server, "GET", BASE + "contacts", key)[0] == 200
    redis[1].kill()
    redis[1].wait()
    statuses = [ask(server, "GET", BASE + "contacts", key)[0] for _ in range(40)]
    assert statuses[:20] == [200] * 20 and statuses[-1] == 429


# Tags

def tagged(server, key):
    """What can be changed and has a tag: its address, a change, and what shows it."""
    campaign = server.campaign("acme", key, NUMBER, "Hello", launch=False)
    contact = server.api("POST", BASE + "contacts", {"phone": "+14157000001"}, key)[1]["id"]
    audience = server.api("POST", BASE + "audiences", {"name": "Rome", "rule": {"tag": "rome"}}, key)[1]["id"]
    server.cli("host", "add", "acme", "go.acme.test")
    link = server.api("POST", BASE + "links", {"target": "https://shop.test/a"}, key)[1]["id"]
    return [
        (campaign, "PATCH", {"budget_micros": 5_000_000}, {"budget_micros": 7_000_000}),
        (BASE + f"contacts/{contact}", "PATCH", {"first_name": "Ada"}, {"first_name": "Eve"}),
        (BASE + f"audiences/{audience}", "PATCH", {"name": "Roma"}, {"name": "Rom"}),
        (BASE + f"links/{link}", "PATCH", {"name": "one"}, {"name": "two"}),
        (BASE + "settings", "PATCH", {"languages": ["es"]}, {"languages": []}),
        (BASE + "budget", "PUT", {"daily_micros": 5_000_000}, {"daily_micros": 7_000_000}),
    ]


def test_a_change_to_what_has_been_changed_since_is_refused(server):
    key = server.provision("acme", NUMBER)
    for path, method, first, second in tagged(server, key):
        status, headers, seen = ask(server, "GET", path, key)
        tag = headers["etag"]
        assert status == 200 and re.fullmatch(r'"[\w-]{20}"', tag), path
        assert ask(server, "GET", path, key, If_None_Match=f'"other", W/{tag}')[0::2] == (304, b""), path
        assert ask(server, "GET", path, key, If_None_Match='"other"')[0] == 200, path
        status, headers, _ = ask(server, method, path, key, first, If_Match=f'"other", {tag}')
        assert status < 300, path
        # The answer's tag is that of what is there now.
        status, now, seen = ask(server, "GET", path, key)
        assert now["etag"] == headers["etag"] != tag, path
        for stale in (tag, "W/" + now["etag"], '"*"', "nonsense", '"'):
            status, _, text = ask(server, method, path, key, second, If_Match=stale)
            assert status == 412 and json.loads(text)["status"] == 412, (path, stale)
            assert ask(server, "GET", path, key)[2] == seen, path
        assert ask(server, method, path, key, second, If_Match="*")[0] < 300, path
        assert ask(server, method, path, key, first)[0] < 300, path
        # A wrong body is told first what is wrong with it.
        assert ask(server, method, path, key, {"nobody_knows_this": 1}, If_Match=tag)[0] == 422, path


def test_of_many_changes_to_one_version_one_is_made(server):
    key = server.provision("acme", NUMBER)
    id = server.api("POST", BASE + "contacts", {"phone": "+14157000001"}, key)[1]["id"]
    tag = ask(server, "GET", BASE + f"contacts/{id}", key)[1]["etag"]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda n: ask(server, "PATCH", BASE + f"contacts/{id}", key, {"first_name": f"Ada {n}"}, If_Match=tag)[0], range(32)))
    assert sorted(statuses) == [200] + [412] * 31
    assert ask(server, "DELETE", BASE + f"contacts/{id}", key, If_Match=tag)[0] == 412
    assert ask(server, "DELETE", BASE + f"contacts/{id}", key, If_Match=ask(server, "GET", BASE + f"contacts/{id}", key)[1]["etag"])[0] == 204


def test_what_has_no_tag_is_not_changed_under_the_pretence_of_one(server):
    key = server.provision("acme", NUMBER)
    rule = server.api("POST", BASE + "suppression-rules", {"kind": "texted_within", "hours": 24}, key)[1]["id"]
    assert ask(server, "DELETE", BASE + f"suppression-rules/{rule}", key, If_Match='"a"')[0] == 412
    assert ask(server, "DELETE", BASE + f"suppression-rules/{rule}", key)[0] == 204


# Cursors

def pages(server, key, path, limit, between=lambda: None):
    seen, cursor = [], ""
    while cursor is not None:
        status, page = server.api("GET", f"{path}{'&' if '?' in path else '?'}limit={limit}" + (f"&cursor={cursor}" if cursor else ""), key=key)
        assert status == 200, page
        seen, cursor = seen + page["data"], page["next_cursor"]
        between()
    return seen


def test_pages_neither_skip_nor_repeat_while_others_write(server):
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(60))
    there = [contact["id"] for contact in server.api("GET", BASE + "contacts?limit=500", key=key)[1]["data"]]
    number, gone = iter(range(1_000)), iter(there[5::11])

    def write():
        assert server.api("POST", BASE + "contacts", {"phone": f"+1415799{next(number):04d}"}, key)[0] == 201
        server.api("PATCH", BASE + f"contacts/{there[0]}", {"first_name": "Moved"}, key)
        if (id := next(gone, None)) is not None:
            assert server.api("DELETE", BASE + f"contacts/{id}", key=key)[0] == 204

    seen = [contact["id"] for contact in pages(server, key, BASE + "contacts", 7, write)]
    assert len(seen) == len(set(seen)) and set(there) - set(there[5::11]) <= set(seen)


@pytest.mark.parametrize("limit", [1, 2, 500])
def test_a_timeline_is_shown_once_from_its_first_entry(server, limit):
    key = server.provision("acme", NUMBER)
    id = server.api("POST", BASE + "contacts", {"phone": "+14157000001"}, key)[1]["id"]
    for action in ("grant", "revoke", "grant"):
        server.api("POST", BASE + "consents", {"phone": "+14157000001", "action": action, "method": "paper", "evidence": "signed", "source": "shop"}, key)
    entries = pages(server, key, BASE + f"contacts/{id}/timeline", limit)
    assert [entry["type"] for entry in entries].count("created") == 1
    assert entries == server.api("GET", BASE + f"contacts/{id}/timeline?limit=500", key=key)[1]["data"]


def test_a_cursor_belongs_to_its_list_and_its_filters(server):
    key, other = server.provision("acme", NUMBER), server.provision("other", "+14155550101")
    server.import_csv("acme", key, people(5))
    server.import_csv("other", other, people(5))
    cursor = server.api("GET", BASE + "contacts?limit=2", key=key)[1]["next_cursor"]
    assert server.api("GET", BASE + f"contacts?limit=3&cursor={cursor}", key=key)[1]["next_cursor"] is None
    spoiled = [cursor[:-1], cursor + "A", cursor + "=", cursor.swapcase(), "0", "17", "x", "-1", "A" * 101, cursor[:-4] + "AAAA"[: 4 - (cursor[-4:] == "AAAA")]]
    wrong = [(BASE + f"contacts?tag=vip&cursor={cursor}", key), (BASE + f"audiences?cursor={cursor}", key), (BASE + f"conversations?cursor={cursor}", key),
             (BASE + f"events?cursor={cursor}", key), (f"/api/v1/tenants/other/contacts?cursor={cursor}", other)]
    for path, by in wrong + [(BASE + f"contacts?cursor={text}", key) for text in spoiled[:-1]]:
        status, answer = server.api("GET", path, key=by)
        assert status == 422 and answer["errors"][0]["field"] == "cursor", path


# Headers

def test_every_answer_of_ours_has_its_headers_and_a_strangers_name_learns_nothing(server):
    key = server.provision("acme", NUMBER)
    answers = [ask(server, method, path, by) for method, path, by in (
        ("GET", "/health", None), ("GET", "/nowhere", None), ("DELETE", "/health", None), ("GET", BASE + "contacts", None), ("GET", BASE + "contacts", key),
        ("GET", BASE + "contacts.csv", key), ("GET", BASE + "contacts/9", key), ("HEAD", BASE + "contacts", key), ("GET", BASE + "campaigns?limit=x", key), ("GET", "/api/v1/openapi.json", None))]
    for status, headers, _ in answers:
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer", (status, headers)
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'" and headers["x-request-id"]
        assert "strict-transport-security" not in headers and "access-control-allow-origin" not in headers
        assert headers["cache-control"] == "no-store" or (status, headers["cache-control"]) == (200, "public, max-age=300")
    assert len({headers["x-request-id"] for _, headers, _ in answers}) == len(answers)
    status, headers, text = ask(server, "GET", BASE + "contacts/9", key, X_Request_Id="my-own.id_7")
    assert headers["x-request-id"] == json.loads(text)["request_id"] == "my-own.id_7"
    assert ask(server, "GET", BASE + "contacts/9", key, X_Request_Id="two words")[1]["x-request-id"] != "two words"
    status, headers, text = ask(server, "GET", "/health", Host="stranger.example")
    assert status == 404 and text == b"" and not {"x-request-id", "ratelimit"} & set(headers)


def test_over_https_browsers_are_told_to_stay_there(servers):
    server, _ = servers()
    server.start(settings={"ROUNDHOUSE_PUBLIC_URL": "https://crm.example"})
    assert ask(server, "GET", "/health")[1]["strict-transport-security"] == "max-age=31536000"


# Other origins

def test_pages_of_other_origins_read_the_api_only_where_the_operator_says_so(servers):
    server, _ = servers()
    server.start(settings={"ROUNDHOUSE_CORS_ORIGINS": "https://app.example, http://localhost:3000"})
    key = server.provision("acme", NUMBER)
    wanted = {"Access_Control_Request_Method": "PATCH", "Access_Control_Request_Headers": "authorization, if-match"}
    status, headers, _ = ask(server, "OPTIONS", BASE + "contacts/1", None, None, Origin="https://app.example", **wanted)
    assert status == 204 and headers["access-control-allow-origin"] == "https://app.example" and "PATCH" in headers["access-control-allow-methods"]
    assert {"authorization", "if-match", "idempotency-key"} <= set(headers["access-control-allow-headers"].lower().split(", "))
    status, headers, _ = ask(server, "GET", BASE + "contacts", key, Origin="http://localhost:3000")
    assert status == 200 and headers["access-control-allow-origin"] == "http://localhost:3000" and "Origin" in headers["vary"] and "RateLimit" in headers["access-control-expose-headers"]
    # A refusal is read, too.
    assert ask(server, "GET", BASE + "contacts", Origin="http://localhost:3000")[1]["access-control-allow-origin"] == "http://localhost:3000"
    for origin in ("https://app.example.evil.test", "http://app.example", "https://app.example:8443", "null", "*", "https://APP.example"):
        for method, more in (("GET", {}), ("OPTIONS", wanted)):
            status, headers, _ = ask(server, method, BASE + "contacts/1", key if method == "GET" else None, None, Origin=origin, **more)
            assert "access-control-allow-origin" not in headers and status in (404, 405), (origin, method)
    for path in ("/health", "/webhooks/twilio/inbound"):
        assert "access-control-allow-origin" not in ask(server, "GET", path, Origin="https://app.example")[1]
    assert all("access-control-allow-credentials" not in answer for answer in (headers,))


# Heads that are none, and the end of the server

@pytest.mark.parametrize("head, status", [
    (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nBad Header: x\r\n\r\n", 400), (b"\x16\x03\x01\x02\x00\x01\x00\x01", 400), (b"GET / HTTP/9.9\r\n\r\n", 400),
    (b"POST /health HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: x\r\n\r\n", 400), (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: " + b"a" * 200_000 + b"\r\n\r\n", 431)])
def test_a_head_that_cannot_be_read_is_told_so_in_a_problem_document(server, head, status):
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as peer:
        try:
            peer.sendall(head)
        except OSError:
            pass
        got = b""
        try:
            while part := peer.recv(4096):
                got += part
        except ConnectionResetError:
            pass
    text, body = got.split(b"\r\n\r\n", 1)
    assert text.startswith(b"HTTP/1.1 %d " % status) and b"application/problem+json" in text.lower() and b"connection: close" in text.lower()
    assert json.loads(body)["status"] == status


def test_a_server_that_is_told_to_end_finishes_what_it_has_begun(servers):
    server, _ = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    rows = people(3_000).encode()
    peer = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    peer.sendall(f"POST {BASE}imports?mode=commit HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\nContent-Type: text/csv\r\nContent-Length: {len(rows)}\r\n\r\n".encode() + rows[:50_000])
    creating = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    body = json.dumps({"phone": "+14157999999"}).encode()
    creating.sendall(f"POST {BASE}contacts HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body[:5])
    wait_until(lambda: ask(server, "GET", "/health")[0] == 200)
    server.process.terminate()

    def closed():
        try:
            socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
        except OSError:
            return True

    wait_until(closed)
    creating.sendall(body[5:])
    assert b"HTTP/1.1 201 " in creating.recv(100)
    peer.sendall(rows[50_000:])
    assert b"HTTP/1.1 202 " in peer.recv(100)
    assert server.process.wait(30) == 0
    server.start()
    imported = lambda: server.api("GET", BASE + "imports", key=key)[1]["data"][0]
    wait_until(lambda: imported()["state"] == "completed")
    assert imported()["created"] == 3_000
    assert len(server.api("GET", BASE + "contacts?phone=%2B14157999999", key=key)[1]["data"]) == 1
