"""Who a text, a limit and a history belong to when contacts change their number, become one, go, come back or are forgotten."""
import glob, re, sqlite3

from support import free_port, post_signed, wait_until

NUMBER = "+14155550100"
BASE = "/api/v1/tenants/acme/"
ANN, BOB, CAT, DAN, EVE, FAY = (f"+1415700000{n}" for n in range(1, 7))
FREE, OTHER = "+14157000008", "+14157000009"


def contacts(server, key):
    return {c["phone"]: c["id"] for c in server.api("GET", BASE + "contacts?limit=200", key=key)[1]["data"]}


def make(server, key, **people):
    server.import_csv("acme", key, "First Name,Mobile\n" + "".join(f"{name},{phone}\n" for name, phone in people.items()))
    return contacts(server, key)


def hold(server, key, on):
    assert server.api("PUT", BASE + "kill-switch", {"on": on, "reason": "wait"}, key)[0] == 200


def frozen(server, key, body="Hi {{first_name|there}}"):
    """A campaign whose audience is fixed and whose texts all wait."""
    hold(server, key, True)
    path = server.campaign("acme", key, NUMBER, body)
    wait_until(lambda: server.api("GET", path, key=key)[1]["state"] == "running")
    return path


def texts(provider):
    return sorted((made["to"], made["body"].split("\n")[0]) for made in provider.ledger("created"))


def move(server, key, contact, phone):
    status, answer = server.api("PATCH", f"{BASE}contacts/{contact}", {"phone": phone}, key)
    assert status == 200, answer


def test_taking_an_import_back_leaves_whom_somebody_has_become_one_with(servers):
    server, _ = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    status, made = server.api("POST", BASE + "contacts", {"phone": BOB}, key)
    assert status == 201
    batch = server.import_csv("acme", key, f"First Name,Mobile\nAnn,{ANN}\nCat,{CAT}\n")
    assert server.api("POST", f"{BASE}contacts/{contacts(server, key)[ANN]}/merge", {"other_id": made["id"]}, key)[0] == 200
    assert server.api("POST", f"{BASE}imports/{batch['id']}/undo", {}, key)[0] == 202
    done = wait_until(lambda: (b := server.api("GET", f"{BASE}imports/{batch['id']}", key=key)[1])["state"] == "undone" and b)
    assert list(contacts(server, key)) == [ANN] and (done["undo"]["deleted"], done["undo"]["kept"]) == (1, 1), done


def test_an_older_copy_that_is_put_back_forgets_who_was_forgotten(servers):
    server, _ = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    ids = make(server, key, Ann=ANN, Bob=BOB, Cat=CAT)
    move(server, key, ids[BOB], FREE)
    server.cli("backup", "acme", "--to", server.data + "/acme.copy")
    for person in (ANN, BOB):
        assert server.api("POST", f"{BASE}contacts/{ids[person]}/erasure", {}, key)[0] == 200
    answer = server.cli("restore", "acme", "--from", server.data + "/acme.copy")
    assert answer["fence"] and "unfence" in answer["next"] and server.cli("tenant", "show", "acme")["fence"] == answer["fence"]
    assert contacts(server, key) == {CAT: ids[CAT]}
    assert {row["phone"] for row in server.api("GET", BASE + "do-not-contact", key=key)[1]["data"]} == {ANN, BOB, FREE}
    server.cli("tenant", "unfence", "acme")
    assert server.cli("tenant", "show", "acme").get("fence") is None
    server.cli("tenant", "pause", "acme", "--reason", "moving server")
    status, problem = server.api("GET", BASE + "contacts", key=key)
    assert status == 423 and problem["detail"] == "This tenant is paused: moving server"
    server.cli("tenant", "resume", "acme")


