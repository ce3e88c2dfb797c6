"""Imports, contacts, audiences and consent over HTTP, against the real server, with another tenant beside."""
import csv, io, json, os, random, sqlite3, threading, time
from urllib.parse import quote

from support import people, post_signed, request, seeded, wait_until, ACCOUNT

NUMBER, OTHER = "+14155550100", "+14155550101"
BASE = "/api/v1/tenants/acme/"


def finished(server, key, batch, tenant="acme", states=("completed", "failed", "undone"), timeout=30):
    path = f"/api/v1/tenants/{tenant}/imports/{batch}"
    return wait_until(lambda: (b := server.api("GET", path, key=key)[1])["state"] in states and b, timeout)


def upload(server, key, text, tenant="acme", **query):
    path = f"/api/v1/tenants/{tenant}/imports?" + "&".join(f"{n}={quote(str(v))}" for n, v in query.items())
    status, batch = server.api("POST", path, text.encode(), key, {"Content-Type": "text/csv"})
    assert status == 202, batch
    return batch["id"]


def rows(text):
    return list(csv.reader(io.StringIO(text)))


def test_a_grant_that_is_repeated_with_its_key_does_not_undo_a_later_stop(servers):
    server, provider = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    phone = "+14155551234"
    again = {"Idempotency-Key": "grant-1"}
    grant = lambda: server.api("POST", BASE + "consents", {"phone": phone, "action": "grant", "evidence": "signed the form", "source": "shop"}, key, again)
    assert provider.text(phone, NUMBER, "STOP") == 204
    assert grant()[0] == 201
    assert server.api("GET", BASE + "do-not-contact", key=key)[1]["data"] == []

    def forget_keys():
        """As if the server had ended between the statement and the key's row: the statement is there, the key is not."""
        server.cli("tenant", "pause", "acme", "--reason", "test")
        file = sqlite3.connect(f"{server.data}/tenants/acme/tenant.sqlite")
        assert file.execute("DELETE FROM idempotency_keys").rowcount >= 1
        file.commit()
        file.close()
        server.cli("tenant", "resume", "acme")

    forget_keys()
    assert provider.text(phone, NUMBER, "STOP") == 204
    assert grant()[0] == 201
    assert [one["phone"] for one in server.api("GET", BASE + "do-not-contact", key=key)[1]["data"]] == [phone]
    # A statement of its own is another.
    again["Idempotency-Key"] = "grant-2"
    assert grant()[0] == 201
    assert server.api("GET", BASE + "do-not-contact", key=key)[1]["data"] == []
    # And so is another body with the same key: a revocation is never taken for the grant before it.
    forget_keys()
    revoke = {"phone": phone, "action": "revoke", "evidence": "said so by phone", "method": "phone"}
    assert server.api("POST", BASE + "consents", revoke, key, again)[0] == 201
    assert [one["phone"] for one in server.api("GET", BASE + "do-not-contact", key=key)[1]["data"]] == [phone]


def test_a_second_look_at_a_file_forgets_what_the_first_one_refused(server):
    key = server.provision("acme", NUMBER)
    # Numbers of Italy without their country code: refused as ones of the United States, more of them than one slice forgets.
    text = "Phone,First Name\n" + "".join(f"333{n:07d},P\n" for n in range(6_000)) + "12,Nobody\n"
    dry = finished(server, key, upload(server, key, text, mode="dry-run", country="US"), timeout=120)
    assert dry["rejected"] == 6_001
    status, _ = server.api("POST", f"{BASE}imports/{dry['id']}/columns", {"country": "IT"}, key)
    assert status == 202
    again = finished(server, key, dry["id"], timeout=120)
    assert (again["rejected"], again["created"]) == (1, 6_000)
    assert len(rows(server.api("GET", f"{BASE}imports/{dry['id']}/rejected.csv", key=key)[1])) == 2


