"""The provider's double against the official client: what is true here is what Roundhouse is tested with."""
import base64, concurrent.futures, datetime, hashlib, hmac, threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from support import ACCOUNT, TOKEN, free_port, request, wait_until
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

FROM, TO = "+14155550100", "+14157000001"


def client(simulator, token=TOKEN):
    client = Client(ACCOUNT, token)
    client.api.base_url = simulator.url
    return client


@pytest.fixture
def sink():
    """Takes webhooks and keeps what came: (path, headers, fields). `/answer/503` says so, `/hang` says nothing."""
    taken, over = [], threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            taken.append((self.path, dict(self.headers), {k: v[0] for k, v in parse_qs(body, keep_blank_values=True).items()}))
            if self.path.startswith("/hang"):
                over.wait()
                self.close_connection = True
                return
            status = int(self.path.split("/")[2]) if self.path.startswith("/answer/") else 204
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True  # kept-alive connections would hold the end up
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", taken
    over.set()
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_official_client_creates_reads_lists_and_deletes(simulators):
    twilio = client(simulators("--callback-delay", "1-5"))
    made = twilio.messages.create(to=TO, from_=FROM, body="Hello €", smart_encoded=True)
    assert (made.status, made.num_segments, made.price, made.direction, made.error_code) == ("queued", "1", None, "outbound-api", None)
    assert made.sid.startswith("SM") and made.date_sent is None and made.date_created.tzinfo
    by_service = twilio.messages.create(to=TO, messaging_service_sid="MG" + "0" * 32, body="x")
    assert (by_service.status, by_service.from_, by_service.num_segments) == ("accepted", None, "0")
    assert wait_until(lambda: (m := twilio.messages(made.sid).fetch()).status == "delivered" and m).date_sent
    for n in range(7):
        twilio.messages.create(to=f"+1415701000{n}", from_=FROM, body=str(n))
    listed = twilio.messages.list(from_=FROM, page_size=3)
    assert [m.body for m in listed[:7]] == list("6543210")
    assert [m.sid for m in twilio.messages.list(to=TO)][-1] == made.sid
    assert twilio.messages(made.sid).delete()
    with pytest.raises(TwilioRestException) as gone:
        twilio.messages(made.sid).fetch()
    assert (gone.value.status, gone.value.code) == (404, 20404)


@pytest.mark.parametrize("changes, code", [
    ({"to": "+15005550001"}, 21211), ({"to": "+15005550002"}, 21612), ({"to": "+15005550003"}, 21408),
    ({"to": "+15005550004"}, 21610), ({"to": "+15005550009"}, 21614), ({"from_": "+15005550001"}, 21212),
    ({"from_": "+15005550007"}, 21606), ({"from_": "+15005550008"}, 21611), ({"to": FROM}, 21266), ({"to": "12"}, 21211),
    ({"body": ""}, 21602), ({"from_": None}, 21603), ({"body": "x" * 1601}, 21617), ({"validity_period": 0}, 21624)])
def test_refusals_carry_the_providers_codes(simulators, changes, code):
    with pytest.raises(TwilioRestException) as refused:
        client(simulators()).messages.create(**{"to": TO, "from_": FROM, "body": "hi", **changes})
    assert refused.value.code == code


def test_a_wrong_token_is_refused(simulators):
    with pytest.raises(TwilioRestException) as refused:
        client(simulators(), "wrong").messages.create(to=TO, from_=FROM, body="x")
    assert (refused.value.status, refused.value.code) == (401, 20003)


def test_callbacks_and_texts_are_signed_as_the_official_validator_expects(simulators, sink):
    url, taken = sink
    simulator = simulators("--callback-delay", "1-5", inbound=url + "/in?a=1#rc=2&rp=all")
    client(simulator).messages.create(to=TO, from_=FROM, body="x", status_callback=url + "/status?job=7#rc=3")
    wait_until(lambda: len(taken) == 2)
    assert simulator.text(TO, FROM, "STOP 🛑 é") == 204
    for path, headers, fields in taken:
        assert RequestValidator(TOKEN).validate(url + path, fields, headers["X-Twilio-Signature"]), path
        assert len(headers["I-Twilio-Idempotency-Token"]) == 36
    assert [t[2].get("MessageStatus") for t in taken] == ["sent", "delivered", None]
    assert taken[2][2]["Body"] == "STOP 🛑 é" and taken[2][0] == "/in?a=1"


