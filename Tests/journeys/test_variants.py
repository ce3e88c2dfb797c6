import re, sqlite3
from collections import Counter

from support import people, request, wait_until
from test_clicks import HOST, NAVIGATES, NUMBER, PHONE, checked, report, tap

OTHER = "+14155550101"
T = "/api/v1/tenants/acme/"
SALE = "https://shop.test/sale"
# The same target in both: two links all the same.
TWO = [{"name": "A", "body": f"Hi {{{{first_name|there}}}}, our sale: {SALE}"}, {"name": "Gürtel B!", "body": f"Sale! {SALE}", "weight": 3}]


def create(server, key, variants=TWO, tenant="acme", **more):
    return server.api("POST", f"/api/v1/tenants/{tenant}/campaigns", {
        "name": "journey", "variants": variants, "audience": {"all": True}, "numbers": [NUMBER], "purpose": "informational", **more}, key)


def everybody(server, key, path, query=""):
    found, cursor = [], ""
    while cursor is not None:
        page = server.api("GET", f"{path}/recipients?limit=500&cursor={cursor}{query}", key=key)[1]
        found, cursor = found + page["data"], page["next_cursor"]
    return found


def errors(answer):
    return {error["field"] for error in answer[1]["errors"]} if answer[0] == 422 else answer


