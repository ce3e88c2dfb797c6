import os, shutil, subprocess, time
from collections import Counter

from support import ACCOUNT, BIN, people, post_signed, seeded, wait_until

NUMBER = "+14155550100"


def inbound(server, sender, body, sid, **changes):
    fields = {"MessageSid": sid, "AccountSid": ACCOUNT, "From": sender, "To": NUMBER, "Body": body, "NumMedia": "0", **changes}
    return post_signed(server.url + "/webhooks/twilio/inbound", fields)


def test_a_server_killed_in_mid_campaign_texts_nobody_twice_and_loses_nobody(servers):
    server, provider = servers("--latency", "30", "--callback-delay", "5-50")
    server.start()
    key = server.provision("acme", NUMBER)
    server.cli("number", "add", "acme", NUMBER, "--rate", "200", "--warm-up", "off")
    server.import_csv("acme", key, people(6000))
    path = server.campaign("acme", key, NUMBER, "Hello {{first_name}}")
    # More than goes out while it starts again four times, on a slow machine, too.
    chance = seeded()
    for _ in range(4):
        goal = provider.requests() + chance.randrange(20, 150)
        wait_until(lambda: provider.requests() >= goal)
        server.kill()
        server.start()
    done = server.completed(path, key)
    texted = Counter(made["to"] for made in provider.ledger("created"))
    assert max(texted.values()) == 1
    # Callbacks that met a dead server come again. Reports prove what a killed server could not write down.
    provider.idle()
    provider.control("POST", "callbacks/replay")
    counts = wait_until(lambda: (c := server.api("GET", path, key=key)[1]["counts"])["delivered"] == len(texted) and c)
    assert counts["audience"] == 6000 == done["counts"]["audience"]
    assert counts["delivered"] + counts["unknown"] == 6000
    assert counts["unknown"] <= 4 * 456


def test_a_stop_holds_from_its_answer_on(servers):
    server, provider = servers("--latency", "20", "--callback-delay", "5-50")
    server.start()
    key = server.provision("acme", NUMBER)
    server.cli("number", "add", "acme", NUMBER, "--rate", "40", "--warm-up", "off")
    server.import_csv("acme", key, people(400))
    # Slow enough that a busy machine has all STOPs in before the last text. A third of them opts out: the breaker would rightly stop the campaign.
    assert server.api("PATCH", "/api/v1/tenants/acme/settings", {"circuit_breaker": {"opt_out_percent": 100}}, key)[0] == 200
    path = server.campaign("acme", key, NUMBER, "Hello")
    wait_until(lambda: provider.requests() > 20)
    stopped = {f"+1415700{n:04d}" for n in range(100, 400, 3)}
    for phone in stopped:
        assert provider.text(phone, NUMBER, "STOP") == 204
    counts = server.completed(path, key)["counts"]
    # The kernel tells only by some 4 ms when bytes came.
    assert [late for late in provider.summary()["after_stop"] if late["after_us"] > 5000] == []
    assert counts["skipped"] > 0 and counts["audience"] == 400
    blocked = server.api("GET", "/api/v1/tenants/acme/do-not-contact?limit=500", key=key)[1]["data"]
    assert {row["phone"] for row in blocked} == stopped
    phone = next(iter(stopped))
    assert provider.text(phone, NUMBER, "START") == 204
    blocked = server.api("GET", "/api/v1/tenants/acme/do-not-contact?limit=500", key=key)[1]["data"]
    assert phone not in {row["phone"] for row in blocked}


def test_an_opt_out_only_the_provider_knows_is_learned_and_kept(servers):
    server, provider = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(20))
    provider.faults(_21610=1)
    path = server.campaign("acme", key, NUMBER, "Hello")
    assert server.completed(path, key)["counts"]["failed"] == 20
    provider.faults()
    assert server.completed(server.campaign("acme", key, NUMBER, "Again"), key)["skipped_reasons"] == {"opted_out": 20}
    assert provider.summary()["created"] == 0


