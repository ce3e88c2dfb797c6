"""API keys and the audit logs, from outside: what a key may do, how long, and who finds which trace of it."""
import json, os, pathlib, pwd, sqlite3, subprocess

from support import BIN, request, wait_until

T = "/api/v1/tenants/acme"


def bearer(server, path, key):
    return server.api("GET", path, key=key)[0]


def test_a_key_does_what_was_chosen_for_it_and_ends_at_once_when_it_is_revoked(server):
    owner = server.provision("acme", "+14155550100")
    other = server.provision("other", "+14155550101")
    status, made = server.api("POST", T + "/api-keys", {"name": "Shop", "permissions": ["read_contacts", "edit_contacts"]}, owner)
    assert status == 201 and made["permissions"] == ["edit_contacts", "read_contacts"] and made["role"] is None
    key = made["key"]
    assert server.api("POST", T + "/contacts", {"phone": "+14157000001"}, key)[0] == 201
    assert bearer(server, T + "/campaigns", key) == 403 and bearer(server, T + "/api-keys", key) == 403
    used = wait_until(lambda: (k := server.api("GET", f"{T}/api-keys/{made['id']}", key=owner)[1])["last_used_at"] and k)
    assert used["last_used_address"] == "127.0.0.1" and "key" not in used and "hash" not in used
    for path, by in ((f"/api/v1/tenants/other/api-keys/{made['id']}", other), (f"/api/v1/tenants/acme/api-keys/{made['id']}", other)):
        assert server.api("GET", path, key=by)[0] == 404 and server.api("DELETE", path, key=by)[0] == 404
    assert bearer(server, T + "/contacts", key) == 200
    assert server.api("DELETE", f"{T}/api-keys/{made['id']}", key=owner)[0] == 204
    assert bearer(server, T + "/contacts", key) == 401
    assert server.api("GET", f"{T}/api-keys/{made['id']}", key=owner)[1]["state"] == "revoked"


def test_an_answer_that_holds_what_another_scope_is_for_needs_both(server):
    owner, other = server.provision("acme", "+14155550100"), server.provision("other", "+14155550101")
    contact = server.api("POST", T + "/contacts", {"phone": "+14157000001", "first_name": "Ann", "notes": "likes kohlrabi"}, owner)[1]["id"]
    talk = server.api("POST", T + "/conversations", {"phone": "+14157000001", "number": "+14155550100"}, owner)[1]["id"]
    path = server.campaign("acme", owner, "+14155550100", "Hello", launch=False)
    batch = server.import_csv("acme", owner, "First Name,Mobile\nBob,+14157000002\nEve,12\n")
    hook = server.api("POST", T + "/webhook-endpoints", {"url": "https://example.com/x"}, owner)[1]["id"]
    asked = {
        f"/contacts/{contact}/record": ("read_contacts", "read_messages"), f"/webhook-endpoints/{hook}/deliveries": ("read_settings", "read_messages"),
        f"{path[len(T):]}/recipients": ("read_campaigns", "read_contacts"), f"/imports/{batch['id']}/rejected.csv": ("read_imports", "read_contacts")}
    document = server.api("GET", "/api/v1/openapi.json")[1]["paths"]
    for below, both in asked.items():
        for scopes, answer in (([both[0]], 403), ([both[1]], 403), (list(both), 200)):
            key = server.api("POST", T + "/api-keys", {"name": "some", "permissions": scopes}, owner)[1]["key"]
            assert bearer(server, T + below, key) == answer, (below, scopes)
        assert bearer(server, T + below, other) == 404, below
    said = [operation["get"]["description"] for name, operation in document.items() if name.endswith("/record")]
    assert said == ["Needs the permissions `read_contacts` and `read_messages`."]
    for scopes, whom in ((["read_messages"], None), (["read_messages", "read_contacts"], "likes kohlrabi")):
        key = server.api("POST", T + "/api-keys", {"name": "some", "permissions": scopes}, owner)[1]["key"]
        shown = server.api("GET", f"{T}/conversations/{talk}", key=key)[1]["contact"]
        assert (shown and shown["notes"]) == whom


