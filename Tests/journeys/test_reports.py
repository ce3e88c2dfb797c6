"""Reports of a whole tenant, through HTTP, from what really was sent, clicked, answered and opted out."""
import csv, io, re, time

from support import people, wait_until
from test_clicks import HOST, NAVIGATES, NUMBER, PHONE, checked, tap

T = "/api/v1/tenants/acme/"


def test_what_has_happened_stands_in_every_report_and_its_file(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER, host=HOST, time_zone="Asia/Kolkata")
    server.import_csv("acme", key, people(12))
    for _ in range(2):
        server.completed(server.campaign("acme", key, NUMBER, "Our sale: https://shop.test/sale"), key)
    assert server.api("POST", T + "campaigns/1/test-sends", {"to": ["+14157990001"]}, key)[0] == 202
    assert server.api("POST", T + "do-not-contact", {"phones": ["+14157000003"], "reason": "asked by phone"}, key)[0] < 300
    assert server.api("DELETE", T + "contacts/12", key=key)[0] == 204
    wait_until(lambda: len(provider.ledger("created")) == 25)
    provider.idle()
    for made in provider.ledger("created")[:3]:
        assert tap(server, re.search(HOST + r"/(\w+)", made["body"])[1], {**PHONE, **NAVIGATES}) == 302
    # A day may end while the journey is under way.
    today, yesterday = ((time.gmtime(time.time() + 19_800 - 86_400 * n)) for n in (0, 1))
    period = f"from={time.strftime('%Y-%m-%d', yesterday)}&to={time.strftime('%Y-%m-%d', today)}"

    def read(name, query=period):
        status, report = server.api("GET", f"{T}reports/{name}?{query}", key=key)
        assert status == 200, report
        status, text = server.api("GET", f"{T}reports/{name}.csv?{query}", key=key)
        assert status == 200
        return report, list(csv.DictReader(io.StringIO(text)))

    # The text to oneself counts in the cost alone.
    days, file = wait_until(lambda: (r := read("days"))[0]["total"]["delivered"] == 24 and r)
    assert days["time_zone"] == "Asia/Kolkata" and len(days["days"]) == len(file) == 2
    total = days["total"]
    assert total["accepted"] == 24 and total["human_clicks"] + total["bot_clicks"] + total["unknown_clicks"] == 3
    for name in total:
        assert total[name] == sum(day[name] for day in days["days"]) == sum(int(line[name]) for line in file), name
    grown, file = read("people")
    assert grown["total"]["imported"] == 12 and grown["total"]["deleted"] == 1 and grown["total"]["opt_outs"] == 1
    assert grown["days"][-1]["contacts"] == int(file[-1]["contacts"]) == 11
    numbers, file = read("numbers")
    assert [(one["number"], one["accepted"]) for one in numbers["numbers"]] == [(NUMBER, 24)] == [(line["number"], int(line["accepted"])) for line in file]
    links, file = read("links")
    assert sum(one["human_clicks"] + one["bot_clicks"] + one["unknown_clicks"] for one in links["data"]) == 3
    assert {one["link_id"] for one in links["data"]} == {int(line["link_id"]) for line in file}
    costs, file = read("costs")
    assert costs["total"]["texts"] == 25 and costs["total"]["cost_micros"] == total["cost_micros"] > 0
    assert [one["texts"] for one in costs["campaigns"]] == [12, 12] and costs["others"]["texts"] == 1
    assert sum(int(line["cost_micros"]) for line in file if line["of"] == "day") == total["cost_micros"]
    compared, file = read("campaigns", "id=1&id=2")
    assert [(one["id"], one["accepted"]) for one in compared["campaigns"]] == [(1, 12), (2, 12)] == [(int(line["id"]), int(line["accepted"])) for line in file]
    checked(server)
