"""Texts from people: keywords, free text, the review queue, the unsubscribe page; and the door that takes them."""
import json, random, shutil, signal, sqlite3, subprocess, threading, time
from collections import Counter

from support import ACCOUNT, TOKEN, people, post_signed, request, seeded, wait_until

NUMBER = "+14155550100"
T = "/api/v1/tenants/acme/"


def inbound(server, sender, body, sid, **changes):
    fields = {"MessageSid": sid, "AccountSid": ACCOUNT, "From": sender, "To": NUMBER, "Body": body, "NumMedia": "0", **changes}
    return post_signed(server.url + "/webhooks/twilio/inbound", fields)


def blocked(server, key):
    return {row["phone"] for row in server.api("GET", T + "do-not-contact?limit=500", key=key)[1]["data"]}


def test_stop_and_start_in_many_spellings_and_the_tenants_own_words(server):
    key = server.provision("acme", NUMBER)
    assert server.api("PATCH", T + "settings", {"stop_words": [""]}, key)[0] == 422
    assert server.api("PATCH", T + "settings", {"languages": ["xx"]}, key)[0] == 422
    assert server.api("PATCH", T + "settings", {"languages": ["es", "fr"], "stop_words": ["genug jetzt"]}, key)[0] == 200
    stops = ["STOP", "stop ", "Stop!!", "S.T.O.P", "STOP 🛑", "unsubscribe", "opt out", "OPTOUT", "revoke", "ALTO", "Arrêt", "Genug jetzt!"]
    for n, word in enumerate(stops):
        assert inbound(server, f"+1415700{n:04d}", word, f"SM{n:032x}")[0] == 204
    assert blocked(server, key) == {f"+1415700{n:04d}" for n in range(len(stops))}
    assert inbound(server, "+14157000000", "start", "SM" + "a" * 32)[0] == 204
    # Anyone who says stop has stopped, whatever the provider makes of it; what it calls a stop is one too.
    assert inbound(server, "+14157000000", "STOP", "SM" + "b" * 32, OptOutType="START")[0] == 204
    assert inbound(server, "+14157000100", "BASTA YA", "SM" + "c" * 32, OptOutType="STOP")[0] == 204
    assert {"+14157000000", "+14157000100"} <= blocked(server, key)
    # The words survive a restart, also for a tenant whose file nobody has opened yet.
    server.kill()
    server.start()
    assert inbound(server, "+14157000200", "genug jetzt", "SM" + "d" * 32)[0] == 204
    assert "+14157000200" in blocked(server, key)


