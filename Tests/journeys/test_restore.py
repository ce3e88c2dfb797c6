"""What a file put back from an older copy has forgotten is known outside it: nobody is texted again, nothing that was said is lost."""
import re, shutil, sqlite3
from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from support import ACCOUNT, people, post_signed, request, wait_until

NUMBER, HOST = "+14155550100", "go.acme.test"
BASE = "/api/v1/tenants/acme"


def inbound(house, sender, body, sid):
    fields = {"MessageSid": sid, "AccountSid": ACCOUNT, "From": sender, "To": NUMBER, "Body": body, "NumMedia": "0"}
    return post_signed(house.url + "/webhooks/twilio/inbound", fields)


def draft(house, key, **more):
    made = {"name": "sale", "body": "Hi {{first_name}}", "audience": {"all": True}, "numbers": [NUMBER], "purpose": "informational", **more}
    status, campaign = house.api("POST", f"{BASE}/campaigns", made, key)
    assert status == 201, campaign
    return f"{BASE}/campaigns/{campaign['id']}"


def copied(house):
    """The file as it is while paused."""
    house.cli("tenant", "pause", "acme")
    shutil.copy(house.data + "/tenants/acme/tenant.sqlite", house.data + "/old.sqlite")
    house.cli("tenant", "resume", "acme")


def put_back(house):
    house.cli("tenant", "pause", "acme")
    shutil.copy(house.data + "/old.sqlite", house.data + "/tenants/acme/tenant.sqlite")
    house.cli("tenant", "resume", "acme")


def state(house, path, key):
    return house.api("GET", path, key=key)[1]


def texted_once(provider):
    assert max(Counter(made["to"] for made in provider.ledger("created")).values()) == 1


def run(house, path, key):
    assert house.api("POST", path + "/launch", key=key)[0] == 202
    return house.completed(path, key)


def test_a_campaign_that_was_a_draft_or_scheduled_in_the_copy_is_not_texted_again(houses):
    house, provider = houses()
    house.start()
    key = house.provision("acme", NUMBER, host=HOST)
    house.import_csv("acme", key, people(20))
    first, second = draft(house, key, body="Hi https://shop.test/a"), draft(house, key, name="later", send_at="2030-01-01T00:00:00Z")
    assert house.api("POST", second + "/launch", key=key)[1]["state"] == "scheduled"
    copied(house)
    run(house, first, key)
    provider.idle()
    # One that the copy has never heard of.
    third = draft(house, key, name="new", body="New {{first_name}} https://shop.test/b")
    assert run(house, third, key)["counts"]["audience"] == 20
    sent = provider.summary()["created"]
    put_back(house)
    assert state(house, first, key)["state"] == "draft"
    house.cli("tenant", "unfence", "acme")
    back = state(house, first, key)
    assert (back["state"], back["paused_by"]) == ("paused", "restore") and "copy" in back["pause_reason"]
    assert state(house, second, key)["state"] == "scheduled"
    new = state(house, third, key)
    assert (new["state"], new["name"], new["counts"]["unknown"] + new["counts"]["delivered"]) == ("cancelled", "new", 20)
    # Links in texts that people have lead on, also those of the campaign made since.
    for made in provider.ledger("created"):
        token = re.search(r"https://go\.acme\.test/(\w+)", made["body"]).group(1)
        status, headers, _ = house_get(house, f"/{token}")
        assert (status, headers["Location"][:21]) == (302, "https://shop.test/" + ("b" if made["body"].startswith("New") else "a") + headers["Location"][19:21])
    # Resumed, it has nobody left: everybody had the text.
    assert house.api("POST", first + "/resume", key=key)[0] == 202
    done = house.completed(first, key)
    assert done["counts"]["audience"] == 20 == done["counts"]["unknown"] + done["counts"]["delivered"]
    assert provider.summary()["created"] == sent
    # Late reports prove what went out.
    provider.idle()
    provider.control("POST", "callbacks/replay")
    wait_until(lambda: state(house, first, key)["counts"]["delivered"] == 20 and state(house, third, key)["counts"]["delivered"] == 20)
    check = house.cli("figures", "check", "acme")
    assert check.get("differences", check.get("data", [])) in ([], 0), check


def house_get(house, path):
    return request(house.port, "GET", path, headers={"Host": HOST})


def test_texts_put_off_in_the_copy_and_sent_since_stay_sent(houses):
    house, provider = houses()
    house.start(ahead="+0")
    key = house.provision("acme", NUMBER)
    house.import_csv("acme", key, people(12))
    now = datetime.now(ZoneInfo("America/Los_Angeles"))
    clock = lambda hours: (now + timedelta(hours=hours)).strftime("%H:%M")
    path = draft(house, key, quiet_hours={"enabled": True, "start": clock(-1), "end": clock(2)})
    assert house.api("POST", path + "/launch", key=key)[0] == 202
    wait_until(lambda: state(house, path, key)["counts"]["deferred"] == 12)
    copied(house)
    house.stop()
    until = house_deferred(house, path, key)
    house.start(ahead=until)
    wait_until(lambda: provider.summary()["created"] == 12, 60)
    # A report that came after the copy is back would prove its text again.
    provider.idle()
    wait_until(lambda: state(house, path, key)["counts"]["delivered"] == 12)
    put_back(house)
    assert state(house, path, key)["counts"]["unknown"] == 12
    provider.control("POST", "callbacks/replay")
    wait_until(lambda: state(house, path, key)["counts"]["delivered"] == 12)
    house.cli("tenant", "unfence", "acme")
    house.api("POST", path + "/resume", key=key)
    house.completed(path, key)
    texted_once(provider)