def test_a_dry_run_shows_the_difference_and_is_committed_without_another_upload(server):
    key = server.provision("acme", NUMBER)
    finished(server, key, upload(server, key, "Phone,First Name,City\n+14158675309,Ada,Rome\n", mode="commit"))
    dry = finished(server, key, upload(server, key, "Phone,First Name,City\n+14158675309,Eve,Rome\n+14158675310,Bob,\nx,y,z\n", mode="dry-run"))
    counts = {name: dry[name] for name in ("rows", "created", "updated", "unchanged", "rejected")}
    assert counts == {"rows": 3, "created": 1, "updated": 1, "unchanged": 0, "rejected": 1}
    assert dry["changed_columns"] == {"first_name": 1}
    assert dry["sample"][0]["changes"]["first_name"] == {"before": "Ada", "after": "Eve"}
    assert len(server.api("GET", BASE + "contacts", key=key)[1]["data"]) == 1
    status, commit = server.api("POST", f"{BASE}imports/{dry['id']}/commit", key=key)
    assert status == 202
    done = finished(server, key, commit["id"])
    assert {name: done[name] for name in counts} == counts and done["mode"] == "commit"
    assert server.api("POST", f"{BASE}imports/{dry['id']}/commit", key=key)[0] in (409, 422)
    # What was refused comes back with its reason, and goes in once it is mended.
    back = rows(server.api("GET", f"{BASE}imports/{done['id']}/rejected.csv", key=key)[1])
    assert back[0][:3] == ["reject_row", "reject_reason", "reject_detail"] and back[1][3:5] == ["x", "y"]
    back[1][3] = "+14158675311"
    mended = io.StringIO()
    csv.writer(mended).writerows(back)
    assert finished(server, key, upload(server, key, mended.getvalue(), mode="commit"))["created"] == 1
    # Undone: the new ones go, the changed one is as it was.
    assert server.api("POST", f"{BASE}imports/{done['id']}/undo", key=key)[0] == 202
    undone = finished(server, key, done["id"], states=("undone",))
    assert (undone["undo"]["deleted"], undone["undo"]["restored"], undone["undo"]["kept"]) == (1, 1, 0)
    names = {c["first_name"] for c in server.api("GET", BASE + "contacts", key=key)[1]["data"]}
    assert names == {"Ada", "y"}


def test_a_form_upload_with_options_and_its_events(server):
    key = server.provision("acme", NUMBER)
    boundary = "xXx"
    fields = {"map": "phone:Handy,field.town:Ort", "tags": "spring,vip", "consent_source": "shop", "consent_wording": "I agree"}
    body = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items())
    file = lambda name, text: f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n{text}\r\n'
    upload = lambda *files: server.api("POST", BASE + "imports?mode=commit", (body + "".join(files) + f"--{boundary}--\r\n").encode(), key, {"Content-Type": f"multipart/form-data; boundary={boundary}"})
    # Two lists are two imports: neither is left out without a word. An input without a file is none.
    status, refused = upload(file("l.csv", "Handy\n+14158675308\n"), file("m.csv", "Handy\n+14158675307\n"))
    assert status == 422 and [e["field"] for e in refused["errors"]] == ["file"], refused
    status, batch = upload(file("", ""), file("l.csv", "Handy;Ort\n+14158675309;Köln\n"), file("", ""))
    assert status == 202, batch
    done = finished(server, key, batch["id"])
    assert done["consent"]["source"] == "shop" and done["created"] == 1, done
    contact = server.api("GET", BASE + "contacts", key=key)[1]["data"][0]
    assert sorted(contact["tags"]) == ["spring", "vip"] and contact["fields"] == {"town": "Köln"}
    status, _, text = request(server.port, "GET", f"{BASE}imports/{batch['id']}/progress", headers={"Authorization": f"Bearer {key}"})
    assert status == 200 and json.loads(text.decode().split("data: ")[-1])["state"] == "completed"
    said = server.api("GET", BASE + "consents/standing?phone=%2B14158675309", key=key)[1]
    assert said["standing"] == "granted" and said["statement"]["import_id"] == batch["id"]


