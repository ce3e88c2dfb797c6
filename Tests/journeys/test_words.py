"""What people write into the product, at every door: merge names, tags, fields, links, bodies, numbers of opt-outs."""
import csv, io

from support import people, post_signed, request, wait_until, ACCOUNT
from test_people import finished, rows, upload

NUMBER, OTHER, HOST = "+14155550100", "+14155550101", "go.acme.test"
BASE = "/api/v1/tenants/acme/"


def errors(answer):
    return {e["field"]: e["message"] for e in answer[1].get("errors", [])}


def test_a_misspelt_merge_name_is_refused_at_every_door_with_the_one_that_was_meant(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER, host=HOST)
    other = server.provision("other", OTHER)
    server.import_csv("acme", key, "First Name,Mobile,Größe,2nd Name\nAda,+14157000001,XL,Bea\n")
    campaign = {"name": "c", "audience": {"all": True}, "numbers": [NUMBER], "purpose": "informational"}
    wrong = "Hi {{fist_name|there}}"
    post_signed(server.url + "/webhooks/twilio/inbound", {"MessageSid": "SM" + "1" * 32, "AccountSid": ACCOUNT, "From": "+14157000001", "To": NUMBER, "Body": "hello", "NumMedia": "0"})
    talk = wait_until(lambda: server.api("GET", BASE + "conversations", key=key)[1]["data"])[0]["id"]
    doors = {
        "body": [
            server.api("POST", BASE + "campaigns", {**campaign, "body": wrong}, key),
            server.api("POST", BASE + "campaigns", {**campaign, "body": "See https://shop.test/?a={{fist_name|x}}"}, key),
            server.api("POST", f"{BASE}conversations/{talk}/messages", {"body": wrong}, key),
            server.api("POST", BASE + "canned-replies", {"name": "n", "body": wrong}, key),
        ],
        "variants[1].body": [server.api("POST", BASE + "campaigns", {**campaign, "variants": [{"name": "A", "body": "a"}, {"name": "B", "body": wrong}]}, key)],
    }
    for field, answers in doors.items():
        for answer in answers:
            assert answer[0] == 422 and "did you mean {{first_name}}?" in errors(answer)[field], answer
    # What goes to everybody as it is has no fields.
    assert "help_text" in errors(server.api("PATCH", BASE + "settings", {"help_text": "Hi {{first_name|there}}"}, key))
    # Another tenant's fields are not this one's.
    status, answer = server.api("POST", "/api/v1/tenants/other/campaigns", {**campaign, "numbers": [OTHER], "body": "{{Größe|x}}"}, other)
    assert status == 422, answer
    body = "{{First_Name|there}} {{First Name|there}} {{first-name|there}} {{größe|?}} {{2nd name|?}}"
    status, made = server.api("POST", BASE + "campaigns", {**campaign, "body": body}, key)
    assert status == 201, made
    link = server.api("GET", f"{BASE}links?campaign={made['id']}", key=key)[1]["data"]
    assert link == []
    assert server.api("POST", f"{BASE}campaigns/{made['id']}/launch", key=key)[0] == 202
    server.completed(f"{BASE}campaigns/{made['id']}", key)
    assert [m["body"] for m in provider.ledger("created")] == ["Ada Ada Ada XL Bea"]


def test_tags_survive_an_export_and_an_import(server):
    key = server.provision("acme", NUMBER)
    other = server.provision("other", OTHER)
    for tag in ("a;b", "a,b", "a|b"):
        assert "tags" in errors(server.api("POST", BASE + "contacts", {"phone": "+14158675309", "tags": [tag]}, key)), tag
        assert "tag" in errors(server.api("POST", BASE + "bulk-changes", {"action": "tag", "tag": tag, "audience": {"all": True}}, key)), tag
        assert "tag" in errors(server.api("POST", BASE + "suppression-rules", {"kind": "tag", "tag": tag}, key)), tag
        assert server.api("POST", BASE + "audiences", {"name": "x", "rule": {"tag": tag}}, key)[0] == 422, tag
    status, ada = server.api("POST", BASE + "contacts", {"phone": "+14158675309", "tags": ["Été", "ÉTÉ", "VIP"]}, key)
    assert status == 201 and ada["tags"] == ["Été", "VIP"]
    status, ada = server.api("PATCH", f"{BASE}contacts/{ada['id']}", {"tags": ["été", "vip", "new"]}, key)
    assert sorted(ada["tags"]) == ["VIP", "new", "Été"]
    assert [c["id"] for c in server.api("GET", BASE + "contacts?tag=%C3%A9t%C3%A9", key=key)[1]["data"]] == [ada["id"]]
    exported = server.api("GET", BASE + "contacts.csv", key=key)[1]
    assert finished(server, other, upload(server, other, exported, "other", mode="commit"), "other")["created"] == 1
    assert sorted(server.api("GET", "/api/v1/tenants/other/contacts", key=other)[1]["data"][0]["tags"]) == ["VIP", "new", "Été"]
    assert finished(server, key, upload(server, key, exported, mode="commit"))["unchanged"] == 1