def test_a_stop_blocks_the_pair_until_start(simulators):
    simulator = simulators()
    twilio = client(simulator)
    simulator.text(TO, FROM, " Stop ")
    with pytest.raises(TwilioRestException) as refused:
        twilio.messages.create(to=TO, from_=FROM, body="x")
    assert refused.value.code == 21610
    assert twilio.messages.create(to=TO, from_="+14155550199", body="x").sid
    simulator.text(TO, FROM, "stop please")  # words beside the keyword do not count
    simulator.text(TO, FROM, "UNSTOP")
    assert twilio.messages.create(to=TO, from_=FROM, body="y").sid
    assert [m.direction for m in twilio.messages.list(to=TO, from_=FROM)].count("outbound-reply") == 2


def test_a_lagging_list_hides_what_is_new(simulators):
    twilio = client(simulators("--list-lag", "600000"))
    twilio.messages.create(to=TO, from_=FROM, body="x")
    assert twilio.messages.list() == []


def test_faults_say_in_the_ledger_what_came_to_be(simulators):
    simulator = simulators()
    twilio = client(simulator)
    for kind, comes_to_be in [("drop_before", 0), ("503_before", 0), ("429", 0), ("500_after", 1), ("drop_after", 1), ("reset_mid_body", 1)]:
        simulator.control("PUT", "faults", {kind: 1})
        before = simulator.summary()["created"]
        with pytest.raises(Exception):
            twilio.messages.create(to=TO, from_=FROM, body=kind)
        assert simulator.summary()["created"] - before == comes_to_be, kind


SERVICE, SECOND = "MG" + "b" * 32, "+14155550101"
POOL = ("--pool", f"{SERVICE}={FROM},{SECOND}")
QUICK = ("--callback-delay", "1-1")


def refusal(create, **message):
    with pytest.raises(TwilioRestException) as refused:
        create(**{"to": TO, "body": "x", **message})
    return refused.value.status, refused.value.code


def statuses(simulator, sid):
    return [(row["detail"], row["code"]) for row in simulator.ledger("status") if row["sid"] == sid]


def ended(simulator, sid):
    return wait_until(lambda: [s for s in statuses(simulator, sid) if s[0] in ("delivered", "undelivered", "failed")])[0]


def signed(taken, url, token=TOKEN):
    path, headers, fields = taken
    return RequestValidator(token).validate(url + path, fields, headers["X-Twilio-Signature"])


def test_a_number_sends_at_its_own_rate_in_segments(simulators):
    simulator = simulators(*QUICK, "--rate", f"{FROM}=50", "--mps", "100000")
    twilio = client(simulator)
    slow = [twilio.messages.create(to=TO, from_=FROM, body="x" * 200).sid for _ in range(6)]
    quick = [twilio.messages.create(to=TO, from_=SECOND, body="x" * 200).sid for _ in range(6)]
    for sid in slow + quick:
        assert ended(simulator, sid) == ("delivered", None)
    sent = {row["sid"]: row["at_us"] for row in simulator.ledger("status") if row["detail"] == "sent"}
    assert 190_000 < sent[slow[-1]] - sent[slow[0]] < 1_000_000  # 5 times 2 segments before the last one
    assert sent[quick[-1]] < sent[slow[-1]]