def test_a_server_killed_in_mid_import_ends_with_the_same_figures(server):
    key = server.provision("acme", NUMBER)
    other = server.provision("other", OTHER)
    text = people(30_000) + "".join(f"Dup,(415) 700-{n:04d}\n" for n in range(500)) + "Bad,12\n" * 50
    quiet = finished(server, other, upload(server, other, text, "other", mode="commit"), "other")
    chance = seeded()
    batch = upload(server, key, text, mode="commit")
    for _ in range(3):
        goal = chance.randrange(1, 20_000)
        wait_until(lambda: (b := server.api("GET", f"{BASE}imports/{batch}", key=key)[1])["created"] >= min(goal, 25_000) or b["state"] == "completed")
        server.kill()
        server.start()
    done = finished(server, key, batch)
    names = ("rows", "created", "updated", "unchanged", "rejected", "rejected_reasons")
    assert {n: done[n] for n in names} == {n: quiet[n] for n in names}
    assert len(rows(server.api("GET", f"{BASE}imports/{batch}/rejected.csv", key=key)[1])) == 551


def test_contacts_are_made_found_changed_merged_and_exported(server):
    key = server.provision("acme", NUMBER)
    other = server.provision("other", OTHER)
    make = lambda **values: server.api("POST", BASE + "contacts", values, key)
    status, ada = make(phone="(415) 867-5309", first_name="Ada", last_name="Löwe", email="ADA@x.test", tags=["vip"], fields={"city": "Rome", "age": 41})
    assert status == 201 and ada["phone"] == "+14158675309" and ada["fields"] == {"age": 41, "city": "Rome"}
    assert ada["time_zone"] == "America/Los_Angeles" and ada["time_zone_source"] == "area_code"
    assert make(phone="+14158675309")[0] == 409
    bad = make(phone="1", email="nope", time_zone="Mars/Phobos", tags=[""], fields={"age": "old", "Bad Name": 1}, colour="red")
    assert bad[0] == 422
    assert {"phone", "email", "time_zone", "tags", "fields.age", "fields.Bad Name", "colour"} <= {e["field"] for e in bad[1]["errors"]}
    bob = make(phone="+12127365000", first_name="Bob", notes="likes tea")[1]
    find = lambda query: [c["id"] for c in server.api("GET", f"{BASE}contacts?{query}", key=key)[1]["data"]]
    for query in ("q=lowe", "q=L%C3%B6we", "q=ada", "q=415%20867", "q=8675", "q=5309", "q=rom", "tag=VIP", "email=ada@x.test", "field.city=Rome", "phone=%2B14158675309"):
        assert find(query) == [ada["id"]], query
    assert find("q=zzz") == [] and find("q=a") == [ada["id"]]
    status, changed = server.api("PATCH", f"{BASE}contacts/{ada['id']}", {"first_name": None, "last_name": "Byron", "fields": {"city": None, "plan": "gold"}, "tags": ["new"]}, key)
    assert status == 200 and changed["first_name"] is None and changed["fields"] == {"age": 41, "plan": "gold"} and changed["tags"] == ["new"]
    assert find("q=byron") == [ada["id"]] and find("q=lowe") == [] and find("q=gold") == [ada["id"]]
    assert server.api("PATCH", f"{BASE}contacts/{ada['id']}", {"phone": "+12127365000"}, key)[0] == 409
    server.api("POST", BASE + "do-not-contact", {"phone": "+12127365000"}, key)
    status, merged = server.api("POST", f"{BASE}contacts/{ada['id']}/merge", {"other_id": bob["id"]}, key)
    assert status == 200 and merged["first_name"] == "Bob" and merged["notes"] == "likes tea" and merged["do_not_contact"]
    assert server.api("GET", f"{BASE}contacts/{bob['id']}", key=key)[0] == 404
    make(phone="+13055550123", first_name="=1+1")
    table = rows(server.api("GET", BASE + "contacts.csv", key=key)[1])
    assert [r[1] for r in table] == ["phone", "+14158675309", "+13055550123"] and table[2][2] == "'=1+1"
    # Taken to another tenant, the file gives the same people.
    done = finished(server, other, upload(server, other, server.api("GET", BASE + "contacts.csv", key=key)[1], "other", mode="commit"), "other")
    assert (done["created"], done["rejected"]) == (2, 0)
    there = server.api("GET", "/api/v1/tenants/other/contacts", key=other)[1]["data"]
    assert {c["first_name"] for c in there} == {"Bob", "=1+1"} and any(c["do_not_contact"] for c in there)
    record = server.api("GET", f"{BASE}contacts/{ada['id']}/record", key=key)[1]
    assert record["contact"]["id"] == ada["id"] and record["consents"]