def test_faults_at_every_step_of_a_call_text_nobody_twice(servers):
    server, provider = servers("--latency", "5", "--callback-delay", "5-30", "--slow", "100")
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(600))
    provider.control("PUT", "faults", {
        "drop_reused": 0.05, "drop_before": 0.03, "429": 0.05, "503_before": 0.03, "drop_after": 0.05, "500_after": 0.05,
        "reset_mid_body": 0.05, "slow": 0.05})
    path = server.campaign("acme", key, NUMBER, "Hello")
    server.completed(path, key, 120)
    provider.idle()
    counts = wait_until(
        lambda: (c := server.api("GET", path, key=key)[1]["counts"])["delivered"] == provider.summary()["created"] and c)
    assert provider.summary()["most_alike"] == 1
    # What a fault hid and no callback proved stays unknown, and is never sent again.
    assert counts["delivered"] + counts["unknown"] == 600
    assert 0 < counts["unknown"] < 150


def test_the_webhook_door_refuses_what_is_forged_foreign_unknown_or_stale(server):
    key = server.provision("acme", NUMBER)
    server.provision("other", "+14155550101")
    good = {"MessageSid": "SM1", "AccountSid": ACCOUNT, "From": "+14157000001", "To": NUMBER, "Body": "hi"}
    url = server.url + "/webhooks/twilio/inbound"
    assert post_signed(url, good, token="wrong")[0] == 403
    assert post_signed(url, {**good, "To": "+14155559999"})[0] == 404
    status = {"MessageSid": "SM2", "MessageStatus": "sent", "From": NUMBER, "To": "+14157000001"}
    callback = server.url + "/webhooks/twilio/status?tenant={}&job=1&attempt=1&issued={}"
    assert post_signed(callback.format("acme", int(time.time()) - 15 * 86400), status)[0] == 410
    assert post_signed(callback.format("other", int(time.time())), status)[0] == 403
    assert server.api("GET", "/api/v1/tenants/acme/messages", key=key)[1]["data"] == []


def test_every_answered_webhook_survives_a_kill_and_a_replay_changes_nothing(server):
    key = server.provision("acme", NUMBER)
    texts = [(f"+1415700{n:04d}", f"hello {n}", f"SM{n:032x}") for n in range(150)]
    for sender, body, sid in texts:
        assert inbound(server, sender, body, sid)[0] == 204
    server.kill()
    server.start()
    read = lambda: server.api("GET", "/api/v1/tenants/acme/messages?limit=500", key=key)[1]["data"]
    assert sorted(m["sid"] for m in read()) == sorted(sid for _, _, sid in texts)
    for sender, body, sid in texts:
        assert inbound(server, sender, body, sid)[0] == 204
    assert len(read()) == 150


def test_an_old_copy_put_back_texts_nobody_again_and_remembers_opt_outs(servers):
    server, provider = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(60))
    server.cli("number", "add", "acme", NUMBER, "--rate", "10", "--warm-up", "off")
    path = server.campaign("acme", key, NUMBER, "Hello")
    wait_until(lambda: provider.summary()["created"] >= 5)
    assert server.cli("tenant", "pause", "acme")["state"] == "paused"
    assert server.api("GET", path, key=key)[0] == 423
    file = server.data + "/tenants/acme/tenant.sqlite"
    assert not os.path.exists(file + "-wal") or os.path.getsize(file + "-wal") == 0
    shutil.copy(file, server.data + "/old.sqlite")
    before = provider.summary()["created"]
    server.cli("tenant", "resume", "acme")
    wait_until(lambda: provider.summary()["created"] >= before + 10)
    assert inbound(server, "+14157000059", "STOP", "SM" + "1" * 32)[0] == 204
    server.cli("tenant", "pause", "acme")
    sent = provider.summary()["created"]
    shutil.copy(server.data + "/old.sqlite", file)
    server.cli("tenant", "resume", "acme")
    campaign = wait_until(lambda: (c := server.api("GET", path, key=key)[1])["waiting"] and c)
    assert campaign["waiting"]["reason"] == "fenced"
    assert provider.summary()["created"] == sent
    blocked = server.api("GET", "/api/v1/tenants/acme/do-not-contact", key=key)[1]["data"]
    assert [row["phone"] for row in blocked] == ["+14157000059"]
    server.cli("tenant", "unfence", "acme")
    # It has gone on since the copy: a person must look first.
    assert server.api("GET", path, key=key)[1]["state"] == "paused"
    assert server.api("POST", path + "/resume", key=key)[0] == 202
    server.completed(path, key)
    assert provider.summary()["most_alike"] == 1
    assert "+14157000059" not in {made["to"] for made in provider.ledger("created")[sent:]}