def house_deferred(house, path, key):
    """How far ahead the first of them may go, as faketime takes it."""
    file = sqlite3.connect(f"file:{house.data}/tenants/acme/tenant.sqlite?mode=ro", uri=True)
    until = file.execute("SELECT min(deferred_until) FROM send_jobs WHERE state = 'deferred'").fetchone()[0]
    file.close()
    return f"+{int(until / 1000 - datetime.now().timestamp()) + 2}s"


def test_money_spent_since_the_copy_counts(houses):
    house, provider = houses()
    house.start()
    key = house.provision("acme", NUMBER)
    house.import_csv("acme", key, people(10))
    assert house.api("PUT", f"{BASE}/budget", {"daily_micros": 8300 * 15, "monthly_micros": None}, key)[0] == 200
    copied(house)
    run(house, draft(house, key), key)
    put_back(house)
    house.cli("tenant", "unfence", "acme")
    budget = house.api("GET", f"{BASE}/budget", key=key)[1]
    assert budget["used_today_micros"] == 8300 * 10, budget
    path = draft(house, key, name="again")
    assert house.api("POST", path + "/launch", key=key)[0] == 202
    wait_until(lambda: (w := state(house, path, key)["waiting"]) and w["reason"] == "budget_day")
    assert provider.summary()["created"] == 15


def test_one_that_was_cancelled_since_the_copy_does_not_go_on(houses):
    house, provider = houses()
    house.start()
    key = house.provision("acme", NUMBER)
    house.import_csv("acme", key, people(10))
    house.api("PUT", f"{BASE}/kill-switch", {"on": True, "reason": "wait"}, key)
    path = draft(house, key)
    assert house.api("POST", path + "/launch", key=key)[0] == 202
    wait_until(lambda: state(house, path, key)["state"] == "running")
    copied(house)
    assert house.api("POST", path + "/cancel", key=key)[0] == 202
    house.cli("backup", "acme", "--to", house.data + "/newer.sqlite")
    house.cli("restore", "acme", "--from", house.data + "/newer.sqlite")
    assert state(house, path, key)["state"] == "cancelled"
    house.cli("tenant", "unfence", "acme")
    # The copy itself is not fenced: it is as it was, but for what somebody has stopped since.
    put_back(house)
    assert state(house, path, key)["state"] == "paused"
    house.api("PUT", f"{BASE}/kill-switch", {"on": False}, key)
    assert house.api("POST", path + "/resume", key=key)[0] == 202
    assert house.completed(path, key) and provider.summary()["created"] == 10


def test_a_start_that_comes_again_while_the_tenant_is_paused_does_not_undo_a_stop(houses):
    house, provider = houses()
    house.start()
    key = house.provision("acme", NUMBER)
    person = "+14157000001"
    assert inbound(house, person, "START", "SM" + "1" * 32)[0] == 204
    assert inbound(house, person, "STOP", "SM" + "2" * 32)[0] == 204
    house.cli("tenant", "pause", "acme")
    assert inbound(house, person, "START", "SM" + "1" * 32)[0] == 204
    house.stop()
    house.start()
    assert inbound(house, person, "START", "SM" + "1" * 32)[0] == 204
    house.cli("tenant", "resume", "acme")
    blocked = house.api("GET", f"{BASE}/do-not-contact", key=key)[1]["data"]
    assert [row["phone"] for row in blocked] == [person]


def test_a_budget_that_was_cut_since_the_copy_holds(houses):
    house, provider = houses()
    house.start()
    key = house.provision("acme", NUMBER)
    house.import_csv("acme", key, people(10))
    path = draft(house, key)
    copied(house)
    assert house.api("PATCH", path, {"budget_micros": 8300 * 4}, key)[0] == 202
    assert house.api("PUT", f"{BASE}/budget", {"daily_micros": 8300 * 7}, key)[0] == 200
    put_back(house)
    # Nothing was sent since, so nothing is fenced.
    assert house.api("POST", path + "/launch", key=key)[0] == 202
    wait_until(lambda: (w := state(house, path, key)["waiting"]) and w["reason"] == "budget")
    other = draft(house, key, name="other")
    assert house.api("POST", other + "/launch", key=key)[0] == 202
    wait_until(lambda: (w := state(house, other, key)["waiting"]) and w["reason"] == "budget_day")
    assert provider.summary()["created"] == 7
    # What a person takes away is gone, also behind another copy.
    copied(house)
    assert house.api("PATCH", path, {"budget_micros": None}, key)[0] == 202
    assert house.api("PUT", f"{BASE}/budget", {"daily_micros": None}, key)[0] == 200
    assert house.api("PUT", f"{BASE}/budget", {}, key)[0] == 422
    house.completed(path, key)
    house.completed(other, key)
    house.kill()
    house.start()
    budget = house.api("GET", f"{BASE}/budget", key=key)[1]
    assert budget["daily_micros"] is None and state(house, path, key)["counts"]["queued"] == 0
    texted = Counter(made["to"] for made in provider.ledger("created"))
    assert set(texted.values()) == {2} and len(texted) == 10
