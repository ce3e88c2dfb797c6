"""What all tenants draw on together: one that takes much of it, or takes its time, keeps none of it from others."""
import os, socket, sqlite3, threading
from concurrent.futures import ThreadPoolExecutor

from support import people, post_signed, request, wait_until
from test_outgoing import Receiver

NUMBER, SECOND, HOST = "+14155550100", "+14155550102", "go.acme.test"
T = "/api/v1/tenants/acme/"


def another_key(server, tenant="acme", role="owner"):
    return server.cli("key", "create", tenant, "--role", role, "--name", "another")["key"]


def slow_upload(server, key, path="imports?mode=commit", kind="text/csv", length=2_000_000):
    """Says that it brings a file, sends its beginning, and then nothing."""
    peer = socket.create_connection(("127.0.0.1", server.port), timeout=30)
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


def test_slow_uploads_of_one_key_leave_room_for_others_and_nothing_behind(server):
    keys = [server.provision("acme", NUMBER), another_key(server)]
    other = server.provision("other", SECOND)
    status, looked_at = server.api("POST", T + "imports?mode=dry-run", b"Mobile\n+14157000077\n", keys[0], {"Content-Type": "text/csv"})
    assert status == 202
    wait_until(lambda: server.api("GET", T + f"imports/{looked_at['id']}", key=keys[0])[1]["state"] == "completed")
    spool = f"{server.data}/tenants/acme/imports"
    kept = os.listdir(spool)
    assert len(kept) == 1

    slow = [slow_upload(server, keys[0]) for _ in range(40)]
    heads = wait_until(lambda: (h := answered(slow)) and len(h) == 32 and h)
    assert all(head.startswith("HTTP/1.1 429") and "retry-after: " in head.lower() for head in heads)
    # Long lists of opt-outs are uploads, too; other keys and other tenants have places of their own.
    opt_outs = slow_upload(server, keys[0], "do-not-contact", "text/plain")
    assert wait_until(lambda: answered([opt_outs]))[0].startswith("HTTP/1.1 429")
    assert server.import_csv("acme", keys[1], people(3))["created"] == 3
    assert server.import_csv("other", other, people(3))["created"] == 3
    more = [slow_upload(server, keys[1]) for _ in range(40)]
    wait_until(lambda: len(answered(more)) == 32)
    third = another_key(server)
    assert server.api("POST", T + "imports?mode=commit", b"Mobile\n+14157000078\n", third, {"Content-Type": "text/csv"})[0] == 429
    assert server.import_csv("other", other, people(3))["unchanged"] == 3
    # Anyone who goes away gives the place back, and its file.
    for peer in more:
        peer.close()
    wait_until(lambda: server.api("POST", T + "imports?mode=commit", b"Mobile\n+14157000078\n", third, {"Content-Type": "text/csv"})[0] == 202)

    wait_until(lambda: len(os.listdir(spool)) == 9)
    server.kill()
    for peer in slow + [opt_outs]:
        peer.close()
    assert len(os.listdir(spool)) == 9
    server.start()
    wait_until(lambda: os.listdir(spool) == kept)
    assert server.api("POST", T + f"imports/{looked_at['id']}/commit", key=keys[0])[0] == 202
    wait_until(lambda: server.api("GET", T + "contacts?phone=%2B14157000077", key=keys[0])[1]["data"])


def test_test_webhooks_of_one_tenant_do_not_delay_anothers_deliveries(servers):
    server, _ = servers("--callback-delay", "5-30")
    server.environment["ROUNDHOUSE_WEBHOOK_ALLOW"] = "127.0.0.1/32"
    server.start()
    keys = [server.provision("acme", NUMBER)]
    keys += [another_key(server) for _ in range(3)]
    other = server.provision("other", SECOND)
    silent, quick, over = Receiver(), Receiver(), threading.Event()
    silent.answer = lambda body, headers: lambda handler: over.wait()
    made = server.api("POST", T + "webhook-endpoints", {"url": silent.url}, keys[0])[1]
    assert server.api("POST", "/api/v1/tenants/other/webhook-endpoints", {"url": quick.url}, other)[0] == 201
    try:
        with ThreadPoolExecutor(40) as pool:
            tests = [pool.submit(server.api, "POST", f"{T}webhook-endpoints/{made['id']}/test", None, keys[n % 4]) for n in range(600)]
            wait_until(lambda: len(silent.tried) == 8)
            server.api("POST", "/api/v1/tenants/other/do-not-contact", {"phone": "+14157000001"}, other)
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


def consents(server, phone, tenant="acme"):
    with sqlite3.connect(f"file:{server.data}/tenants/{tenant}/tenant.sqlite?mode=ro", uri=True) as file:
        return [row[0] for row in file.execute("SELECT action FROM consents WHERE phone = ? AND method <> 'import' ORDER BY no", (int(phone[1:]),))]


def revocations(server):
    """What is remembered longer than any backup."""
    with sqlite3.connect(f"file:{server.data}/intake.sqlite?mode=ro", uri=True) as file:
        return file.execute("SELECT count(*) FROM revocations").fetchone()[0]


def test_who_repeats_what_holds_already_writes_nothing(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER, host=HOST)
    server.import_csv("acme", key, people(2))
    path = server.campaign("acme", key, NUMBER, "Sale. Stop: {{unsubscribe_link}}")
    server.completed(path, key)
    pages = {m["to"]: m["body"].rsplit(HOST, 1)[1] for m in provider.ledger("created")}
    ada, bob = sorted(pages)
    press = lambda phone: request(server.port, "POST", pages[phone], headers={"Host": HOST})[0]
    text = lambda phone, body, sid: post_signed(server.url + "/webhooks/twilio/inbound", {"MessageSid": sid, "From": phone, "To": NUMBER, "Body": body})[0]

    def many(count, ask, *arguments):
        with ThreadPoolExecutor(16) as pool:
            return set(pool.map(lambda _: ask(*arguments), range(count)))

    assert many(1500, press, ada) == {200}
    assert consents(server, ada) == ["revoke"] and revocations(server) == 1
    add = lambda body: server.api("POST", T + "do-not-contact", body, key)[0]
    assert many(50, add, {"phone": ada, "reason": "asked by phone"}) == {201}
    assert many(50, add, {"phone": bob}) == {201} and many(20, add, {"phones": [ada, bob]}) == {200}
    assert consents(server, ada) == ["revoke"] and consents(server, bob) == ["revoke"] and revocations(server) == 2
    # Anyone who has come back meanwhile is heard again; each text of a person is kept.
    assert text(ada, "START", "SM" + "1" * 32) == 204 and press(ada) == 200
    assert consents(server, ada) == ["revoke", "grant", "revoke"]
    server.cli("tenant", "pause", "acme")
    before = revocations(server)
    assert many(100, press, ada) == {200} and revocations(server) <= before + 1
    assert text(ada, "START", "SM" + "2" * 32) == 204 and many(50, press, ada) == {200}
    assert revocations(server) <= before + 3
    server.cli("tenant", "resume", "acme")
    assert server.api("GET", T + f"do-not-contact?phone=%2B{ada[1:]}", key=key)[1]["data"] != []
    assert consents(server, ada)[-2:] == ["grant", "revoke"]
    assert [m["body"] for m in server.api("GET", T + "messages", key=key)[1]["data"] if m["direction"] == "in"] == ["START", "START"]
