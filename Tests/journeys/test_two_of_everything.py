"""What two tenants, or two installations, have in common: each callback, link and opt-out reaches whom it is of, also after a move."""
import sqlite3, time

import pytest
from support import ACCOUNT, TOKEN, people, post_signed, request, wait_until

NUMBER, SECOND, POOLED = "+14155550100", "+14155550101", "+14155550105"
SERVICE, OTHER_TOKEN = "MG" + "a" * 32, "67890"
HOST = "go.shop.test"
PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
         "Accept": "text/html", "Accept-Language": "en"}


def base(tenant):
    return f"/api/v1/tenants/{tenant}/"


def rows(server, tenant, sql):
    with sqlite3.connect(f"file:{server.data}/tenants/{tenant}/tenant.sqlite?mode=ro", uri=True) as file:
        return file.execute(sql).fetchall()


def job_of(server, tenant):
    return rows(server, tenant, "SELECT id, attempt, phone, sid FROM send_jobs WHERE sid IS NOT NULL ORDER BY id DESC LIMIT 1")[0]


def report(server, tenant, job, sender, token=TOKEN, status="delivered", **more):
    number, attempt, phone, sid = job
    url = f"{server.url}/webhooks/twilio/status?tenant={tenant}&job={number}&attempt={attempt:x}&issued={int(time.time())}"
    return post_signed(url, {"MessageSid": sid, "MessageStatus": status, "AccountSid": ACCOUNT, "From": sender, "To": f"+{phone}", **more}, token)[0]


def inbound(server, sender, to, body, sid, token=TOKEN, **more):
    return post_signed(server.url + "/webhooks/twilio/inbound", {"MessageSid": sid, "From": sender, "To": to, "Body": body, **more}, token)[0]


def blocked(server, tenant, key):
    return {row["phone"] for row in server.api("GET", base(tenant) + "do-not-contact", key=key)[1]["data"]}


def counts(server, path, key):
    return server.api("GET", path, key=key)[1]["counts"]


def test_tenants_that_share_a_messaging_service_hear_of_their_own_texts_alone(servers):
    server, provider = servers("--account", f"{ACCOUNT}={TOKEN},{OTHER_TOKEN}", "--pool", f"{SERVICE}={NUMBER},{SECOND},{POOLED}", "--callback-delay", "5-20")
    server.start()
    keys = {"acme": server.provision("acme", NUMBER)}
    server.cli("tenant", "create", "other", "--name", "Other", "--owner-email", "o@other.test", "--twilio-sid", ACCOUNT, "--twilio-token", OTHER_TOKEN)
    keys["other"] = server.cli("key", "create", "other", "--role", "owner", "--name", "journey")["key"]
    numbers = {"acme": NUMBER, "other": SECOND}
    for tenant, number in numbers.items():
        server.cli("number", "add", tenant, number, "--rate", "2000", "--warm-up", "off", "--messaging-service", SERVICE)
    # The provider signs with one token at a time; the service picks any number of its pool, also one that no tenant has.
    for tenant, token in (("acme", TOKEN), ("other", OTHER_TOKEN)):
        provider.control("PUT", "signing", {ACCOUNT: token})
        server.import_csv(tenant, keys[tenant], people(12, start=0 if tenant == "acme" else 100))
        path = server.campaign(tenant, keys[tenant], numbers[tenant], "Hello")
        server.completed(path, keys[tenant])
        provider.idle()
        wait_until(lambda: counts(server, path, keys[tenant])["delivered"] == 12)
    assert {row["from"] for row in provider.ledger("created")} >= {NUMBER, SECOND, POOLED}

    # Anyone who holds one tenant's token speaks for that one alone, whichever sender is named.
    jobs = {tenant: job_of(server, tenant) for tenant in keys}
    before = {tenant: rows(server, tenant, "SELECT count(*) FROM webhook_events") for tenant in keys}
    for sender in (NUMBER, SECOND, POOLED):
        more = {"MessagingServiceSid": SERVICE}
        assert report(server, "other", jobs["other"], sender, TOKEN, "undelivered", **more) == 403
        assert report(server, "acme", jobs["acme"], sender, OTHER_TOKEN, "undelivered", **more) == 403
        assert report(server, "nobody", jobs["acme"], sender, TOKEN, "undelivered", **more) == 403
    assert report(server, "acme", jobs["acme"], POOLED) == 404
    assert {tenant: rows(server, tenant, "SELECT count(*) FROM webhook_events") for tenant in keys} == before

    # What a person writes goes by the number; a shared service says nothing about whose it is.
    assert inbound(server, "+14157000001", NUMBER, "STOP", "SM" + "1" * 32, TOKEN, MessagingServiceSid=SERVICE) == 204
    assert inbound(server, "+14157000101", SECOND, "STOP", "SM" + "2" * 32, OTHER_TOKEN, MessagingServiceSid=SERVICE) == 204
    assert inbound(server, "+14157000102", POOLED, "STOP", "SM" + "3" * 32, TOKEN, MessagingServiceSid=SERVICE) == 404
    assert blocked(server, "acme", keys["acme"]) == {"+14157000001"} and blocked(server, "other", keys["other"]) == {"+14157000101"}