def test_two_variants_from_draft_to_report(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER, host=HOST)
    other = server.provision("other", OTHER)
    server.import_csv("acme", key, people(200))
    server.api("PATCH", T + "settings", {"circuit_breaker": {"error_percent": 100}, "utm": {"source": "sms"}}, key)
    path = T + f"campaigns/{create(server, key)[1]['id']}"
    shown = server.api("GET", path, key=key)[1]
    assert shown["body"] == TWO[0]["body"] and shown["variants"] == [{**TWO[0], "weight": 1}, TWO[1]]
    links = server.api("GET", T + "links?campaign=1", key=key)[1]["data"]
    assert [(link["number"], link["variant"], link["target"]) for link in links] == [(0, "A", SALE), (1, "Gürtel B!", SALE)]
    for verb in ("preview", "test-sends"):
        assert server.api("POST", path.replace("acme", "other") + f"/{verb}", {"variant": "A"}, other)[0] in (404, 422)
    assert server.api("GET", path.replace("acme", "other") + "/report", key=other)[0] == 404

    # The preview splits as the launch will.
    preview = server.api("POST", path + "/preview", {}, key)[1]
    assert preview["texted"] == 200 == sum(part["texted"] for part in preview["by_variant"])
    assert preview["cost_micros"] == sum(part["cost_micros"] for part in preview["by_variant"])
    assert {sample["variant"] for sample in preview["samples"]} == {"A", "Gürtel B!"}
    only = server.api("POST", path + "/preview", {"variant": "A"}, key)[1]
    assert [(part["variant"], part["texted"]) for part in only["by_variant"]] == [("A", 200)]
    assert errors(server.api("POST", path + "/preview", {"variant": "C"}, key)) == {"variant"}

    # The team sees either text; the first one unless it says which.
    for ask, body in ((None, "Hi there, our"), ("A", "Hi there, our"), ("Gürtel B!", "Sale!")):
        status, made = server.api("POST", path + "/test-sends", {"to": ["+14157990001"], **({"variant": ask} if ask else {})}, key)
        assert status == 202 and made["data"][0]["variant"] == (ask or "A") and made["data"][0]["body"].startswith(body), made
    assert errors(server.api("POST", path + "/test-sends", {"to": ["+14157990001"], "variant": "b"}, key)) == {"variant"}
    assert [sent["variant"] for sent in server.api("GET", path + "/test-sends", key=key)[1]["data"]] == ["A", "A", "Gürtel B!"]
    wait_until(lambda: len(provider.ledger("created")) == 3)

    provider.faults(_30003=0.2)
    assert server.api("POST", path + "/launch", key=key)[0] == 202
    server.completed(path, key)
    provider.idle()
    counts = wait_until(lambda: (c := server.api("GET", path, key=key)[1]["counts"])["delivered"] + c["undelivered"] == 200 and c)
    first = {person["phone"]: person["variant"] for person in everybody(server, key, path)}
    split = Counter(first.values())
    assert len(first) == 200 and 25 <= split["A"] <= 75 and split["A"] + split["Gürtel B!"] == 200
    assert {part["variant"]: part["texted"] for part in preview["by_variant"]} == split
    bodies = {}
    for made in provider.ledger("created")[3:]:
        assert bodies.setdefault(made["to"], made["body"]) == made["body"]
    assert {phone: "A" if body.startswith("Hi P") else "Gürtel B!" for phone, body in bodies.items()} == first
    assert {made["to"] for made in provider.ledger("created")} == {*first, "+14157990001"}

    # Failures go out once more with the same text.
    provider.faults()
    failed = {person["phone"] for person in everybody(server, key, path, "&state=undelivered")}
    assert len(failed) == counts["undelivered"] > 0
    assert server.api("POST", path + "/resend", key=key)[1]["planned"] == len(failed)
    server.completed(path, key)
    wait_until(lambda: server.api("GET", path, key=key)[1]["counts"]["delivered"] == 200)
    assert {person["phone"]: person["variant"] for person in everybody(server, key, path)} == first
    again = provider.ledger("created")[203:]
    assert {made["to"]: made["body"].split()[0] for made in again} == {phone: bodies[phone].split()[0] for phone in failed}

    # Clicks tell the variants apart, in a minute when people may click.
    tokens = {made["to"]: re.search(HOST + r"/(\w+)", made["body"])[1] for made in provider.ledger("created")[3:]}
    server.stop()
    server.start(ahead="+1m", settings={"ROUNDHOUSE_TRUSTED_PROXIES": "127.0.0.1"})
    tapped = {"A": [phone for phone in first if first[phone] == "A"][:5], "Gürtel B!": [phone for phone in first if first[phone] != "A"][:9]}
    for phone in tapped["A"] + tapped["Gürtel B!"] + tapped["A"][:2]:
        assert tap(server, tokens[phone], {**PHONE, **NAVIGATES}, via=f"198.51.{phone[-3:].lstrip('0') or 0}.1") == 302
    assert tap(server, tokens[tapped["A"][0]], {"User-Agent": "curl/8.0"}) == 302
    for name, content in (("A", "a"), ("Gürtel B!", "gurtel-b")):
        assert target(server, tokens[tapped[name][0]]) == f"{SALE}?utm_source=sms&utm_campaign=journey&utm_content={content}"
    whole = report(server, key, path)
    one, two = whole["by_variant"]
    assert [(part["variant"], part["audience"]) for part in (one, two)] == [("A", split["A"]), ("Gürtel B!", split["Gürtel B!"])]
    assert one["clicks"] == {"human": 7, "bot": 2, "people": 5} and two["clicks"] == {"human": 9, "bot": 1, "people": 9}
    assert [(link["variant"], link["clicks"]) for link in whole["by_link"]] == [("A", one["clicks"]), ("Gürtel B!", two["clicks"])]
    assert one["delivered"] + one["undelivered"] == split["A"] + sum(first[phone] == "A" for phone in failed)
    for figure in ("replies", "opt_outs", "segments", "cost_micros", "unknown_clicks"):
        assert one[figure] + two[figure] == whole[figure], figure
    for figure in ("accepted", "sent", "delivered", "undelivered"):
        assert one[figure] + two[figure] == sum(hour.get(figure, 0) for hour in whole["by_hour"]), figure
    assert {kind: one["clicks"][kind] + two["clicks"][kind] for kind in one["clicks"]} == whole["clicks"]

    # An answer and an opt-out are credited to the text that the person got.
    assert provider.text(tapped["A"][0], NUMBER, "STOP") in (200, 204)
    assert provider.text(tapped["Gürtel B!"][0], NUMBER, "Nice!") in (200, 204)
    one, two = wait_until(lambda: (r := report(server, key, path))["replies"] == 2 and r)["by_variant"]
    assert [(part["replies"], part["opt_outs"]) for part in (one, two)] == [(1, 1), (1, 0)]
    checked(server)
    assert server.api("POST", T + "links/rejudge", {}, key)[0] == 202
    wait_until(lambda: server.api("GET", T + "links/rejudge", key=key)[1]["state"] == "completed")
    assert report(server, key, path)["by_variant"] == [one, two]
    checked(server)


