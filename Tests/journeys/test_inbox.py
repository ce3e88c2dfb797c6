"""The inbox from outside: conversations, replies and their gates, search, paging, the stream. The provider's ledger is the oracle."""
import http.client, json, time
from concurrent.futures import ThreadPoolExecutor

import pytest
from support import people, post_signed, request, wait_until

NUMBER, SECOND, OTHER = "+14155550100", "+14155550102", "+14155550101"
ADA, BEN = "+14157000001", "+14157000002"
T = "/api/v1/tenants/acme/"


@pytest.fixture
def inbox(servers):
    server, provider = servers("--callback-delay", "5-50")
    server.start()
    key = server.provision("acme", NUMBER)
    return server, provider, key


def get(server, path, key):
    status, answer = server.api("GET", T + path, key=key)
    assert status == 200, answer
    return answer


def conversations(server, key, query=""):
    return get(server, f"conversations?{query}", key)["data"]


def opened(server, provider, key, person=ADA, text="Hello?", number=NUMBER):
    """A person texts; answers the conversation."""
    assert provider.text(person, number, text) == 204
    return next(c for c in conversations(server, key, "limit=500") if (c["phone"], c["number"]) == (person, number))


def reply(server, key, conversation, body="Hi", headers=None, **more):
    body = {**({} if body is None else {"body": body}), **more}
    return server.api("POST", f"{T}conversations/{conversation['id']}/messages", body, key, headers)


def messages(server, key, conversation, query=""):
    return get(server, f"conversations/{conversation['id']}/messages?{query}", key)["data"]


def delivered(server, key, conversation, message):
    return wait_until(lambda: next(m for m in messages(server, key, conversation) if m["id"] == message)["state"] == "delivered")


def fields(answer):
    return {error["field"] for error in answer["errors"]}


class Stream:
    """Server-sent events, as a browser reads them."""

    def __init__(self, server, key, query="", **headers):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self.connection.request("GET", f"{T}inbox/events{query}", headers={"Authorization": f"Bearer {key}", **headers})
        self.answer = self.connection.getresponse()
        self.status = self.answer.status

    def next(self):
        event = {}
        while True:
            line = self.answer.readline().decode().rstrip("\n")
            if not line and "data" in event:
                return event["event"], int(event["id"]), json.loads(event["data"])
            name, _, value = line.partition(": ")
            if name:
                event[name] = value

    def until(self, wanted):
        while True:
            event = self.next()
            if wanted(event):
                return event

    def close(self):
        self.answer.close()
        self.connection.close()


def test_an_inbound_text_opens_a_conversation_and_the_reply_arrives_from_the_same_number(inbox):
    server, provider, key = inbox
    server.cli("number", "add", "acme", SECOND, "--rate", "100", "--warm-up", "off")
    server.import_csv("acme", key, people(3))
    one = opened(server, provider, key, ADA, "Is this open?", SECOND)
    assert (one["state"], one["unread"], one["contact"]["first_name"]) == ("open", 1, "P1")
    assert (one["last_message"]["direction"], one["last_message"]["preview"]) == ("in", "Is this open?")
    status, sent = reply(server, key, one, "Yes {{first_name}}, see https://example.com/hours")
    assert (status, sent["state"], sent["kind"], sent["direction"]) == (202, "queued", "reply", "out"), sent
    assert delivered(server, key, one, sent["id"])
    made = provider.ledger("created")
    assert [(m["to"], m["from"]) for m in made] == [(ADA, SECOND)]
    shown = messages(server, key, one)
    assert [m["body"] for m in shown] == ["Is this open?", "Yes P1, see https://example.com/hours"]
    assert shown[1]["cost_micros"] == 8300 and shown[1]["segments"] == 1 and shown[1]["sid"] and shown[0]["state"] == "received"
    whole = get(server, f"conversations/{one['id']}", key)
    assert whole["contact"]["phone"] == ADA and whole["opt_out"] is None and not whole["do_not_contact"]
    # Without an inbound text, somebody begins one; the same two have one conversation.
    status, begun = server.api("POST", T + "conversations", {"phone": BEN, "number": NUMBER}, key)
    assert status == 201 and begun["last_message"] is None
    assert server.api("POST", T + "conversations", {"phone": BEN, "number": NUMBER}, key)[1]["id"] == begun["id"]
    status, answer = server.api("POST", T + "conversations", {"phone": BEN, "number": "+14155550199"}, key)
    assert status == 422 and fields(answer) == {"number"}
    assert delivered(server, key, begun, reply(server, key, begun)[1]["id"])


