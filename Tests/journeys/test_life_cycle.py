"""A tenant from its making to its end: templates, names, archives, quotas, provider accounts, and what is left of one that was deleted."""
import concurrent.futures, json, pathlib, sqlite3, time

from support import ACCOUNT, TOKEN, post_signed, wait_until

T = "/api/v1/tenants/acme"
A = "/api/v1/admin/tenants/acme"
OTHER_ACCOUNT = "AC" + "b" * 32


def admin(server):
    return server.cli("key", "create", "--platform", "--name", "p")["key"]


def test_a_tenant_begins_with_the_settings_it_is_given_checked_as_its_own(server, tmp_path):
    platform = admin(server)
    body = {"key": "acme", "name": "Acme", "owner_email": "o@acme.test"}
    for settings, field in (({"audit_days": 3}, "settings.audit_days"), ({"nothing": 1}, "settings.nothing"), ({"prices": 7}, "settings.prices")):
        status, answer = server.api("POST", "/api/v1/admin/tenants", {**body, "settings": settings}, platform)
        assert status == 422 and {e["field"] for e in answer["errors"]} == {field}, answer
    assert server.api("GET", A, key=platform)[0] == 404
    assert server.api("POST", "/api/v1/admin/tenants", {**body, "settings": {"require_consent": True, "audit_days": 90}}, platform)[0] == 201
    key = server.cli("key", "create", "acme", "--role", "owner", "--name", "k")["key"]
    settings = server.api("GET", T + "/settings", key=key)[1]
    assert settings["require_consent"] is True and settings["audit_days"] == 90 and settings["link_hit_days"] == 400
    template = tmp_path / "template.json"
    template.write_text('{"plain_characters": true}')
    server.cli("tenant", "create", "other", "--name", "O", "--owner-email", "o@o.test", "--settings", str(template))
    other = server.cli("key", "create", "other", "--role", "owner", "--name", "k")["key"]
    assert server.api("GET", "/api/v1/tenants/other/settings", key=other)[1]["plain_characters"] is True
    template.write_text('{"audit_days": 1}')
    server.cli("tenant", "create", "third", "--name", "O", "--owner-email", "o@o.test", "--settings", str(template), fails=True)


def test_a_tenant_is_renamed_by_its_operator_and_by_itself(server):
    owner, platform = server.provision("acme", "+14155550100"), admin(server)
    assert server.api("PATCH", A, {"name": "Acme Two"}, platform)[1]["name"] == "Acme Two"
    assert server.api("PATCH", T + "/account", {"name": "Acme Three"}, owner)[1]["name"] == "Acme Three"
    assert server.cli("tenant", "rename", "acme", "--name", "Acme Four")["name"] == "Acme Four"
    assert server.api("GET", T + "/account", key=owner)[1]["name"] == "Acme Four"
    row = server.api("GET", T + "/audit-log?action=tenant.rename", key=owner)[1]["data"][0]
    assert (row["before"], row["after"]) == ("Acme Three", "Acme Four")
    # A spreadsheet takes nothing of the log for a formula.
    assert server.api("PATCH", A, {"name": "=1+1"}, platform)[0] == 200
    text = server.api("GET", T + "/audit-log.csv?action=tenant.rename", key=owner)[1]
    assert ",Acme Four,'=1+1," in text and ",=1+1" not in text