def test_commands_work_beside_the_server_and_without_it_but_two_servers_do_not(servers):
    server, _ = servers()
    server.cli("tenant", "create", "early", "--name", "Early", "--owner-email", "e@early.test")
    server.start()
    server.cli("tenant", "create", "late", "--name", "Late", "--owner-email", "l@late.test")
    server.cli("tenant", "create", "late", "--name", "Late", "--owner-email", "l@late.test", fails=True)
    assert [t["key"] for t in server.cli("tenant", "list")] == ["early", "late"]
    second = subprocess.run([f"{BIN}/roundhouse", "serve"], env=server.environment, capture_output=True, timeout=20)
    assert second.returncode != 0
    platform = server.cli("key", "create", "--platform", "--name", "p")["key"]
    assert server.api("POST", "/api/v1/admin/tenants/late/suspend", {"reason": "abuse"}, platform)[1]["state"] == "suspended"
    assert server.api("POST", "/api/v1/admin/tenants/late/reinstate", key=platform)[1]["state"] == "active"


def test_a_suspension_survives_pause_resume_and_restore(servers):
    server, provider = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(20))
    server.cli("tenant", "suspend", "acme", "--reason", "abuse")
    path = server.campaign("acme", key, NUMBER, "Hello")
    server.cli("backup", "acme", "--to", server.data + "/b.sqlite")
    server.cli("tenant", "pause", "acme")
    assert (server.cli("tenant", "resume", "acme")["state"], server.cli("tenant", "show", "acme")["reason"]) == ("suspended", "abuse")
    assert wait_until(lambda: (c := server.api("GET", path, key=key)[1])["waiting"] and c)["waiting"]["reason"] == "suspended"
    server.kill()
    server.start()
    assert server.cli("restore", "acme", "--from", server.data + "/b.sqlite")["state"] == "suspended"
    server.cli("tenant", "reinstate", "acme")
    # What came from a backup texts nobody until a person says so, however fresh it is.
    assert wait_until(lambda: (c := server.api("GET", path, key=key)[1])["waiting"] and c["waiting"]["reason"] == "fenced")
    assert provider.requests() == 0
    server.cli("tenant", "unfence", "acme")
    assert server.completed(path, key)["counts"]["accepted"] + provider.summary()["created"] >= 20
    assert provider.summary()["created"] == 20 and provider.summary()["most_alike"] == 1


def test_nobody_is_made_twice_and_nothing_foreign_is_taken(servers):
    server, _ = servers()
    server.start()
    platform = server.cli("key", "create", "--platform", "--name", "p")["key"]
    new = {"key": "acme", "name": "Acme", "owner_email": "o@acme.test"}
    import concurrent.futures
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: server.api("POST", "/api/v1/admin/tenants", new, platform)[0], range(8)))
    assert sorted(answers) == [201] + [409] * 7
    for changes in ({"twilio_sid": "AC" + "z" * 32, "twilio_token": "x"}, {"twilio_sid": ACCOUNT, "twilio_token": ""}, {"name": "two\nlines"}):
        assert server.api("POST", "/api/v1/admin/tenants", {**new, "key": "next", **changes}, platform)[0] == 422, changes
    for host in ("127.0.0.1", "localhost", "a..b", "-x.test"):
        server.cli("host", "add", "acme", host, fails=True)
    assert server.api("GET", "/api/v1/admin/tenants/acme", key=platform)[0] == 200
    # A stranger's file in a tenant's place is refused, and not written into.
    server.stop()
    path = server.data + "/tenants/acme/tenant.sqlite"
    import sqlite3
    os.remove(path)
    stranger = sqlite3.connect(path)
    stranger.execute("CREATE TABLE t (x)")
    stranger.commit()
    stranger.close()
    before = open(path, "rb").read()
    server.start()
    key = server.cli("key", "create", "acme", "--role", "owner", "--name", "x")["key"]
    status, answer = server.api("GET", "/api/v1/tenants/acme/contacts", key=key)
    assert status == 503 and "not a tenant's file" in answer["detail"]
    assert open(path, "rb").read() == before


