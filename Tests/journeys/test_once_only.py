"""The same request again, with the same `Idempotency-Key`: every POST that changes something gives its first answer and changes nothing."""
import json, os, re, socket, sqlite3

import pytest
from openapi import Document
from support import people, request, wait_until

NUMBER, BASE, ADMIN = "+14155550100", "/api/v1/tenants/acme/", "/api/v1/admin/"
# They change nothing that is lost or doubled by doing them again.
READING = {"post_campaigns_id_preview", "post_audiences_preview", "post_admin_backups_key_backup_verify"}
# What is one's own (sign-in, second factors, passkeys) takes the place of what was before, and is answered with cookies and secrets: nothing to keep.
OWN = "post_me_"


def document(server):
    return Document(json.loads(request(server.port, "GET", "/api/v1/openapi.json")[2]))


def ask(server, path, body, key, once, kind="application/json"):
    headers = {"Authorization": f"Bearer {key}", **({"Idempotency-Key": once} if once else {})}
    if body is not None:
        headers["Content-Type"] = kind
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
    status, headers, text = request(server.port, "POST", path, body, headers)
    return status, json.loads(text) if text else None, {name.lower(): value for name, value in headers.items()}


def held(server):
    """What people and programs have done, by the audit rows of both files; and how many there are of what they make. Workers leave it alone."""
    counts = {}
    for name, tables in (("control.sqlite", ("tenants", "link_hosts", "number_routes", "api_keys")),
                         ("tenants/acme/tenant.sqlite", ("contacts", "audiences", "campaigns", "import_batches", "conversations", "short_links", "canned_replies", "message_templates", "webhook_endpoints", "suppression_rules", "consents"))):
        file = sqlite3.connect(f"file:{server.data}/{name}?mode=ro", uri=True)
        counts |= {table: file.execute(f"SELECT count(*) FROM {table}").fetchone() for table in tables}
        counts[name] = file.execute("SELECT count(*) FROM audit_log WHERE actor LIKE 'key:%'").fetchone()
        file.close()
    return counts


def test_the_document_offers_the_key_at_every_post_that_changes_something(server):
    server.provision("acme", NUMBER)
    seen = set()
    for _, method, pattern, operation in document(server).operations:
        if method != "post" or "security" not in operation or operation["operationId"].startswith(OWN):
            continue
        seen.add(operation["operationId"])
        offers = any(parameter["name"] == "Idempotency-Key" for parameter in operation.get("parameters", []))
        assert offers == (operation["operationId"] not in READING), operation["operationId"]
    assert len(seen) > 35 and READING <= seen


@pytest.fixture
def filled(server):
    """A tenant with something of everything, so that most of what the document's examples ask for can be done."""
    key = server.provision("acme", NUMBER)
    platform = server.cli("key", "create", "--platform", "--name", "p")["key"]
    server.import_csv("acme", key, people(20))
    campaign = server.campaign("acme", key, NUMBER, "Hello", launch=False)
    ids = {"campaigns": int(campaign.rsplit("/", 1)[1])}
    ids["conversations"] = server.api("POST", BASE + "conversations", {"phone": "+14157000001", "number": NUMBER}, key)[1]["id"]
    ids["imports"] = server.api("GET", BASE + "imports", key=key)[1]["data"][0]["id"]
    ids["contacts"] = server.api("GET", BASE + "contacts?limit=1", key=key)[1]["data"][0]["id"]
    return server, key, platform, ids


EXAMPLES = {
    "post_contacts": {"phone": "+14157009999"}, "post_conversations": {"phone": "+14157000002", "number": NUMBER},
    "post_contacts_id_merge": {"other_id": 2}, "post_audiences": {"name": "All", "rule": {"tag": "vip"}},
    "post_campaigns": {"name": "a", "body": "Hi", "audience": {"all": True}, "numbers": [NUMBER], "purpose": "informational"},
    "post_conversations_id_messages": {"body": "Hello"}, "post_canned_replies": {"name": "Hours", "body": "We open at nine."}, "post_templates": {"name": "Visit", "body": "On Monday."},
    "post_suppression_rules": {"kind": "texted_within", "hours": 24}, "post_campaigns_id_test_sends": {"to": ["+14157000001"]},
    "post_bulk_changes": {"action": "tag", "tag": "vip", "audience": {"all": True}},
    "post_consents": {"phone": "+14157000003", "action": "grant", "method": "paper", "evidence": "signed", "source": "shop"},
    "post_admin_tenants": {"key": "third", "name": "Third", "owner_email": "o@third.test"},
    "post_admin_tenants_key_numbers": {"number": "+14155550177", "rate": 1},
    "post_api_keys": {"name": "Shop", "role": "viewer"}, "post_admin_api_keys": {"name": "Fleet", "role": "platform"},
    "post_links": {"target": "https://shop.test/x"},
}