def test_an_archived_tenant_is_whole_closed_and_free_of_its_routes_until_it_is_back(server):
    owner, platform = server.provision("acme", "+14155550100", host="go.acme.test"), admin(server)
    server.provision("other", "+14155550101")
    server.import_csv("acme", owner, "First Name,Mobile\nAda,+14157000001\n")
    assert server.api("POST", A + "/archive", {"reason": "asked"}, platform)[1]["state"] == "archived"
    folder = pathlib.Path(server.data) / "tenants/acme"
    assert (folder / "tenant.sqlite").exists() and not (folder / "tenant.sqlite-wal").exists()
    for path in ("/contacts", "/api-keys", "/quotas", "/audit-log"):
        status, answer = server.api("GET", T + path, key=owner)
        assert status == 423 and "archived: asked" in answer["detail"], (path, answer)
    assert server.api("POST", T + "/keep", key=owner)[0] == 409
    # Its number is free, and a report of a text that it had sent still comes to it.
    assert server.cli("number", "add", "other", "+14155550100")["tenant"] == "other"
    report = {"MessageSid": "SM" + "1" * 32, "MessageStatus": "delivered", "From": "+14155550100", "To": "+14157000001", "AccountSid": ACCOUNT}
    url = f"{server.url}/webhooks/twilio/status?tenant=acme&job=1&attempt=1f&issued={int(time.time())}"
    assert post_signed(url, report)[0] in (200, 204)
    back = server.cli("tenant", "unarchive", "acme")
    assert back["state"] == "active" and back["not_given_back"] == ["+14155550100"] and back["hosts"] == ["go.acme.test"]
    assert [c["first_name"] for c in server.api("GET", T + "/contacts", key=owner)[1]["data"]] == ["Ada"]
    server.cli("tenant", "unarchive", "acme", fails=True)
    server.cli("tenant", "pause", "acme")
    server.cli("tenant", "archive", "acme", "--reason", "again")
    server.cli("tenant", "resume", "acme", fails=True)
    server.stop(), server.start()
    assert server.api("GET", T + "/contacts", key=owner)[0] == 423
    # It was paused before: only a word of the operator's ends that.
    assert server.api("POST", A + "/unarchive", key=platform)[1]["state"] == "paused"
    assert server.api("GET", T + "/contacts", key=owner)[0] == 423
    assert server.api("POST", T + "/delete", {"confirm": "acme"}, owner)[0] == 200
    assert server.api("POST", T + "/keep", key=owner)[1]["state"] == "paused"
    server.cli("tenant", "resume", "acme")
    assert server.api("GET", T + "/contacts", key=owner)[0] == 200
    # What people write meanwhile waits, their STOPs above all; a number that is taken away and given back texts again.
    server.cli("tenant", "archive", "other", "--reason", "a while")
    stop = {"MessageSid": "SM" + "2" * 32, "From": "+14157000002", "To": "+14155550101", "Body": "STOP", "AccountSid": ACCOUNT}
    assert post_signed(f"{server.url}/webhooks/twilio/inbound", stop)[0] in (200, 204)
    server.cli("tenant", "unarchive", "other")
    key = server.cli("key", "create", "other", "--role", "owner", "--name", "back")["key"]
    wait_until(lambda: [row["phone"] for row in server.api("GET", "/api/v1/tenants/other/do-not-contact", key=key)[1]["data"]] == ["+14157000002"])
    assert server.api("DELETE", "/api/v1/admin/tenants/other/numbers/+14155550101", key=platform)[0] in (200, 204)
    assert server.api("POST", "/api/v1/admin/tenants/other/numbers", {"number": "+14155550101", "rate": 100, "warm_up": "off"}, platform)[0] == 201
    server.import_csv("other", key, "First Name,Mobile\nBen,+14157000003\n")
    assert server.completed(server.campaign("other", key, "+14155550101", "Hello"), key)["counts"]["skipped"] == 0