def test_a_conversation_is_read_assigned_tagged_closed_and_opened_again_by_the_person(inbox):
    server, provider, key = inbox
    one = opened(server, provider, key)
    opened(server, provider, key, BEN)
    path = f"{T}conversations/{one['id']}"
    status, now = server.api("PATCH", path, {"unread": 0, "assignee": "Zoë", "tags": ["vip", "sale", "vip"], "state": "closed"}, key)
    assert status == 200 and (now["unread"], now["assignee"], now["tags"], now["state"]) == (0, "Zoë", ["vip", "sale"], "closed")
    ids = lambda query: [c["phone"] for c in conversations(server, key, query)]
    assert ids("state=closed") == ids("assignee=Zo%C3%AB") == ids("tag=vip") == ids("unread=false") == [ADA]
    assert ids("state=open") == ids("assignee=none") == ids("unread=true") == [BEN]
    assert ids("number=%2B14155550100") == [BEN, ADA] and ids("number=%2B14155550101") == []
    again = opened(server, provider, key, ADA, "one more thing")
    assert (again["id"], again["state"], again["unread"], again["assignee"]) == (one["id"], "open", 1, "Zoë")
    assert ids("") == [ADA, BEN]
    assert server.api("PATCH", path, {"assignee": None}, key)[1]["assignee"] is None
    for change, field in [({"state": "snoozed"}, "state"), ({"state": None}, "state"), ({"unread": 3}, "unread"), ({"assignee": "a" * 201}, "assignee"),
                          ({"assignee": 5}, "assignee"), ({"tags": ["t"] * 21}, "tags"), ({"tags": ["t" * 61]}, "tags"), ({"tags": [1]}, "tags"), ({"x": 1}, "x")]:
        status, answer = server.api("PATCH", path, change, key)
        assert status == 422 and fields(answer) == {field}, (change, answer)


def test_someone_who_opted_out_gets_no_reply_until_they_come_back(inbox):
    server, provider, key = inbox
    one = opened(server, provider, key)
    provider.text(ADA, NUMBER, "STOP")
    status, answer = reply(server, key, one)
    assert status == 409 and "opted out" in answer["detail"]
    whole = get(server, f"conversations/{one['id']}", key)
    assert whole["do_not_contact"] and whole["opt_out"]["reason"] == "opted_out"
    assert [m["direction"] for m in messages(server, key, one)] == ["in", "in"]
    provider.text(ADA, NUMBER, "START")
    assert not get(server, f"conversations/{one['id']}", key)["do_not_contact"]
    status, sent = reply(server, key, one, "Welcome back")
    assert status == 202 and delivered(server, key, one, sent["id"])
    assert [m["to"] for m in provider.ledger("created")] == [ADA] and provider.summary()["after_stop"] == []


def test_a_reply_that_meets_an_opt_out_in_the_queue_is_skipped_with_the_reason(inbox):
    server, provider, key = inbox
    one = opened(server, provider, key)
    server.api("PUT", T + "kill-switch", {"on": True, "reason": "test"}, key)
    sent = reply(server, key, one)[1]
    server.api("POST", T + "do-not-contact", {"phone": ADA}, key)
    server.api("PUT", T + "kill-switch", {"on": False}, key)
    state = lambda: [(m["state"], m["reason"]) for m in messages(server, key, one) if m["id"] == sent["id"]]
    wait_until(lambda: state() == [("skipped", "opted_out")])
    assert provider.requests() == 0


