"""Webhooks to the tenant's own systems, from outside: a receiver in Python that can fail, hang, redirect or babble is the oracle."""
import hashlib, hmac, json, subprocess, threading, time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from support import BIN, wait_until

NUMBER, SECOND = "+14155550100", "+14155550102"
T = "/api/v1/tenants/acme/"
ADA, BOB = "+14157000001", "+14157000002"


class Receiver:
    """Takes webhooks on 127.0.0.1. `answer(body, headers)` says how: a status, or a function that writes the answer itself."""

    def __init__(self, port=0, address="127.0.0.1"):
        self.taken, self.tried, self.lock = [], [], threading.Lock()
        self.answer = lambda body, headers: 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                entry = {"path": self.path, "raw": raw, "body": json.loads(raw), "headers": dict(self.headers), "at": time.time()}
                with receiver.lock:
                    receiver.tried.append(entry)
                answer = receiver.answer(entry["body"], self.headers)
                if callable(answer):
                    return answer(self)
                if 200 <= answer < 300:
                    with receiver.lock:
                        receiver.taken.append(entry)
                self.send_response(answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):
                pass

        self.server = Server((address, port), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def types(self, phone=None):
        with self.lock:
            return [t["body"]["type"] for t in self.taken if phone is None or t["body"]["data"]["phone"] == phone]

    def ids(self, entries=None):
        with self.lock:
            return [t["body"]["id"] for t in (self.taken if entries is None else entries)]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receivers():
    running = []

    def make():
        running.append(Receiver())
        return running[-1]

    yield make
    for receiver in running:
        receiver.close()


@pytest.fixture
def open_house(servers):
    """A server that may call this machine; its tenants are acme and other."""
    server, provider = servers("--callback-delay", "5-30")
    server.environment["ROUNDHOUSE_WEBHOOK_ALLOW"] = "127.0.0.1/32"
    server.start()
    server.key = server.provision("acme", NUMBER)
    server.other = server.provision("other", SECOND)
    server.provider = provider
    return server


def endpoint(server, url, tenant="acme", **more):
    key = server.key if tenant == "acme" else server.other
    status, made = server.api("POST", f"/api/v1/tenants/{tenant}/webhook-endpoints", {"url": url, **more}, key)
    assert status == 201, made
    made["path"] = f"/api/v1/tenants/{tenant}/webhook-endpoints/{made['id']}"
    return made


def opt_out(server, phone, tenant="acme"):
    key = server.key if tenant == "acme" else server.other
    status, answer = server.api("POST", f"/api/v1/tenants/{tenant}/do-not-contact", {"phone": phone}, key)
    assert status < 300, answer


def opt_in(server, phone, tenant="acme"):
    status, answer = server.api(
        "POST", f"/api/v1/tenants/{tenant}/consents",
        {"phone": phone, "action": "grant", "evidence": "asked for it", "source": "journey"},
        server.key if tenant == "acme" else server.other)
    assert status < 300, answer


def text_in(server, sender, words, number=NUMBER):
    """An inbound text: one `replied` event of the sender, in the order they are sent."""
    assert server.provider.text(sender, number, words) in (200, 204)


def deliveries(server, made):
    key = server.key if "/acme/" in made["path"] else server.other
    status, answer = server.api("GET", made["path"] + "/deliveries?limit=500", key=key)
    assert status == 200, answer
    return answer["data"]


def show(server, made):
    return server.api("GET", made["path"], key=server.key)[1]


def signed_by(entry, secret):
    parts = [p.split("=", 1) for p in entry["headers"]["Roundhouse-Signature"].split(",")]
    at = dict(parts)["t"]
    expected = hmac.new(secret.encode(), at.encode() + b"." + entry["raw"], hashlib.sha256).hexdigest()
    assert abs(entry["at"] - int(at)) < 90000
    return expected in [value for name, value in parts if name == "v1"]


def test_an_event_arrives_signed_and_both_secrets_sign_while_one_takes_over_from_the_other(open_house, receivers):
    server, receiver = open_house, receivers()
    made = endpoint(server, receiver.url)
    first = made["secret"]
    assert first.startswith("whsec_") and len(first) > 60
    opt_out(server, ADA)
    wait_until(lambda: receiver.taken)
    entry = receiver.taken[0]
    assert signed_by(entry, first) and not signed_by(entry, "whsec_guess")
    assert entry["headers"]["Roundhouse-Event"] == entry["body"]["id"]
    assert entry["headers"]["Roundhouse-Delivery"].startswith("dlv_")
    assert (entry["headers"]["User-Agent"], entry["headers"]["Content-Type"]) == ("Roundhouse", "application/json")
    assert {k: entry["body"][k] for k in ("type", "tenant")} == {"type": "opted_out", "tenant": "acme"}
    # The same event by cursor is the same document.
    status, listed = server.api("GET", T + "events?type=opted_out", key=server.key)
    assert listed["data"] == [entry["body"]["data"]]
    assert server.api("GET", T + "events?type=clicked", key=server.key)[1]["data"] == []
    assert server.api("GET", T + "events?type=nonsense", key=server.key)[1]["errors"][0]["field"] == "type"

    second = server.api("POST", made["path"] + "/rotate-secret", key=server.key)[1]["secret"]
    opt_in(server, ADA)
    wait_until(lambda: len(receiver.taken) == 2)
    assert signed_by(receiver.taken[1], first) and signed_by(receiver.taken[1], second)
    server.stop()
    server.start(ahead="+25h")
    opt_out(server, ADA)
    wait_until(lambda: len(receiver.taken) == 3)
    assert signed_by(receiver.taken[2], second) and not signed_by(receiver.taken[2], first)
    for path in (made["path"], T + "webhook-endpoints", made["path"] + "/deliveries"):
        text = json.dumps(server.api("GET", path, key=server.key)[1])
        assert first not in text and second not in text


def test_only_the_types_asked_for_arrive_and_every_type_has_a_sample(open_house, receivers):
    server, receiver = open_house, receivers()
    made = endpoint(server, receiver.url, events=["replied"])
    opt_out(server, ADA)
    text_in(server, BOB, "hello")
    wait_until(lambda: receiver.types() == ["replied"])
    assert server.api("PATCH", made["path"], {"events": ["opted_out"]}, server.key)[1]["events"] == ["opted_out"]
    text_in(server, BOB, "hello again")
    opt_out(server, BOB)
    wait_until(lambda: receiver.types() == ["replied", "opted_out"])
    assert server.api("PATCH", made["path"], {"events": "all"}, server.key)[1]["events"] == "all"
    status, types = server.api("GET", T + "webhook-endpoints/event-types", key=server.key)
    samples = {t["type"]: t["sample"] for t in types["data"]}
    assert {"sent", "delivered", "opted_out", "replied", "clicked", "webhook_endpoint_disabled", "test"} <= set(samples)
    assert all(s["type"] == t and s["data"]["type"] == t for t, s in samples.items())
    real = receiver.taken[0]["body"]
    assert set(real) == set(samples["replied"]) and set(real["data"]) == set(samples["replied"]["data"])


def test_of_one_person_events_keep_their_order_under_failures_and_others_do_not_wait(open_house, receivers):
    server, receiver = open_house, receivers()
    failures = defaultdict(int)

    def answer(body, _):
        phone = body["data"]["phone"]
        failures[phone] += 1
        return 500 if phone == ADA and failures[phone] <= 2 else 200

    receiver.answer = answer
    made = endpoint(server, receiver.url, events=["opted_out", "opted_in"])
    for _ in range(3):
        opt_out(server, ADA)
        opt_in(server, ADA)
    opt_out(server, BOB)
    wait_until(lambda: receiver.types(BOB) == ["opted_out"], 4)
    assert receiver.types(ADA) == []
    wait_until(lambda: len(receiver.types(ADA)) == 6, 60)
    assert receiver.types(ADA) == ["opted_out", "opted_in"] * 3
    ids = [t["body"]["data"]["id"] for t in receiver.taken if t["body"]["data"]["phone"] == ADA]
    assert ids == sorted(ids)
    log = [d for d in deliveries(server, made) if d["outcome"] == "failed"]
    assert [(d["status"], d["attempt"], d["error"]) for d in log] == [(500, 1, "answered 500"), (500, 2, "answered 500")]
    # The third try was of the same event, under the same id and another delivery's.
    tries = [t for t in receiver.tried if t["body"]["data"]["phone"] == ADA][:3]
    assert len({t["body"]["id"] for t in tries}) == 1
    assert len({t["headers"]["Roundhouse-Delivery"] for t in tries}) == 3
    assert tries[1]["at"] - tries[0]["at"] >= 3.9 and tries[2]["at"] - tries[1]["at"] >= 7.9
    assert (show(server, made)["failures"], show(server, made)["waiting"]) == (0, 0)


def test_a_person_sends_a_test_and_sends_a_delivery_once_more(open_house, receivers):
    server, receiver = open_house, receivers()
    made = endpoint(server, receiver.url)
    status, result = server.api("POST", made["path"] + "/test", key=server.key)
    assert (status, result["outcome"], result["status"], result["kind"]) == (200, "delivered", 200, "test"), result
    assert (receiver.taken[0]["body"]["type"], signed_by(receiver.taken[0], made["secret"])) == ("test", True)
    receiver.answer = lambda body, headers: 503
    status, result = server.api("POST", made["path"] + "/test", key=server.key)
    assert (status, result["outcome"], result["status"], result["error"]) == (200, "failed", 503, "answered 503")
    opt_out(server, ADA)
    failed = wait_until(lambda: next((d for d in deliveries(server, made) if d["kind"] == "event"), None))
    assert (failed["outcome"], show(server, made)["waiting"]) == ("failed", 1)
    receiver.answer = lambda body, headers: 204
    path = f"{made['path']}/deliveries/{failed['id']}/redeliver"
    status, result = server.api("POST", path, key=server.key)
    assert (status, result["outcome"], result["kind"]) == (200, "delivered", "redelivery"), result
    # Taken by hand, it does not wait any more; and it may be asked for again and again.
    assert show(server, made)["waiting"] == 0
    assert server.api("POST", path, key=server.key)[0] == 200
    assert len(set(receiver.ids()[1:])) == 1 and len(receiver.taken) == 3
    test_delivery = deliveries(server, made)[0]["id"]
    assert server.api("POST", f"{made['path']}/deliveries/{test_delivery}/redeliver", key=server.key)[0] == 409
    assert server.api("POST", f"{made['path']}/deliveries/9999/redeliver", key=server.key)[0] == 404


def test_an_endpoint_that_fails_for_a_day_disables_itself_and_once_enabled_gets_what_waited(open_house, receivers):
    server, receiver, watcher = open_house, receivers(), receivers()
    receiver.answer = lambda body, headers: 500
    made, other = endpoint(server, receiver.url), endpoint(server, watcher.url)
    opt_out(server, ADA)
    opt_in(server, ADA)
    opt_out(server, BOB)
    wait_until(lambda: show(server, made)["failures"] >= 2)
    server.stop()
    server.start(ahead="+25h")
    disabled = wait_until(lambda: (e := show(server, made))["enabled"] is False and e)
    assert "have failed since" in disabled["disabled_reason"] and "answered 500" in disabled["disabled_reason"]
    assert disabled["waiting"] == 3
    wait_until(lambda: "webhook_endpoint_disabled" in watcher.types())
    event = server.api("GET", T + "events?type=webhook_endpoint_disabled", key=server.key)[1]["data"]
    assert len(event) == 1 and event[0]["data"]["endpoint_id"] == made["id"]
    assert show(server, other)["enabled"] is True
    tried = len(receiver.tried)
    opt_in(server, BOB)  # while it is disabled: read by cursor, not sent
    assert show(server, made)["waiting"] == 3 and len(receiver.tried) == tried
    receiver.answer = lambda body, headers: 200
    enabled = server.api("PATCH", made["path"], {"enabled": True}, server.key)[1]
    assert (enabled["enabled"], enabled["disabled_reason"], enabled["failures"]) == (True, None, 0)
    wait_until(lambda: len(receiver.taken) == 3)
    assert receiver.types(ADA) == ["opted_out", "opted_in"] and receiver.types(BOB) == ["opted_out"]
    assert show(server, made)["waiting"] == 0


def test_a_redirect_is_an_answer_and_nobody_goes_there(open_house, receivers):
    server, receiver, target = open_house, receivers(), receivers()

    def redirect(handler):
        handler.send_response(302)
        handler.send_header("Location", target.url)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    receiver.answer = lambda body, headers: redirect
    made = endpoint(server, receiver.url)
    result = server.api("POST", made["path"] + "/test", key=server.key)[1]
    assert (result["outcome"], result["status"]) == ("failed", 302)
    assert target.tried == []


def test_huge_answers_are_cut_and_one_that_hangs_ends_in_ten_seconds(open_house, receivers):
    server, receiver, quick = open_house, receivers(), receivers()

    def huge(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(50 << 20))
        handler.end_headers()
        for _ in range(800):
            handler.wfile.write(b"x\xff\x00" * 21845)

    receiver.answer = lambda body, headers: huge
    made, other = endpoint(server, receiver.url), endpoint(server, quick.url)
    began = time.monotonic()
    result = server.api("POST", made["path"] + "/test", key=server.key)[1]
    assert (result["outcome"], result["status"]) == ("delivered", 200), result
    assert 0 < len(result["response_body"].encode()) <= 2048 and time.monotonic() - began < 5
    receiver.answer = lambda body, headers: (lambda handler: time.sleep(30))
    opt_out(server, ADA)
    wait_until(lambda: len(receiver.tried) == 2)
    # Meanwhile another endpoint goes on, also with what is new.
    wait_until(lambda: quick.types() == ["opted_out"], 2)
    opt_in(server, ADA)
    wait_until(lambda: quick.types() == ["opted_out", "opted_in"], 2)
    late = wait_until(lambda: next((d for d in deliveries(server, made) if d["kind"] == "event"), None), 15)
    assert late["status"] is None and "no answer" in late["error"] and 9_000 <= late["duration_ms"] <= 11_500


def test_what_the_log_keeps_is_bounded_and_gone_with_the_person(open_house, receivers):
    server, receiver = open_house, receivers()

    def babble(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "60000")
        handler.end_headers()
        handler.wfile.write("ä".encode() * 30000)

    receiver.answer = lambda body, headers: babble
    made = endpoint(server, receiver.url)
    status, contact = server.api("POST", T + "contacts", {"phone": ADA}, server.key)
    opt_out(server, ADA)
    kept = wait_until(lambda: deliveries(server, made))[0]
    assert len(kept["response_body"].encode()) <= 2048 and len(kept["request_body"].encode()) <= 8192
    assert ADA in kept["request_body"] and any(h.startswith("Roundhouse-Signature: t=") for h in kept["request_headers"])
    erased = server.api("POST", f"{T}contacts/{contact['id']}/erasure", {}, server.key)
    assert erased[0] < 300, erased
    assert all(ADA not in d["request_body"] for d in deliveries(server, made))


def test_addresses_that_are_not_public_are_refused_unless_allowed(servers, receivers):
    server, _ = servers()
    receiver = receivers()
    server.start()
    server.key = server.provision("acme", NUMBER)
    port = receiver.server.server_port
    for url in (receiver.url, f"http://2130706433:{port}/", f"http://0x7f.1:{port}/", f"http://[::ffff:127.0.0.1]:{port}/",
                "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/", "http://10.0.0.1/", "http://u:p@example.com/",
                "ftp://example.com/", "http://example.com:25/", "nonsense", ""):
        status, answer = server.api("POST", T + "webhook-endpoints", {"url": url}, server.key)
        assert (status, answer["errors"][0]["field"]) == (422, "url"), (url, answer)
    # A name is judged by what it resolves to, with every call: this one changed its mind after it was taken.
    made = endpoint(server, f"http://localhost:{port}/")
    result = server.api("POST", made["path"] + "/test", key=server.key)[1]
    assert (result["outcome"], result["status"]) == ("failed", None) and "not public (loopback)" in result["error"]
    opt_out(server, ADA)
    wait_until(lambda: show(server, made)["failures"] >= 1)
    assert receiver.tried == []
    server.stop()
    # Allowed are both addresses of the name, or none is reached: ::1 may be among them.
    server.environment["ROUNDHOUSE_WEBHOOK_ALLOW"] = "127.0.0.0/8, ::1/128"
    server.start()
    wait_until(lambda: receiver.types() == ["opted_out"])
    shown = server.cli("settings")["ROUNDHOUSE_WEBHOOK_ALLOW"]
    assert shown == {"value": "127.0.0.0/8, ::1/128", "origin": "environment"}
    server.stop()
    server.environment["ROUNDHOUSE_WEBHOOK_ALLOW"] = "10.0.0.0/8,office"
    done = subprocess.run([f"{BIN}/roundhouse", "serve"], env=server.environment, capture_output=True, text=True, timeout=30)
    assert done.returncode != 0 and "ROUNDHOUSE_WEBHOOK_ALLOW" in done.stderr and "office" in done.stderr


REBINDING = r"""
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <stdatomic.h>
#include <string.h>
// A name server that changes its mind: `rebind.test` is 127.0.0.1 when first asked and 127.0.0.2 ever after.
int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
  static atomic_int asked;
  int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
  if (host != NULL && strcmp(host, "rebind.test") == 0) host = atomic_fetch_add(&asked, 1) == 0 ? "127.0.0.1" : "127.0.0.2";
  return real(host, service, hints, found);
}
"""


def test_a_name_that_changes_its_mind_after_it_was_judged_leads_nowhere_else(servers, receivers, tmp_path):
    (tmp_path / "rebind.c").write_text(REBINDING)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", tmp_path / "rebind.so", tmp_path / "rebind.c", "-ldl"], check=True)
    server, _ = servers()
    good = receivers()
    trap = Receiver(good.server.server_port, "127.0.0.2")
    server.environment |= {"ROUNDHOUSE_WEBHOOK_ALLOW": "127.0.0.1", "LD_PRELOAD": str(tmp_path / "rebind.so")}
    server.start()
    server.key = server.provision("acme", NUMBER)
    made = endpoint(server, f"http://rebind.test:{good.server.server_port}/")
    result = server.api("POST", made["path"] + "/test", key=server.key)[1]
    assert result["outcome"] == "delivered" and len(good.taken) == 1
    assert good.taken[0]["headers"]["Host"] == f"rebind.test:{good.server.server_port}"

    def judged_anew():
        result = server.api("POST", made["path"] + "/test", key=server.key)[1]
        return result["outcome"] == "failed" and result

    assert "not public (loopback)" in wait_until(judged_anew, 10)["error"]
    assert trap.tried == []
    trap.close()


def test_mistakes_are_told_by_field_and_a_tenant_has_at_most_twenty(open_house, receivers):
    server, receiver = open_house, receivers()
    base = T + "webhook-endpoints"

    def fields(method, path, body):
        status, answer = server.api(method, path, body, server.key)
        assert status == 422, answer
        return sorted(e["field"] for e in answer["errors"])

    assert fields("POST", base, {}) == ["url"]
    assert fields("POST", base, {"url": 7, "events": ["nonsense"], "description": 1, "extra": 1}) == ["description", "events", "extra", "url"]
    assert fields("POST", base, {"url": receiver.url, "events": []}) == ["events"]
    made = endpoint(server, receiver.url)
    assert fields("PATCH", made["path"], {"enabled": "yes", "url": "http://10.0.0.1/"}) == ["enabled", "url"]
    for _ in range(19):
        endpoint(server, receiver.url)
    status, answer = server.api("POST", base, {"url": receiver.url}, server.key)
    assert status == 409 and "at most 20" in answer["detail"]
    assert server.api("DELETE", made["path"], key=server.key)[0] == 204
    assert server.api("GET", made["path"], key=server.key)[0] == 404
    assert server.api("DELETE", made["path"], key=server.key)[0] == 404
    endpoint(server, receiver.url)
    listed = server.api("GET", base + "?limit=15", key=server.key)[1]
    rest = server.api("GET", f"{base}?limit=15&cursor={listed['next_cursor']}", key=server.key)[1]
    assert (len(listed["data"]), len(rest["data"]), rest["next_cursor"]) == (15, 5, None)


def test_a_tenant_hears_of_its_own_people_alone(open_house, receivers):
    server, mine, theirs = open_house, receivers(), receivers()
    a, b = endpoint(server, mine.url), endpoint(server, theirs.url, tenant="other")
    opt_out(server, ADA)
    opt_out(server, BOB, tenant="other")
    wait_until(lambda: mine.taken and theirs.taken)
    # What had gone astray would be there before the next one.
    opt_in(server, ADA)
    opt_in(server, BOB, tenant="other")
    wait_until(lambda: len(mine.taken) >= 2 and len(theirs.taken) >= 2)
    assert [(t["body"]["tenant"], t["body"]["data"]["phone"]) for t in mine.taken] == [("acme", ADA)] * 2
    assert [(t["body"]["tenant"], t["body"]["data"]["phone"]) for t in theirs.taken] == [("other", BOB)] * 2
    for method, path in (("GET", b["path"]), ("GET", b["path"] + "/deliveries"), ("POST", b["path"] + "/test"),
                         ("POST", b["path"] + "/rotate-secret"), ("DELETE", b["path"])):
        assert server.api(method, path, key=server.key)[0] == 404
    viewer = server.cli("key", "create", "acme", "--role", "marketer", "--name", "m")["key"]
    assert server.api("GET", a["path"], key=viewer)[0] == 200
    assert server.api("POST", a["path"] + "/test", key=viewer)[0] == 403


def test_a_killed_server_delivers_every_event_at_least_once_and_in_order(open_house, receivers):
    server, receiver = open_house, receivers()
    made = endpoint(server, receiver.url, events=["replied"])
    people = [f"+1415700{n:04d}" for n in range(40)]

    def slow(body, headers):
        time.sleep(0.05)
        return 200

    receiver.answer = slow
    sent = 0
    for round_ in range(3):
        for words in range(2):
            for phone in people:
                text_in(server, phone, f"{round_} {words}")
                sent += 1
        wait_until(lambda: len(set(receiver.ids())) > 80 * round_ + 10)
        server.kill()
        server.start()
    wait_until(lambda: len(set(receiver.ids())) >= sent, 60)
    wait_until(lambda: show(server, made)["waiting"] == 0)
    events = server.api("GET", T + "events?type=replied&limit=500", key=server.key)[1]["data"]
    assert len(events) == sent == len(set(receiver.ids()))
    by_phone = defaultdict(list)
    seen = set()
    for entry in receiver.taken:
        if entry["body"]["id"] not in seen:
            seen.add(entry["body"]["id"])
            by_phone[entry["body"]["data"]["phone"]].append(entry["body"]["data"]["id"])
    assert all(ids == sorted(ids) and len(ids) == 6 for ids in by_phone.values()) and len(by_phone) == 40
    # What was in flight when it died came twice, under the same id; no more than that.
    assert len(receiver.taken) - sent <= 3 * 8


def test_a_campaigns_events_all_arrive_and_each_persons_in_order(open_house, receivers):
    server, receiver = open_house, receivers()
    endpoint(server, receiver.url, events=["sent", "delivered"])
    rows = "\n".join(f"P{n},+1415710{n:04d}" for n in range(300))
    server.import_csv("acme", server.key, "First Name,Mobile\n" + rows + "\n")
    path = server.campaign("acme", server.key, NUMBER, "Hello {{first_name}}")
    server.completed(path, server.key)
    wait_until(lambda: len(receiver.taken) == 600, 60)
    order = defaultdict(list)
    for entry in receiver.taken:
        order[entry["body"]["data"]["phone"]].append(entry["body"]["type"])
    assert len(order) == 300 and all(types == ["sent", "delivered"] for types in order.values())
