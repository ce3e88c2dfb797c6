"""What all tenants draw on together: one that takes much of it, or takes its time, keeps none of it from others."""
import os, socket, sqlite3, threading
from concurrent.futures import ThreadPoolExecutor

from support import people, post_signed, request, wait_until
from test_outgoing import Receiver

NUMBER, SECOND, HOST = "+14155550100", "+14155550102", "go.acme.test"
T = "/api/v1/tenants/acme/"


def another_key(house, tenant="acme", role="owner"):
    return house.cli("key", "create", tenant, "--role", role, "--name", "another")["key"]


def slow_upload(house, key, path="imports?mode=commit", kind="text/csv", length=2_000_000):
    """Says that it brings a file, sends its beginning, and then nothing."""
    peer = socket.create_connection(("127.0.0.1", house.port), timeout=30)
    peer.sendall(f"POST {T}{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\nMobile\n+1415".encode())
    return peer


def answered(peers):
    """The heads of those that have been answered."""
    heads = []
    for peer in peers:
        peer.setblocking(False)
        try:
            heads.append(peer.recv(4096, socket.MSG_PEEK).decode())
        except BlockingIOError:
            pass
    return heads


def test_slow_uploads_of_one_key_leave_room_for_others_and_nothing_behind(house):
    keys = [house.provision("acme", NUMBER), another_key(house)]
    other = house.provision("other", SECOND)
    status, looked_at = house.api("POST", T + "imports?mode=dry-run", b"Mobile\n+14157000077\n", keys[0], {"Content-Type": "text/csv"})
    assert status == 202
    wait_until(lambda: house.api("GET", T + f"imports/{looked_at['id']}", key=keys[0])[1]["state"] == "completed")
    spool = f"{house.data}/tenants/acme/imports"
    kept = os.listdir(spool)
    assert len(kept) == 1

    slow = [slow_upload(house, keys[0]) for _ in range(40)]
    heads = wait_until(lambda: (h := answered(slow)) and len(h) == 32 and h)
    assert all(head.startswith("HTTP/1.1 429") and "retry-after: " in head.lower() for head in heads)
    # Long lists of opt-outs are uploads, too; other keys and other tenants have places of their own.
    opt_outs = slow_upload(house, keys[0], "do-not-contact", "text/plain")
    assert wait_until(lambda: answered([opt_outs]))[0].startswith("HTTP/1.1 429")
    assert house.import_csv("acme", keys[1], people(3))["created"] == 3
    assert house.import_csv("other", other, people(3))["created"] == 3
    more = [slow_upload(house, keys[1]) for _ in range(40)]
    wait_until(lambda: len(answered(more)) == 32)
    third = another_key(house)
    assert house.api("POST", T + "imports?mode=commit", b"Mobile\n+14157000078\n", third, {"Content-Type": "text/csv"})[0] == 429
    assert house.import_csv("other", other, people(3))["unchanged"] == 3
    # Whoever goes away gives the place back, and its file.
    for peer in more:
        peer.close()
    wait_until(lambda: house.api("POST", T + "imports?mode=commit", b"Mobile\n+14157000078\n", third, {"Content-Type": "text/csv"})[0] == 202)

    wait_until(lambda: len(os.listdir(spool)) == 9)
    house.kill()
    for peer in slow + [opt_outs]:
        peer.close()
    assert len(os.listdir(spool)) == 9
    house.start()
    wait_until(lambda: os.listdir(spool) == kept)
    assert house.api("POST", T + f"imports/{looked_at['id']}/commit", key=keys[0])[0] == 202
    wait_until(lambda: house.api("GET", T + "contacts?phone=%2B14157000077", key=keys[0])[1]["data"])


