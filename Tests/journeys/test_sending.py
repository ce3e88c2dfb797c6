import os, shutil, time
from collections import Counter

from support import ACCOUNT, people, post_signed, seeded, wait_until

NUMBER = "+14155550100"


def inbound(house, sender, body, sid, **changes):
    fields = {"MessageSid": sid, "AccountSid": ACCOUNT, "From": sender, "To": NUMBER, "Body": body, "NumMedia": "0", **changes}
    return post_signed(house.url + "/webhooks/twilio/inbound", fields)


def test_a_server_killed_in_mid_campaign_texts_nobody_twice_and_loses_nobody(house, provider):
    provider.latency = 0.03
    house.start()
    key = house.provision("acme", NUMBER)
    house.cli("number", "add", "acme", NUMBER, "--rate", "300", "--warm-up", "off")
    house.import_csv("acme", key, people(900))
    path = house.campaign("acme", key, NUMBER, "Hello {{first_name}}")
    chance = seeded()
    for _ in range(4):
        goal = len(provider.requests) + chance.randrange(20, 150)
        wait_until(lambda: len(provider.requests) >= goal)
        house.kill()
        house.start()
    done = house.completed(path, key)
    texted = Counter(made["To"] for made in provider.created)
    assert max(texted.values()) == 1
    # Reports prove what a killed server could not write down.
    counts = wait_until(lambda: (c := house.api("GET", path, key=key)[1]["counts"])["delivered"] == len(texted) and c)
    assert counts["audience"] == 900 == done["counts"]["audience"]
    assert counts["delivered"] + counts["unknown"] == 900
    assert counts["unknown"] <= 4 * 456


def test_a_stop_holds_from_its_answer_on(house, provider):
    provider.latency = 0.02
    house.start()
    key = house.provision("acme", NUMBER)
    house.cli("number", "add", "acme", NUMBER, "--rate", "200", "--warm-up", "off")
    house.import_csv("acme", key, people(400))
    path = house.campaign("acme", key, NUMBER, "Hello")
    wait_until(lambda: len(provider.requests) > 20)
    answered = {}
    for n in range(100, 400, 3):
        phone = f"+1415700{n:04d}"
        assert inbound(house, phone, "STOP", f"SM{n:032x}")[0] == 204
        answered[phone] = time.time()
    counts = house.completed(path, key)["counts"]
    late = [to for at, to in provider.requests if to in answered and at > answered[to] + 0.05]
    assert late == []
    assert counts["skipped"] > 0 and counts["audience"] == 400
    blocked = house.api("GET", "/api/v1/tenants/acme/do-not-contact?limit=500", key=key)[1]["data"]
    assert {row["phone"] for row in blocked} == set(answered)
    phone = next(iter(answered))
    assert inbound(house, phone, "START", "SM" + "f" * 32)[0] == 204
    blocked = house.api("GET", "/api/v1/tenants/acme/do-not-contact?limit=500", key=key)[1]["data"]
    assert phone not in {row["phone"] for row in blocked}


def test_the_webhook_door_refuses_what_is_forged_foreign_unknown_or_stale(house):
    house.start()
    key = house.provision("acme", NUMBER)
    house.provision("other", "+14155550101")
    good = {"MessageSid": "SM1", "AccountSid": ACCOUNT, "From": "+14157000001", "To": NUMBER, "Body": "hi"}
    url = house.url + "/webhooks/twilio/inbound"
    assert post_signed(url, good, token="wrong")[0] == 403
    assert post_signed(url, {**good, "To": "+14155559999"})[0] == 404
    status = {"MessageSid": "SM2", "MessageStatus": "sent", "From": NUMBER, "To": "+14157000001"}
    callback = house.url + "/webhooks/twilio/status?tenant={}&job=1&attempt=1&issued={}"
    assert post_signed(callback.format("acme", int(time.time()) - 15 * 86400), status)[0] == 410
    assert post_signed(callback.format("other", int(time.time())), status)[0] == 403
    assert house.api("GET", "/api/v1/tenants/acme/messages", key=key)[1]["data"] == []


def test_every_answered_webhook_survives_a_kill_and_a_replay_changes_nothing(house):
    house.start()
    key = house.provision("acme", NUMBER)
    texts = [(f"+1415700{n:04d}", f"hello {n}", f"SM{n:032x}") for n in range(150)]
    for sender, body, sid in texts:
        assert inbound(house, sender, body, sid)[0] == 204
    house.kill()
    house.start()
    read = lambda: house.api("GET", "/api/v1/tenants/acme/messages?limit=500", key=key)[1]["data"]
    assert sorted(m["sid"] for m in read()) == sorted(sid for _, _, sid in texts)
    for sender, body, sid in texts:
        assert inbound(house, sender, body, sid)[0] == 204
    assert len(read()) == 150


def test_an_old_copy_put_back_texts_nobody_again_and_remembers_opt_outs(house, provider):
    house.start()
    key = house.provision("acme", NUMBER)
    house.import_csv("acme", key, people(60))
    house.cli("number", "add", "acme", NUMBER, "--rate", "10", "--warm-up", "off")
    path = house.campaign("acme", key, NUMBER, "Hello")
    wait_until(lambda: len(provider.created) >= 5)
    assert house.cli("tenant", "pause", "acme")["state"] == "paused"
    assert house.api("GET", path, key=key)[0] == 423
    file = house.data + "/tenants/acme/tenant.sqlite"
    assert not os.path.exists(file + "-wal") or os.path.getsize(file + "-wal") == 0
    shutil.copy(file, house.data + "/old.sqlite")
    before = len(provider.created)
    house.cli("tenant", "resume", "acme")
    wait_until(lambda: len(provider.created) >= before + 10)
    assert inbound(house, "+14157000059", "STOP", "SM" + "1" * 32)[0] == 204
    house.cli("tenant", "pause", "acme")
    sent = len(provider.created)
    shutil.copy(house.data + "/old.sqlite", file)
    house.cli("tenant", "resume", "acme")
    campaign = wait_until(lambda: (c := house.api("GET", path, key=key)[1])["waiting"] and c)
    assert campaign["waiting"]["reason"] == "fenced"
    assert len(provider.created) == sent
    blocked = house.api("GET", "/api/v1/tenants/acme/do-not-contact", key=key)[1]["data"]
    assert [row["phone"] for row in blocked] == ["+14157000059"]
    house.cli("tenant", "unfence", "acme")
    house.completed(path, key)
    assert max(Counter(made["To"] for made in provider.created).values()) == 1
    assert "+14157000059" not in {made["To"] for made in provider.created[sent:]}


def test_commands_work_beside_the_server_and_without_it_but_two_servers_do_not(house):
    house.cli("tenant", "create", "early", "--name", "Early", "--owner-email", "e@early.test")
    house.start()
    house.cli("tenant", "create", "late", "--name", "Late", "--owner-email", "l@late.test")
    house.cli("tenant", "create", "late", "--name", "Late", "--owner-email", "l@late.test", fails=True)
    assert [t["key"] for t in house.cli("tenant", "list")] == ["early", "late"]
    import subprocess
    from support import BIN
    second = subprocess.run([f"{BIN}/roundhouse", "serve"], env=house.environment, capture_output=True, timeout=20)
    assert second.returncode != 0
    platform = house.cli("key", "create", "--platform", "--name", "p")["key"]
    assert house.api("POST", "/api/v1/admin/tenants/late/suspend", {"reason": "abuse"}, platform)[1]["state"] == "suspended"
    assert house.api("POST", "/api/v1/admin/tenants/late/reinstate", key=platform)[1]["state"] == "active"