def test_free_text_that_asks_to_be_left_alone_waits_for_a_person_and_nothing_is_texted_meanwhile(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key, other = server.provision("acme", NUMBER), server.provision("other", "+14155550101")
    server.import_csv("acme", key, people(4))
    for n, body in enumerate(["please stop texting me", "no más mensajes por favor", "can you stop by at 5?"]):
        assert provider.text(f"+1415700{n:04d}", NUMBER, body) == 204
    reviews = server.api("GET", T + "opt-out-reviews?state=open", key=key)[1]["data"]
    assert [r["phone"] for r in reviews] == ["+14157000000", "+14157000001"] and all(r["due_at"] and r["rule"] for r in reviews)
    assert server.api("GET", "/api/v1/tenants/other/opt-out-reviews", key=other)[1]["data"] == []
    done = server.completed(server.campaign("acme", key, NUMBER, "Sale"), key)
    assert done["skipped_reasons"] == {"opt_out_review": 2} and provider.summary()["created"] == 2
    decide = lambda review, **body: server.api("POST", f"{T}opt-out-reviews/{review['id']}/decision", body, key)
    assert decide(reviews[0])[0] == 422 and decide(reviews[0], opted_out=None)[0] == 422
    assert decide(reviews[0], opted_out=True)[1]["opted_out"] is True
    assert decide(reviews[1], opted_out=False)[1]["opted_out"] is False
    assert decide(reviews[1], opted_out=True)[0] == 409
    assert blocked(server, key) == {"+14157000000"}
    done = server.completed(server.campaign("acme", key, NUMBER, "Sale again"), key)
    assert done["skipped_reasons"] == {"opted_out": 1} and provider.summary()["created"] == 5
    # A stop by keyword decides an open review by itself.
    provider.text("+14157000003", NUMBER, "wrong number")
    provider.text("+14157000003", NUMBER, "STOP")
    assert server.api("GET", T + "opt-out-reviews?state=open", key=key)[1]["data"] == []
    # Anyone who comes back is texted again: nothing that was held back in memory stays behind.
    provider.text("+14157000003", NUMBER, "START")
    done = server.completed(server.campaign("acme", key, NUMBER, "Welcome back"), key)
    assert done["skipped_reasons"] == {"opted_out": 1}


def test_the_same_text_once_more_after_its_review_and_after_a_restart_holds_nobody_back(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(2))
    for n, body in enumerate(["please stop texting me", "STOP"]):
        assert inbound(server, f"+1415700{n:04d}", body, f"SM{n:032x}")[0] == 204
    review, = server.api("GET", T + "opt-out-reviews", key=key)[1]["data"]
    server.api("POST", f"{T}opt-out-reviews/{review['id']}/decision", {"opted_out": False}, key)
    assert inbound(server, "+14157000001", "START", "SM" + "5" * 32)[0] == 204
    server.kill()
    server.start()
    for n, body in enumerate(["please stop texting me", "STOP"]):
        assert inbound(server, f"+1415700{n:04d}", body, f"SM{n:032x}")[0] == 204
    assert blocked(server, key) == set()
    done = server.completed(server.campaign("acme", key, NUMBER, "Hello"), key)
    assert done["skipped_reasons"] == {} and provider.summary()["created"] == 2


def test_help_is_answered_once_with_the_tenants_words_and_stop_is_left_to_the_provider(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER)
    text = "Acme, hello@acme.test. Msg & data rates may apply. Reply STOP to end."
    assert server.api("PATCH", T + "settings", {"help_text": text}, key)[0] == 200
    for _ in range(3):
        assert provider.text("+14157000001", NUMBER, "help") == 204
    assert provider.text("+14157000002", NUMBER, "STOP") == 204
    made = wait_until(lambda: provider.ledger("created"))
    assert [(m["to"], m["body"]) for m in made] == [("+14157000001", text)]
    assert server.api("GET", T + "messages", key=key)[1]["data"][-1]["direction"] in ("in", "out")
    assert inbound(server, "+14157000003", "HELP", "SM" + "e" * 32, OptOutType="HELP")[0] == 204
    provider.idle()
    assert len(provider.ledger("created")) == 1


def test_the_unsubscribe_page_changes_nothing_until_its_button_is_pressed(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER)
    make = lambda: server.api("POST", T + "campaigns", {"name": "c", "body": "Sale. Stop: {{unsubscribe_link}}", "audience": {"all": True}, "numbers": [NUMBER], "purpose": "informational"}, key)
    assert make()[0] == 422
    server.cli("host", "add", "acme", "go.acme.test")
    server.import_csv("acme", key, people(3))
    path = f"{T}campaigns/{make()[1]['id']}"
    server.api("POST", path + "/launch", key=key)
    server.completed(path, key)
    bodies = {m["to"]: m["body"] for m in provider.ledger("created")}
    page = bodies["+14157000001"].rsplit("go.acme.test", 1)[1]
    assert page.startswith("/u/")
    call = lambda method, p=page: request(server.port, method, p, headers={"Host": "go.acme.test"})
    for method in ("GET", "HEAD", "GET"):
        status, headers, text = call(method)
        assert status == 200 and "default-src 'none'" in headers["Content-Security-Policy"] and (b"Acme" in text) == (method == "GET")
    assert blocked(server, key) == set()
    assert call("POST")[0] == 200 and blocked(server, key) == {"+14157000001"}
    assert call("POST", "/u/22222222")[0] == 404 and call("GET", page[2:])[0] == 404 and call("PUT")[0] == 405
    standing = server.api("GET", T + "consents?phone=%2B14157000001", key=key)[1]["data"][-1]
    assert standing["method"] == "page" and standing["action"] == "revoke"
    # Of somebody who was erased there is no number to write down.
    gone = next(c for c in server.api("GET", T + "contacts", key=key)[1]["data"] if c["phone"] == "+14157000002")
    assert server.api("POST", f"{T}contacts/{gone['id']}/erasure", {"reason": "a letter"}, key)[0] == 200
    before = server.api("GET", T + "consents.csv", key=key)[1]
    assert call("POST", bodies["+14157000002"].rsplit("go.acme.test", 1)[1])[0] == 200
    assert server.api("GET", T + "consents.csv", key=key)[1] == before and "+999" not in before


def test_the_door_checks_every_way_the_provider_calls(server):
    import base64, hashlib, hmac
    from urllib.parse import urlencode
    key = server.provision("acme", NUMBER)
    texts = lambda: [m["body"] for m in server.api("GET", T + "messages?limit=500", key=key)[1]["data"]]
    sign = lambda url: base64.b64encode(hmac.new(TOKEN.encode(), url.encode(), hashlib.sha1).digest()).decode()
    # By GET, and as JSON whose hash is in the address.
    query = urlencode({"MessageSid": "SM1a", "From": "+14157000001", "To": NUMBER, "Body": "by get"})
    path = "/webhooks/twilio/inbound?" + query
    assert request(server.port, "GET", path, headers={"X-Twilio-Signature": sign(server.url + path)})[0] == 204
    assert request(server.port, "GET", path + "x", headers={"X-Twilio-Signature": sign(server.url + path)})[0] == 403
    body = json.dumps({"MessageSid": "SM1b", "From": "+14157000001", "To": NUMBER, "Body": "as json"})
    path = "/webhooks/twilio/inbound?bodySHA256=" + hashlib.sha256(body.encode()).hexdigest()
    headers = {"X-Twilio-Signature": sign(server.url + path), "Content-Type": "application/json"}
    assert request(server.port, "POST", path, body, headers)[0] == 204
    assert request(server.port, "POST", path, body.replace("json", "JSON"), headers)[0] == 403
    # The same event again, by its token or by its SID, is a no-op.
    fields = {"MessageSid": "SM2", "From": "+14157000001", "To": NUMBER, "Body": "once"}
    for _ in range(3):
        assert post_signed(server.url + "/webhooks/twilio/inbound", fields)[0] == 204
    assert texts() == ["by get", "as json", "once"]
    # A short code and a name are kept, and nobody to answer; bodies and parameters are bounded.
    assert inbound(server, "78787", "bank", "SM3")[0] == 204
    assert texts() == ["by get", "as json", "once", "bank"]
    senders = {c["sender"]: c for c in server.api("GET", T + "conversations", key=key)[1]["data"]}
    assert senders["78787"]["phone"] is None and senders["78787"]["can_be_answered"] is False
    assert server.api("POST", f"{T}conversations/{senders['78787']['id']}/messages", {"body": "hi"}, key)[0] in (404, 409)
    assert inbound(server, "+14157000001", "x" * 70_000, "SM4")[0] == 413
    assert post_signed(server.url + "/webhooks/twilio/inbound", {**fields, **{f"p{n}": "1" for n in range(300)}})[0] == 422
    assert texts() == ["by get", "as json", "once", "bank"]
    # Anyone who forges is counted, and bounded; what holds is not.
    refused = Counter(post_signed(server.url + "/webhooks/twilio/inbound", fields, token="no")[0] for _ in range(620))  # a minute may end among them
    assert refused[403] > 250 and refused[429] > 0
    assert inbound(server, "+14157000001", "still heard", "SM5")[0] == 204 and texts()[-1] == "still heard"


def test_an_own_word_that_reached_a_paused_tenant_outlives_an_older_file(server):
    """The door of a tenant whose file nobody has opened knows the standard words alone; the file understands, and tells."""
    key = server.provision("acme", NUMBER)
    assert server.api("PATCH", T + "settings", {"stop_words": ["genug jetzt"]}, key)[0] == 200
    server.cli("tenant", "pause", "acme")
    file = server.data + "/tenants/acme/tenant.sqlite"
    shutil.copy(file, server.data + "/old.sqlite")
    server.kill()
    server.start()
    assert inbound(server, "+14157000001", "genug jetzt", "SM" + "1" * 32)[0] == 204
    server.cli("tenant", "resume", "acme")
    assert blocked(server, key) == {"+14157000001"}
    logged = lambda: sqlite3.connect(f"file:{server.data}/intake.sqlite?mode=ro", uri=True).execute("SELECT count(*) FROM revocations").fetchone()[0]
    wait_until(lambda: logged() == 1)
    server.cli("tenant", "pause", "acme")
    shutil.copy(server.data + "/old.sqlite", file)
    server.cli("tenant", "resume", "acme")
    assert blocked(server, key) == {"+14157000001"}


def test_twenty_kills_lose_no_answered_webhook_and_a_replay_changes_nothing(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER)
    chance = seeded()
    answered, n = set(), 0
    for _ in range(20):
        stop = threading.Event()

        def knock(offset):
            step = offset
            while not stop.is_set():
                sid = f"SM{kill:04x}{step:028x}"
                try:
                    if inbound(server, f"+1415700{step % 9999:04d}", f"hello {step}", sid)[0] == 204:
                        answered.add(sid)
                except OSError:
                    return
                step += 4

        kill, n = n, n + 1
        threads = [threading.Thread(target=knock, args=(offset,)) for offset in range(4)]
        for thread in threads:
            thread.start()
        before = len(answered)
        wait_until(lambda: len(answered) > before + chance.randrange(3, 40))
        server.kill()
        stop.set()
        for thread in threads:
            thread.join()
        server.start()

    def stored():
        rows, cursor = set(), ""
        while True:
            page = server.api("GET", T + f"messages?limit=500{cursor}", key=key)[1]
            rows |= {m["sid"] for m in page["data"]}
            if not page["next_cursor"]:
                return rows
            cursor = f"&cursor={page['next_cursor']}"

    rows = stored()
    assert answered <= rows and len(answered) > 60
    for sid in list(answered)[:100]:
        assert inbound(server, "+14157000001", "again", sid)[0] == 204
    assert stored() == rows


def test_ten_thousand_stops_in_a_campaign_at_full_rate_let_no_text_begin_behind_their_answer(servers):
    # As fast as the simulator has room beside it for callbacks and STOPs on a slow machine too: those that wait there would come behind the campaign.
    rate = 200
    server, provider = servers("--latency", "20", "--callback-delay", "200-900")
    server.start()
    key = server.provision("acme", NUMBER)
    server.cli("number", "add", "acme", NUMBER, "--rate", str(rate), "--warm-up", "off")
    server.api("PATCH", T + "settings", {"circuit_breaker": {"opt_out_percent": 100}}, key)
    server.import_csv("acme", key, people(20000))
    path = server.campaign("acme", key, NUMBER, "Hello")
    wait_until(lambda: provider.requests() > 100)
    chance, sent, began = random.Random(5), provider.requests(), time.monotonic()
    stopped, lock = set(), threading.Lock()

    def knock():
        while True:
            with lock:
                if len(stopped) == 10000:
                    return
                # Those whose text is about to go, and some who have a while yet, however fast texts and STOPs are here: a skipped one takes nothing of the pace.
                n = min(sent + int(rate * (time.monotonic() - began)) + len(stopped) + chance.randrange(chance.choice((600, 6000))), 19999)
                while n in stopped:
                    n = (n + 1) % 20000
                stopped.add(n)
            assert provider.text(f"+14157{n:06d}", NUMBER, "STOP") == 204

    threads = [threading.Thread(target=knock) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = server.completed(path, key, 120)["counts"]
    assert [late for late in provider.summary()["after_stop"] if late["after_us"] > 5000] == []
    assert counts["skipped"] > 0 and counts["audience"] == 20000
    assert len(provider.ledger("inbound_answered")) == 10000


def test_a_paused_tenants_webhooks_wait_and_are_there_when_it_returns(server):
    key = server.provision("acme", NUMBER)
    server.cli("tenant", "pause", "acme")
    for n in range(20):
        assert inbound(server, f"+1415700{n:04d}", "STOP" if n % 2 else "hi", f"SM{n:032x}")[0] == 204
    server.kill()
    server.start()
    assert server.api("GET", T + "messages", key=key)[0] == 423
    server.cli("tenant", "resume", "acme")
    assert len(server.api("GET", T + "messages", key=key)[1]["data"]) == 20
    assert blocked(server, key) == {f"+1415700{n:04d}" for n in range(1, 20, 2)}


def test_a_full_disk_gets_503_so_that_the_provider_tries_again(server):
    key = server.provision("acme", NUMBER)
    assert inbound(server, "+14157000001", "before", "SM" + "1" * 32)[0] == 204
    trace = server.data + "/../strace"
    tracer = subprocess.Popen(["strace", "-f", "-q", "-e", "trace=pwrite64,fdatasync", "-o", trace, "-p", str(server.process.pid), "-e", "inject=pwrite64:error=ENOSPC", "-e", "inject=fdatasync:error=ENOSPC"], stderr=subprocess.PIPE)
    try:
        status = wait_until(lambda: (s := inbound(server, "+14157000002", "STOP", "SM" + "2" * 32)[0]) != 204 and s)
        assert status == 503
        assert request(server.port, "GET", "/ready")[0] == 503
    finally:
        tracer.send_signal(signal.SIGINT)
        said = tracer.communicate()[1]
    assert tracer.returncode in (0, -signal.SIGINT, 130), said
    assert "ENOSPC (No space left on device) (INJECTED)" in open(trace).read(), "no write has failed"
    wait_until(lambda: inbound(server, "+14157000002", "STOP", "SM" + "2" * 32)[0] == 204)
    wait_until(lambda: request(server.port, "GET", "/ready")[0] == 200)
    assert blocked(server, key) == {"+14157000002"}