def test_bulk_changes_and_audiences_agree_with_a_plain_reckoning(server):
    key = server.provision("acme", NUMBER)
    chance = seeded()
    crowd = [dict(city=chance.choice(["Rome", "Oslo", ""]), age=chance.randrange(100), tag=chance.choice(["vip", ""])) for _ in range(300)]
    text = "Phone,City,Age,Tags\n" + "".join(f"+1415700{n:04d},{p['city']},{p['age']},{p['tag']}\n" for n, p in enumerate(crowd))
    finished(server, key, upload(server, key, text, mode="commit"))
    leaf = lambda: chance.choice([
        ({"tag": "vip"}, lambda p: p["tag"] == "vip"), ({"field": "city", "is": "rome"}, lambda p: p["city"] == "Rome"),
        ({"field": "city", "blank": True}, lambda p: not p["city"]), ({"field": "age", "more_than": 50}, lambda p: p["age"] > 50),
        ({"field": "city", "is_not": "Oslo"}, lambda p: p["city"] != "Oslo"), ({"field": "age", "less_than": 20}, lambda p: p["age"] < 20)])

    def rule(depth):
        kind = chance.choice(["leaf", "all", "any", "not"]) if depth < 4 else "leaf"
        if kind == "leaf":
            return leaf()
        if kind == "not":
            inner = rule(depth + 1)
            return {"not": inner[0]}, lambda p: not inner[1](p)
        parts = [rule(depth + 1) for _ in range(chance.randrange(1, 4))]
        return {kind: [p[0] for p in parts]}, lambda p: (all if kind == "all" else any)(f(p) for _, f in parts)

    for _ in range(40):
        wanted, holds = rule(1)
        status, answer = server.api("POST", BASE + "audiences/preview", {"rule": wanted}, key)
        assert (status, answer["count"], answer["exact"]) == (200, sum(map(holds, crowd)), True), wanted
    status, saved = server.api("POST", BASE + "audiences", {"name": "Old Romans", "rule": {"all": [{"field": "city", "is": "Rome"}, {"field": "age", "more_than": 50}]}}, key)
    assert status == 201
    member = server.api("GET", f"{BASE}contacts?audience={saved['id']}&limit=1", key=key)[1]["data"][0]["id"]
    told = server.api("GET", f"{BASE}audiences/{saved['id']}/explanation?contact={member}", key=key)[1]
    assert told["in"] and "city is Rome" in told["because"]
    status, change = server.api("POST", BASE + "bulk-changes", {"action": "tag", "tag": "romans", "audience": {"id": saved["id"]}}, key)
    assert status == 202
    done = wait_until(lambda: (b := server.api("GET", f"{BASE}bulk-changes/{change['id']}", key=key)[1])["state"] == "completed" and b)
    size = sum(p["city"] == "Rome" and p["age"] > 50 for p in crowd)
    assert done["changed"] == size == server.api("POST", BASE + "audiences/preview", {"rule": {"tag": "romans"}}, key)[1]["count"]
    server.api("POST", BASE + "bulk-changes", {"action": "delete", "audience": {"not": {"tag": "romans"}}}, key)
    wait_until(lambda: server.api("POST", BASE + "audiences/preview", {"rule": {"all": True}}, key)[1]["count"] == size)


def midday(shift=0):
    """A zone where it is noon now, whenever that is: marketing keeps the recipient's hours. (Etc/GMT+5 lies west.) For toll-free
    numbers, which lie nowhere: where an area code lies must allow a text as well."""
    hours = (time.gmtime().tm_hour - 12 - shift) % 24
    hours = hours - 24 if hours > 12 else hours
    return f"Etc/GMT{'+' if hours >= 0 else '-'}{abs(hours)}"