def test_a_tenant_is_deleted_after_its_grace_behind_a_last_backup_and_its_key_is_never_given_again(server):
    owner, platform = server.provision("acme", "+14155550100"), admin(server)
    other = server.provision("other", "+14155550101")
    server.import_csv("acme", owner, "First Name,Mobile\nAda,+14157000001\n")
    marketer = server.cli("key", "create", "acme", "--role", "marketer", "--name", "m")["key"]
    assert server.api("POST", T + "/delete", {"confirm": "acme"}, marketer)[0] == 403
    for body in ({}, {"confirm": "other"}, {"confirm": ""}, {"confirm": True}):
        status, answer = server.api("POST", T + "/delete", body, owner)
        assert status == 422 and answer["errors"][0]["field"] == "confirm", body
    status, ordered = server.api("POST", T + "/delete", {"confirm": "acme"}, owner)
    assert status == 200 and ordered["state"] == "archived" and ordered["delete_after"]
    assert server.api("GET", T + "/contacts", key=owner)[0] == 423
    # Kept by who ordered it, it is what it was.
    kept = server.api("POST", T + "/keep", key=owner)
    assert kept[0] == 200 and kept[1]["state"] == "active" and kept[1]["delete_after"] is None and kept[1]["numbers"] == ["+14155550100"]
    assert server.api("GET", T + "/contacts", key=owner)[0] == 200
    # What the operator has ordered is the operator's to end.
    assert server.api("POST", A + "/delete", {"confirm": "acme"}, platform)[0] == 200
    assert server.api("POST", T + "/keep", key=owner)[0] == 409
    assert server.api("POST", A + "/keep", key=platform)[1]["state"] == "active"
    server.cli("tenant", "archive", "acme", "--reason", "unpaid")
    server.cli("tenant", "delete", "acme", "--confirm", "acm", fails=True)
    server.cli("tenant", "delete", "acme", "--confirm", "acme")
    kept = server.cli("tenant", "keep", "acme")
    assert kept["state"] == "archived" and kept["reason"] == "unpaid"
    server.cli("tenant", "delete", "acme", "--confirm", "acme")
    server.stop()
    server.start(ahead="+6d")
    assert server.api("GET", A, key=platform)[1]["state"] == "archived"
    server.stop()
    server.start(ahead="+8d")
    wait_until(lambda: server.api("GET", A, key=platform)[0] == 404 and not (pathlib.Path(server.data) / "tenants/acme").exists())
    copies = list((pathlib.Path(server.data) / "backups/acme").glob("*-final.sqlite"))
    assert len(copies) == 1
    file = sqlite3.connect(f"file:{copies[0]}?mode=ro&immutable=1", uri=True)
    assert file.execute("SELECT first_name FROM contacts").fetchall() == [("Ada",)]
    for key in (owner, marketer):
        assert server.api("GET", T + "/contacts", key=key)[0] == 401
    assert server.api("GET", "/api/v1/tenants/other/contacts", key=other)[0] == 200
    server.stop()
    assert [t["key"] for t in server.cli("tenant", "list")] == ["other"]
    server.cli("tenant", "create", "acme", "--name", "Another", "--owner-email", "x@x.test", fails=True)
    assert server.cli("number", "add", "other", "+14155550100")["tenant"] == "other"
    server.start()
    assert server.api("POST", "/api/v1/admin/tenants", {"key": "acme", "name": "A", "owner_email": "x@x.test"}, platform)[0] == 409
    actions = [row["action"] for row in server.api("GET", "/api/v1/admin/audit-log?limit=500", key=platform)[1]["data"] if row["subject"] == "acme"]
    assert "tenant.delete" in actions and "tenant.create" in actions
    assert server.cli("audit", "verify")["whole"] is True


def test_quotas_refuse_what_would_pass_them_and_say_what_to_do(server):
    owner, platform = server.provision("acme", "+14155550100"), admin(server)
    other = server.provision("other", "+14155550101")
    assert server.api("PUT", A + "/quotas", {"contacts": 3, "imports_at_once": 1, "users": 1}, platform)[0] == 200
    status, answer = server.api("PUT", A + "/quotas", {"contacts": -1}, platform)
    assert status == 422 and server.api("PUT", A + "/quotas", {}, platform)[0] == 422
    for n in range(2):
        assert server.api("POST", T + "/contacts", {"phone": f"+1415700000{n}"}, owner)[0] == 201
    # Two new people do not fit: nothing of the file goes in. One who is there and one who is new do.
    failed = server.import_csv("acme", owner, "First Name,Mobile\nA,+14157000001\nB,+14157000002\nC,+14157000003\n")
    assert failed["state"] == "failed" and "quota contacts" in failed["failure"] and failed["created"] == 0
    assert len(server.api("GET", T + "/contacts", key=owner)[1]["data"]) == 2
    done = server.import_csv("acme", owner, "First Name,Mobile\nA,+14157000001\nB,+14157000002\nB,+14157000002\n")
    assert (done["state"], done["created"], done["updated"]) == ("completed", 1, 1)
    status, refused = server.api("POST", T + "/contacts", {"phone": "+14157000009"}, owner)
    assert status == 409 and "quota contacts" in refused["detail"] and "3" in refused["detail"]
    shown = {q["name"]: q for q in server.api("GET", T + "/quotas", key=owner)[1]["quotas"]}
    assert shown["contacts"] == {"name": "contacts", "limit": 3, "used": 3, "percent": 100, "warning": True}
    assert shown["users"]["used"] == 1 and shown["texts_per_month"]["limit"] is None and shown["texts_per_month"]["warning"] is False
    # Nobody else's, and gone when it is taken away.
    for n in range(5):
        assert server.api("POST", "/api/v1/tenants/other/contacts", {"phone": f"+1415700000{n}"}, other)[0] == 201
    assert server.cli("tenant", "quota", "acme", "--contacts", "none")["contacts"] is None
    assert server.api("POST", T + "/contacts", {"phone": "+14157000009"}, owner)[0] == 201
    server.cli("tenant", "quota", "acme", "--storage-mb", "0")
    status, refused = server.api("POST", T + "/contacts", {"phone": "+14157000010"}, owner)
    assert status == 409 and "quota storage_mb" in refused["detail"]
    server.cli("tenant", "quota", "acme", fails=True)