def test_a_reply_goes_ahead_of_a_slow_campaign_and_while_it_is_paused_but_not_under_the_kill_switch(inbox):
    server, provider, key = inbox
    server.cli("number", "add", "acme", NUMBER, "--rate", "1", "--warm-up", "off")
    server.import_csv("acme", key, people(100, start=100))
    one = opened(server, provider, key)
    path = server.campaign("acme", key, NUMBER, "Slow")
    wait_until(lambda: len(provider.ledger("created")) >= 2)
    before = len(provider.ledger("created"))
    assert reply(server, key, one, "First of all")[0] == 202
    to = wait_until(lambda: (t := [m["to"] for m in provider.ledger("created")]) and ADA in t and t, 15)
    # At most what had been claimed for this second and the next goes before it.
    assert to.index(ADA) - before <= 2, to
    assert server.api("POST", path + "/pause", key=key)[0] in (200, 202)
    sent = reply(server, key, one, "While it is paused")[1]
    assert delivered(server, key, one, sent["id"])
    wait_until(lambda: server.api("GET", path, key=key)[1]["calls_in_flight"] == 0)
    server.api("PUT", T + "kill-switch", {"on": True, "reason": "test"}, key)
    count = provider.requests()
    held = reply(server, key, one, "Held")[1]
    # A claim has looked at it, and says why it waits.
    wait_until(lambda: (m := messages(server, key, one)[-1])["state"] == "queued" and m["reason"] == "kill_switch")
    assert provider.requests() == count
    server.api("PUT", T + "kill-switch", {"on": False}, key)
    assert delivered(server, key, one, held["id"])


def test_the_same_request_again_texts_nobody_twice(inbox):
    server, provider, key = inbox
    one, two = opened(server, provider, key), opened(server, provider, key, BEN)
    once = {"Idempotency-Key": "a1b2-c3"}
    status, first = reply(server, key, one, "Once", once)
    assert status == 202
    assert reply(server, key, one, "Once", once) == (202, first)
    assert delivered(server, key, one, first["id"])
    assert reply(server, key, one, "Once", once) == (202, first)
    status, answer = reply(server, key, one, "Twice", once)
    assert status == 422 and fields(answer) == {"Idempotency-Key"}
    # A key belongs to its address and to who asks.
    assert reply(server, key, two, "Once", once)[1]["id"] != first["id"]
    agent = server.cli("key", "create", "acme", "--role", "agent", "--name", "a")["key"]
    assert reply(server, agent, one, "Once", once)[1]["id"] != first["id"]
    # A refusal is not remembered: it changed nothing.
    provider.text(BEN, NUMBER, "STOP")
    wait_until(lambda: get(server, f"conversations/{two['id']}", key)["do_not_contact"])
    assert reply(server, key, two, "Later", {"Idempotency-Key": "k"})[0] == 409
    provider.text(BEN, NUMBER, "START")
    wait_until(lambda: not get(server, f"conversations/{two['id']}", key)["do_not_contact"])
    assert reply(server, key, two, "Later", {"Idempotency-Key": "k"})[0] == 202
    # Nor do twelve at the same moment.
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: reply(server, key, one, "At once", {"Idempotency-Key": "burst"}), range(12)))
    # One at a time: who asks while the first is being carried out is told so.
    assert {status for status, _ in answers} <= {202, 409} and len({answer["id"] for status, answer in answers if status == 202}) == 1
    for bad in ["a" * 256, "two words"]:
        status, answer = reply(server, key, one, "x", {"Idempotency-Key": bad})
        assert status == 422 and fields(answer) == {"Idempotency-Key"}
    provider.idle()
    wait_until(lambda: provider.requests() == 5)
    server.stop()
    server.start(ahead="+25h")
    tomorrow = reply(server, key, one, "Once", once)[1]
    assert tomorrow["id"] != first["id"] and delivered(server, key, one, tomorrow["id"])


