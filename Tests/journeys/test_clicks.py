import os, re, signal, sqlite3, subprocess

from support import BIN, people, request, wait_until

NUMBER, OTHER, HOST = "+14155550100", "+14155550101", "go.acme.test"
PAGE = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": "en-US,en;q=0.9"}
PHONE = {**PAGE, "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1"}
CHROME = {**PAGE, "User-Agent": "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"}
NAVIGATES = {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
BASE = "/api/v1/tenants/acme/"


def texted(server, provider, count=3, **start):
    """A campaign of two links that went out; the server's clock then stands a minute later. Its key, path, and each person's tokens."""
    server.start(**start)
    key = server.provision("acme", NUMBER, host=HOST)
    server.import_csv("acme", key, people(count))
    path = server.campaign("acme", key, NUMBER, "See https://example.com/one or https://example.com/two.")
    server.completed(path, key)
    wait_until(lambda: server.api("GET", path, key=key)[1]["counts"]["delivered"] == count)
    tokens = [re.findall(HOST + r"/(\w+)", made["body"]) for made in sorted(provider.ledger("created"), key=lambda made: made["to"])]
    server.stop()
    server.start(ahead="+1m")
    return key, path, tokens


def tap(server, token, headers=PHONE, method="GET", via=None, proto="https", host=HOST):
    """Through a proxy of ours when `via` says for whom."""
    forwarded = {"X-Forwarded-For": via, "X-Forwarded-Proto": proto} if via else {}
    return request(server.port, method, f"/{token}", headers={"Host": host, **headers, **forwarded})[0]


def report(server, key, path):
    return server.api("GET", path + "/report", key=key)[1]


def checked(server):
    check = server.cli("figures", "check", "acme")
    assert check["differences"] == [], check
    return check


def test_every_hit_is_kept_with_its_verdict_and_people_are_counted_once(servers):
    server, provider = servers("--callback-delay", "5-50")
    key, path, tokens = texted(server, provider)
    other = server.provision("other", OTHER)
    for token in (tokens[0][0], tokens[0][0], tokens[0][1], tokens[1][0]):
        assert tap(server, token) == 302
    assert tap(server, tokens[0][0], {"User-Agent": "WhatsApp/2.23"}) == 302
    assert tap(server, tokens[0][0], {"User-Agent": "curl/8.0"}) == 302
    assert tap(server, tokens[0][0], {**PHONE, "Accept": "*/*"}) == 302
    assert tap(server, tokens[0][0], method="HEAD") == 302
    whole = report(server, key, path)
    assert whole["clicks"] == {"human": 4, "bot": 2, "people": 2} and whole["unknown_clicks"] == 1
    one, two = whole["by_link"]
    assert (one["target"], one["clicks"], one["unknown_clicks"]) == ("https://example.com/one", {"human": 3, "bot": 2, "people": 2}, 1)
    assert (two["number"], two["clicks"]) == (1, {"human": 1, "bot": 0, "people": 1})
    link = server.api("GET", f"{BASE}links/{one['link_id']}/report", key=key)[1]
    assert link["clicks"] == one["clicks"] and link["unknown_clicks"] == 1
    assert sum(hour["human_clicks"] for hour in link["by_hour"]) == 3 and sum(hour["bot_clicks"] for hour in link["by_hour"]) == 2

    hits, cursor = [], ""
    while cursor is not None:
        page = server.api("GET", f"{BASE}links/{one['link_id']}/hits?limit=3&cursor={cursor}", key=key)[1]
        hits, cursor = hits + page["data"], page["next_cursor"]
    assert [hit["verdict"] for hit in hits] == ["human", "human", "human", "preview", "scanner", "unknown", "scanner"]
    assert hits[3]["reasons"] == ["agent_social_preview"] and hits[6]["method"] == "HEAD"
    assert {hit["address"] for hit in hits} == {"127.0.0.0/24"}
    # The other tenant sees nothing of it.
    assert server.api("GET", f"/api/v1/tenants/other/links/{one['link_id']}/hits", key=other)[0] == 404
    assert server.api("GET", f"{BASE}links/{one['link_id']}/report", key=other)[0] == 404
    compared = checked(server)["compared"]
    assert compared["link_figures.human"] and compared["campaign_figures.people"] and compared["campaign_figures.cost_micros"]


def test_a_trusted_proxy_says_who_asks_and_a_stranger_does_not(servers):
    server, provider = servers("--callback-delay", "5-50")
    key, path, tokens = texted(server, provider, settings={"ROUNDHOUSE_TRUSTED_PROXIES": "127.0.0.1/32,10.0.0.0/8"})
    assert server.api("PATCH", BASE + "settings", {"link_addresses": "full"}, key)[0] == 200
    # A modern Chromium without Fetch Metadata is a program, over TLS; over plain HTTP nobody sends it.
    assert tap(server, tokens[0][0], CHROME, via="198.51.100.7", proto="https") == 302
    assert tap(server, tokens[0][0], CHROME, via="198.51.100.7", proto="http") == 302
    assert tap(server, tokens[0][0], {**CHROME, **NAVIGATES}, via="6.6.6.6, 2001:db8::7, 10.1.2.3") == 302
    assert tap(server, tokens[0][0], {**PHONE, **NAVIGATES}, via="' OR 1=1; DROP TABLE link_hits, <script>" + "x" * 3000) == 302
    link = report(server, key, path)["by_link"][0]["link_id"]
    hits = lambda: [(hit["verdict"], hit["address"]) for hit in server.api("GET", f"{BASE}links/{link}/hits", key=key)[1]["data"]]
    assert hits() == [("scanner", "198.51.100.7"), ("human", "198.51.100.7"), ("human", "2001:db8::7"), ("human", "127.0.0.1")]
    assert server.api("PATCH", BASE + "settings", {"link_hit_days": 300}, key, {"X-Forwarded-For": "203.0.113.77"})[0] == 200
    # The name that was asked for travels in X-Forwarded-Host.
    assert request(server.port, "GET", f"/{tokens[0][0]}", headers={"Host": "inside", "X-Forwarded-Host": HOST, **PHONE})[0] == 302
    server.stop()
    file = sqlite3.connect(f"{server.data}/tenants/acme/tenant.sqlite")
    assert [row[0] for row in file.execute("SELECT address FROM audit_log WHERE action = 'settings.edit' ORDER BY id")] == ["127.0.0.1", "203.0.113.77"]
    file.close()
    server.start(ahead="+2m", settings={"ROUNDHOUSE_TRUSTED_PROXIES": "10.0.0.0/8"})
    assert request(server.port, "GET", f"/{tokens[0][0]}", headers={"Host": "inside", "X-Forwarded-Host": HOST, **PHONE})[0] == 404
    assert tap(server, tokens[1][0], CHROME, via="198.51.100.7", proto="https") == 302
    assert hits()[-1] == ("human", "127.0.0.1")
    checked(server)


def test_bursts_of_one_network_are_no_people_unless_it_is_a_carriers(servers, tmp_path):
    server, provider = servers("--callback-delay", "5-50")
    carriers, scanners = tmp_path / "carriers.txt", tmp_path / "scanners.txt"
    carriers.write_text("# phones behind few addresses\n203.0.113.0/24\n")
    scanners.write_text("192.0.2.0/24\n")
    key, path, tokens = texted(server, provider, 9, settings={
        "ROUNDHOUSE_TRUSTED_PROXIES": "127.0.0.1", "ROUNDHOUSE_CARRIER_NETWORKS": str(carriers), "ROUNDHOUSE_SCANNER_NETWORKS": str(scanners)})
    phone = {**PHONE, **NAVIGATES}
    for mine in tokens[:4]:
        assert tap(server, mine[0], phone, via="203.0.113.5") == 302
    for mine in tokens[4:8]:
        assert tap(server, mine[0], phone, via="198.51.100.5") == 302
    assert tap(server, tokens[8][0], phone, via="192.0.2.5") == 302
    link = report(server, key, path)["by_link"][0]["link_id"]
    read = lambda: [(hit["verdict"], *hit["reasons"]) for hit in server.api("GET", f"{BASE}links/{link}/hits", key=key)[1]["data"]]
    carrier = [("human",), ("human",), ("human", "burst_carrier"), ("human", "burst_carrier")]
    assert read() == carrier + [("human",), ("human",), ("unknown", "burst"), ("unknown", "burst"), ("scanner", "listed_network")]
    assert report(server, key, path)["clicks"] == {"human": 6, "bot": 1, "people": 6}

    # The operator learns better: the lists change under the running server, and what is kept is judged again.
    carriers.write_text("203.0.113.0/24\n198.51.100.0/24\n")
    scanners.write_text("")
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "Lists of networks were read again" in open(server.log.name).read())
    answer = server.cli("links", "rejudge", "acme")
    assert (answer["state"], answer["judged"], answer["changed"]) == ("completed", 9, 3)
    assert report(server, key, path)["clicks"] == {"human": 9, "bot": 0, "people": 9}
    checked(server)
    # A list that cannot be read is told, and the one in force stays.
    carriers.write_text("203.0.113.0/24\nnonsense\n")
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "stay as they were" in open(server.log.name).read())
    assert server.cli("links", "rejudge", "acme")["changed"] == 0