def test_test_webhooks_of_one_tenant_do_not_delay_anothers_deliveries(houses):
    house, _ = houses("--callback-delay", "5-30")
    house.environment["ROUNDHOUSE_WEBHOOK_ALLOW"] = "127.0.0.1/32"
    house.start()
    keys = [house.provision("acme", NUMBER)]
    keys += [another_key(house) for _ in range(3)]
    other = house.provision("other", SECOND)
    silent, quick, over = Receiver(), Receiver(), threading.Event()
    silent.answer = lambda body, headers: lambda handler: over.wait()
    made = house.api("POST", T + "webhook-endpoints", {"url": silent.url}, keys[0])[1]
    assert house.api("POST", "/api/v1/tenants/other/webhook-endpoints", {"url": quick.url}, other)[0] == 201
    try:
        with ThreadPoolExecutor(40) as pool:
            tests = [pool.submit(house.api, "POST", f"{T}webhook-endpoints/{made['id']}/test", None, keys[n % 4]) for n in range(600)]
            wait_until(lambda: len(silent.tried) == 8)
            house.api("POST", "/api/v1/tenants/other/do-not-contact", {"phone": "+14157000001"}, other)
            # Silence is given up after ten seconds; this must not wait for that.
            wait_until(lambda: quick.types() == ["opted_out"], 6)
            wait_until(lambda: sum(test.done() for test in tests) >= 592)
            over.set()
            statuses = [test.result()[0] for test in tests]
        assert set(statuses) == {200, 429} and statuses.count(429) >= 500
    finally:
        over.set()
        silent.close()
        quick.close()


def consents(house, phone, tenant="acme"):
    with sqlite3.connect(f"file:{house.data}/tenants/{tenant}/tenant.sqlite?mode=ro", uri=True) as file:
        return [row[0] for row in file.execute("SELECT action FROM consents WHERE phone = ? AND method <> 'import' ORDER BY no", (int(phone[1:]),))]


def revocations(house):
    """What is remembered longer than any backup."""
    with sqlite3.connect(f"file:{house.data}/intake.sqlite?mode=ro", uri=True) as file:
        return file.execute("SELECT count(*) FROM revocations").fetchone()[0]


def test_who_repeats_what_holds_already_writes_nothing(houses):
    house, provider = houses("--callback-delay", "5-20")
    house.start()
    key = house.provision("acme", NUMBER, host=HOST)
    house.import_csv("acme", key, people(2))
    path = house.campaign("acme", key, NUMBER, "Sale. Stop: {{unsubscribe_link}}")
    house.completed(path, key)
    pages = {m["to"]: m["body"].rsplit(HOST, 1)[1] for m in provider.ledger("created")}
    ada, bob = sorted(pages)
    press = lambda phone: request(house.port, "POST", pages[phone], headers={"Host": HOST})[0]
    text = lambda phone, body, sid: post_signed(house.url + "/webhooks/twilio/inbound", {"MessageSid": sid, "From": phone, "To": NUMBER, "Body": body})[0]

    def many(count, ask, *arguments):
        with ThreadPoolExecutor(16) as pool:
            return set(pool.map(lambda _: ask(*arguments), range(count)))

    assert many(1500, press, ada) == {200}
    assert consents(house, ada) == ["revoke"] and revocations(house) == 1
    add = lambda body: house.api("POST", T + "do-not-contact", body, key)[0]
    assert many(50, add, {"phone": ada, "reason": "asked by phone"}) == {201}
    assert many(50, add, {"phone": bob}) == {201} and many(20, add, {"phones": [ada, bob]}) == {200}
    assert consents(house, ada) == ["revoke"] and consents(house, bob) == ["revoke"] and revocations(house) == 2
    # Whoever has come back meanwhile is heard again; each text of a person is kept.
    assert text(ada, "START", "SM" + "1" * 32) == 204 and press(ada) == 200
    assert consents(house, ada) == ["revoke", "grant", "revoke"]
    house.cli("tenant", "pause", "acme")
    before = revocations(house)
    assert many(100, press, ada) == {200} and revocations(house) <= before + 1
    assert text(ada, "START", "SM" + "2" * 32) == 204 and many(50, press, ada) == {200}
    assert revocations(house) <= before + 3
    house.cli("tenant", "resume", "acme")
    assert house.api("GET", T + f"do-not-contact?phone=%2B{ada[1:]}", key=key)[1]["data"] != []
    assert consents(house, ada)[-2:] == ["grant", "revoke"]
    assert [m["body"] for m in house.api("GET", T + "messages", key=key)[1]["data"] if m["direction"] == "in"] == ["START", "START"]