def test_a_full_queue_refuses_its_number_and_fails_a_services_text_later(simulators, sink):
    url, taken = sink
    simulator = simulators(*QUICK, *POOL, "--mps", "0.2", "--queue-seconds", "15")
    twilio = client(simulator)
    for _ in range(3):
        twilio.messages.create(to=TO, from_=FROM, body="x")
    assert refusal(twilio.messages.create, from_=FROM) == (429, 21611)
    assert twilio.messages.create(to=TO, from_="+14155550199", body="x").status == "queued"  # a queue of its own
    # Of the service's two numbers one is full; who is texted from it hears so by callback only.
    made = [twilio.messages.create(to=f"+1415700{n:04d}", messaging_service_sid=SERVICE, body="x", status_callback=url + f"/{n}").sid for n in range(5)]
    ends = lambda: {row["sid"]: (row["from"], row["code"]) for row in simulator.ledger("status") if row["detail"] in ("failed", "sent") and row["sid"] in made}
    wait_until(lambda: FROM in dict(ends().values()))
    assert {code for sender, code in ends().values() if sender == FROM} == {30001}
    wait_until(lambda: [(t[2]["MessageStatus"], t[2]["ErrorCode"], t[2]["From"]) for t in taken if "ErrorCode" in t[2]][:1] == [("failed", "30001", FROM)])
    simulator.control("PUT", "faults", {f"rate:{FROM}": 1000, "queue_seconds": 36000})
    assert twilio.messages.create(to=TO, from_=FROM, body="x").status == "queued"


def test_a_service_texts_a_person_from_one_number_the_one_that_they_wrote_to(simulators):
    simulator = simulators(*QUICK, *POOL)
    twilio = client(simulator)
    people = [f"+1415700{n:04d}" for n in range(8)]
    simulator.text(people[0], SECOND, "hello")
    simulator.text(people[1], FROM, "hello")
    for texted_to in (None, SECOND):
        for person in people:
            if texted_to:
                simulator.text(person, texted_to, "hello")  # too late to change it
            twilio.messages.create(to=person, messaging_service_sid=SERVICE, body="x")
    pairs = Counter((row["to"], row["from"]) for row in simulator.ledger("created"))
    assert len(pairs) == 8 and set(pairs.values()) == {2} and {(people[0], SECOND), (people[1], FROM)} < set(pairs)
    assert {sender for _, sender in pairs} == {FROM, SECOND}


def test_what_waits_longer_than_its_validity_expires_and_takes_no_time_in_the_queue(simulators):
    simulator = simulators(*QUICK, "--mps", "4")
    twilio = client(simulator)
    first, expiring, last = (twilio.messages.create(to=TO, from_=FROM, body="x" * 1200, validity_period=v).sid for v in (36000, 1, 36000))
    assert ended(simulator, last) == ("delivered", None)
    assert statuses(simulator, expiring) == [("failed", 30036)]
    made = {row["sid"]: row["at_us"] for row in simulator.ledger("created")}
    at = {row["sid"]: row["at_us"] for row in simulator.ledger("status") if row["detail"] in ("sent", "failed")}
    assert 1_000_000 <= at[expiring] - made[expiring] < 3_000_000
    assert 1_900_000 < at[last] - made[first] < 3_500_000  # 8 segments before it, not 16
    assert twilio.messages(expiring).fetch().error_message == "Validity Period Expired"