def test_every_post_that_succeeds_is_carried_out_once(filled):
    server, key, platform, ids = filled
    server.cli("host", "add", "acme", "go.acme.test")
    made, refused = [], {}
    operations = [one for one in document(server).operations if one[1] == "post" and "security" in one[3] and one[3]["operationId"] not in READING and not one[3]["operationId"].startswith(OWN)]
    # What ends something comes last; a tenant that is paused answers nobody.
    last = ("launch", "campaigns_id_pause", "campaigns_id_resume", "campaigns_id_cancel", "merge", "erasure", "imports_id_undo", "imports_id_cancel", "key_suspend", "key_reinstate", "key_pause", "key_resume")
    operations.sort(key=lambda one: max((n for n, word in enumerate(last, 1) if word in one[3]["operationId"]), default=0))
    for number, (_, _, pattern, operation) in enumerate(operations):
        name = operation["operationId"]
        path = pattern.pattern.strip("^$").replace("\\", "").replace("tenants/[^/]+", "tenants/acme").replace("hosts/[^/]+", "hosts/go.acme.test")
        for thing, id in ids.items():
            path = path.replace(f"{thing}/[^/]+", f"{thing}/{id}")
        path = path.replace("[^/]+", "1")
        content = operation.get("requestBody", {}).get("content", {})
        body, kind = EXAMPLES.get(name, content.get("application/json", {}).get("example")), "application/json"
        if "text/csv" in content and "application/json" not in content:
            path, body, kind = path + "?mode=dry-run", people(3).encode(), "text/csv"
        if "application/json" in content and body is None:
            body = {}
        by = platform if "/admin/" in path else key
        status, first, headers = ask(server, path, body, by, f"once-{number}", kind)
        if status >= 300:
            refused[name] = (status, first)
            continue
        assert "idempotency-replayed" not in headers, name
        before = held(server)
        again = ask(server, path, body, by, f"once-{number}", kind)
        made.append(name)
        if again[0] == 409:
            assert "shown once" in again[1]["detail"], (name, again)
        else:
            assert again[:2] == (status, first) and again[2].get("idempotency-replayed") == "true", (name, again)
        # An import that is taken back goes on taking away.
        assert all(count <= before[thing] for thing, count in held(server).items()), (name, before, held(server))
        other = ask(server, path, {**(body or {}), "nobody_knows_this": 1} if kind == "application/json" else people(4).encode(), by, f"once-{number}", kind)
        assert other[0] in (409, 422), (name, other)
    print(len(made), "done;", refused)
    # What is shown once stands in no file.
    for name in ("control.sqlite", "tenants/acme/tenant.sqlite"):
        file = sqlite3.connect(f"file:{server.data}/{name}?mode=ro", uri=True)
        kept = [text for (text,) in file.execute("SELECT answer FROM idempotency_keys")]
        assert kept and [text for text in kept if re.search(r"rh_[0-9a-f]+_[0-9a-f]{32}|whsec_|token=", text)] == []
        file.close()
    assert len(made) >= 25, refused


def test_a_refusal_is_not_kept_and_a_secret_is_not_shown_again(server):
    key = server.provision("acme", NUMBER)
    taken = {"name": "Hours", "body": "We open at nine."}
    assert ask(server, BASE + "canned-replies", taken, key, None)[0] == 201
    assert ask(server, BASE + "canned-replies", taken, key, "r")[0] == 409
    [one] = server.api("GET", BASE + "canned-replies", key=key)[1]["data"]
    assert server.api("DELETE", BASE + f"canned-replies/{one['id']}", key=key)[0] == 204
    assert ask(server, BASE + "canned-replies", taken, key, "r")[0] == 201
    wanted = {"url": "https://example.com/hook", "events": "all"}
    status, made, _ = ask(server, BASE + "webhook-endpoints", wanted, key, "s")
    assert status == 201 and made["secret"]
    status, answer, _ = ask(server, BASE + "webhook-endpoints", wanted, key, "s")
    assert status == 409 and f"it made {made['id']}." in answer["detail"] and made["secret"] not in json.dumps(answer)
    file = sqlite3.connect(f"file:{server.data}/tenants/acme/tenant.sqlite?mode=ro", uri=True)
    assert all(made["secret"] not in answer for (answer,) in file.execute("SELECT answer FROM idempotency_keys"))