def test_words_like_an_opt_out_from_a_former_number_hold_the_present_one(servers):
    server, provider = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    ids = make(server, key, Ann=ANN, Bob=BOB)
    move(server, key, ids[ANN], FREE)
    fields = {"MessageSid": "SM" + "1" * 32, "From": ANN, "To": NUMBER, "Body": "please stop texting me"}
    assert post_signed(server.url + "/webhooks/twilio/inbound", fields)[0] == 204
    reviews = wait_until(lambda: len(r := server.api("GET", BASE + "opt-out-reviews", key=key)[1]["data"]) == 2 and r)
    assert {r["phone"] for r in reviews} == {ANN, FREE} and {r["text"] for r in reviews} == {"please stop texting me"}, reviews
    done = server.completed(server.campaign("acme", key, NUMBER, "Hello"), key)
    assert done["skipped_reasons"] == {"opt_out_review": 1}, done
    provider.idle()
    assert [made["to"] for made in provider.ledger("created")] == [BOB]


def test_a_frozen_text_goes_to_nobody_whose_contact_or_number_is_another_now(servers):
    server, provider = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    ids = make(server, key, Ann=ANN, Bob=BOB, Cat=CAT, Dan=DAN, Eve=EVE, Fay=FAY, Guy="+14157000007")
    path = frozen(server, key)
    # Ann has another number and is then deleted; Bob is erased after a change; Cat and Dan have swapped theirs; Eve became one with Fay.
    move(server, key, ids[ANN], FREE)
    assert server.api("DELETE", f"{BASE}contacts/{ids[ANN]}", key=key)[0] == 204
    move(server, key, ids[BOB], OTHER)
    assert server.api("POST", f"{BASE}contacts/{ids[BOB]}/erasure", {}, key)[0] == 200
    for contact, phone in ((ids[CAT], FREE), (ids[DAN], CAT), (ids[CAT], DAN)):
        move(server, key, contact, phone)
    assert server.api("POST", f"{BASE}contacts/{ids[FAY]}/merge", {"other_id": ids[EVE]}, key)[0] == 200
    hold(server, key, False)
    done = server.completed(path, key)
    provider.idle()
    assert [made["to"] for made in provider.ledger("created")] == [FAY, "+14157000007"] or texts(provider) == sorted([(FAY, "Hi Fay"), ("+14157000007", "Hi Guy")])
    assert done["counts"]["skipped"] == 5 and done["counts"]["queued"] == 0, done
    assert set(done["skipped_reasons"]) <= {"contact_changed", "contact_deleted", "opted_out", "merged"}, done
    server.cli("figures", "check", "acme")


def test_what_limits_a_person_goes_with_them_to_another_number(servers):
    server, provider = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    ids = make(server, key, Ann=ANN, Bob=BOB, Cat=CAT, Dan=DAN)
    # Ann waits for somebody to decide, Bob takes no marketing, Cat said stop and then yes to informational texts, Dan became one with Eve.
    assert provider.text(ANN, NUMBER, "please stop writing to me") == 204
    say = lambda **values: server.api("POST", BASE + "consents", {"evidence": "said so", "method": "phone", **values}, key)[0]
    assert say(phone=BOB, action="revoke", purpose="marketing") == 201
    assert provider.text(CAT, NUMBER, "STOP") == 204
    assert say(phone=DAN, action="revoke", purpose="marketing") == 201
    wait_until(lambda: server.api("GET", BASE + "opt-out-reviews", key=key)[1]["data"])
    move(server, key, ids[ANN], FREE)
    move(server, key, ids[BOB], OTHER)
    move(server, key, ids[CAT], CAT[:-1] + "0")
    eve = make(server, key, Eve=EVE)[EVE]
    assert server.api("POST", f"{BASE}contacts/{eve}/merge", {"other_id": ids[DAN]}, key)[0] == 200
    status, made = server.api("POST", BASE + "campaigns", {
        "name": "sale", "body": "Sale", "audience": {"all": True}, "numbers": [NUMBER], "purpose": "marketing"}, key)
    assert status == 201, made
    server.api("POST", f"{BASE}campaigns/{made['id']}/launch", key=key)
    done = server.completed(f"{BASE}campaigns/{made['id']}", key)
    assert done["skipped_reasons"] == {"opt_out_review": 1, "no_consent": 2, "opted_out": 1}, done
    assert provider.ledger("created") == []


def record(server, key, contact):
    return server.api("GET", f"{BASE}contacts/{contact}/record", key=key)[1]


def timeline(server, key, contact):
    return [e["type"] for e in server.api("GET", f"{BASE}contacts/{contact}/timeline", key=key)[1]["data"]]