def test_a_canned_reply_is_filled_in_for_the_person(inbox):
    server, provider, key = inbox
    server.import_csv("acme", key, "Name,Mobile,Plan\nAda,+14157000001,gold\n", map="first_name:Name,phone:Mobile,field.plan:Plan")
    canned = T + "canned-replies"
    status, made = server.api("POST", canned, {"name": "Hours", "body": "Hi {{first_name|there}}, your {{plan}} line is open 9 to 5."}, key)
    assert status == 201, made
    assert server.api("POST", canned, {"name": "hours", "body": "x"}, key)[0] == 409
    for body, field in [({"name": "x", "body": "{{unheard_of}}"}, "body"), ({"name": "x", "body": "{{first_name"}, "body"), ({"name": " ", "body": "x"}, "name"),
                        ({"name": "x"}, "body"), ({"name": "x", "body": "b" * 1601}, "body"), ({"name": 1, "body": "b"}, "name")]:
        status, answer = server.api("POST", canned, body, key)
        assert status == 422 and fields(answer) == {field}, answer
    one, stranger = opened(server, provider, key), opened(server, provider, key, BEN)
    status, sent = reply(server, key, one, None, canned_id=made["id"])
    assert (status, sent["body"]) == (202, "Hi Ada, your gold line is open 9 to 5."), sent
    status, answer = reply(server, key, stranger, None, canned_id=made["id"])
    assert status == 422 and fields(answer) == {"canned_id"} and "{{plan}}" in answer["detail"]
    status, answer = reply(server, key, stranger, "Dear {{last_name}}")
    assert status == 422 and fields(answer) == {"body"} and "{{last_name}}" in answer["detail"]
    assert fields(reply(server, key, one, "both", canned_id=made["id"])[1]) == {"canned_id"}
    assert fields(reply(server, key, one, None, canned_id=999)[1]) == {"canned_id"}
    status, answer = server.api("PATCH", f"{canned}/{made['id']}", {"body": "Bye"}, key)
    assert status == 200 and (answer["name"], answer["body"]) == ("Hours", "Bye")
    assert [c["body"] for c in server.api("GET", canned, key=key)[1]["data"]] == ["Bye"]
    assert server.api("DELETE", f"{canned}/{made['id']}", key=key)[0] == 204
    assert server.api("GET", f"{canned}/{made['id']}", key=key)[0] == 404
    assert delivered(server, key, one, sent["id"])


def test_conversations_are_found_by_number_name_and_words(inbox):
    server, provider, key = inbox
    server.import_csv("acme", key, "Name,Mobile\nAda Lovelace,+14157000001\nBen Gauß,+14157000002\n", map="first_name:Name,phone:Mobile")
    opened(server, provider, key, ADA, "Where is my 100% parcel_7?")
    two = opened(server, provider, key, BEN, "Guten Tag 👋")
    reply(server, key, two, "The Engine is ready")
    opened(server, provider, key, "+14157000003", "nothing to see")
    found = lambda q: {c["phone"][-1] for c in conversations(server, key, "q=" + q)}
    assert found("415700") == {"1", "2", "3"} and found("7000002") == found("0002") == {"2"}
    assert found("%28415%29%20700-0001") == {"1"}
    assert found("lovel") == {"1"} and found("gau%C3%9F") == {"2"}
    assert found("PARCEL_7") == {"1"} and found("100%25") == {"1"} and found("engine") == {"2"} and found("%F0%9F%91%8B") == {"2"}
    assert found("zzz") == found("parcelx7") == set()
    assert found("nothing&state=closed") == set() and found("nothing&state=open") == {"3"}


def test_paging_meets_every_conversation_once_while_new_ones_arrive(inbox):
    server, provider, key = inbox
    for n in range(120):
        assert provider.text(f"+1415701{n:04d}", NUMBER, f"text {n}") == 204
    wait_until(lambda: len(conversations(server, key, "limit=500")) == 120)
    seen, cursor, arrived = [], "", 0
    while cursor is not None:
        page = get(server, "conversations?limit=7" + (f"&cursor={cursor}" if cursor else ""), key)
        seen += [c["phone"] for c in page["data"]]
        cursor = page["next_cursor"]
        provider.text(f"+1415702{arrived:04d}", NUMBER, "new")
        # Somebody seen already writes again.
        provider.text(seen[0], NUMBER, "again")
        arrived += 1
    assert len(seen) == len(set(seen)) and {p for p in seen if p.startswith("+1415701")} == {f"+1415701{n:04d}" for n in range(120)}
    times = [c["last_message_at"] for c in conversations(server, key, "limit=500")]
    assert len(times) == 120 + arrived and times == sorted(times, reverse=True)