def test_an_upload_is_known_by_its_digest_and_its_query(server):
    key = server.provision("acme", NUMBER)
    rows = people(2_000).encode()
    first = ask(server, BASE + "imports?mode=commit", rows, key, "u", "text/csv")
    assert first[0] == 202
    again = ask(server, BASE + "imports?mode=commit", rows, key, "u", "text/csv")
    assert again[:2] == first[:2] and again[2]["idempotency-replayed"] == "true"
    for path, body in (("imports?mode=commit", rows + b"x"), ("imports?mode=dry-run", rows)):
        status, answer, _ = ask(server, BASE + path, body, key, "u", "text/csv")
        assert status == 422 and answer["errors"][0]["field"] == "Idempotency-Key"
    assert len(server.api("GET", BASE + "imports", key=key)[1]["data"]) == 1


def test_the_same_key_while_the_first_is_being_carried_out_is_a_conflict(server):
    key = server.provision("acme", NUMBER)
    rows = people(500).encode()
    peer = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    peer.sendall(f"POST {BASE}imports?mode=commit HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\nContent-Type: text/csv\r\nIdempotency-Key: slow\r\nContent-Length: {len(rows)}\r\n\r\n".encode() + rows[:100])
    wait_until(lambda: any(name.endswith(".csv") for _, _, names in os.walk(server.data) for name in names))
    status, answer, _ = ask(server, BASE + "imports?mode=commit", rows, key, "slow", "text/csv")
    assert status == 409 and "being carried out" in answer["detail"]
    peer.sendall(rows[100:])
    assert b" 202 " in peer.recv(100)
    peer.close()
    status, _, headers = wait_until(lambda: (again := ask(server, BASE + "imports?mode=commit", rows, key, "slow", "text/csv"))[0] != 409 and again)
    assert status == 202 and headers["idempotency-replayed"] == "true"


def test_an_answer_outlives_the_server_and_belongs_to_who_asked(server):
    key = server.provision("acme", NUMBER)
    another = server.cli("key", "create", "acme", "--role", "owner", "--name", "b")["key"]
    contact = {"phone": "+14157000001"}
    first = ask(server, BASE + "contacts", contact, key, "k")
    assert first[0] == 201
    server.kill()
    server.start()
    assert ask(server, BASE + "contacts", contact, key, "k")[:2] == first[:2]
    assert ask(server, BASE + "contacts", contact, another, "k")[0] == 409


def test_a_revocation_is_heard_again_once_its_key_is_new(servers):
    server, _ = servers()
    server.start()
    key, once = server.provision("acme", NUMBER), {"Idempotency-Key": "nightly-1"}
    said = {"phone": "+14157000001", "action": "revoke"}
    assert server.api("POST", BASE + "consents", said, key, once)[0] == 201
    assert server.api("POST", BASE + "consents", said, key, once)[0] == 201
    back = {"phone": "+14157000001", "action": "grant", "evidence": "came back", "source": "shop"}
    assert server.api("POST", BASE + "consents", back, key)[0] == 201
    out = lambda: [row["phone"] for row in server.api("GET", BASE + "do-not-contact", key=key)[1]["data"]]
    assert out() == []
    server.stop()
    server.start(ahead="+1442m")
    status, statement = server.api("POST", BASE + "consents", said, key, once)
    assert status == 201 and statement["action"] == "revoke" and out() == ["+14157000001"]


def test_what_was_said_of_somebody_erased_is_forgotten_and_still_not_done_again(servers):
    server, provider = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    made = {"phone": "+14157000001"}
    assert ask(server, BASE + "contacts", made, key, "make")[0] == 201
    assert ask(server, BASE + "contacts", {"phone": "+14157000002"}, key, "other")[0] == 201
    path = server.campaign("acme", key, NUMBER, "Hello", launch=False)
    both = {"to": ["+14157000001", "+14157000002"]}
    assert ask(server, path + "/test-sends", both, key, "test")[0] in (201, 202)
    wait_until(lambda: len(provider.ledger("created")) == 2)
    contact = server.api("GET", BASE + "contacts?phone=%2B14157000001", key=key)[1]["data"][0]["id"]
    assert server.api("POST", f"{BASE}contacts/{contact}/erasure", {}, key)[0] == 200
    kept = lambda: sqlite3.connect(f"file:{server.data}/tenants/acme/tenant.sqlite?mode=ro", uri=True).execute("SELECT count(*) FROM idempotency_keys WHERE answer LIKE '%4157000001%'").fetchone()[0]
    wait_until(lambda: kept() == 0)
    # Neither is the person made anew, nor the other texted again.
    for where, body, once in ((BASE + "contacts", made, "make"), (path + "/test-sends", both, "test")):
        status, answer, _ = ask(server, where, body, key, once)
        assert status == 409 and "was carried out" in answer["detail"], answer
    assert ask(server, BASE + "contacts", {"phone": "+14157000002"}, key, "other")[0] == 201
    assert len(server.api("GET", BASE + "contacts", key=key)[1]["data"]) == 1 and len(provider.ledger("created")) == 2
