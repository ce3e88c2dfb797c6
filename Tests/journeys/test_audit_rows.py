"""Nothing is changed without a trace: every changing address of the document is asked once with success, and its request id is found in an
audit log, with who asked."""
import json, re

from openapi import Document
from support import request, wait_until

T = "/api/v1/tenants/acme/"
A = "/api/v1/admin/"

# Asked with success in journeys of their own, which need a provider's failure, a name server or a receiver of webhooks. Their verbs leave rows by
# the same transaction, which refuses in tests to change anything without one.
ELSEWHERE = {
    "post_campaigns_id_resend", "post_hosts_host_verify", "patch_hosts_host", "post_opt_out_reviews_id_decision",
    "post_webhook_endpoints_id_deliveries_delivery_redeliver", "post_webhook_endpoints_id_test", "delete_contacts_id_invalid_number",
    "post_imports_id_cancel",
    # test_users
    "post_users", "patch_users_id", "delete_users_id", "post_users_id_resend", "post_users_id_suspend", "post_users_id_reinstate", "post_ownership",
    "post_support_grants", "delete_support_grants_id", "post_admin_users", "patch_admin_users_id", "post_admin_users_id_suspend",
    "post_admin_users_id_reinstate", "post_admin_users_id_sign_out", "post_admin_users_id_remove_second_factor",
}
# Questions that are too long for an address.
QUESTIONS = {"post_audiences_preview", "post_campaigns_id_preview"}