def test_too_many_requests_at_once_are_refused_until_an_answer_is_written(simulators):
    simulator = simulators("--max-concurrent", "2", "--latency", "400")
    twilio = client(simulator)
    def create(n):
        try:
            return twilio.messages.create(to=TO, from_=FROM, body=str(n)).status
        except TwilioRestException as refused:
            return refused.code
    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        assert Counter(pool.map(create, range(5))) == {"queued": 2, 20429: 3}
    assert simulator.summary()["max_concurrent_seen"] == {ACCOUNT: 5}
    credentials = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    status, headers, _ = request(simulator.port, "GET", f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json", headers={"Authorization": f"Basic {credentials}"})
    assert (status, headers["Twilio-Concurrent-Requests"]) == (200, "1") and headers["Twilio-Request-Id"].startswith("RQ")


def test_a_price_comes_later_and_only_for_what_reached_a_carrier(simulators):
    simulator = simulators(*QUICK, "--price", "+44=40000", "--price", "+4477=50000", "--price-delay", "600000")
    twilio = client(simulator)
    create = lambda to, body="x": twilio.messages.create(to=to, from_=FROM, body=body).sid
    price = lambda sid: twilio.messages(sid).fetch().price
    unpriced = create(TO)
    assert ended(simulator, unpriced)[0] == "delivered" and price(unpriced) is None
    simulator.control("PUT", "faults", {"price_delay_ms": 50})
    priced = {create(TO, "x" * 200): "-0.01660", create("+442079460000"): "-0.04000", create("+447700900000"): "-0.05000"}
    simulator.idle()
    simulator.control("PUT", "people", {"undelivered": {"30003": 1}})
    priced[create(TO)] = "-0.00830"
    simulator.control("PUT", "people", {"delivered": 0})  # no receipt ever comes
    priced[create(TO)] = "-0.00830"
    wait_until(lambda: {sid: price(sid) for sid in priced} == priced)
    simulator.control("PUT", "people", {"failed": {"30007": 1}})
    failed = create(TO)
    assert ended(simulator, failed) == ("failed", 30007)
    probe = simulator.control("PUT", "people", {}) or create(TO)
    wait_until(lambda: price(probe))  # by now the failed one's price would be known, too
    assert price(failed) is None


def test_the_list_filters_by_day_pages_with_its_filters_and_keeps_its_gaps(simulators):
    simulator = simulators(*QUICK)
    twilio = client(simulator)
    for n in range(5):
        twilio.messages.create(to=TO, from_=FROM if n % 2 else SECOND, body=str(n))
    simulator.idle()
    bodies = lambda **filters: [m.body for m in twilio.messages.list(**filters)]
    now = datetime.datetime.now(datetime.timezone.utc)
    day, hour = datetime.timedelta(days=1), datetime.timedelta(hours=1)
    assert bodies(date_sent_after=now - hour, date_sent_before=now + hour, page_size=2) == list("43210")
    assert bodies(from_=FROM, to=TO, date_sent_after=(now - day).date(), page_size=1) == list("31")
    assert bodies(date_sent_before=(now - day).date()) == bodies(date_sent_after=now + hour) == bodies(date_sent=(now - 2 * day).date()) == []
    pages = [twilio.messages.page(page_size=2, to=TO)]
    pages.append(pages[0].next_page())
    pages += [(last := pages[1].next_page()), last.previous_page()]
    pages.append(pages[3].previous_page())
    assert ["".join(m.body for m in page) for page in pages] == ["43", "21", "0", "21", "43"]
    simulator.faults(list_gap=1)
    missing = twilio.messages.create(to=TO, from_=FROM, body="missing").sid
    simulator.faults(list_gap=0)
    twilio.messages.create(to=TO, from_=FROM, body="there")
    assert bodies() == ["there", *"43210"] and twilio.messages(missing).fetch().body == "missing"
    assert missing in {row["sid"] for row in simulator.ledger("created")}


def test_a_failed_webhook_goes_to_the_fallback_url_with_the_reason(simulators, sink):
    url, taken = sink
    simulator = simulators("--fallback", url + "/second?a=1#rc=0", inbound=url + "/answer/503#rc=1&rp=5xx")
    assert simulator.text(TO, FROM, "Hello") == 204
    first, again, fallback = taken
    assert signed(fallback, url) and first[1]["I-Twilio-Idempotency-Token"] == again[1]["I-Twilio-Idempotency-Token"]
    assert fallback == ("/second?a=1", fallback[1], {**first[2], "ErrorCode": "11200", "ErrorUrl": url + "/answer/503"})
    assert [(row["detail"], row["code"]) for row in simulator.ledger("inbound_fallback")] == [("11200", 204)]
    deaf = simulators("--fallback", f"{ACCOUNT}={url}/answer/500", inbound=f"http://127.0.0.1:{free_port()}/in")
    assert deaf.text(TO, FROM, "STOP") == 500 and taken[-1][2]["ErrorCode"] == "11205"
    assert deaf.ledger("inbound_lost")[0]["detail"] == "fallback after 11205: 500" and deaf.ledger("inbound_fallback") == []


@pytest.mark.parametrize("path, attempts", [
    ("/answer/503#rc=2&rp=5xx", 3), ("/answer/503#rc=2&rp=all", 3), ("/answer/404#rc=3&rp=4xx,rt", 4), ("/answer/503#rc=2&rp=4xx", 1),
    ("/answer/503#rc=2", 1), ("/answer/503#rc=9&rp=all", 2), ("/answer/503#rc=0&rp=all", 1), ("/answer/204#rc=5&rp=all", 1),
    ("/hang#rt=150&rc=1&rp=rt", 2), ("/hang#rt=150&rc=1", 1), ("/hang#rt=5000&tt=200&rc=5&rp=all", 1), ("/hang#rt=150&tt=450&rc=5&rp=rt", 2)])
def test_connection_overrides_say_how_often_a_webhook_is_called_and_are_never_sent(simulators, sink, path, attempts):
    url, taken = sink
    simulator = simulators(inbound=url + path)
    simulator.text(TO, FROM, "x")
    assert [t[0] for t in taken] == [path.split("#")[0]] * attempts and all(signed(t, url) for t in taken)
    assert len({t[1]["I-Twilio-Idempotency-Token"] for t in taken}) == 1


def test_two_tokens_authenticate_and_the_provider_signs_with_the_one_it_is_told(simulators, sink):
    url, taken = sink
    simulator = simulators("--account", f"{ACCOUNT}={TOKEN},67890", "--sign-with", f"{ACCOUNT}=67890", inbound=url + "/in")
    assert all(client(simulator, token).messages.create(to=TO, from_=FROM, body="x").sid for token in (TOKEN, "67890"))
    assert refusal(client(simulator, "other").messages.create, from_=FROM) == (401, 20003)
    simulator.text(TO, FROM, "x")
    assert signed(taken[-1], url, "67890") and not signed(taken[-1], url)
    simulator.control("PUT", "signing", {})
    simulator.text(TO, FROM, "x")
    assert signed(taken[-1], url) and "X-Twilio-Webhooks-Signature-Settings" not in taken[-1][1]
    simulator.control("PUT", "signing", {ACCOUNT: {"secret": "s", "key": "KY1", "algorithm": "HMAC_SHA256"}})
    simulator.text(TO, FROM, "x")
    path, headers, fields = taken[-1]
    text = url + path + "".join(name + fields[name] for name in sorted(fields))
    assert headers["X-Twilio-Webhooks-Signature-Settings"] == "key=KY1,algorithm=HMAC_SHA256"
    assert headers["X-Twilio-Signature"] == base64.b64encode(hmac.digest(b"s", text.encode(), hashlib.sha256)).decode()


def test_advanced_opt_out_names_the_keyword_answers_it_and_blocks_the_whole_service(simulators, sink):
    url, taken = sink
    simulator = simulators(*POOL, "--advanced-opt-out", SERVICE, "--opt-out-words", f"{SERVICE}=ARRET,Basta", inbound=url)
    create = client(simulator).messages.create
    types = lambda *texts: [simulator.text(TO, FROM, text) and taken[-1][2].get("OptOutType") for text in texts]
    assert types("Stop", "start", "INFO", "Hello", "stop please", " arret ") == ["STOP", "START", "HELP", None, None, "STOP"]
    assert taken[-1][2]["MessagingServiceSid"] == SERVICE
    assert [reply["body"].split(".")[0] for reply in simulator.ledger("auto_reply")][-1] == "You have successfully been unsubscribed"
    assert len(simulator.ledger("auto_reply")) == 4
    for sender in ({"from_": FROM}, {"from_": SECOND}, {"messaging_service_sid": SERVICE}):
        assert refusal(create, **sender) == (400, 21610)
    assert len(simulator.summary()["after_stop"]) == 3
    assert create(to=TO, from_="+14155550199", body="x").sid
    assert simulator.text(TO, SECOND, "START") == 204
    assert create(to=TO, from_=FROM, body="x").sid and create(to=TO, messaging_service_sid=SERVICE, body="y").sid
    plain = simulators(*POOL, inbound=url)
    plain.text(TO, FROM, "ARRET")
    plain.text(TO, FROM, "STOP")
    assert "OptOutType" not in taken[-1][2] and len(plain.ledger("auto_reply")) == 1


def test_a_text_can_bring_media_come_late_and_come_again(simulators, sink):
    url, taken = sink
    simulator = simulators(inbound=url)
    send = lambda **more: simulator.control("POST", "inbound", {"from": TO, "to": FROM, **more})
    assert send(media=2)["status"] == 204
    fields = taken[0][2]
    assert (fields["NumMedia"], fields["MediaContentType1"], fields["Body"], fields["MessageSid"][:2]) == ("2", "image/png", "", "MM")
    port, path = int(fields["MediaUrl1"].split(":")[2].split("/")[0]), fields["MediaUrl1"].split("/", 3)[3]
    get = lambda query="": request(port, "GET", f"/{path}{query}")
    status, headers, png = get()
    assert (status, headers["Content-Type"], png[:4]) == (200, "image/png", b"\x89PNG")
    assert len(get("?bytes=3000000")[2]) == 3_000_000
    assert "Content-Length" not in get("?bytes=3000000&chunked=1")[1]
    assert get("?redirect=1")[:1] == (307,) and get("?redirect=1")[1]["Location"].endswith(".png?redirect=0")
    assert get("?to=http://169.254.1.1/x")[1]["Location"] == "http://169.254.1.1/x" and get(f"?auth={ACCOUNT}")[0] == 401
    send(media_urls=["https://media.test/a.png"], body="look")
    assert (taken[1][2]["MediaUrl0"], taken[1][2]["NumMedia"], taken[1][2]["Body"]) == ("https://media.test/a.png", "1", "look")
    # The same event again: same SID, same token, and one text of a person.
    sid = "SM" + "c" * 32
    for _ in range(2):
        send(body="STOP", sid=sid)
    assert [(t[2]["MessageSid"], t[2]["NumMedia"]) for t in taken[2:]] == [(sid, "0")] * 2
    assert len({t[1]["I-Twilio-Idempotency-Token"] for t in taken[2:]}) == 1
    assert simulator.summary()["inbound"] == 3 and len(simulator.ledger("auto_reply")) == 1
    assert send(body="later", delay_ms=150)["result"] == "later" and len(taken) == 4
    wait_until(lambda: len(taken) == 5 and taken[4][2]["Body"] == "later")


def test_the_pace_of_creates_is_measured_as_they_arrive(simulators):
    simulator = simulators("--mps", "1")  # what the provider does later is not the sender's pace
    twilio = client(simulator)
    for n in range(6):
        twilio.messages.create(to=TO, from_=FROM, body="x" * (200 if n == 0 else 10))
    twilio.messages.create(to=TO, messaging_service_sid=SERVICE, body="x")
    refusal(twilio.messages.create, from_=FROM, to="12")  # it arrived, too
    rates = simulator.control("GET", f"rates?from={FROM}")
    assert sum(row["creates"] for row in rates["data"]) == 7 and sum(row["segments"] for row in rates["data"]) == 8
    at = [row["at_us"] for row in simulator.ledger("request") if row["from"] == FROM]
    most = max(sum(0 <= end - t < 1_000_000 for t in at) for end in at)
    assert abs(rates["max_creates_in_1s"] - most) <= 1 and rates["max_segments_in_1s"] <= 8
    assert {row["from"] for row in simulator.control("GET", "rates")["data"]} == {FROM, SERVICE}