def test_a_history_stays_with_its_person_when_the_number_goes_to_another(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER)
    ids = make(server, key, Ann=ANN, Bob=BOB)
    server.completed(server.campaign("acme", key, NUMBER, "Hello {{first_name}}"), key)
    provider.idle()
    assert provider.text(ANN, NUMBER, "a word of Ann") == 204
    wait_until(lambda: len(record(server, key, ids[ANN])["messages"]) == 2)
    before = timeline(server, key, ids[ANN])
    assert "replied" in before
    move(server, key, ids[ANN], FREE)
    assert [m["direction"] for m in record(server, key, ids[ANN])["messages"]] == ["out", "in"]
    assert record(server, key, ids[ANN])["former_numbers"] == [ANN]
    assert timeline(server, key, ids[ANN]) == before
    # As long as nobody has the old number, what comes from it is hers; then it is of anyone who has it.
    assert provider.text(ANN, NUMBER, "still Ann") == 204
    wait_until(lambda: len(record(server, key, ids[ANN])["messages"]) == 3)
    new = make(server, key, Eve=ANN)[ANN]
    assert record(server, key, new)["messages"] == [] or len(record(server, key, new)["messages"]) == 1
    assert provider.text(ANN, NUMBER, "a word of Eve") == 204
    wait_until(lambda: record(server, key, new)["messages"][-1:] and record(server, key, new)["messages"][-1]["body"] == "a word of Eve")
    assert "a word of Ann" not in str(record(server, key, new)) and "a word of Eve" not in str(record(server, key, ids[ANN]))
    # A merge brings the other's history along.
    assert server.api("POST", f"{BASE}contacts/{ids[ANN]}/merge", {"other_id": ids[BOB]}, key)[0] == 200
    bodies = [m["body"].split("\n")[0] for m in record(server, key, ids[ANN])["messages"]]
    assert {"Hello Ann", "Hello Bob", "a word of Ann"} <= set(bodies), bodies
    assert {"delivered", "merged", "replied"} <= set(timeline(server, key, ids[ANN]))
    page = server.api("GET", f"{BASE}contacts/{ids[ANN]}/timeline?limit=3", key=key)[1]
    seen = [e["type"] for e in page["data"]]
    while page["next_cursor"]:
        page = server.api("GET", f"{BASE}contacts/{ids[ANN]}/timeline?limit=3&cursor={page['next_cursor']}", key=key)[1]
        seen += [e["type"] for e in page["data"]]
    assert seen == timeline(server, key, ids[ANN])


def undo(server, key, batch):
    assert server.api("POST", f"{BASE}imports/{batch}/undo", key=key)[0] == 202
    return wait_until(lambda: (b := server.api("GET", f"{BASE}imports/{batch}", key=key)[1])["state"] == "undone" and b)["undo"]


def test_taking_an_import_back_leaves_whom_a_later_one_has_found(servers):
    server, _ = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    text = lambda *people: "First Name,Mobile\n" + "".join(f"{name},{phone}\n" for name, phone in people)
    old = server.import_csv("acme", key, text(("Ann", ANN)))
    first = server.import_csv("acme", key, text(("Anna", ANN), ("Bob", BOB), ("Cat", CAT), ("Dan", DAN)))
    later = server.import_csv("acme", key, text(("Anna", ANN), ("Bob", BOB), ("Dan", DAN)))
    assert (old["created"], first["created"], first["updated"], later["unchanged"]) == (1, 3, 1, 3)
    took = undo(server, key, first["id"])
    assert (took["deleted"], took["restored"], took["kept"]) == (1, 0, 3), took
    assert set(contacts(server, key)) == {ANN, BOB, DAN}
    # The later one taken back as well holds nobody any more.
    second = server.import_csv("acme", key, text(("Eve", EVE), ("Fay", FAY)))
    again = server.import_csv("acme", key, text(("Eve", EVE)))
    undo(server, key, again["id"])
    assert undo(server, key, second["id"])["deleted"] == 2