def test_a_rejected_row_comes_back_whole_and_no_field_has_a_name_of_ours(server):
    key = server.provision("acme", NUMBER)
    note = "n" * 30_000
    done = finished(server, key, upload(server, key, f"Note,Phone,First Name\n{note},12,Ada\n", mode="commit"))
    csv.field_size_limit(1 << 20)
    back = rows(server.api("GET", f"{BASE}imports/{done['id']}/rejected.csv", key=key)[1])
    assert back[1][3:] == [note, "12", "Ada"]
    back[1][4] = "+14158675309"
    mended = io.StringIO()
    csv.writer(mended).writerows(back)
    assert finished(server, key, upload(server, key, mended.getvalue(), mode="commit"))["created"] == 1
    status, answer = server.api("POST", BASE + "imports?mode=commit&map=field.do_not_contact:Extra", b"Phone,Extra\n+14158675310,x\n", key, {"Content-Type": "text/csv"})
    assert status == 422 and "map" in errors((status, answer))
    header = rows(server.api("GET", BASE + "contacts.csv", key=key)[1])[0]
    assert len(header) == len(set(header))


def test_an_import_into_an_audience_of_another_rule_is_refused(server):
    key = server.provision("acme", NUMBER)
    server.api("POST", BASE + "audiences", {"name": "Spring", "rule": {"tag": "other"}}, key)
    status, answer = server.api("POST", BASE + "imports?mode=dry-run&audience=spring", b"Phone\n+14158675310\n", key, {"Content-Type": "text/csv"})
    assert status == 409 and "audience Spring" in answer["detail"], answer


def test_a_short_link_leads_to_no_short_link_and_an_address_stays_short(server):
    key = server.provision("acme", NUMBER, host=HOST)
    link = lambda target, **more: server.api("POST", BASE + "links", {"target": target, **more}, key)
    assert "target" in errors(link(f"https://{HOST}/menu", slug="menu"))
    status, made = link("https://shop.test/menu", slug="menu")
    assert status == 201, made
    assert "target" in errors(server.api("PATCH", f"{BASE}links/{made['id']}", {"target": f"https://{HOST.upper()}/menu"}, key))
    campaign = {"name": "c", "audience": {"all": True}, "numbers": [NUMBER], "purpose": "informational"}
    for body in (f"see https://{HOST}/menu", "see https://shop.test/?a=" + "{{first_name|x}}" * 11, "see {{first_name|https://evil.test/}}"):
        assert "body" in errors(server.api("POST", BASE + "campaigns", {**campaign, "body": body}, key)), body
    # The longest address that may be written leads somewhere.
    server.api("POST", BASE + "contacts", {"phone": "+14157000001", "first_name": "山" * 200}, key)
    body = "see https://shop.test/" + "a" * 1300 + "?" + "{{first_name}}" * 10
    status, made = server.api("POST", BASE + "campaigns", {**campaign, "body": body}, key)
    assert status == 201, made
    server.api("POST", f"{BASE}campaigns/{made['id']}/launch", key=key)
    server.completed(f"{BASE}campaigns/{made['id']}", key)
    text = wait_until(lambda: server.api("GET", BASE + "messages", key=key)[1]["data"])[0]["body"]
    status, headers, _ = request(server.port, "GET", "/" + text.rsplit("/", 1)[1], headers={"Host": HOST, "User-Agent": "Mozilla/5.0"})
    assert status == 302 and 2_000 < len(headers["Location"]) <= 4_096


def test_a_landline_that_says_no_is_held_back(server):
    key = server.provision("acme", NUMBER)
    other = server.provision("other", OTHER)
    status, row = server.api("POST", BASE + "do-not-contact", {"phone": "+49 30 12345678"}, key)
    assert status == 201 and row["phone"] == "+493012345678", row
    status, answer = server.api("POST", BASE + "do-not-contact", b"phone\n(415) 555-0123\n+49 30 12345679\n12\n", key, {"Content-Type": "text/csv"})
    assert status == 200 and (answer["numbers"], answer["added"], answer["invalid"]) == (2, 2, 1), answer
    # In a column of an import, whose row is refused.
    done = finished(server, key, upload(server, key, "Mobile,Do Not Text\n+49 30 12345670,yes\n+49 30 12345671,no\n12,yes\n", mode="commit"))
    assert done["created"] == 0 and done["rejected"] == 3
    held = {row["phone"] for row in server.api("GET", BASE + "do-not-contact", key=key)[1]["data"]}
    assert held == {"+493012345678", "+493012345679", "+493012345670", "+14155550123"}
    assert server.api("GET", "/api/v1/tenants/other/do-not-contact", key=other)[1]["data"] == []


def test_bodies_are_cleaned_and_costly_characters_swapped_where_the_tenant_says_so(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(2))
    campaign = {"name": "c", "audience": {"all": True}, "numbers": [NUMBER], "purpose": "informational"}
    body = "Hi\u200b {{first_name}},\u00a0it’s “on” – " + "x" * 60
    status, made = server.api("POST", BASE + "campaigns", {**campaign, "body": body}, key)
    assert status == 201, made
    path = f"{BASE}campaigns/{made['id']}"
    assert server.api("GET", path, key=key)[1]["body"] == "Hi {{first_name}}, it’s “on” – " + "x" * 60
    preview = server.api("POST", path + "/preview", key=key)[1]
    assert preview["segments"] == {"2": 2} and preview["segments_saved_if_plain"] == 2, preview
    assert server.api("GET", BASE + "settings", key=key)[1]["plain_characters"] is False
    assert server.api("PATCH", BASE + "settings", {"plain_characters": True}, key)[0] == 200
    preview = server.api("POST", path + "/preview", key=key)[1]
    assert preview["segments"] == {"1": 2} and preview["segments_saved_if_plain"] == 0, preview
    server.api("POST", path + "/launch", key=key)
    server.completed(path, key)
    assert sorted(m["body"] for m in provider.ledger("created")) == [f"Hi P{n}, it's \"on\" - " + "x" * 60 for n in range(2)]
