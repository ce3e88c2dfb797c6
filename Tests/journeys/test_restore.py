"""What a file put back from an older copy has forgotten is known outside it: nobody is texted again, nothing that was said is lost."""
import re, shutil, sqlite3
from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from support import ACCOUNT, people, post_signed, request, wait_until

NUMBER, HOST = "+14155550100", "go.acme.test"
BASE = "/api/v1/tenants/acme"


def inbound(server, sender, body, sid):
    fields = {"MessageSid": sid, "AccountSid": ACCOUNT, "From": sender, "To": NUMBER, "Body": body, "NumMedia": "0"}
    return post_signed(server.url + "/webhooks/twilio/inbound", fields)


def draft(server, key, **more):
    made = {"name": "sale", "body": "Hi {{first_name}}", "audience": {"all": True}, "numbers": [NUMBER], "purpose": "informational", **more}
    status, campaign = server.api("POST", f"{BASE}/campaigns", made, key)
    assert status == 201, campaign
    return f"{BASE}/campaigns/{campaign['id']}"


def copied(server):
    """The file as it is while paused."""
    server.cli("tenant", "pause", "acme")
    shutil.copy(server.data + "/tenants/acme/tenant.sqlite", server.data + "/old.sqlite")
    server.cli("tenant", "resume", "acme")


def put_back(server):
    server.cli("tenant", "pause", "acme")
    shutil.copy(server.data + "/old.sqlite", server.data + "/tenants/acme/tenant.sqlite")
    server.cli("tenant", "resume", "acme")


def state(server, path, key):
    return server.api("GET", path, key=key)[1]


def texted_once(provider):
    assert max(Counter(made["to"] for made in provider.ledger("created")).values()) == 1


def run(server, path, key):
    assert server.api("POST", path + "/launch", key=key)[0] == 202
    return server.completed(path, key)


def test_a_campaign_that_was_a_draft_or_scheduled_in_the_copy_is_not_texted_again(servers):
    server, provider = servers()
    server.start()
    key = server.provision("acme", NUMBER, host=HOST)
    server.import_csv("acme", key, people(20))
    first, second = draft(server, key, body="Hi https://shop.test/a"), draft(server, key, name="later", send_at="2030-01-01T00:00:00Z")
    withdrawn = draft(server, key, name="withdrawn", send_at="2030-01-01T00:00:00Z")
    for planned in (second, withdrawn):
        assert server.api("POST", planned + "/launch", key=key)[1]["state"] == "scheduled"
    copied(server)
    assert server.api("POST", withdrawn + "/unschedule", key=key)[1]["state"] == "draft"
    run(server, first, key)
    provider.idle()
    # One that the copy has never heard of.
    third = draft(server, key, name="new", body="New {{first_name}} https://shop.test/b")
    assert run(server, third, key)["counts"]["audience"] == 20
    sent = provider.summary()["created"]
    put_back(server)
    assert state(server, first, key)["state"] == "draft"
    server.cli("tenant", "unfence", "acme")
    back = state(server, first, key)
    assert (back["state"], back["paused_by"]) == ("paused", "restore") and "copy" in back["pause_reason"]
    assert state(server, second, key)["state"] == "scheduled"
    # Taken back to a draft since: it does not begin at its time.
    assert (state(server, withdrawn, key)["state"], state(server, withdrawn, key)["paused_by"]) == ("paused", "restore")
    new = state(server, third, key)
    assert (new["state"], new["name"], new["counts"]["unknown"] + new["counts"]["delivered"]) == ("cancelled", "new", 20)
    # Links in texts that people have lead on, also those of the campaign made since.
    for made in provider.ledger("created"):
        token = re.search(r"https://go\.acme\.test/(\w+)", made["body"]).group(1)
        status, headers, _ = get_link(server, f"/{token}")
        assert (status, headers["Location"][:21]) == (302, "https://shop.test/" + ("b" if made["body"].startswith("New") else "a") + headers["Location"][19:21])
    # Resumed, it has nobody left: everybody had the text.
    assert server.api("POST", first + "/resume", key=key)[0] == 202
    done = server.completed(first, key)
    assert done["counts"]["audience"] == 20 == done["counts"]["unknown"] + done["counts"]["delivered"]
    assert provider.summary()["created"] == sent
    # Late reports prove what went out.
    provider.idle()
    provider.control("POST", "callbacks/replay")
    wait_until(lambda: state(server, first, key)["counts"]["delivered"] == 20 and state(server, third, key)["counts"]["delivered"] == 20)
    check = server.cli("figures", "check", "acme")
    assert check.get("differences", check.get("data", [])) in ([], 0), check


