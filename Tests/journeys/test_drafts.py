"""Campaigns before they run: drafts that are not finished, whom they leave out, when they are sent, saved texts, and the box that finds them."""
import datetime

from support import people, request, wait_until

NUMBER, OTHER = "+14155550100", "+14155550101"
T = "/api/v1/tenants/acme/"


def fields(answer):
    return {error["field"] for error in answer[1]["errors"]} if answer[0] == 422 else answer


def test_a_draft_grows_leaves_people_out_and_is_sent_to_the_others(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key, other = server.provision("acme", NUMBER), server.provision("other", OTHER)
    server.import_csv("acme", key, people(40))
    quiet = [contact["id"] for contact in server.api("GET", T + "contacts", key=key)[1]["data"][:5]]
    for id in quiet:
        assert server.api("PATCH", f"{T}contacts/{id}", {"tags": ["quiet"]}, key)[0] == 200
    template = server.api("POST", T + "templates", {"name": "Visit", "body": "Hi {{first_name|there}}"}, key)[1]
    assert template["fields"] == ["first_name"]
    assert server.api("GET", f"{T}templates/{template['id']}", key=other)[0] in (403, 404)
    assert server.api("GET", f"{T}templates/{template['id']}", key=key)[1] == template
    status, made = server.api("POST", T + "campaigns", {"name": "First"}, key)
    path = f"{T}campaigns/{made['id']}"
    assert status == 201 and fields(server.api("POST", path + "/launch", key=key)) == {"body", "audience", "numbers"}
    assert server.api("PATCH", path, {"body": template["body"], "purpose": "informational", "numbers": [NUMBER]}, key)[0] == 202
    assert server.api("PATCH", path, {"audience": {"all": True}, "exclude": [{"tag": "quiet"}]}, key)[0] == 202
    assert server.api("POST", path + "/preview", {}, key)[1]["audience"] == 35
    # Who changes what somebody else has changed meanwhile is told so.
    tag = {name.lower(): value for name, value in request(server.port, "GET", path, headers={"Authorization": f"Bearer {key}"})[1].items()}["etag"]
    assert server.api("PATCH", path, {"name": "Mine"}, key, {"If-Match": tag})[0] == 202
    assert server.api("PATCH", path, {"name": "Yours"}, key, {"If-Match": tag})[0] == 412
    assert server.api("POST", path + "/launch", key=key)[0] == 202
    assert server.completed(path, key)["counts"]["audience"] == 35 == provider.summary()["created"]
    assert server.api("PATCH", path, {"name": "Late"}, key)[0] == 409 and server.api("DELETE", path, key=key)[0] == 409
    # The same once more, to those who have not had it.
    status, copy = server.api("POST", path + "/duplicate", key=key)
    second = f"{T}campaigns/{copy['id']}"
    assert status == 201 and server.api("GET", second, key=key)[1]["name"] == "Mine (copy)"
    assert server.api("PATCH", second, {"exclude": [{"received": made["id"]}, {"texted_days": 1}]}, key)[0] == 202
    assert server.api("POST", second + "/launch", key=key)[0] == 202
    assert server.completed(second, key)["counts"]["audience"] == 5
    assert len({sent["to"] for sent in provider.ledger("created")}) == 40 == provider.summary()["created"]
    draft = server.api("POST", T + "campaigns", {"name": "Never"}, key)[1]["id"]
    assert server.api("DELETE", f"{T}campaigns/{draft}", key=other)[0] in (403, 404) and server.api("DELETE", f"{T}campaigns/{draft}", key=key)[0] == 204
    found = server.api("GET", T + "find?q=mine", key=key)[1]["data"]
    assert [(entry["kind"], entry["id"], entry["detail"]) for entry in found] == [("campaign", copy["id"], "completed"), ("campaign", made["id"], "completed")]
    assert {entry["kind"] for entry in server.api("GET", T + "find?q=1415", key=key)[1]["data"]} == {"contact", "number"}
    assert server.api("GET", "/api/v1/tenants/other/find?q=mine", key=other)[1] == {"data": []}


def test_a_campaign_whose_time_passes_while_the_server_is_down_goes_by_its_policy(servers):
    server, provider = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(3))
    soon = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M:%SZ")
    policies = {"ask": None, "late": {"policy": "send_within", "minutes": 10}, "skip": {"policy": "skip"}, "sent": {"policy": "send_within", "minutes": 60}}
    paths = {}
    for name, misfire in policies.items():
        made = server.api("POST", T + "campaigns", {"name": name, "body": name, "audience": {"all": True}, "numbers": [NUMBER], "purpose": "informational", "send_at": soon, "misfire": misfire}, key)[1]
        paths[name] = f"{T}campaigns/{made['id']}"
        assert server.api("POST", paths[name] + "/launch", key=key)[1]["state"] == "scheduled"
    server.stop()
    server.start(ahead="+40m")
    assert server.completed(paths["sent"], key)["counts"]["audience"] == 3
    shown = {name: server.api("GET", path, key=key)[1] for name, path in paths.items()}
    assert {name: campaign["state"] for name, campaign in shown.items()} == {"ask": "paused", "late": "paused", "skip": "cancelled", "sent": "completed"}
    assert shown["ask"]["paused_by"] == "schedule" and "passed while nothing could be sent" in shown["ask"]["pause_reason"]
    assert {sent["body"] for sent in provider.ledger("created")} == {"sent"}
    assert server.api("POST", paths["ask"] + "/resume", key=key)[0] == 202
    assert server.completed(paths["ask"], key)["counts"]["audience"] == 3


def test_a_campaign_by_local_clocks_texts_each_when_theirs_shows_it(servers):
    server, provider = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    now = datetime.datetime.now(datetime.timezone.utc)
    zone = lambda hours: f"Etc/GMT{'-' if hours >= 0 else '+'}{abs(hours)}"
    # For two of them it is past; for the third, whose clock is three hours behind, it is two hours ahead. Toll-free numbers are at home nowhere.
    local = (now - datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    server.import_csv("acme", key, "First Name,Mobile,Time Zone\n" + "".join(f"P{n},+1833700000{n},{zone(hours)}\n" for n, hours in enumerate((0, 1, -3))))
    status, made = server.api("POST", T + "campaigns", {"name": "m", "body": "Hello", "audience": {"all": True}, "numbers": [NUMBER], "purpose": "informational", "send_at_local": local}, key)
    path = f"{T}campaigns/{made['id']}"
    assert status == 201 and server.api("POST", path + "/launch", key=key)[0] == 202
    waiting = wait_until(lambda: (c := server.api("GET", path, key=key)[1])["counts"]["deferred"] == 1 and provider.summary()["created"] == 2 and c)
    assert (waiting["send_at"], waiting["send_at_local"]) == (None, local)
    [last] = server.api("GET", path + "/recipients?state=deferred", key=key)[1]["data"]
    assert last["reason"] == "send_at_local" and last["deferred_until"].startswith((now + datetime.timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M"))
    server.stop()
    server.start(ahead="+2h")
    assert server.completed(path, key)["counts"]["skipped"] == 0 and provider.summary()["created"] == 3