def test_every_change_leaves_its_row(server):
    owner = server.provision("acme", "+14155550100", host="go.acme.test")
    platform = server.cli("key", "create", "--platform", "--name", "p")["key"]
    other = server.provision("other", "+14155550199")
    document = Document(json.loads(request(server.port, "GET", "/api/v1/openapi.json")[2]))
    done = {}

    def do(method, path, body=None, by=owner, headers=None):
        text = body if isinstance(body, (bytes, type(None))) else json.dumps(body)
        kind = {"Content-Type": "text/csv" if isinstance(body, bytes) else "application/json"} if body is not None else {}
        identity = f"walk-{len(done)}"
        status, got, answer = request(server.port, method, path, text, {"Authorization": f"Bearer {by}", "X-Request-Id": identity, **kind, **(headers or {})})
        assert status in (200, 201, 202, 204), (method, path, status, answer)
        done[identity] = (document.find(method, path)["operationId"], by)
        return json.loads(answer) if answer else None

    t = lambda method, path, body=None, **more: do(method, T + path, body, **more)
    a = lambda method, path, body=None, **more: do(method, A + path, body, by=platform, **more)

    def imported(batch):
        return wait_until(lambda: (b := server.api("GET", f"{T}imports/{batch['id']}", key=owner)[1])["state"] in ("completed", "failed") and b)

    # People.
    ada = t("POST", "contacts", {"phone": "+14157000001", "first_name": "Ada"})["id"]
    ben = t("POST", "contacts", {"phone": "+14157000002", "first_name": "Ben"})["id"]
    eve = t("POST", "contacts", {"phone": "+14157000003"})["id"]
    dan = t("POST", "contacts", {"phone": "+14157000004"})["id"]
    t("PATCH", f"contacts/{ada}", {"first_name": "Adah"})
    t("POST", f"contacts/{ada}/merge", {"other_id": ben})
    t("POST", f"contacts/{eve}/erasure", {"reason": "asked"})
    t("DELETE", f"contacts/{dan}")
    t("POST", "contact-fields", {"name": "shoe", "type": "number"})
    t("POST", "do-not-contact", {"phone": "+14157000008"})
    t("POST", "do-not-contact", {"phones": ["+14157000009", "+14157000010"]})
    t("POST", "consents", {"phone": "+14157000001", "action": "grant", "evidence": "signed", "source": "shop"})
    dry = t("POST", "imports?mode=dry-run", b"First Name,Mobile\nZoe,+14157000020\n")
    imported(dry)
    t("POST", f"imports/{dry['id']}/columns", {"on_conflict": "fill"})
    imported(dry)
    commit = t("POST", f"imports/{dry['id']}/commit")
    imported(commit)
    t("POST", f"imports/{commit['id']}/undo")
    audience = t("POST", "audiences", {"name": "All", "rule": {"field": "first_name", "is": "Adah"}})["id"]
    t("PATCH", f"audiences/{audience}", {"name": "Everybody"})
    t("DELETE", f"audiences/{audience}")
    t("POST", "bulk-changes", {"action": "tag", "tag": "vip", "audience": {"all": True}})
    rule = t("POST", "suppression-rules", {"kind": "texted_within", "hours": 24})["id"]
    t("DELETE", f"suppression-rules/{rule}")
    # Texts.
    def campaign(**more):
        return t("POST", "campaigns", {"name": "w", "body": "Hello", "audience": {"all": True}, "numbers": ["+14155550100"], "purpose": "informational", **more})["id"]
    # It runs and texts nobody meanwhile.
    t("PUT", "kill-switch", {"on": True, "reason": "stop"})
    first = campaign()
    t("PATCH", f"campaigns/{first}", {"budget_micros": 5_000_000})
    t("DELETE", f"campaigns/{t('POST', f'campaigns/{first}/duplicate')['id']}")
    later = campaign(send_at="2099-01-01T00:00:00Z")
    t("POST", f"campaigns/{later}/launch")
    t("POST", f"campaigns/{later}/unschedule")
    t("POST", f"campaigns/{first}/test-sends", {"to": ["+14157000001"]})
    t("POST", f"campaigns/{first}/launch")
    wait_until(lambda: server.api("GET", f"{T}campaigns/{first}", key=owner)[1]["state"] == "running")
    t("POST", f"campaigns/{first}/pause", {"reason": "look"})
    t("POST", f"campaigns/{first}/resume")
    t("POST", f"campaigns/{first}/cancel")
    conversation = t("POST", "conversations", {"phone": "+14157000001", "number": "+14155550100"})["id"]
    t("PATCH", f"conversations/{conversation}", {"assignee": "ada"})
    t("POST", f"conversations/{conversation}/messages", {"body": "Hi"})
    reply = t("POST", "canned-replies", {"name": "Hours", "body": "Nine."})["id"]
    t("PATCH", f"canned-replies/{reply}", {"body": "Ten."})
    t("DELETE", f"canned-replies/{reply}")
    template = t("POST", "templates", {"name": "Visit", "body": "On Monday."})["id"]
    t("PATCH", f"templates/{template}", {"body": "On Tuesday."})
    t("DELETE", f"templates/{template}")
    t("PUT", "budget", {"daily_micros": 5_000_000})
    t("PUT", "kill-switch", {"on": False})
    t("PATCH", "numbers/+14155550100", {"paused": True})
    t("PATCH", "numbers/+14155550100", {"paused": False})
    t("PATCH", "settings", {"plain_characters": True})
    link = t("POST", "links", {"target": "https://shop.example/"})["id"]
    t("PATCH", f"links/{link}", {"target": "https://shop.example/two"})
    t("DELETE", f"links/{link}")
    t("POST", "links/rejudge", {})
    hook = t("POST", "webhook-endpoints", {"url": "https://hooks.example/"})["id"]
    t("PATCH", f"webhook-endpoints/{hook}", {"description": "d"})
    t("POST", f"webhook-endpoints/{hook}/rotate-secret")
    t("DELETE", f"webhook-endpoints/{hook}")
    # The account.
    t("POST", "hosts", {"host": "more.acme.test"})
    t("DELETE", "hosts/more.acme.test")
    key = t("POST", "api-keys", {"name": "k", "role": "viewer"})["id"]
    turned = t("POST", f"api-keys/{key}/rotate", {"overlap_hours": 1})["id"]
    t("DELETE", f"api-keys/{turned}")
    t("PATCH", "account", {"name": "Acme Two"})
    account = {"account_sid": "AC" + "a" * 32, "auth_token": "second"}
    t("PUT", "twilio-account", account)
    t("PUT", "twilio-account", {**account, "auth_token": "third"})
    t("DELETE", "twilio-account/former-token")
    t("POST", "delete", {"confirm": "acme"})
    t("POST", "keep")
    # The platform.
    a("POST", "tenants", {"key": "third", "name": "T", "owner_email": "o@third.test"})
    a("PATCH", "tenants/third", {"name": "Third"})
    for what in ("pause", "resume", "suspend", "reinstate", "archive", "unarchive"):
        a("POST", f"tenants/third/{what}")
    a("POST", "tenants/third/delete", {"confirm": "third"})
    a("POST", "tenants/third/keep")
    a("POST", "tenants/third/unfence")
    a("POST", "tenants/third/numbers", {"number": "+14155550111"})
    a("POST", "tenants/third/numbers/+14155550111/move", {"to": "other"})
    a("DELETE", "tenants/other/numbers/+14155550111")
    a("POST", "tenants/third/hosts", {"host": "go.third.test"})
    a("DELETE", "tenants/third/hosts/go.third.test")
    a("POST", "tenants/third/link-keys")
    a("PUT", "tenants/third/quotas", {"contacts": 10})
    a("PUT", "tenants/third/twilio-account", account)
    a("PUT", "tenants/third/twilio-account", {**account, "auth_token": "third"})
    a("DELETE", "tenants/third/twilio-account/former-token")
    a("PUT", "brands/agency", {"daily_cap": 2000})
    copy = a("POST", "backups", {"tenant": "other"})
    a("POST", f"backups/other/{copy['name']}/verify")
    a("PUT", "kill-switch", {"on": True, "reason": "stop"})
    a("PUT", "kill-switch", {"on": False})
    mine = a("POST", "api-keys", {"name": "n", "role": "platform"})["id"]
    next_one = a("POST", f"api-keys/{mine}/rotate", {"overlap_hours": 0})["id"]
    a("DELETE", f"api-keys/{next_one}")
    a("DELETE", f"tenants/acme/api-keys/{key}")

    rows = {}
    for path, by in ((T, owner), (A, platform)):
        cursor = ""
        while cursor is not None:
            page = server.api("GET", f"{path}audit-log?limit=500" + (f"&cursor={cursor}" if cursor else ""), key=by)[1]
            cursor = page["next_cursor"]
            for row in page["data"]:
                rows.setdefault(row["request_id"], []).append(row)
    without = [operation for identity, (operation, _) in done.items() if identity not in rows]
    assert without == []
    for identity, (operation, by) in done.items():
        actor = "key:" + "_".join(by.split("_")[:2])
        assert {row["actor"] for row in rows[identity]} == {actor}, (operation, rows[identity])
    # No number of a person, and no generic row of a verb that had forgotten its own.
    people = [row for row in sum(rows.values(), []) if re.search(r"1415700\d{4}", json.dumps(row)) or row["action"] == "change"]
    assert people == []
    changing = {o["operationId"] for _, method, pattern, o in document.operations if method != "get" and ("/tenants/" in pattern.pattern or "/admin/" in pattern.pattern)}
    assert changing - {operation for operation, _ in done.values()} - QUESTIONS == ELSEWHERE