def test_a_long_conversation_is_read_backwards(inbox):
    server, provider, key = inbox
    one = opened(server, provider, key, text="text 0")
    for n in range(1, 25):
        provider.text(ADA, NUMBER, f"text {n}")
    pages, cursor = [], None
    while True:
        page = get(server, f"conversations/{one['id']}/messages?limit=10" + (f"&cursor={cursor}" if cursor else ""), key)
        pages.insert(0, [m["body"] for m in page["data"]])
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [len(p) for p in pages] == [5, 10, 10] and sum(pages, []) == [f"text {n}" for n in range(25)]
    opened(server, provider, key, BEN)
    list_ = lambda query: get(server, f"messages?limit=500&{query}", key)["data"]
    assert len(list_("")) == 26 and len(list_("phone=%2B14157000002")) == 1 and len(list_(f"conversation={one['id']}")) == 25
    reply(server, key, one)
    assert len(list_("direction=in")) == 26 and [m["body"] for m in list_("direction=out")] == ["Hi"]
    assert len(list_(f"conversation={one['id']}&direction=out")) == 1


def test_an_open_inbox_hears_of_a_text_within_two_seconds_and_goes_on_where_it_was(inbox):
    server, provider, key = inbox
    viewer = server.cli("key", "create", "acme", "--role", "viewer", "--name", "v")["key"]
    stream = Stream(server, viewer)
    assert stream.status == 200 and stream.answer.getheader("Content-Type") == "text/event-stream"
    assert stream.next()[0] == "ready"
    begun = time.monotonic()
    provider.text(ADA, NUMBER, "Ping")
    kind, last, message = stream.next()
    assert time.monotonic() - begun < 2
    assert (kind, message["body"], message["phone"]) == ("message", "Ping", ADA)
    kind, last, conversation = stream.next()
    assert (kind, conversation["unread"], conversation["last_message"]["preview"]) == ("conversation", 1, "Ping")
    stream.close()
    # What happens meanwhile is told to who comes back.
    server.api("PATCH", f"{T}conversations/{conversation['id']}", {"assignee": "Zoë"}, key)
    provider.text(BEN, NUMBER, "Pong")
    stream = Stream(server, viewer, **{"Last-Event-ID": str(last)})
    kind, _, told = stream.next()
    assert (kind, told["assignee"]) == ("conversation", "Zoë")
    assert stream.until(lambda e: e[0] == "message")[2]["body"] == "Pong"
    sent = reply(server, key, conversation, "Hi")[1]
    done = stream.until(lambda e: e[0] == "message" and e[2]["id"] == sent["id"] and e[2]["state"] == "delivered")
    stream.close()
    stream = Stream(server, viewer, f"?after={done[1]}")
    provider.text(ADA, NUMBER, "Last")
    assert stream.next()[2]["body"] == "Last"
    stream.close()
    # An id of another time: the lists are to be read anew.
    stream = Stream(server, viewer, "?after=999999")
    assert stream.next()[0] == "reset"
    stream.close()
    assert Stream(server, viewer, "?after=x").status == 422
    assert Stream(server, viewer, **{"Last-Event-ID": "-1"}).status == 422


def test_a_key_has_ten_streams_and_its_tenant_sixty_and_they_end_with_the_server(inbox):
    server, provider, key = inbox
    more = lambda: server.cli("key", "create", "acme", "--role", "viewer", "--name", "more")["key"]
    # An answer that is never written takes no place.
    for _ in range(25):
        assert request(server.port, "HEAD", T + "inbox/events", headers={"Authorization": f"Bearer {key}"})[0] == 200
    streams = []
    for asker, expected in [(key, 10), *((more(), 10) for _ in range(5)), (more(), 0)]:
        of_key = []
        while (stream := Stream(server, asker)).status == 200:
            stream.next()
            of_key.append(stream)
            assert len(of_key) <= 10
        assert stream.status == 429 and stream.answer.headers["Retry-After"] and len(of_key) == expected
        stream.close()
        streams += of_key
    streams.pop().close()
    key = more()
    def taken():
        stream = Stream(server, key)
        return stream.status == 200 and stream
    assert wait_until(taken).next()[0] == "ready"
    begun = time.monotonic()
    server.stop()
    assert time.monotonic() - begun < 10