def test_an_import_taken_back_and_mended_while_its_campaign_waits_is_texted(servers):
    server, provider = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    batch = server.import_csv("acme", key, f"First Name,Mobile\nAnnn,{ANN}\nBob,{BOB}\nCat,{CAT}\n")
    path = frozen(server, key)
    undo(server, key, batch["id"])
    server.import_csv("acme", key, f"First Name,Mobile\nAnn,{ANN}\nBob,{BOB}\n")
    hold(server, key, False)
    done = server.completed(path, key)
    assert texts(provider) == [(ANN, "Hi Ann"), (BOB, "Hi Bob")]
    assert done["skipped_reasons"] == {"contact_deleted": 1}, done


def files(server):
    return [p for p in glob.glob(f"{server.data}/**/*", recursive=True) if re.search(r"\.(sqlite|sqlite-wal|csv)$|imports/", p)]


def bytes_with(server, *marks):
    """Which of the marks stand where, as bytes in any case, on the whole data folder."""
    found = []
    for path in files(server):
        with open(path, "rb") as file:
            data = file.read().lower()
        found += [(path.rsplit("/data0/", 1)[-1], mark) for mark in marks if mark.lower().encode() in data]
    return found


def test_no_byte_of_an_erased_person_is_left_and_nobody_else_loses_any(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start(settings={"ROUNDHOUSE_WEBHOOK_ALLOW": "127.0.0.1/32"})
    key = server.provision("acme", NUMBER)
    assert server.api("PATCH", BASE + "settings", {"erasure_keeps": "hash"}, key)[0] == 200
    assert server.api("POST", BASE + "webhook-endpoints", {"url": f"http://127.0.0.1:{free_port()}/hook"}, key)[0] == 201
    columns = "First Name,Last Name,Mobile,Email,Town,Notes\n"
    server.import_csv("acme", key, columns + f"Zaphodia,Qwertz,{ANN},zaphodia@qwertz.test,Xanaduville,likes yodelling\n" + f"Bob,Bobson,{BOB},bob@b.test,Rome,\n")
    server.import_csv("acme", key, columns + f"Zaphodia,Qwertz,{ANN},zaphodia@qwertz.test,Xanaduville,changed plumbago\n" + "Zaphodia,Qwertz,12,zaphodia@qwertz.test,Xanaduville,\n")
    # Files of which something is said: one without names of columns, one whose encoding is guessed.
    for file in (f"Zaphodia,{ANN}\nBob,{BOB}\n".encode(), f"First Name,Mobile,Town\nZaphodia,{ANN},Xanaduville-Süd\n".encode("latin-1")):
        status, batch = server.api("POST", BASE + "imports?mode=commit", file, key, {"Content-Type": "text/csv"})
        done = wait_until(lambda: (b := server.api("GET", f"{BASE}imports/{batch['id']}", key=key)[1])["state"] == "completed" and b)
        assert status == 202 and {n["code"] for n in done["notices"]} & {"no_header", "encoding", "uncertain_encoding"}, done
    ids = contacts(server, key)
    ann, bob = ids[ANN], ids[BOB]
    campaign = server.campaign("acme", key, NUMBER, "Dear {{first_name}} of {{town}}")
    server.completed(campaign, key)
    assert server.api("POST", campaign + "/test-sends", {"to": [ANN]}, key)[0] == 202
    assert server.api("POST", f"{BASE}consents", {"phone": ANN, "action": "grant", "method": "paper", "evidence": "signed kohlrabi form", "source": "shop"}, key, {"Idempotency-Key": "k1"})[0] == 201
    assert provider.text(ANN, NUMBER, "please stop kerfuffle writing to me") == 204
    assert provider.text(ANN, NUMBER, "STOP") == 204
    wait_until(lambda: len(record(server, key, ann)["messages"]) >= 4)
    # Another number, which is Cat's afterwards; another record of hers, which has written, too.
    move(server, key, ann, FREE)
    cat = make(server, key, Cat=ANN)[ANN]
    assert provider.text(ANN, NUMBER, "hello from Cat") == 204
    twin = make(server, key, Zaphodia=OTHER)[OTHER]
    assert provider.text(OTHER, NUMBER, "my other gadzooks phone") == 204
    wait_until(lambda: record(server, key, twin)["messages"])
    assert server.api("POST", f"{BASE}contacts/{ann}/merge", {"other_id": twin}, key)[0] == 200
    provider.idle()
    wait_until(lambda: len(record(server, key, cat)["messages"]) == 1)
    kept = {c: record(server, key, c) for c in (bob, cat)}
    report = server.api("GET", campaign + "/report", key=key)[1]
    assert server.api("POST", f"{BASE}contacts/{ann}/erasure", {"reason": "a letter of zaphodia"}, key) == (200, {"erased": True, "kept": "hash"})
    assert {c: record(server, key, c) for c in (bob, cat)} == kept
    assert server.api("GET", campaign + "/report", key=key)[1] == report
    words = ["zaphodia", "qwertz", "xanaduville", "yodelling", "plumbago", "kohlrabi", "kerfuffle", "gadzooks", FREE[1:], OTHER[1:]]
    for path in ("contacts.csv", "consents.csv", "events?limit=200", "messages?limit=200", "conversations?limit=200", "imports", "audit-log?limit=200",
                 "do-not-contact.csv", campaign[len(BASE):] + "/report.csv", campaign[len(BASE):] + "/recipients"):
        shown = str(server.api("GET", BASE + path, key=key)[1]).lower()
        assert [word for word in words if word in shown] == [], (path, shown)
    wait_until(lambda: not server.api("GET", BASE + "contacts?q=xanaduville", key=key)[1]["data"])
    server.cli("figures", "check", "acme")
    server.stop()
    left = bytes_with(server, *words)
    # The intake names the opt-out of each number for as long as a backup may be put back; it names nothing else.
    assert [(path, word) for path, word in left if not (path.startswith("intake.sqlite") and word in (FREE[1:], OTHER[1:]))] == [], left
    with open(f"{server.data}/../server.log") as log:
        told = log.read()
    assert [word for word in words + [ANN[1:]] if word in told.lower()] == []


def test_a_refused_change_of_number_opts_nobody_out(servers):
    server, provider = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    ids = make(server, key, Ann=ANN, Bob=BOB)
    assert provider.text(ANN, NUMBER, "STOP") == 204
    wait_until(lambda: server.api("GET", f"{BASE}contacts/{ids[ANN]}", key=key)[1]["do_not_contact"])
    for body in ({"phone": BOB}, {"phone": BOB, "fields": {"phone": "x"}}):
        assert server.api("PATCH", f"{BASE}contacts/{ids[ANN]}", body, key)[0] in (409, 422)
    assert not server.api("GET", f"{BASE}contacts/{ids[BOB]}", key=key)[1]["do_not_contact"]
    server.completed(server.campaign("acme", key, NUMBER, "Hello"), key)
    assert [made["to"] for made in provider.ledger("created")] == [BOB]
    assert [line for line in server.api("GET", BASE + "consents.csv", key=key)[1].splitlines() if BOB in line and "revoke" in line] == []


def test_what_is_said_from_a_former_number_holds_for_the_one_the_person_has_now(servers):
    server, provider = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    ids = make(server, key, Ann=ANN, Bob=BOB, Cat=CAT)
    move(server, key, ids[ANN], FREE)
    move(server, key, ids[BOB], OTHER)
    new = make(server, key, Dan=BOB)[BOB]
    assert server.api("POST", f"{BASE}contacts/{ids[CAT]}/merge", {"other_id": ids[ANN]}, key)[0] == 200
    # Ann is one with Cat now; her first number says STOP. Bob's former number is Dan's: his STOP is his alone.
    blocked = lambda: {c["phone"] for c in server.api("GET", BASE + "contacts", key=key)[1]["data"] if c["do_not_contact"]}
    assert provider.text(ANN, NUMBER, "STOP") == 204
    wait_until(lambda: blocked() == {CAT})
    assert provider.text(BOB, NUMBER, "STOP") == 204
    wait_until(lambda: blocked() == {CAT, BOB})
    # A file put back from before is told both.
    server.cli("backup", "acme", "--to", server.data + "/copy.sqlite")
    assert provider.text(CAT, NUMBER, "START") == 204
    wait_until(lambda: blocked() == {BOB})
    assert provider.text(ANN, NUMBER, "STOP") == 204
    wait_until(lambda: blocked() == {CAT, BOB})
    server.cli("restore", "acme", "--from", server.data + "/copy.sqlite")
    assert blocked() == {CAT, BOB}


def test_an_old_consent_does_not_bring_back_who_was_erased(servers):
    server, provider = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    for keeps, name, phone in (("number", "Ann", ANN), ("hash", "Bob", BOB)):
        server.api("PATCH", BASE + "settings", {"erasure_keeps": keeps}, key)
        contact = make(server, key, **{name: phone})[phone]
        assert provider.text(phone, NUMBER, "STOP") == 204
        wait_until(lambda: server.api("GET", f"{BASE}contacts/{contact}", key=key)[1]["do_not_contact"])
        assert server.api("POST", f"{BASE}contacts/{contact}/erasure", {}, key)[0] == 200
        grant = {"phone": phone, "action": "grant", "evidence": "a form", "source": "shop", "method": "form"}
        assert server.api("POST", BASE + "consents", {**grant, "at": "2023-01-01T00:00:00Z"}, key)[0] == 201
        again = make(server, key, **{name: phone})[phone]
        assert server.api("GET", f"{BASE}contacts/{again}", key=key)[1]["do_not_contact"], keeps
        # A later one does.
        assert server.api("POST", BASE + "consents", grant, key)[0] == 201
        assert not server.api("GET", f"{BASE}contacts/{again}", key=key)[1]["do_not_contact"], keeps
    # Both are offered to the provider, whose own list still has them.
    done = server.completed(server.campaign("acme", key, NUMBER, "Hello"), key)
    assert (done["counts"]["failed"], done["counts"]["skipped"]) == (2, 0), done


def test_an_import_that_waited_does_not_bring_back_who_was_erased_meanwhile(servers):
    server, _ = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    contact = make(server, key, Ann=ANN)[ANN]
    # A long one is ahead; the second waits for it.
    long = "First Name,Mobile\n" + "".join(f"P{n},+1212{200 + n // 10000}{n % 10000:04d}\n" for n in range(150_000))
    batches = [server.api("POST", BASE + "imports?mode=commit", text.encode(), key, {"Content-Type": "text/csv"})[1]["id"]
               for text in (long, f"First Name,Mobile\nAnn,{ANN}\nBob,{BOB}\n")]
    assert server.api("POST", f"{BASE}contacts/{contact}/erasure", {}, key)[0] == 200
    last = lambda: server.api("GET", f"{BASE}imports/{batches[1]}", key=key)[1]
    assert last()["state"] == "checking", "the erasure came too late to say anything"
    wait_until(lambda: last()["state"] == "completed", 120)
    assert (last()["created"], last()["unchanged"]) == (1, 1), last()
    assert server.api("GET", BASE + "contacts?phone=%2B" + ANN[1:], key=key)[1]["data"] == []


def test_a_record_of_any_length_is_whole(servers):
    server, _ = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    ids = make(server, key, Ann=ANN)
    move(server, key, ids[ANN], FREE)
    server.stop()
    # More than one page of one list, at either of her numbers; of the other lists less, and none.
    file = sqlite3.connect(f"{server.data}/tenants/acme/tenant.sqlite")
    since, until = file.execute("SELECT since, until FROM former_numbers").fetchone()
    old, new = (int(phone[1:]) for phone in (ANN, FREE))
    file.executemany("INSERT INTO messages (at, phone, number, direction, body) VALUES (?, ?, ?, 'in', ?)",
                     [(until, old, int(NUMBER[1:]), f"first {n}") for n in range(2_000)] + [(until + 1, new, int(NUMBER[1:]), f"then {n} \U0001f469\u200d") for n in range(5_500)])
    file.commit()
    file.close()
    server.start()
    whole = record(server, key, ids[ANN])
    assert [m["body"] for m in whole["messages"]] == [f"first {n}" for n in range(2_000)] + [f"then {n} \U0001f469\u200d" for n in range(5_500)]
    assert whole["clicks"] == [] and whole["former_numbers"] == [ANN]
    assert server.api("GET", f"{BASE}contacts/999/record", key=key)[0] == 404