def test_hits_are_judged_again_forward_and_back_and_a_crash_only_delays_it(servers, tmp_path):
    server, provider = servers("--callback-delay", "5-50")
    key, path, tokens = texted(server, provider, settings={"ROUNDHOUSE_TRUSTED_PROXIES": "127.0.0.1"})
    phone = {**PHONE, **NAVIGATES}
    for _ in range(700):
        tap(server, tokens[0][0], phone, via="198.51.100.5")
    tap(server, tokens[1][0], phone, via="203.0.113.5")
    assert report(server, key, path)["clicks"] == {"human": 701, "bot": 0, "people": 2}
    scanners = tmp_path / "scanners.txt"
    scanners.write_text("198.51.100.0/24\n")
    server.stop()
    server.start(ahead="+2m", settings={"ROUNDHOUSE_SCANNER_NETWORKS": str(scanners)})
    status, begun = server.api("POST", BASE + "links/rejudge", {}, key)
    assert (status, begun["state"], begun["total"]) == (202, "running", 701)
    server.kill()
    server.start(ahead="+3m")
    done = wait_until(lambda: (r := server.api("GET", BASE + "links/rejudge", key=key)[1])["state"] == "completed" and r)
    assert (done["judged"], done["changed"]) == (701, 700)
    assert report(server, key, path)["clicks"] == {"human": 1, "bot": 700, "people": 1}
    withdrawn = server.api("GET", BASE + "events?type=click_withdrawn&limit=500", key=key)[1]["data"]
    assert withdrawn[0]["data"]["reasons"] == ["listed_network"]
    checked(server)
    # And back, with the server down: the command does it itself.
    server.stop()
    scanners.write_text("")
    assert server.cli("links", "rejudge", "acme")["changed"] == 700
    checked(server)
    server.start(ahead="+4m")
    assert report(server, key, path)["clicks"] == {"human": 701, "bot": 0, "people": 2}
    assert server.cli("links", "rejudge", "acme", "--since", "2999-01-01")["judged"] == 0
    assert server.api("POST", BASE + "links/rejudge", {"since": "yesterday"}, key)[0] == 422
    server.cli("links", "rejudge", "acme", "--since", "yesterday", fails=True)