def test_a_watched_tenant_can_be_paused_and_its_stream_goes_on_afterwards(inbox):
    server, provider, key = inbox
    stream = Stream(server, key)
    assert stream.next()[0] == "ready"
    begun = time.monotonic()
    server.cli("tenant", "pause", "acme")
    assert time.monotonic() - begun < 5
    server.cli("tenant", "resume", "acme")
    provider.text(ADA, NUMBER, "Back")
    assert stream.next()[2]["body"] == "Back"
    stream.next()
    # Staff opts somebody out: anyone who has the conversation open sees it.
    server.api("POST", T + "do-not-contact", {"phone": ADA}, key)
    kind, last, told = stream.next()
    assert (kind, told["do_not_contact"]) == ("conversation", True)
    stream.close()
    server.kill()
    server.start()
    stream = Stream(server, key, **{"Last-Event-ID": str(last)})
    provider.text(BEN, NUMBER, "After the crash")
    assert stream.next()[2]["body"] == "After the crash"
    stream.close()


def test_a_stream_does_not_keep_its_file_open(servers):
    server, provider = servers("--callback-delay", "5-50")
    server.environment["ROUNDHOUSE_OPEN_FILES"] = "1"
    server.start()
    key, foreign = server.provision("acme", NUMBER), server.provision("other", OTHER)
    stream = Stream(server, key)
    assert stream.next()[0] == "ready"
    for n in range(3):
        assert server.api("GET", "/api/v1/tenants/other/contacts", key=foreign)[0] == 200
        begun = time.monotonic()
        provider.text(ADA, NUMBER, f"Ping {n}")
        assert stream.next()[2]["body"] == f"Ping {n}"
        assert time.monotonic() - begun < 2
        assert stream.next()[0] == "conversation"
    stream.close()


def test_a_reply_survives_a_kill_and_an_erased_person_gets_none(inbox):
    server, provider, key = inbox
    server.import_csv("acme", key, people(3))
    one, two = opened(server, provider, key), opened(server, provider, key, BEN, "Forget me")
    server.api("PUT", T + "kill-switch", {"on": True, "reason": "test"}, key)
    sent, lost = reply(server, key, one, "Still here")[1], reply(server, key, two, "Are you?", {"Idempotency-Key": "e"})[1]
    server.kill()
    server.start()
    ben = get(server, "contacts?phone=%2B14157000002", key)["data"][0]
    assert server.api("POST", f"{T}contacts/{ben['id']}/erasure", {}, key)[0] < 300
    server.api("PUT", T + "kill-switch", {"on": False}, key)
    assert delivered(server, key, one, sent["id"])
    provider.idle()
    assert [m["to"] for m in provider.ledger("created")] == [ADA]
    assert [c["phone"] for c in conversations(server, key)] == [ADA]
    assert BEN not in json.dumps(get(server, "messages?limit=500", key))
    assert reply(server, key, two)[0] == 404


def test_another_tenant_sees_and_changes_nothing(inbox):
    server, provider, key = inbox
    foreign = server.provision("other", OTHER)
    canned = server.api("POST", T + "canned-replies", {"name": "Hours", "body": "9 to 5"}, key)[1]
    stream = Stream(server, foreign, "")
    assert stream.status == 404
    own = http.client.HTTPConnection("127.0.0.1", server.port, timeout=2)
    own.request("GET", "/api/v1/tenants/other/inbox/events", headers={"Authorization": f"Bearer {foreign}"})
    answer = own.getresponse()
    one = opened(server, provider, key)
    O = "/api/v1/tenants/other/"
    for path in ["conversations", "conversations?q=Hello", "messages", "canned-replies", "campaigns"]:
        assert server.api("GET", O + path, key=foreign)[1]["data"] == []
    for path in [f"conversations/{one['id']}", f"conversations/{one['id']}/messages", f"messages?conversation={one['id']}", f"canned-replies/{canned['id']}"]:
        assert server.api("GET", O + path, key=foreign)[0] == 404
        assert server.api("GET", T + path, key=foreign)[0] == 404
    assert server.api("PATCH", f"{O}conversations/{one['id']}", {"state": "closed"}, foreign)[0] == 404
    assert server.api("POST", f"{O}conversations/{one['id']}/messages", {"body": "x"}, foreign)[0] == 404
    assert server.api("POST", f"{T}conversations/{one['id']}/messages", {"body": "x"}, foreign)[0] == 404
    assert server.api("POST", O + "conversations", {"phone": ADA, "number": NUMBER}, foreign)[0] == 422
    # The same person writes to the other business: a conversation of its own.
    provider.text(ADA, OTHER, "Hello other")
    heard = b""
    while b"Hello other" not in heard:
        heard += answer.readline()
    assert b"Hello?" not in heard
    assert [c["last_message"]["preview"] for c in conversations(server, key)] == ["Hello?"]
    viewer = server.cli("key", "create", "acme", "--role", "viewer", "--name", "v")["key"]
    assert reply(server, viewer, one)[0] == 403 and server.api("GET", f"{T}conversations/{one['id']}", key=viewer)[0] == 200