def target(server, token):
    """Where a link leads; asked by a program, which counts as no person."""
    return request(server.port, "GET", f"/{token}", headers={"Host": HOST, "User-Agent": "curl/8.0"})[1].get("Location")


def test_a_kill_while_the_audience_is_frozen_changes_nobodys_variant(servers):
    server, _ = servers()
    server.start()
    key, other = server.provision("acme", NUMBER), server.provision("other", OTHER)
    for tenant, owner in (("acme", key), ("other", other)):
        server.import_csv(tenant, owner, people(25_000))
        server.api("PUT", f"/api/v1/tenants/{tenant}/kill-switch", {"on": True, "reason": "only frozen"}, owner)
    # Another tenant's first campaign, to the same people, is planned without a kill.
    unharmed = f"/api/v1/tenants/other/campaigns/{create(server, other, tenant='other', numbers=[OTHER])[1]['id']}"
    server.api("POST", unharmed + "/launch", key=other)
    wait_until(lambda: server.api("GET", unharmed, key=other)[1]["state"] == "running")
    path = T + f"campaigns/{create(server, key)[1]['id']}"
    # It dies twice inside the transaction of the second slice it plans; what was committed before stays.
    server.stop()
    server.start(crash_at="freezing:2")
    server.api("POST", path + "/launch", key=key)
    server.process.wait(30)
    before = assigned(server)
    assert 0 < len(before) < 25_000
    server.start(crash_at="freezing:2")
    server.process.wait(30)
    between = assigned(server)
    assert len(before) < len(between) < 25_000
    server.start()
    wait_until(lambda: server.api("GET", path, key=key)[1]["state"] == "running")
    assert server.api("GET", path, key=key)[1]["counts"]["queued"] == 25_000
    after = assigned(server)
    assert len(after) == 25_000 and all(after[phone] == variant for phone, variant in (before | between).items())
    assert after == assigned(server, "other")
    split = Counter(after.values())
    assert abs(split[1] - 6_250) < 350 and split[1] + split[2] == 25_000
    assert [part["audience"] for part in report(server, key, path)["by_variant"]] == [split[1], split[2]]
    checked(server)


def assigned(server, tenant="acme"):
    file = sqlite3.connect(f"file:{server.data}/tenants/{tenant}/tenant.sqlite?mode=ro", uri=True)
    try:
        return dict(file.execute("SELECT phone, variant FROM send_jobs WHERE campaign_id = 1"))
    finally:
        file.close()


