"""What is learnt after a text has gone, from callbacks and while a tenant is paused, counts as what is learnt at once."""
import sqlite3, time

from support import ACCOUNT, people, post_signed, request, wait_until

NUMBER = "+14155550100"
T = "/api/v1/tenants/acme/"


def jobs(server):
    with sqlite3.connect(f"file:{server.data}/tenants/acme/tenant.sqlite?mode=ro", uri=True) as file:
        return file.execute("SELECT id, attempt, phone, sid FROM send_jobs WHERE sid IS NOT NULL ORDER BY id").fetchall()


def report(server, job, status, **more):
    number, attempt, phone, sid = job
    url = f"{server.url}/webhooks/twilio/status?tenant=acme&job={number}&attempt={attempt:x}&issued={int(time.time())}"
    fields = {"MessageSid": sid, "MessageStatus": status, "AccountSid": ACCOUNT, "From": NUMBER, "To": f"+{phone}", **more}
    return post_signed(url, fields)[0]


def blocked(server, key):
    return {row["phone"] for row in server.api("GET", T + "do-not-contact?limit=500", key=key)[1]["data"]}


def opt_outs(server, path, key):
    return server.api("GET", path, key=key)[1]["counts"]["opt_outs"]


def test_an_opt_out_that_only_the_provider_knew_is_told_by_a_callback_and_counts_once(servers):
    server, provider = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(3))
    path = server.campaign("acme", key, NUMBER, "Hello")
    server.completed(path, key)
    provider.idle()
    wait_until(lambda: server.api("GET", path, key=key)[1]["counts"]["delivered"] == 3)
    # One text is accepted, its reports are lost; then the carrier's no comes, twice.
    provider.faults(drop=1.0)
    server.import_csv("acme", key, "phone\n+14158675309\n")
    second = server.campaign("acme", key, NUMBER, "Again")
    server.completed(second, key)
    job = jobs(server)[-1]
    for _ in range(2):
        assert report(server, job, "undelivered", ErrorCode="21610") == 204
    phone = f"+{job[2]}"
    wait_until(lambda: phone in blocked(server, key))
    server.kill()
    server.start()
    assert blocked(server, key) == {phone}
    before = len(provider.ledger("created"))
    third = server.campaign("acme", key, NUMBER, "Third")
    assert server.completed(third, key)["counts"]["audience"] == 4
    assert phone not in {m["to"] for m in provider.ledger("created")[before:]}


def test_a_callback_that_says_nothing_will_go_through_stops_the_tenant(servers):
    for code in ("30002", "63038"):
        server, provider = servers()
        server.start()
        key = server.provision("acme", NUMBER)
        other = server.provision("other", "+14155550101")
        server.import_csv("acme", key, people(1))
        path = server.campaign("acme", key, NUMBER, "Hello")
        server.completed(path, key)
        provider.faults(drop=1.0)
        job = jobs(server)[0]
        # Its own report may have come first: a failure after "sent" still counts.
        assert report(server, job, "failed", ErrorCode=code) == 204
        wait_until(lambda: server.api("GET", T + "kill-switch", key=key)[1].get("on"))
        status, switch = server.api("GET", T + "kill-switch", key=key)
        assert status == 200 and code in str(switch), switch
        assert not server.api("GET", "/api/v1/tenants/other/kill-switch", key=other)[1].get("on")
        server.stop()


def test_the_unsubscribe_page_works_while_the_tenant_is_paused_and_pressing_again_changes_nothing(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER, host="go.acme.test")
    server.import_csv("acme", key, people(3))
    path = server.campaign("acme", key, NUMBER, "Sale. Stop: {{unsubscribe_link}}")
    server.completed(path, key)
    bodies = {m["to"]: m["body"] for m in provider.ledger("created")}
    page = bodies["+14157000001"].rsplit("go.acme.test", 1)[1]
    assert server.cli("tenant", "pause", "acme")["state"] == "paused"
    for _ in range(3):
        status, _, text = request(server.port, "POST", page, headers={"Host": "go.acme.test"})
        assert status == 200, text
    # What was answered holds across a crash, and across an old file put back.
    server.kill()
    server.start()
    server.cli("tenant", "resume", "acme")
    assert blocked(server, key) == {"+14157000001"}
    revoked = [c for c in server.api("GET", T + "consents?phone=%2B14157000001", key=key)[1]["data"] if c["action"] == "revoke"]
    assert len(revoked) == 1 and revoked[0]["method"] == "page", revoked
    # A stop that was already known is not written down again by each press.
    for _ in range(3):
        assert request(server.port, "POST", page, headers={"Host": "go.acme.test"})[0] == 200
    again = [c for c in server.api("GET", T + "consents?phone=%2B14157000001", key=key)[1]["data"] if c["action"] == "revoke"]
    assert again == revoked