def test_fifty_at_once_pass_no_quota(server):
    owner = server.provision("acme", "+14155550100")
    server.cli("tenant", "quota", "acme", "--contacts", "10")
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(lambda n: server.api("POST", T + "/contacts", {"phone": f"+14157000{n:03d}"}, owner)[0], range(50)))
    assert sorted(set(statuses)) == [201, 409] and statuses.count(201) == 10
    # A dry run that would not fit says so before it is committed.
    path = T + "/imports?mode=dry-run"
    batch = server.api("POST", path, b"First Name,Mobile\nZoe,+14157000999\n", owner, {"Content-Type": "text/csv"})[1]
    wait_until(lambda: server.api("GET", f"{T}/imports/{batch['id']}", key=owner)[1]["state"] == "completed")
    status, refused = server.api("POST", f"{T}/imports/{batch['id']}/commit", key=owner)
    assert status == 409 and "quota contacts" in refused["detail"]


def test_texts_beyond_the_months_quota_wait_and_go_on_when_there_is_more(server, simulators):
    owner = server.provision("acme", "+14155550100")
    server.cli("tenant", "quota", "acme", "--texts-per-month", "3")
    server.import_csv("acme", owner, "First Name,Mobile\n" + "".join(f"P{n},+1415700000{n}\n" for n in range(5)))
    campaign = server.campaign("acme", owner, "+14155550100", "Hello")
    def waiting():
        now = server.api("GET", campaign, key=owner)[1]
        return now["counts"]["queued"] == 2 and (now["waiting"] or {}).get("reason") == "quota_texts_per_month" and now
    now = wait_until(waiting)
    assert now["state"] == "running" and now["waiting"]["until"]
    used = {q["name"]: q for q in server.api("GET", T + "/quotas", key=owner)[1]["quotas"]}["texts_per_month"]
    assert (used["used"], used["limit"], used["warning"]) == (3, 3, True)
    server.cli("tenant", "quota", "acme", "--texts-per-month", "10")
    assert server.completed(campaign, owner)["counts"]["audience"] == 5