def test_consent_is_a_ledger_and_campaigns_obey_it(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER)
    finished(server, key, upload(server, key, "Phone,Do Not Contact,Time Zone\n" + "".join(f"+1833700{n:04d},{'yes' if n == 9 else ''},{midday()}\n" for n in range(10)), mode="commit"))
    assert [r["phone"] for r in server.api("GET", BASE + "do-not-contact", key=key)[1]["data"]] == ["+18337000009"]
    # Many at once, as pasted; what is no number is named by its line.
    status, many = server.api("POST", BASE + "do-not-contact?reason=list", b"+18337000000\n(833) 700-0001\nnobody\n+18337000000\n", key, {"Content-Type": "text/plain"})
    assert status == 200 and (many["numbers"], many["added"], many["invalid"]) == (2, 2, 1) and many["errors"][0]["row"] == 3
    # Opting in again needs evidence.
    state = lambda **values: server.api("POST", BASE + "consents", {"phone": "+18337000000", **values}, key)
    assert state(action="grant")[0] == 422
    assert state(action="grant", evidence="signed the form", source="shop")[0] == 201
    assert state(action="revoke", purpose="marketing", method="e-mail", evidence="no ads please")[0] == 201
    standing = lambda purpose: server.api("GET", f"{BASE}consents/standing?phone=%2B18337000000&purpose={purpose}", key=key)[1]
    assert (standing("marketing")["allowed"], standing("informational")["allowed"]) == (False, True)
    rule = server.api("POST", BASE + "suppression-rules", {"kind": "tag", "tag": "quiet"}, key)
    assert rule[0] == 201
    second = server.api("GET", BASE + "contacts?phone=%2B18337000002", key=key)[1]["data"][0]["id"]
    server.api("PATCH", f"{BASE}contacts/{second}", {"tags": ["quiet"]}, key)
    status, campaign = server.api("POST", BASE + "campaigns", {
        "name": "m", "body": "Sale", "audience": {"all": True}, "numbers": [NUMBER], "purpose": "marketing"}, key)
    assert status == 201, campaign
    path = f"{BASE}campaigns/{campaign['id']}"
    server.api("POST", path + "/launch", key=key)
    done = server.completed(path, key)
    assert done["skipped_reasons"] == {"opted_out": 2, "no_consent": 1, "suppressed": 1}
    assert provider.summary()["created"] == 6
    statements = rows(server.api("GET", BASE + "consents.csv", key=key)[1])
    assert [r[3] for r in statements if r[0] == "+18337000000"] == ["grant", "revoke", "grant", "revoke"]


def test_an_erased_person_leaves_no_number_and_is_not_texted_again(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER)
    assert server.api("PATCH", BASE + "settings", {"erasure_keeps": "hash"}, key)[0] == 200
    finished(server, key, upload(server, key, people(5), mode="commit"))
    first = server.campaign("acme", key, NUMBER, "Hello {{first_name}}")
    server.completed(first, key)
    provider.idle()
    wait_until(lambda: server.api("GET", first, key=key)[1]["counts"]["delivered"] == 5)
    # Everything that may name them: words that are looked through, a test, rejected rows; beside them somebody much like them.
    contact = server.api("GET", BASE + "contacts?phone=%2B14157000003", key=key)[1]["data"][0]["id"]
    assert server.api("PATCH", f"{BASE}contacts/{contact}", {"email": "ann@x.test"}, key)[0] == 200
    assert provider.text("+14157000003", NUMBER, "please stop writing to me") == 204
    wait_until(lambda: server.api("GET", BASE + "opt-out-reviews", key=key)[1]["data"])
    assert server.api("POST", first + "/test-sends", {"to": ["+14157000003"]}, key)[0] == 202
    rejected = finished(server, key, upload(server, key, "Mobile,Email\n12,ann@x.test\n13,joann@x.test\n14,Ann@X.test\n", mode="commit"))
    assert rejected["rejected"] == 3
    provider.idle()
    made = provider.summary()["created"]
    report = server.api("GET", first + "/report", key=key)[1]
    assert server.api("POST", f"{BASE}contacts/{contact}/erasure", {"reason": "asked by mail"}, key) == (200, {"erased": True, "kept": "hash"})
    server.stop()
    import sqlite3
    file = sqlite3.connect(f"file:{server.data}/tenants/acme/tenant.sqlite?mode=ro", uri=True)
    for (table,) in file.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'contact_search_%'").fetchall():
        for row in file.execute(f"SELECT * FROM {table}"):
            assert not any("4157000003" in str(value) or str(value).lower() == "ann@x.test" for value in row), (table, row)
    assert [row[0] for row in file.execute("SELECT original FROM import_rejects")] == ["13,joann@x.test"]
    file.close()
    server.start()
    assert server.api("GET", first + "/report", key=key)[1] == report
    finished(server, key, upload(server, key, people(5), mode="commit"))
    again = server.completed(server.campaign("acme", key, NUMBER, "Again"), key)
    assert again["skipped_reasons"] == {"opted_out": 1}
    assert provider.summary()["created"] == made + 4