def test_answers_to_a_campaign_are_listed_with_it(inbox):
    server, provider, key = inbox
    server.import_csv("acme", key, people(5))
    path = server.campaign("acme", key, NUMBER, "Want one?")
    server.completed(path, key)
    provider.text(ADA, NUMBER, "Yes please")
    provider.text("+14157990001", NUMBER, "Who is this?")
    replies = server.api("GET", path + "/replies", key=key)[1]
    assert [(m["phone"], m["body"]) for m in replies["data"]] == [(ADA, "Yes please")] and replies["next_cursor"] is None
    assert server.api("GET", path + "/report", key=key)[1]["replies"] == 1
    one = next(c for c in conversations(server, key) if c["phone"] == ADA)
    assert [m["body"] for m in messages(server, key, one)] == ["Want one?", "Yes please"]
    assert server.api("GET", T + "campaigns/99/replies", key=key)[0] == 404


def test_media_of_a_text_are_recorded_without_showing_where_the_provider_keeps_them(inbox):
    server, provider, key = inbox
    provider.control("POST", "inbound", {"from": ADA, "to": NUMBER, "body": "", "media": 3})
    one = conversations(server, key)[0]
    assert one["last_message"]["media_count"] == 3
    text, = messages(server, key, one)
    assert [(m["content_type"], m["position"]) for m in text["media"]] == [("image/png", n) for n in range(3)]
    assert "http" not in json.dumps(text)
    # Whatever a form says, a text carries ten at most, and only addresses.
    form = {"MessageSid": "MM" + "1" * 32, "From": BEN, "To": NUMBER, "Body": "", "NumMedia": "99"}
    form |= {f"MediaUrl{n}": f"https://example.com/{n}" for n in range(12)} | {"MediaUrl3": "file:///etc/passwd", "MediaContentType0": "<script>"}
    assert post_signed(server.url + "/webhooks/twilio/inbound", form)[0] == 204
    text, = get(server, "messages?phone=%2B14157000002", key)["data"]
    assert [m["position"] for m in text["media"]] == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    assert text["media"][0]["content_type"] == "application/octet-stream"