def test_what_a_request_may_say_of_variants(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER, host=HOST)
    other = server.provision("other", OTHER)
    viewer = server.cli("key", "create", "acme", "--role", "viewer", "--name", "v")["key"]
    server.import_csv("acme", key, people(20))
    three = [{"name": name, "body": f"{name} {SALE}/1 {SALE}/2 {SALE}/3"} for name in "ABC"]
    for variants, more, fields in (
        (TWO[:1], {}, {"variants"}), ({}, {}, {"variants"}), ("A", {}, {"variants"}), (TWO * 3, {}, {"variants"}),
        (TWO * 2, {}, {"variants[2].name", "variants[3].name"}),
        ([TWO[0], {**TWO[1], "weight": True}], {}, {"variants[1].weight"}),
        ([TWO[0], {"name": "B", "body": "{{nothing}}"}], {}, {"variants[1].body"}),
        ([TWO[0], {"name": "B", "body": "x" * 1601}], {}, {"variants[1].body"}),
        (three, {}, {"variants[2].body"}), (TWO, {"body": "Another text"}, {"body"}), (TWO, {"body": 7}, {"body"}),
        ([[], None], {"numbers": ["1"]}, {"variants[0]", "variants[1]", "numbers"})):
        assert errors(create(server, key, variants, **more)) == fields, variants
    assert create(server, other, tenant="acme")[0] in (403, 404) and create(server, viewer)[0] == 403
    status, made = create(server, key, body=TWO[0]["body"])
    assert status == 201
    path = T + f"campaigns/{made['id']}"
    plain = T + f"campaigns/{create(server, key, None, body='Hi')[1]['id']}"
    assert server.api("GET", plain, key=key)[1]["variants"] == []
    assert errors(server.api("POST", plain + "/test-sends", {"to": ["+14157990001"], "variant": "A"}, key)) == {"variant"}

    # A draft's texts change, its links with them; what a test has opened is no obstacle.
    assert server.api("POST", path + "/test-sends", {"to": ["+14157990001"], "variant": "Gürtel B!"}, key)[0] == 202
    sent = wait_until(lambda: provider.ledger("created"))[0]["body"]
    token = re.search(HOST + r"/(\w+)", sent)[1]
    assert tap(server, token) == 302 and target(server, token) == SALE
    links = lambda: [(link["number"], link["variant"], link["target"]) for link in server.api("GET", T + f"links?campaign={made['id']}", key=key)[1]["data"]]
    for edit, fields in (({"variants": TWO[:1]}, {"variants"}), ({"variants": []}, {"variants"}), ({}, {"budget_micros"}), ({"body": "Hi"}, {"body"}),
                         ({"variants": TWO, "body": "Hi"}, {"body"}), ({"variants": three}, {"variants[2].body"})):
        assert errors(server.api("PATCH", path, edit, key)) == fields, edit
    assert server.api("PATCH", path, {"variants": TWO}, viewer)[0] == 403 and server.api("PATCH", path, {"variants": TWO}, other)[0] in (403, 404)
    assert links() == [(0, "A", SALE), (1, "Gürtel B!", SALE)]
    assert server.api("PATCH", path, {"variants": three[:2], "budget_micros": 5_000_000}, key)[0] == 202
    assert links() == [(n, "AB"[n // 3], f"{SALE}/{n % 3 + 1}") for n in range(6)]
    assert target(server, token) == f"{SALE}/2"
    shown = server.api("GET", path, key=key)[1]
    assert (shown["body"], shown["budget_micros"]) == (three[0]["body"], 5_000_000)
    assert server.api("PATCH", path, {"variants": None}, key)[0] == 202
    shown = server.api("GET", path, key=key)[1]
    assert (shown["body"], shown["variants"], len(links())) == (three[0]["body"], [], 3)
    assert server.api("PATCH", path, {"variants": three[:2]}, key)[0] == 202
    assert server.api("PATCH", path, {"variants": None, "body": "Hi"}, key)[0] == 202
    assert server.api("GET", path, key=key)[1]["body"] == "Hi"
    assert server.api("PATCH", path, {"variants": three[:2]}, key)[0] == 202

    assert server.api("POST", path + "/launch", key=key)[0] == 202
    assert server.api("PATCH", path, {"variants": TWO}, key)[0] == 409
    # Both or nothing: the budget stays too.
    assert server.api("PATCH", path, {"variants": TWO, "budget_micros": 1}, key)[0] == 409
    assert server.api("GET", path, key=key)[1]["budget_micros"] == 5_000_000
    server.completed(path, key)
    assert {link["variant"] for link in report(server, key, path)["by_link"]} == {"A", "B"}
    assert server.api("POST", plain + "/launch", key=key)[0] == 202
    server.completed(plain, key)
    assert {person["variant"] for person in everybody(server, key, plain)} == {None}
    assert report(server, key, plain)["by_variant"] == []
    provider.idle()
    checked(server)