@pytest.mark.parametrize("paused", [False, True])
def test_a_number_that_moves_leaves_its_late_reports_with_the_tenant_that_texted(servers, paused):
    server, provider = servers()
    server.start()
    keys = {"acme": server.provision("acme", NUMBER), "beta": server.provision("beta", SECOND)}
    provider.faults(drop=1.0)  # its reports come later, by our own hand
    server.import_csv("acme", keys["acme"], people(1))
    path = server.campaign("acme", keys["acme"], NUMBER, "Hello")
    server.completed(path, keys["acme"])
    job = job_of(server, "acme")
    assert inbound(server, "+14157000050", NUMBER, "STOP", "SM" + "1" * 32) == 204
    if paused:
        server.cli("tenant", "pause", "acme")
    assert server.cli("number", "move", "acme", NUMBER, "--to", "beta")["tenant"] == "beta"
    server.cli("number", "move", "acme", NUMBER, "--to", "beta", fails=True)
    assert server.cli("tenant", "show", "acme")["numbers"] == [] and server.cli("tenant", "show", "beta")["numbers"] == [NUMBER, SECOND]

    # What is on its way about an older text is its tenant's; a tenant that has never had the number is still none of its senders.
    assert report(server, "acme", job, NUMBER, status="sent") == 204
    server.provision("gamma", "+14155550102")
    assert report(server, "gamma", job, NUMBER) == 403
    # What people write from now on is the new tenant's, anyone who has texted them.
    assert inbound(server, "+14157000000", NUMBER, "STOP", "SM" + "2" * 32) == 204
    server.kill()
    server.start()
    if paused:
        server.cli("tenant", "resume", "acme")
    assert report(server, "acme", job, NUMBER) == 204
    wait_until(lambda: counts(server, path, keys["acme"])["delivered"] == 1)
    assert blocked(server, "acme", keys["acme"]) == {"+14157000050"} and blocked(server, "beta", keys["beta"]) == {"+14157000000"}

    # The old tenant texts from it no more, the new one does.
    made = server.api("POST", base("acme") + "campaigns", {"name": "c", "body": "b", "audience": {"all": True}, "numbers": [NUMBER]}, keys["acme"])
    assert made[0] == 422 and "not a sending number" in str(made[1])
    provider.faults(drop=0)
    server.import_csv("beta", keys["beta"], people(1, start=60))
    path = server.campaign("beta", keys["beta"], NUMBER, "Hello")
    server.completed(path, keys["beta"])
    wait_until(lambda: counts(server, path, keys["beta"])["delivered"] == 1)
    # And back: it is a number like any other.
    server.cli("number", "move", "beta", NUMBER, "--to", "acme")
    again = server.campaign("acme", keys["acme"], NUMBER, "Again")
    server.completed(again, keys["acme"])
    wait_until(lambda: counts(server, again, keys["acme"])["delivered"] == 1)


def test_a_number_that_moves_in_mid_campaign_texts_nobody_for_its_old_tenant_behind_the_answer(servers):
    server, provider = servers("--latency", "20")
    server.start()
    keys = {"acme": server.provision("acme", NUMBER), "beta": server.provision("beta", SECOND)}
    server.cli("number", "add", "acme", NUMBER, "--rate", "100")
    server.import_csv("acme", keys["acme"], people(600))
    path = server.campaign("acme", keys["acme"], NUMBER, "Hello")
    wait_until(lambda: provider.requests() > 50)
    server.cli("number", "move", "acme", NUMBER, "--to", "beta")
    show = lambda: server.api("GET", path, key=keys["acme"])[1]
    wait_until(lambda: show()["counts"]["sending"] == 0 and (show()["waiting"] or {}).get("reason") == "no_number")
    sent = provider.requests()
    server.api("POST", path + "/pause", {"reason": "look"}, keys["acme"])
    assert provider.requests() == sent < 600 and provider.summary()["most_alike"] == 1
    now = show()["counts"]
    assert now["queued"] + now["accepted"] + now["sent"] + now["delivered"] + now["unknown"] == now["audience"] == 600
    # To carriers it is the same number, on the same day: there and back, what it has sent counts.
    used = lambda tenant: {n["number"]: n["used_today"] for n in server.api("GET", base(tenant) + "numbers", key=keys[tenant])[1]["data"]}
    assert used("beta")[NUMBER] >= sent and used("beta")[SECOND] == 0
    server.cli("number", "move", "beta", NUMBER, "--to", "acme")
    assert used("acme")[NUMBER] >= sent