def workbook(rows):
    """An Excel workbook of one sheet, as bytes: each row its cells as XML."""
    import io, zipfile
    sheet = "<worksheet><sheetData>" + "".join(f"<row>{row}</row>" for row in rows) + "</sheetData></worksheet>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/workbook.xml", '<workbook><sheets><sheet name="S" r:id="r1"/></sheets></workbook>')
        file.writestr("xl/_rels/workbook.xml.rels", '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>')
        file.writestr("xl/worksheets/sheet1.xml", sheet)
    return out.getvalue()


def cells(*values):
    return "".join(f'<c t="inlineStr"><is><t>{value}</t></is></c>' for value in values)


def test_a_file_that_is_dear_to_read_costs_no_other_tenant_its_import(server):
    key, other = server.provision("acme", NUMBER), server.provision("blue", OTHER)
    # Each line opens a quote that the next one closes and opens again: a look at 64 kB for six bytes.
    quotes = b"phone,name\n" + b'a"b,"\n' * 300_000
    # One text that every cell names, and cells of one line without end.
    import zipfile
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/workbook.xml", '<workbook><sheets><sheet name="S" r:id="r1"/></sheets></workbook>')
        file.writestr("xl/_rels/workbook.xml.rels", '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>')
        file.writestr("xl/sharedStrings.xml", "<sst><si>" + ("<r><t>" + "x" * 100_000 + "</t></r>") * 150 + "</si></sst>")
        file.writestr("xl/worksheets/sheet1.xml", "<worksheet><sheetData><row>" + '<c t="s"><v>0</v></c>' * 400_000 + "</row></sheetData></worksheet>")
    for data in (quotes, out.getvalue()):
        answers = []
        sender = threading.Thread(target=lambda: answers.append(server.api("POST", BASE + "imports?mode=dry-run", data, key, {"Content-Type": "text/csv"})))
        sender.start()
        assert finished(server, other, upload(server, other, people(10), tenant="blue", mode="commit"), tenant="blue", timeout=120)["state"] == "completed"
        sender.join(120)
        assert answers and answers[0][0] == 422, str(answers)[:500]


def test_a_workbook_is_read_to_its_last_row_and_one_made_to_fill_a_disk_is_refused(server):
    key = server.provision("acme", NUMBER)
    send = lambda data: server.api("POST", f"{BASE}imports?mode=commit", data, key, {"Content-Type": "application/octet-stream"})
    # Alike enough to be packed to a twentieth and less: more comes out of each piece than fits at once.
    for count in (1, 1_000, 20_000):
        rows = [cells("Mobile", "Notes")] + [cells(f"+1415{700 + n // 10000}{n % 10000:04d}", "x" * 300) for n in range(count)]
        status, batch = send(workbook(rows))
        assert status == 202, batch
        done = finished(server, key, batch["id"])
        assert (done["rows"], done["rejected"]) == (count, 0), done
    whole = workbook([cells("Mobile")] + [cells(f"+1415700{n:04d}") for n in range(5_000)])
    for data, said in (
            (workbook([cells("Mobile"), cells("+14157000001", " " * 100_000_000)]), "workbook"),
            (workbook([cells("Mobile")] + ['<c r="BXX1"><v>1</v></c>'] * 400_000), "workbook"),
            (whole[:3000] + whole[3500:], "read"), (b"PK\x03\x04" + b"\0" * 3000, "read")):
        status, problem = send(data)
        assert status == 422 and said in str(problem), (said, status, problem)
    assert os.listdir(f"{server.data}/tenants/acme/imports") == []