def test_marketing_waits_for_the_recipients_morning_and_an_informational_text_does_not(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER)
    # Where it is noon, and where it is one at night; toll-free numbers, which are at home nowhere, so that no area code has a say.
    hour = time.gmtime().tm_hour
    zone = lambda local: (lambda h: f"Etc/GMT{'+' if h >= 0 else '-'}{abs(h)}")(((hour - local + 12) % 24) - 12)
    rows = "Phone,Time Zone\n" + "".join(f"+1833700{n:04d},{zone(12 if n < 5 else 1)}\n" for n in range(10))
    assert server.import_csv("acme", key, rows)["created"] == 10
    base = "/api/v1/tenants/acme/campaigns"
    make = lambda **more: server.api("POST", base, {"name": "m", "body": "Sale", "audience": {"all": True}, "numbers": [NUMBER], **more}, key)
    assert make(quiet_hours={"enabled": False})[0] == 422
    assert {e["field"] for e in make(quiet_hours={"enabled": True, "start": "25:00", "end": "x"})[1]["errors"]} == {"quiet_hours.start", "quiet_hours.end"}
    status, marketing = make()
    path = f"{base}/{marketing['id']}"
    server.api("POST", path + "/launch", key=key)
    waiting = wait_until(lambda: (c := server.api("GET", path, key=key)[1])["counts"]["deferred"] == 5 and c["waiting"] and c)
    assert waiting["waiting"]["reason"] == "quiet_hours" and waiting["waiting"]["until"] and waiting["state"] == "running"
    wait_until(lambda: provider.summary()["created"] == 5)
    put_off = server.api("GET", path + "/recipients?state=deferred", key=key)[1]["data"]
    assert {r["phone"] for r in put_off} == {f"+1833700{n:04d}" for n in range(5, 10)} and all(r["deferred_until"] for r in put_off)
    other = server.campaign("acme", key, NUMBER, "Your order is ready")
    server.completed(other, key)
    assert provider.summary()["created"] == 15
    assert server.api("POST", path + "/cancel", key=key)[0] == 202
    assert server.api("GET", path, key=key)[1]["counts"]["cancelled"] == 5


def test_a_budget_holds_and_says_so_until_it_is_raised(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(20))
    budget = "/api/v1/tenants/acme/budget"
    assert server.api("PUT", budget, {"daily_micros": -1, "weekly": 1}, key)[0] == 422
    assert server.api("PUT", budget, {"daily_micros": 8300 * 7 + 8299}, key)[1]["left_micros"] == 8300 * 7 + 8299
    path = server.campaign("acme", key, NUMBER, "Hello")
    waiting = wait_until(lambda: (c := server.api("GET", path, key=key)[1])["waiting"] and c["counts"]["queued"] == 13 and c)
    assert waiting["waiting"]["reason"] == "budget_day" and waiting["waiting"]["until"] and waiting["state"] == "running"
    now = server.api("GET", budget, key=key)[1]
    assert (now["used_today_micros"], now["left_micros"]) == (8300 * 7, 8299)
    wait_until(lambda: provider.summary()["created"] == 7)
    server.api("PUT", budget, {"daily_micros": None, "monthly_micros": 8300 * 20}, key)
    server.completed(path, key)
    assert provider.summary()["created"] == 20 and server.api("GET", budget, key=key)[1]["left_micros"] == 0
    assert server.api("GET", path + "/report", key=key)[1]["cost_micros"] == 8300 * 20


def test_a_number_stops_at_its_daily_cap_and_another_of_the_pool_goes_on(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER)
    second = "+14155550102"
    server.cli("number", "add", "acme", NUMBER, "--rate", "100", "--warm-up", "off", "--daily-cap", "5")
    server.cli("number", "add", "acme", second, "--rate", "100", "--daily-cap", "3")
    server.import_csv("acme", key, people(20))
    status, made = server.api("POST", "/api/v1/tenants/acme/campaigns", {
        "name": "c", "body": "Hello", "audience": {"all": True}, "numbers": [NUMBER, second], "purpose": "informational"}, key)
    path = f"/api/v1/tenants/acme/campaigns/{made['id']}"
    server.api("POST", path + "/launch", key=key)
    waiting = wait_until(lambda: (c := server.api("GET", path, key=key)[1])["waiting"] and c["waiting"]["reason"] == "daily_cap" and c)
    assert waiting["counts"]["queued"] == 12 and waiting["waiting"]["until"].endswith("T00:00:00.000Z")
    wait_until(lambda: provider.summary()["created"] == 8)
    assert Counter(made["from"] for made in provider.ledger("created")) == {NUMBER: 5, second: 3}
    numbers = {n["number"]: n for n in server.api("GET", "/api/v1/tenants/acme/numbers", key=key)[1]["data"]}
    assert [(numbers[n]["cap_today"], numbers[n]["used_today"], numbers[n]["left_today"], numbers[n]["warm_up_day"]) for n in (NUMBER, second)] == [(5, 5, 0, None), (3, 3, 0, 1)]
    # The file remembers over a restart; a higher cap lets the rest go at once.
    server.kill()
    server.start()
    assert server.api("GET", path, key=key)[1]["counts"]["queued"] == 12
    server.cli("number", "add", "acme", NUMBER, "--rate", "100", "--warm-up", "off", "--daily-cap", "50")
    server.completed(path, key)
    assert Counter(made["from"] for made in provider.ledger("created")) == {NUMBER: 17, second: 3}