def test_what_was_taken_back_or_cancelled_since_the_copy_is_not_texted_from_it_though_nothing_was_sent(servers):
    server, provider = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(3))
    soon = (datetime.now(ZoneInfo("UTC")) + timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M:%SZ")
    late = {"policy": "send_within", "minutes": 60}
    kept, withdrawn, deleted, changed, again = [draft(server, key, name=name, body=name, send_at=soon, misfire=late) for name in ("kept", "withdrawn", "deleted", "changed", "again")]
    for path in (kept, withdrawn, deleted, changed, again):
        assert server.api("POST", path + "/launch", key=key)[1]["state"] == "scheduled"
    copied(server)
    for path in (withdrawn, deleted, changed, again):
        assert server.api("POST", path + "/unschedule", key=key)[0] == 202
    assert server.api("DELETE", deleted, key=key)[0] == 204
    assert server.api("PATCH", changed, {"body": "other words", "send_at": "2030-01-01T00:00:00Z"}, key)[0] == 202
    for path in (changed, again):
        assert server.api("POST", path + "/launch", key=key)[1]["state"] == "scheduled"
    # A limit that was raised since is not what the file says, and what is noted of an id is not the next campaign's.
    fresh = draft(server, key, name="fresh")
    assert server.api("PATCH", fresh, {"budget_micros": 1}, key)[0] == 202
    put_back(server)
    for path in (withdrawn, deleted, changed, again):
        now = state(server, path, key)
        assert (now["state"], now["paused_by"]) == ("paused", "restore"), now
    made, second = draft(server, key, name="made", body="made"), draft(server, key, name="second", send_at="2030-01-01T00:00:00Z")
    assert made.rsplit("/", 1)[1] > fresh.rsplit("/", 1)[1]
    server.stop()
    server.start(ahead="+40m")
    assert server.completed(kept, key)["counts"]["audience"] == 3
    assert {sent["body"] for sent in provider.ledger("created")} == {"kept"}
    assert server.api("POST", again + "/resume", key=key)[0] == 202
    assert server.completed(again, key)["counts"]["audience"] == 3
    # In a file that was not put back one that was launched twice stays as it is.
    for step in ("launch", "unschedule", "launch"):
        assert server.api("POST", second + "/" + step, key=key)[0] == 202
    server.stop()
    server.start(ahead="+40m")
    assert state(server, second, key)["state"] == "scheduled"


def get_link(server, path):
    return request(server.port, "GET", path, headers={"Host": HOST})


def test_texts_put_off_in_the_copy_and_sent_since_stay_sent(servers):
    server, provider = servers()
    server.start(ahead="+0")
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(12))
    now = datetime.now(ZoneInfo("America/Los_Angeles"))
    clock = lambda hours: (now + timedelta(hours=hours)).strftime("%H:%M")
    path = draft(server, key, quiet_hours={"enabled": True, "start": clock(-1), "end": clock(2)})
    assert server.api("POST", path + "/launch", key=key)[0] == 202
    wait_until(lambda: state(server, path, key)["counts"]["deferred"] == 12)
    copied(server)
    server.stop()
    until = first_deferred(server, path, key)
    server.start(ahead=until)
    wait_until(lambda: provider.summary()["created"] == 12, 60)
    # A report that came after the copy is back would prove its text again.
    provider.idle()
    wait_until(lambda: state(server, path, key)["counts"]["delivered"] == 12)
    put_back(server)
    assert state(server, path, key)["counts"]["unknown"] == 12
    provider.control("POST", "callbacks/replay")
    wait_until(lambda: state(server, path, key)["counts"]["delivered"] == 12)
    server.cli("tenant", "unfence", "acme")
    server.api("POST", path + "/resume", key=key)
    server.completed(path, key)
    texted_once(provider)


def first_deferred(server, path, key):
    """How far ahead the first of them may go, as `start` takes it."""
    file = sqlite3.connect(f"file:{server.data}/tenants/acme/tenant.sqlite?mode=ro", uri=True)
    until = file.execute("SELECT min(deferred_until) FROM send_jobs WHERE state = 'deferred'").fetchone()[0]
    file.close()
    return f"+{int(until / 1000 - datetime.now().timestamp()) + 2}s"