def get(server, path, host=HOST, method="GET"):
    status, headers, body = request(server.port, method, path, headers={"Host": host, **PHONE})
    return status, {name.lower(): value for name, value in headers.items()}, body.decode()


def link(server, tenant, key, target):
    status, made = server.api("POST", base(tenant) + "links", {"target": target}, key)
    assert status == 201, made
    return made["id"], made["url"].removeprefix(f"https://{HOST}")


def test_links_at_a_host_that_moves_lead_nowhere_and_never_to_the_new_tenant(servers, redis):
    server, provider = servers("--callback-delay", "5-20")
    server.environment["ROUNDHOUSE_REDIS_URL"] = redis[0]
    server.start()
    keys = {"acme": server.provision("acme", NUMBER, host=HOST), "beta": server.provision("beta", SECOND)}
    server.cli("host", "add", "acme", "old.acme.test")
    id, path = link(server, "acme", keys["acme"], "https://acme.test/menu")
    assert get(server, path)[1]["location"] == "https://acme.test/menu"  # known in memory and in Redis now
    server.cli("host", "default", "acme", "old.acme.test")
    server.cli("host", "remove", "acme", HOST)
    server.cli("host", "add", "beta", HOST)
    for _ in range(2):
        status, _, page = get(server, path)
        assert status == 404 and "Beta" in page and "Acme" not in page
        assert get(server, "/u" + path, method="POST")[0] == 404
        other, theirs = link(server, "beta", keys["beta"], "https://beta.test/menu")
        assert get(server, theirs)[1]["location"] == "https://beta.test/menu"
        # Its links live on where the tenant lives, and lead nowhere at anybody else's host.
        assert get(server, path, "old.acme.test")[1]["location"] == "https://acme.test/menu"
        assert get(server, theirs, "old.acme.test")[0] == 404
        server.kill()
        server.start()
    hits = lambda tenant, id: len(server.api("GET", base(tenant) + f"links/{id}/hits", key=keys[tenant])[1]["data"])
    assert hits("acme", id) == 3 and hits("beta", other) == 1


def test_two_installations_on_one_redis_answer_with_their_own_links(servers, redis):
    installations = []
    for name in ("one", "two"):
        server, provider = servers("--callback-delay", "5-20")
        server.environment["ROUNDHOUSE_REDIS_URL"] = redis[0]
        server.start()
        key = server.provision("acme", NUMBER, host=HOST)
        server.import_csv("acme", key, people(1))
        # The first link of the first text, in both.
        server.completed(server.campaign("acme", key, NUMBER, f"See https://{name}.test/menu"), key)
        installations.append((server, provider.ledger("created")[0]["body"].rsplit(HOST, 1)[1], f"https://{name}.test/menu"))
    for server, path, target in installations:
        assert get(server, path)[1]["location"] == target
    for server, _, _ in installations:
        server.cli("tenant", "pause", "acme")
        server.kill()
        server.start()
    for server, path, target in installations:
        assert get(server, path)[1]["location"] == target


def test_what_people_write_to_a_number_that_moved_is_of_whom_its_account_signs_for(servers):
    server, _ = servers()
    server.start()
    key, other = server.provision("acme", NUMBER), "AC" + "b" * 32
    server.cli("tenant", "create", "beta", "--name", "Beta", "--owner-email", "o@beta.test", "--twilio-sid", other, "--twilio-token", OTHER_TOKEN)
    beta = server.cli("key", "create", "beta", "--role", "owner", "--name", "b")["key"]
    server.cli("number", "move", "acme", NUMBER, "--to", "beta")

    def stop(person, n, account, token):
        fields = {"MessageSid": "SM" + str(n) * 32, "AccountSid": account, "From": person, "To": NUMBER, "Body": "STOP", "NumMedia": "0"}
        return post_signed(server.url + "/webhooks/twilio/inbound", fields, token)[0]

    # Here it is beta's, at the provider still in acme's account: the answer to acme's text.
    assert stop("+14157000001", 1, ACCOUNT, TOKEN) == 204
    assert stop("+14157000002", 2, other, OTHER_TOKEN) == 204
    assert stop("+14157000003", 3, ACCOUNT, OTHER_TOKEN) == 403 and stop("+14157000003", 4, other, TOKEN) == 403
    assert blocked(server, "acme", key) == {"+14157000001"} and blocked(server, "beta", beta) == {"+14157000002"}
