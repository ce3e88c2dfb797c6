"""What is learnt after a text has gone, from callbacks and while a tenant is paused, counts as what is learnt at once."""
import sqlite3, time

from support import ACCOUNT, people, post_signed, request, wait_until

NUMBER = "+14155550100"
T = "/api/v1/tenants/acme/"


def jobs(house):
    with sqlite3.connect(f"file:{house.data}/tenants/acme/tenant.sqlite?mode=ro", uri=True) as file:
        return file.execute("SELECT id, attempt, phone, sid FROM send_jobs WHERE sid IS NOT NULL ORDER BY id").fetchall()


def report(house, job, status, **more):
    number, attempt, phone, sid = job
    url = f"{house.url}/webhooks/twilio/status?tenant=acme&job={number}&attempt={attempt:x}&issued={int(time.time())}"
    fields = {"MessageSid": sid, "MessageStatus": status, "AccountSid": ACCOUNT, "From": NUMBER, "To": f"+{phone}", **more}
    return post_signed(url, fields)[0]


def blocked(house, key):
    return {row["phone"] for row in house.api("GET", T + "do-not-contact?limit=500", key=key)[1]["data"]}


def opt_outs(house, path, key):
    return house.api("GET", path, key=key)[1]["counts"]["opt_outs"]


def test_an_opt_out_that_only_the_provider_knew_is_told_by_a_callback_and_counts_once(houses):
    house, provider = houses()
    house.start()
    key = house.provision("acme", NUMBER)
    house.import_csv("acme", key, people(3))
    path = house.campaign("acme", key, NUMBER, "Hello")
    house.completed(path, key)
    provider.idle()
    wait_until(lambda: house.api("GET", path, key=key)[1]["counts"]["delivered"] == 3)
    # One text is accepted, its reports are lost; then the carrier's no comes, twice.
    provider.faults(drop=1.0)
    house.import_csv("acme", key, "phone\n+14158675309\n")
    second = house.campaign("acme", key, NUMBER, "Again")
    house.completed(second, key)
    job = jobs(house)[-1]
    for _ in range(2):
        assert report(house, job, "undelivered", ErrorCode="21610") == 204
    phone = f"+{job[2]}"
    wait_until(lambda: phone in blocked(house, key))
    house.kill()
    house.start()
    assert blocked(house, key) == {phone}
    before = len(provider.ledger("created"))
    third = house.campaign("acme", key, NUMBER, "Third")
    assert house.completed(third, key)["counts"]["audience"] == 4
    assert phone not in {m["to"] for m in provider.ledger("created")[before:]}


def test_a_callback_that_says_nothing_will_go_through_stops_the_tenant(houses):
    for code in ("30002", "63038"):
        house, provider = houses()
        house.start()
        key = house.provision("acme", NUMBER)
        other = house.provision("other", "+14155550101")
        house.import_csv("acme", key, people(1))
        path = house.campaign("acme", key, NUMBER, "Hello")
        house.completed(path, key)
        provider.faults(drop=1.0)
        job = jobs(house)[0]
        # Its own report may have come first: a failure after "sent" still counts.
        assert report(house, job, "failed", ErrorCode=code) == 204
        wait_until(lambda: house.api("GET", T + "kill-switch", key=key)[1].get("on"))
        status, switch = house.api("GET", T + "kill-switch", key=key)
        assert status == 200 and code in str(switch), switch
        assert not house.api("GET", "/api/v1/tenants/other/kill-switch", key=other)[1].get("on")
        house.stop()


def test_the_unsubscribe_page_works_while_the_tenant_is_paused_and_pressing_again_changes_nothing(houses):
    house, provider = houses("--callback-delay", "5-20")
    house.start()
    key = house.provision("acme", NUMBER, host="go.acme.test")
    house.import_csv("acme", key, people(3))
    path = house.campaign("acme", key, NUMBER, "Sale. Stop: {{unsubscribe_link}}")
    house.completed(path, key)
    bodies = {m["to"]: m["body"] for m in provider.ledger("created")}
    page = bodies["+14157000001"].rsplit("go.acme.test", 1)[1]
    assert house.cli("tenant", "pause", "acme")["state"] == "paused"
    for _ in range(3):
        status, _, text = request(house.port, "POST", page, headers={"Host": "go.acme.test"})
        assert status == 200, text
    # What was answered holds across a crash, and across an old file put back.
    house.kill()
    house.start()
    house.cli("tenant", "resume", "acme")
    assert blocked(house, key) == {"+14157000001"}
    revoked = [c for c in house.api("GET", T + "consents?phone=%2B14157000001", key=key)[1]["data"] if c["action"] == "revoke"]
    assert len(revoked) == 1 and revoked[0]["method"] == "page", revoked
    # A stop that was already known is not written down again by each press.
    for _ in range(3):
        assert request(house.port, "POST", page, headers={"Host": "go.acme.test"})[0] == 200
    again = [c for c in house.api("GET", T + "consents?phone=%2B14157000001", key=key)[1]["data"] if c["action"] == "revoke"]
    assert again == revoked