def test_money_spent_since_the_copy_counts(servers):
    server, provider = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(10))
    assert server.api("PUT", f"{BASE}/budget", {"daily_micros": 8300 * 15, "monthly_micros": None}, key)[0] == 200
    copied(server)
    run(server, draft(server, key), key)
    put_back(server)
    server.cli("tenant", "unfence", "acme")
    budget = server.api("GET", f"{BASE}/budget", key=key)[1]
    assert budget["used_today_micros"] == 8300 * 10, budget
    path = draft(server, key, name="again")
    assert server.api("POST", path + "/launch", key=key)[0] == 202
    wait_until(lambda: (w := state(server, path, key)["waiting"]) and w["reason"] == "budget_day")
    # The claim that says why the rest waits comes before the calls of those it took.
    wait_until(lambda: provider.summary()["created"] >= 15)
    assert provider.summary()["created"] == 15


def test_one_that_was_cancelled_since_the_copy_does_not_go_on(servers):
    server, provider = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(10))
    server.api("PUT", f"{BASE}/kill-switch", {"on": True, "reason": "wait"}, key)
    path = draft(server, key)
    assert server.api("POST", path + "/launch", key=key)[0] == 202
    wait_until(lambda: state(server, path, key)["state"] == "running")
    copied(server)
    assert server.api("POST", path + "/cancel", key=key)[0] == 202
    server.cli("backup", "acme", "--to", server.data + "/newer.sqlite")
    server.cli("restore", "acme", "--from", server.data + "/newer.sqlite")
    assert state(server, path, key)["state"] == "cancelled"
    server.cli("tenant", "unfence", "acme")
    # The copy itself is not fenced: it is as it was, but for what somebody has stopped since.
    put_back(server)
    assert state(server, path, key)["state"] == "paused"
    server.api("PUT", f"{BASE}/kill-switch", {"on": False}, key)
    assert server.api("POST", path + "/resume", key=key)[0] == 202
    assert server.completed(path, key) and provider.summary()["created"] == 10


def test_a_start_that_comes_again_while_the_tenant_is_paused_does_not_undo_a_stop(servers):
    server, provider = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    person = "+14157000001"
    assert inbound(server, person, "START", "SM" + "1" * 32)[0] == 204
    assert inbound(server, person, "STOP", "SM" + "2" * 32)[0] == 204
    server.cli("tenant", "pause", "acme")
    assert inbound(server, person, "START", "SM" + "1" * 32)[0] == 204
    server.stop()
    server.start()
    assert inbound(server, person, "START", "SM" + "1" * 32)[0] == 204
    server.cli("tenant", "resume", "acme")
    blocked = server.api("GET", f"{BASE}/do-not-contact", key=key)[1]["data"]
    assert [row["phone"] for row in blocked] == [person]


def test_a_budget_that_was_cut_since_the_copy_holds(servers):
    server, provider = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(10))
    path = draft(server, key)
    copied(server)
    assert server.api("PATCH", path, {"budget_micros": 8300 * 4}, key)[0] == 202
    assert server.api("PUT", f"{BASE}/budget", {"daily_micros": 8300 * 7}, key)[0] == 200
    put_back(server)
    # Nothing was sent since, so nothing is fenced.
    assert server.api("POST", path + "/launch", key=key)[0] == 202
    wait_until(lambda: (w := state(server, path, key)["waiting"]) and w["reason"] == "budget")
    other = draft(server, key, name="other")
    assert server.api("POST", other + "/launch", key=key)[0] == 202
    wait_until(lambda: (w := state(server, other, key)["waiting"]) and w["reason"] == "budget_day")
    # The claim that says why the rest waits comes before the calls of those it took.
    wait_until(lambda: provider.summary()["created"] >= 7)
    assert provider.summary()["created"] == 7
    # What a person takes away is gone, also behind another copy.
    copied(server)
    assert server.api("PATCH", path, {"budget_micros": None}, key)[0] == 202
    assert server.api("PUT", f"{BASE}/budget", {"daily_micros": None}, key)[0] == 200
    assert server.api("PUT", f"{BASE}/budget", {}, key)[0] == 422
    server.completed(path, key)
    server.completed(other, key)
    server.kill()
    server.start()
    budget = server.api("GET", f"{BASE}/budget", key=key)[1]
    assert budget["daily_micros"] is None and state(server, path, key)["counts"]["queued"] == 0
    texted = Counter(made["to"] for made in provider.ledger("created"))
    assert set(texted.values()) == {2} and len(texted) == 10