def test_a_paused_number_sends_nothing_until_it_is_resumed_also_when_the_provider_stopped_it(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key, other = server.provision("acme", NUMBER), server.provision("other", "+14155550101")
    server.import_csv("acme", key, people(10))
    numbers = "/api/v1/tenants/acme/numbers/"
    patch = lambda number, with_key=key, **body: server.api("PATCH", numbers + number, body, with_key)
    assert patch(NUMBER, other, paused=True)[0] == 404 and patch("+14155550101", paused=True)[0] == 404
    assert patch(NUMBER)[0] == 422
    assert patch(NUMBER, paused=True, reason="porting")[1]["paused_reason"] == "porting"
    path = server.campaign("acme", key, NUMBER, "Hello")
    waiting = lambda: (c := server.api("GET", path, key=key)[1])["waiting"] and c["waiting"]["reason"]
    wait_until(lambda: waiting() == "no_number")
    assert provider.requests() == 0
    provider.faults(_21606=1)
    assert patch(NUMBER, paused=False)[1]["paused_reason"] is None
    wait_until(lambda: provider.requests() > 0 and server.api("GET", "/api/v1/tenants/acme/numbers", key=key)[1]["data"][0]["paused_reason"] == "error_21606")
    provider.faults()
    patch(NUMBER, paused=False)
    server.completed(path, key)
    assert provider.summary()["created"] == 10 and provider.summary()["most_alike"] == 1


def test_a_campaign_goes_on_behind_hundreds_who_are_skipped_and_ends_when_all_are(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(450))
    out = "\n".join(f"+1415700{n:04d}" for n in range(400)).encode()
    assert server.api("POST", "/api/v1/tenants/acme/do-not-contact", out, key, {"Content-Type": "text/plain"})[1]["added"] == 400
    done = server.completed(server.campaign("acme", key, NUMBER, "Hello"), key)
    assert done["skipped_reasons"] == {"opted_out": 400} and provider.summary()["created"] == 50
    server.api("POST", "/api/v1/tenants/acme/do-not-contact", "\n".join(f"+1415700{n:04d}" for n in range(450)).encode(), key, {"Content-Type": "text/plain"})
    done = server.completed(server.campaign("acme", key, NUMBER, "Hello"), key)
    assert done["counts"]["skipped"] == 450 and done["waiting"] is None and provider.summary()["created"] == 50


def test_a_campaigns_own_budget_is_raised_while_it_waits(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(5))
    status, made = server.api("POST", "/api/v1/tenants/acme/campaigns", {
        "name": "c", "body": "Hi", "audience": {"all": True}, "numbers": [NUMBER], "purpose": "informational", "budget_micros": 8300 * 2}, key)
    path = f"/api/v1/tenants/acme/campaigns/{made['id']}"
    server.api("POST", path + "/launch", key=key)
    wait_until(lambda: (c := server.api("GET", path, key=key)[1])["waiting"] and c["waiting"]["reason"] == "budget")
    assert server.api("PATCH", path, {}, key)[0] == 422 and server.api("PATCH", path, {"budget_micros": "x"}, key)[0] == 422
    assert server.api("PATCH", path, {"budget_micros": 8300 * 5}, key)[0] == 202
    server.completed(path, key)
    assert provider.summary()["created"] == 5 and server.api("PATCH", path, {"budget_micros": None}, key)[0] == 409
