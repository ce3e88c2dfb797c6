"""The provider's double against the official client: what is true here is what Roundhouse is tested with."""
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from support import ACCOUNT, TOKEN, wait_until
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
    """Takes webhooks and keeps what came: (path, headers, fields)."""
    taken = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            taken.append((self.path, dict(self.headers), {k: v[0] for k, v in parse_qs(body, keep_blank_values=True).items()}))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True  # kept-alive connections would hold the end up
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", taken
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