def test_the_check_finds_what_was_changed_behind_its_back(servers):
    server, provider = servers("--callback-delay", "5-50")
    key, path, tokens = texted(server, provider)
    tap(server, tokens[0][0])
    report(server, key, path)
    checked(server)
    server.cli("figures", "check", "nobody", fails=True)
    server.stop()
    file = sqlite3.connect(f"{server.data}/tenants/acme/tenant.sqlite")
    file.execute("UPDATE campaign_figures SET n = n + 1 WHERE figure = 'human_clicks'")
    file.execute("DELETE FROM link_visitors")
    file.commit()
    file.close()
    done = subprocess.run([f"{BIN}/roundhouse", "figures", "check", "acme"], env=server.environment, capture_output=True, text=True)
    assert done.returncode == 1 and "DIFFERS campaign_figures.human_clicks of campaign 1" in done.stdout and "link_visitors" in done.stdout


def test_old_hits_go_and_figures_stay(servers):
    server, provider = servers("--callback-delay", "5-50")
    key, path, tokens = texted(server, provider)
    tap(server, tokens[0][0])
    assert server.api("PATCH", BASE + "settings", {"link_hit_days": 1}, key)[0] == 200
    assert server.api("PATCH", BASE + "settings", {"link_hit_days": 0}, key)[0] == 422
    assert server.api("PATCH", BASE + "settings", {"link_addresses": "some"}, key)[0] == 422
    before = report(server, key, path)
    link = before["by_link"][0]["link_id"]
    server.stop()
    server.start(ahead="+30h")
    wait_until(lambda: server.api("GET", f"{BASE}links/{link}/hits", key=key)[1]["data"] == [])
    assert report(server, key, path)["clicks"] == before["clicks"] == {"human": 1, "bot": 0, "people": 1}
    tap(server, tokens[0][0])
    assert report(server, key, path)["clicks"] == {"human": 2, "bot": 0, "people": 1}
    assert checked(server)["hits_since"] > "2"


def test_a_bad_setting_is_named_before_anything_opens(servers, tmp_path):
    server, _ = servers()
    bad = tmp_path / "networks.txt"
    bad.write_text("192.0.2.0/24\n\n# fine\n300.1.1.1/8\n")
    for name, value, said in (
        ("ROUNDHOUSE_TRUSTED_PROXIES", "10.0.0.0/8,10.0.0.0/33", ["ROUNDHOUSE_TRUSTED_PROXIES", "10.0.0.0/33"]),
        ("ROUNDHOUSE_SCANNER_NETWORKS", str(bad), ["ROUNDHOUSE_SCANNER_NETWORKS", str(bad), "line 4", "300.1.1.1/8"]),
        ("ROUNDHOUSE_CARRIER_NETWORKS", str(tmp_path / "none"), ["ROUNDHOUSE_CARRIER_NETWORKS", "cannot be read"])):
        done = subprocess.run([f"{BIN}/roundhouse", "serve"], env={**server.environment, name: value}, capture_output=True, text=True, timeout=30)
        assert done.returncode != 0 and all(word in done.stderr for word in said), done.stderr
    assert not os.path.exists(f"{server.data}/control.sqlite")