def test_a_new_token_leaves_the_former_one_accepted_until_it_is_dropped(server):
    owner, platform = server.provision("acme", "+14155550100"), admin(server)
    inbound = f"{server.url}/webhooks/twilio/inbound"
    texts = iter(range(100))
    def signed(token, account=ACCOUNT):
        form = {"MessageSid": f"SM{next(texts):032x}", "From": "+14157000001", "To": "+14155550100", "Body": "Hello", "AccountSid": account, "NumSegments": "1"}
        return post_signed(inbound, form, token)[0]
    assert signed(TOKEN) in (200, 204) and signed("second") == 403
    status, shown = server.api("PUT", T + "/twilio-account", {"account_sid": ACCOUNT, "auth_token": "second"}, owner)
    assert status == 200 and shown == {"tenant": "acme", "account_sid": ACCOUNT, "has_former_token": True}
    assert signed(TOKEN) in (200, 204) and signed("second") in (200, 204)
    # The same again is no rotation.
    server.api("PUT", T + "/twilio-account", {"account_sid": ACCOUNT, "auth_token": "second"}, owner)
    assert signed(TOKEN) in (200, 204)
    assert server.api("DELETE", T + "/twilio-account/former-token", key=owner)[0] == 204
    assert server.api("DELETE", T + "/twilio-account/former-token", key=owner)[0] == 404
    assert signed(TOKEN) == 403 and signed("second") in (200, 204)
    assert server.api("PUT", A + "/twilio-account", {"account_sid": OTHER_ACCOUNT, "auth_token": "third"}, platform)[1]["account_sid"] == OTHER_ACCOUNT
    # A token speaks for its own account alone.
    assert signed("second") == 403 and signed("third") == 403 and signed("third", OTHER_ACCOUNT) in (200, 204)
    assert server.api("DELETE", A + "/twilio-account/former-token", key=platform)[0] == 404
    server.cli("twilio-account", "set", "acme", "--sid", ACCOUNT, "--token", "fourth")
    assert signed("fourth") in (200, 204) and signed("third", OTHER_ACCOUNT) == 403
    server.cli("twilio-account", "set", "acme", "--sid", ACCOUNT, "--token", "fifth")
    server.cli("twilio-account", "drop-former-token", "acme")
    assert signed("fifth") in (200, 204) and signed("fourth") == 403
    for body, field in (({"account_sid": "AC1", "auth_token": "x"}, "account_sid"), ({"account_sid": ACCOUNT, "auth_token": "a b"}, "auth_token"), ({"account_sid": ACCOUNT}, "auth_token")):
        status, answer = server.api("PUT", T + "/twilio-account", body, owner)
        assert status == 422 and field in {e["field"] for e in answer["errors"]}
    viewer = server.cli("key", "create", "acme", "--role", "marketer", "--name", "m")["key"]
    assert server.api("PUT", T + "/twilio-account", {"account_sid": ACCOUNT, "auth_token": "x"}, viewer)[0] == 403
    log = json.dumps(server.api("GET", T + "/audit-log?limit=500", key=owner)[1])
    assert "twilio_account.set" in log and not any(token in log for token in ("second", "third", "fourth", "fifth"))


def test_the_admin_takes_numbers_and_hosts_and_moves_them(server):
    owner, platform = server.provision("acme", "+14155550100", host="go.acme.test"), admin(server)
    server.provision("other", "+14155550101")
    assert server.api("POST", A + "/numbers", {"number": "+14155550102"}, platform)[0] == 201
    assert server.api("DELETE", A + "/numbers/+14155550102", key=platform)[0] == 204
    assert server.api("DELETE", A + "/numbers/+14155550102", key=platform)[0] == 404
    assert server.api("DELETE", A + "/numbers/+14155550101", key=platform)[0] == 404
    assert server.api("POST", A + "/numbers/+14155550100/move", {"to": "nobody"}, platform)[0] == 422
    assert server.api("POST", A + "/numbers/+14155550100/move", {"to": "other"}, platform)[1] == {"number": "+14155550100", "tenant": "other"}
    assert server.api("GET", T + "/numbers", key=owner)[1]["data"] == []
    assert server.api("DELETE", A + "/hosts/go.acme.test", key=platform)[0] == 204
    assert server.api("GET", T + "/hosts", key=owner)[1]["data"] == []
    assert server.api("PUT", "/api/v1/admin/brands/agency", {"daily_cap": 2000}, platform)[1] == {"brand": "agency", "daily_cap": 2000}
    assert server.api("PUT", "/api/v1/admin/brands/none", {"daily_cap": 2000}, platform)[0] == 422
    server.cli("number", "remove", "other", "+14155550100")
    assert server.api("GET", "/api/v1/admin/tenants/other", key=platform)[1]["numbers"] == ["+14155550101"]
    assert server.api("POST", A + "/unfence", key=platform)[1] == {"tenant": "acme", "fence": None}