def test_hostile_input_is_refused_with_the_field_it_is_about(inbox):
    server, provider, key = inbox
    one = opened(server, provider, key, text="emoji 👩‍👩‍👧 and \u0000 nothing")
    for query, field in [("cursor=x", "cursor"), ("cursor=1.2.3", "cursor"), ("cursor=1", "cursor"), ("cursor=99999999999999999999.1", "cursor"), ("limit=0", "limit"),
                         ("limit=501", "limit"), ("state=x", "state"), ("unread=1", "unread"), ("number=x", "number"), ("tag=" + "t" * 61, "tag"), ("q=%00", "q"), ("q=%FF", "q"),
                         ("q=" + "q" * 101, "q"), ("assignee=" + "a" * 201, "assignee")]:
        status, answer = server.api("GET", f"{T}conversations?{query}", key=key)
        assert status == 422 and fields(answer) == {field}, (query, answer)
    for q in ["'", "%22", "%25", "_", "*", "%5C", "AND", "%F0%9F%91%A9", "a%22%20OR%20b", "("]:
        assert server.api("GET", f"{T}conversations?q={q}", key=key)[0] == 200, q
    for query, field in [("before=x", "before"), ("cursor=-1", "cursor"), ("limit=x", "limit")]:
        assert fields(server.api("GET", f"{T}conversations/{one['id']}/messages?{query}", key=key)[1]) == {field}
    for query, field in [("phone=x", "phone"), ("conversation=x", "conversation"), ("direction=up", "direction")]:
        assert fields(server.api("GET", f"{T}messages?{query}", key=key)[1]) == {field}
    for body in [None, "", "   ", 5, ["x"], {"a": 1}, "x" * 1601, "a\u0000b", "{{", "{{first_name}}", "{{unsubscribe_link}}", "ü" * 1600, "👍" * 600]:
        status, answer = server.api("POST", f"{T}conversations/{one['id']}/messages", {"body": body}, key)
        assert status == 422 and fields(answer) == {"body"}, (body, answer)
    assert "24 segments" in reply(server, key, one, "Ж" * 1600)[1]["detail"]
    path = f"{T}conversations/{one['id']}/messages"
    assert server.api("POST", path, {"body": "x", "to": ADA}, key)[0] == 422
    assert server.api("POST", path, b"[]", key, {"Content-Type": "application/json"})[0] == 422
    assert server.api("POST", path, b"{", key, {"Content-Type": "application/json"})[0] == 422
    assert server.api("POST", path, b"x" * (2 << 20), key, {"Content-Type": "application/json"})[0] == 413
    assert server.api("POST", path, b"body=x", key, {"Content-Type": "application/x-www-form-urlencoded"})[0] == 415
    assert server.api("POST", f"{T}conversations/999/messages", {"body": "x"}, key)[0] == 404
    assert server.api("POST", f"{T}conversations/0x1/messages", {"body": "x"}, key)[0] == 404
    for body, field in [({"phone": "123", "number": NUMBER}, "phone"), ({"number": NUMBER}, "phone"), ({"phone": ADA}, "number"), ({"phone": ADA, "number": 5}, "number")]:
        assert fields(server.api("POST", T + "conversations", body, key)[1]) == {field}
    # Twenty wait; a program gone wild is told so. Emoji are fine as long as they fit.
    server.api("PUT", T + "kill-switch", {"on": True, "reason": "test"}, key)
    statuses = [reply(server, key, one, f"👍 {n}")[0] for n in range(21)]
    assert statuses == [202] * 20 + [429]
    assert provider.requests() == 0


def test_what_came_with_a_text_is_fetched_into_the_tenants_file_within_bounds(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.environment["ROUNDHOUSE_WEBHOOK_ALLOW"] = "127.0.0.1/32"
    server.start()
    key, other = server.provision("acme", NUMBER), server.provision("other", "+14155550101")
    media = provider.url + "/_simulator/media/"
    urls = [media + "a.png", media + "b.png?redirect=2", media + "c.png?bytes=6000000", media + "d.svg?type=image/svg%2Bxml", media + "e.png?redirect=9"]
    assert provider.control("POST", "inbound", {"from": "+14157000001", "to": NUMBER, "body": "look", "media_urls": urls})["status"] == 204
    def states():
        message = server.api("GET", "/api/v1/tenants/acme/messages", key=key)[1]["data"][0]
        return message["id"], message["media"] if all(m["state"] != "recorded" for m in message["media"]) else None
    number, found = wait_until(lambda: (s := states())[1] and s)
    assert [m["state"] for m in found] == ["fetched", "fetched", "failed", "failed", "failed"], found
    assert "larger" in found[2]["failure"] and "kind" in found[3]["failure"] and "redirected" in found[4]["failure"]
    path = f"/api/v1/tenants/acme/messages/{number}/media/0"
    import http.client
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
    answer = connection.getresponse()
    assert answer.status == 200 and answer.read().startswith(b"\x89PNG") and answer.getheader("X-Content-Type-Options") == "nosniff"
    connection.close()
    assert server.api("GET", path, key=other)[0] == 404 and server.api("GET", path[:-1] + "2", key=key)[0] == 409
    assert server.api("GET", path[:-1] + "9", key=key)[0] == 404


def test_an_attachment_at_a_private_address_is_not_fetched(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER)
    provider.control("POST", "inbound", {"from": "+14157000001", "to": NUMBER, "body": "look", "media_urls": [provider.url + "/_simulator/media/a.png"]})
    media = lambda: server.api("GET", "/api/v1/tenants/acme/messages", key=key)[1]["data"][0]["media"][0]
    assert "not public" in wait_until(lambda: (m := media())["state"] == "failed" and m)["failure"]