def test_a_key_makes_none_that_does_more_than_itself(server):
    owner = server.provision("acme", "+14155550100")
    small = server.api("POST", T + "/api-keys", {"name": "small", "permissions": ["edit_api_keys", "read_api_keys"]}, owner)[1]
    for body, field in (({"role": "owner"}, "role"), ({"permissions": ["read_contacts"]}, "permissions"), ({"role": "platform"}, "role"),
                        ({"permissions": ["edit_tenants"]}, "permissions"), ({"permissions": []}, "permissions"), ({}, "role"),
                        ({"role": "viewer", "permissions": ["read_contacts"]}, "role"), ({"role": "viewer", "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
                        ({"role": "viewer", "expires_at": "2046-01-01T00:00:00Z"}, "expires_at")):
        by = owner if "expires_at" in body else small["key"]
        status, answer = server.api("POST", T + "/api-keys", {"name": "more", **body}, by)
        assert status == 422 and field in {error["field"] for error in answer["errors"]}, (body, answer)
    # Nor the successor of one that does.
    strong = server.api("POST", T + "/api-keys", {"name": "strong", "role": "owner"}, owner)[1]
    assert server.api("POST", f"{T}/api-keys/{strong['id']}/rotate", {"overlap_hours": 1}, small["key"])[0] == 422
    assert [k["name"] for k in server.api("GET", T + "/api-keys", key=owner)[1]["data"]] == ["strong", "small", "journey"]


def test_a_rotation_overlaps_and_the_lists_page_through(server):
    owner = server.provision("acme", "+14155550100")
    made = server.api("POST", T + "/api-keys", {"name": "Shop", "role": "viewer"}, owner)[1]
    status, next_one = server.api("POST", f"{T}/api-keys/{made['id']}/rotate", {"overlap_hours": 1}, owner)
    assert status == 201 and next_one["successor_of"] == made["id"] and next_one["role"] == "viewer"
    assert bearer(server, T + "/contacts", made["key"]) == 200 and bearer(server, T + "/contacts", next_one["key"]) == 200
    last = server.api("POST", f"{T}/api-keys/{next_one['id']}/rotate", {"overlap_hours": 0}, owner)[1]
    assert bearer(server, T + "/contacts", next_one["key"]) == 401 and bearer(server, T + "/contacts", last["key"]) == 200
    assert server.api("POST", f"{T}/api-keys/{next_one['id']}/rotate", {"overlap_hours": 0}, owner)[0] == 409
    seen, cursor = [], ""
    while cursor is not None:
        page = server.api("GET", f"{T}/api-keys?limit=1" + (f"&cursor={cursor}" if cursor else ""), key=owner)[1]
        seen, cursor = seen + [k["id"] for k in page["data"]], page["next_cursor"]
    assert len(seen) == len(set(seen)) == 4
    assert server.api("GET", T + "/api-keys?cursor=x", key=owner)[0] == 422


def test_the_command_line_and_the_admin_make_list_rotate_and_revoke(server):
    server.provision("acme", "+14155550100")
    platform = server.cli("key", "create", "--platform", "--name", "p")["key"]
    made = server.cli("key", "create", "acme", "--permissions", "read_contacts,read_campaigns", "--expires", "2027-11-01", "--name", "till")
    assert bearer(server, T + "/contacts", made["key"]) == 200 and bearer(server, T + "/settings", made["key"]) == 403
    assert made["expires_at"] == "2027-11-01T00:00:00.000Z"
    turned = server.cli("key", "rotate", made["id"], "--overlap-hours", "0")
    assert bearer(server, T + "/contacts", made["key"]) == 401 and bearer(server, T + "/contacts", turned["key"]) == 200
    assert server.cli("key", "revoke", turned["id"])["state"] == "revoked"
    assert bearer(server, T + "/contacts", turned["key"]) == 401
    assert {k["state"] for k in server.cli("key", "list", "acme")} == {"active", "revoked"}
    assert [k["name"] for k in server.cli("key", "list", "--platform")] == ["p"]
    server.cli("key", "create", "acme", "--permissions", "read_everything", "--name", "x", fails=True)
    server.cli("key", "create", "acme", "--role", "viewer", "--expires", "2020-01-01", "--name", "x", fails=True)
    listed = server.api("GET", "/api/v1/admin/tenants/acme/api-keys", key=platform)[1]["data"]
    journey = next(k for k in listed if k["name"] == "journey")
    assert server.api("DELETE", f"/api/v1/admin/tenants/acme/api-keys/{journey['id']}", key=platform)[0] == 204
    status, own = server.api("POST", "/api/v1/admin/api-keys", {"name": "reader", "permissions": ["read_tenants"]}, platform)
    assert status == 201 and bearer(server, "/api/v1/admin/tenants", own["key"]) == 200
    assert server.api("POST", "/api/v1/admin/tenants/acme/pause", {}, own["key"])[0] == 403
    rotated = server.api("POST", f"/api/v1/admin/api-keys/{own['id']}/rotate", {"overlap_hours": 0}, platform)[1]
    assert server.api("GET", f"/api/v1/admin/api-keys/{rotated['id']}", key=platform)[1]["state"] == "active"
    assert server.api("GET", f"/api/v1/admin/api-keys/{journey['id']}", key=platform)[0] == 404
    assert server.api("DELETE", f"/api/v1/admin/api-keys/{rotated['id']}", key=platform)[0] == 204
    assert bearer(server, "/api/v1/admin/tenants", rotated["key"]) == 401


def test_no_file_and_no_log_holds_a_keys_secret(server):
    owner = server.provision("acme", "+14155550100")
    made = server.api("POST", T + "/api-keys", {"name": "Shop", "role": "viewer"}, owner)[1]
    turned = server.api("POST", f"{T}/api-keys/{made['id']}/rotate", {"overlap_hours": 3}, owner)[1]
    listed = server.cli("key", "create", "acme", "--role", "viewer", "--name", "cli")
    for key in (made["key"], turned["key"], listed["key"]):
        assert bearer(server, T + "/contacts", key) == 200
        assert request(server.port, "GET", f"{T}/contacts?key={key}")[0] == 401
    logs = server.api("GET", T + "/audit-log?limit=500", key=owner)[1]
    server.stop()
    files = [p for p in pathlib.Path(server.data).parent.rglob("*") if p.is_file()]
    assert any(p.name == "server.log" for p in files) and any(p.name == "control.sqlite" for p in files)
    for key in (owner, made["key"], turned["key"], listed["key"]):
        secret = key.split("_")[2]
        assert secret not in json.dumps(logs)
        assert [str(p) for p in files if secret.encode() in p.read_bytes()] == []


def test_the_audit_log_says_who_what_where_from_and_by_which_request(server):
    owner = server.provision("acme", "+14155550100")
    platform = server.cli("key", "create", "--platform", "--name", "p")["key"]
    server.provision("other", "+14155550101")
    status, headers, _ = request(server.port, "PATCH", T + "/settings", json.dumps({"plain_characters": True}),
                                 {"Authorization": f"Bearer {owner}", "Content-Type": "application/json", "X-Request-Id": "my-own-id"})
    assert status == 200
    server.cli("host", "add", "acme", "go.acme.test")
    made = server.api("POST", T + "/api-keys", {"name": "=1+1", "role": "viewer"}, owner)[1]
    rows = server.api("GET", T + "/audit-log", key=owner)[1]["data"]
    by = {row["action"]: row for row in reversed(rows)}  # the newest of each
    edit = by["settings.edit"]
    assert edit["actor"].startswith("key:rh_") and edit["request_id"] == "my-own-id" and edit["address"] == "127.0.0.1" and edit["source"] == "tenant"
    assert json.loads(edit["before"])["plain_characters"] is False and json.loads(edit["after"])["plain_characters"] is True
    assert by["host.vouch"]["actor"] == "command:" + pwd.getpwuid(os.geteuid()).pw_name and by["host.vouch"]["source"] == "platform"
    assert by["api_key.create"]["subject"] == "api_key:rh_" + made["id"]
    assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True)
    assert not any("other" in json.dumps(row) for row in rows)
    seen, cursor = [], ""
    while cursor is not None:
        page = server.api("GET", f"{T}/audit-log?limit=2" + (f"&cursor={cursor}" if cursor else ""), key=owner)[1]
        seen, cursor = seen + page["data"], page["next_cursor"]
    assert seen == rows
    for query, action in (("action=settings.edit", {"settings.edit"}), (f"subject=api_key:rh_{made['id']}", {"api_key.create"}), (f"actor={edit['actor']}&action=settings.edit", {"settings.edit"})):
        assert {row["action"] for row in server.api("GET", f"{T}/audit-log?{query}", key=owner)[1]["data"]} == action, query
    assert server.api("GET", T + "/audit-log?since=2049-01-01T00:00:00Z", key=owner)[1]["data"] == []
    assert server.api("GET", T + "/audit-log?until=2020-01-01T00:00:00Z", key=owner)[1]["data"] == []
    assert server.api("GET", T + "/audit-log?since=yesterday", key=owner)[0] == 422 and server.api("GET", T + "/audit-log?cursor=9", key=owner)[0] == 422
    # A cursor belongs to its list and its filters: not to another filter, another tenant, or nobody's.
    cursor = server.api("GET", T + "/audit-log?limit=2", key=owner)[1]["next_cursor"]
    other = server.cli("key", "create", "other", "--role", "owner", "--name", "o")["key"]
    for path, key in ((f"{T}/audit-log?limit=2&action=campaign.create&cursor={cursor}", owner), (f"/api/v1/tenants/other/audit-log?limit=2&cursor={cursor}", other), (f"{T}/audit-log?cursor=116-0", owner)):
        assert server.api("GET", path, key=key)[0] == 422, path
    assert server.api("GET", f"{T}/audit-log?limit=1&cursor={cursor}", key=owner)[0] == 200
    text = server.api("GET", T + "/audit-log.csv", key=owner)[1]
    assert text.startswith("at,actor,action,subject,before,after,address,request_id,source\r\n") and len(text.strip().split("\r\n")) >= len(rows) + 1
    everything = server.api("GET", "/api/v1/admin/audit-log?limit=500", key=platform)[1]["data"]
    assert {"other", "acme"} <= {row["subject"] for row in everything} and "settings.edit" not in {row["action"] for row in everything}
    assert "tenant.create" in server.api("GET", "/api/v1/admin/audit-log.csv?action=tenant.create", key=platform)[1]
    # A suspended tenant reads its log.
    server.cli("tenant", "suspend", "acme")
    assert server.api("GET", T + "/audit-log?action=tenant.suspend", key=owner)[1]["data"][0]["after"] == "suspended by an operator"


def test_verify_finds_what_was_changed_cut_off_or_put_between_and_nothing_else(server):
    owner = server.provision("acme", "+14155550100")
    server.provision("other", "+14155550101")
    for flag in (True, False, True):
        assert server.api("PATCH", T + "/settings", {"plain_characters": flag}, owner)[0] == 200
    assert server.cli("audit", "verify")["whole"] is True
    server.stop()
    assert [log["tenant"] for log in server.cli("audit", "verify")["logs"]] == [None, "acme", "other"]
    for path, name, sql in (
            (f"{server.data}/tenants/acme/tenant.sqlite", "acme", "UPDATE audit_log SET actor = 'somebody' WHERE id = 2"),
            (f"{server.data}/control.sqlite", "--platform", "DELETE FROM audit_log WHERE id = 2")):
        file = sqlite3.connect(path)
        try:
            file.execute(sql)
            raise AssertionError("the file lets its log be changed")
        except sqlite3.IntegrityError as error:
            assert "append-only" in str(error)
        triggers = file.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'audit%'").fetchall()
        for trigger, _ in triggers:
            file.execute(f"DROP TRIGGER {trigger}")
        file.execute(sql)
        file.commit()
        file.close()
        done = subprocess.run([f"{BIN}/roundhouse", "audit", "verify", name, "--json"], env=server.environment, capture_output=True, text=True)
        assert done.returncode == 1
        assert json.loads(done.stdout)["logs"][0]["wrong"]["row"] == (2 if name == "acme" else 3)
    assert server.cli("audit", "verify", "other")["whole"] is True
