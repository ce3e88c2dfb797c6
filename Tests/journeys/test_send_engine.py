"""The send engine from outside: unknown outcomes, tries, switches, breakers, pace, prices, crashes. The provider's ledger is the oracle."""
import signal, sqlite3, subprocess, time
from collections import Counter

import pytest
from support import people, request, seeded, wait_until

NUMBER, SECOND = "+14155550100", "+14155550102"
T = "/api/v1/tenants/acme/"


def create(server, key, body="Hello", launch=True, numbers=(NUMBER,), **more):
    status, made = server.api("POST", T + "campaigns", {
        "name": "c", "body": body, "audience": {"all": True}, "numbers": list(numbers), "purpose": "informational", **more}, key)
    assert status == 201, made
    path = f"{T}campaigns/{made['id']}"
    if launch:
        assert server.api("POST", path + "/launch", key=key)[0] == 202
    return path


def show(server, path, key):
    return server.api("GET", path, key=key)[1]


def texted(provider):
    return Counter(made["to"] for made in provider.ledger("created"))


def test_what_a_lost_answer_hid_is_found_in_the_providers_list_although_no_callback_ever_came(servers):
    server, provider = servers("--callback-delay", "5-20", "--drop", "1")
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(40))
    provider.faults(drop_after=0.5, drop=1, list_lag_ms=3000)
    path = create(server, key, "Hello {{first_name}}")
    server.completed(path, key)
    assert show(server, path, key)["counts"]["unknown"] > 5
    # The list shows them late; a miss is asked again.
    counts = wait_until(lambda: (c := show(server, path, key)["counts"])["unknown"] == 0 and c, 60)
    assert sum(counts[s] for s in ("accepted", "sent", "delivered")) == 40
    sids = {r["phone"]: r["sid"] for r in server.api("GET", path + "/recipients?limit=500", key=key)[1]["data"]}
    assert sids == {made["to"]: made["sid"] for made in provider.ledger("created")}


def test_a_text_of_which_nothing_proves_anything_stays_unknown_unless_the_campaign_sends_at_least_once(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(10))
    provider.faults(drop_before=1)
    once, again = create(server, key), create(server, key, delivery="at_least_once")
    for path in (once, again):
        server.completed(path, key)
    provider.faults()
    assert show(server, once, key)["delivery"] == "at_most_once"
    server.stop()
    server.start(ahead="+35m")
    counts = wait_until(lambda: (c := show(server, again, key)["counts"])["delivered"] == 10 and c, 40)
    assert counts["audience"] == 10
    left = show(server, once, key)["counts"]
    assert (left["unknown"], left["audience"]) == (10, 10)
    assert max(texted(provider).values()) == 1


def test_a_cancelled_campaign_sends_nothing_once_more_although_it_had_completed(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(5))
    provider.faults(drop_before=1)
    stopped, again = create(server, key, "Stopped", delivery="at_least_once"), create(server, key, "Again", delivery="at_least_once")
    for path in (stopped, again):
        server.completed(path, key)
    provider.faults()
    status, answer = server.api("POST", stopped + "/cancel", key=key)
    assert (status, answer["state"]) == (202, "cancelled"), answer
    server.stop()
    server.start(ahead="+35m")
    wait_until(lambda: show(server, again, key)["counts"]["delivered"] == 5, 40)
    assert {made["body"] for made in provider.ledger("created")} == {"Again"}
    counts = show(server, stopped, key)["counts"]
    assert (counts["unknown"], counts["queued"], counts["audience"]) == (5, 0, 5)
    assert server.api("POST", again + "/cancel", key=key)[0] == 409


def test_failures_are_sent_once_more_by_a_person_and_nobody_else_is(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(30))
    assert server.api("PATCH", T + "settings", {"circuit_breaker": {"error_percent": 100}}, key)[0] == 200
    server.api("POST", T + "do-not-contact", {"phone": "+14157000000"}, key)
    provider.faults(_30003=0.5)
    path = create(server, key)
    server.completed(path, key)
    provider.idle()
    counts = wait_until(lambda: (c := show(server, path, key)["counts"])["delivered"] + c["undelivered"] == 29 and c)
    provider.faults()
    failed = {r["phone"] for r in server.api("GET", path + "/recipients?state=undelivered&limit=500", key=key)[1]["data"]}
    status, answer = server.api("POST", path + "/resend", key=key)
    assert (status, answer["planned"], answer["state"]) == (202, len(failed), "running")
    server.completed(path, key)
    counts = wait_until(lambda: (c := show(server, path, key)["counts"])["delivered"] == 29 and c)
    assert (counts["audience"], counts["skipped"], counts["undelivered"]) == (30, 1, 0)
    assert texted(provider) == {**{f"+1415700{n:04d}": 1 for n in range(1, 30)}, **{phone: 2 for phone in failed}}
    recipients = server.api("GET", path + "/recipients?limit=500", key=key)[1]["data"]
    assert len(recipients) == 30 and {r["phone"] for r in recipients if r["try"] == 2} == failed
    assert server.api("POST", path + "/resend", key=key)[0] == 409


def test_a_test_send_reaches_the_team_and_no_report(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER, host="go.acme.test")
    viewer = server.cli("key", "create", "acme", "--role", "viewer", "--name", "v")["key"]
    server.import_csv("acme", key, people(3))
    path = create(server, key, "Hi {{first_name|there}}, see https://example.com/sale", launch=False)
    assert server.api("POST", path + "/test-sends", {"to": []}, key)[0] == 422
    assert server.api("POST", path + "/test-sends", {"to": ["+14157000001"]}, viewer)[0] == 403
    status, answer = server.api("POST", path + "/test-sends", {"to": ["(415) 799-0001", "+14157000001"]}, key, {"Idempotency-Key": "a"})
    # The same request again, as a client that lost the answer sends it, texts nobody.
    assert server.api("POST", path + "/test-sends", {"to": ["(415) 799-0001", "+14157000001"]}, key, {"Idempotency-Key": "a"}) == (status, answer)
    assert status == 202 and [t["body"][:8] for t in answer["data"]] == ["Hi there", "Hi P1, s"]
    sent = lambda: [(t["phone"], t["state"]) for t in server.api("GET", path + "/test-sends", key=key)[1]["data"]]
    wait_until(lambda: sent() == [("+14157990001", "delivered"), ("+14157000001", "delivered")])
    token = answer["data"][0]["body"].rsplit("/", 1)[1]
    hit = request(server.port, "GET", "/" + token, headers={"Host": "go.acme.test", "User-Agent": "Mozilla/5.0"})
    assert hit[0] == 302 and hit[1]["Location"] == "https://example.com/sale"
    report = server.api("GET", path + "/report", key=key)[1]
    assert report["counts"]["audience"] == 0 and report["cost_micros"] == 0 and report["clicks"]["human"] == 0
    assert server.api("GET", T + "budget", key=key)[1]["used_micros"] == 2 * 8300
    server.api("POST", T + "do-not-contact", {"phone": "+14157990001"}, key)
    server.api("POST", path + "/test-sends", {"to": ["+14157990001"]}, key)
    wait_until(lambda: sent()[-1] == ("+14157990001", "skipped"))
    assert len(provider.ledger("created")) == 2
    # What waits says why.
    server.api("PATCH", T + "numbers/" + NUMBER, {"paused": True}, key)
    server.api("POST", path + "/test-sends", {"to": ["+14157000002"]}, key)
    reason = lambda: server.api("GET", path + "/test-sends", key=key)[1]["data"][-1]
    wait_until(lambda: (reason()["state"], reason()["reason"]) == ("queued", "no_number"))
    server.api("PATCH", T + "numbers/" + NUMBER, {"paused": False}, key)
    wait_until(lambda: (reason()["state"], reason()["reason"]) == ("delivered", None))


@pytest.mark.parametrize("fault, limits", [("30007", {"error_percent": 30, "least_texts": 20}), ("21610", {"opt_out_percent": 30, "least_texts": 20})])
def test_the_circuit_breaker_stops_a_campaign_and_a_resumed_one_shows_itself_first(servers, fault, limits):
    server, provider = servers("--callback-delay", "5-20", "--latency", "20")
    server.start()
    key = server.provision("acme", NUMBER)
    server.cli("number", "add", "acme", NUMBER, "--rate", "60", "--warm-up", "off")
    server.import_csv("acme", key, people(600))
    assert server.api("PATCH", T + "settings", {"circuit_breaker": {**limits, "probes": 10, "probe_seconds": 1}}, key)[0] == 200
    provider.faults(**{"_" + fault: 1})
    path = create(server, key)
    stopped = wait_until(lambda: (c := show(server, path, key))["state"] == "paused" and c)
    assert stopped["paused_by"] == "circuit_breaker" and "limit 30 %" in stopped["pause_reason"]
    assert stopped["counts"]["queued"] > 300
    number = server.api("GET", T + "numbers", key=key)[1]["data"][0]
    assert number["paused_by"] == "circuit_breaker"
    kinds = [e["type"] for e in server.api("GET", T + "events?limit=500", key=key)[1]["data"]]
    assert "campaign_paused" in kinds and "number_paused" in kinds
    # Nothing has changed: ten texts go, then it stops again.
    resume = lambda: (server.api("PATCH", T + "numbers/" + NUMBER, {"paused": False}, key), server.api("POST", path + "/resume", key=key))
    before = provider.requests()
    resume()
    wait_until(lambda: show(server, path, key)["state"] == "paused")
    assert 0 < provider.requests() - before <= 10
    provider.faults()
    resume()
    server.completed(path, key)
    assert max(texted(provider).values()) == 1


def test_kill_switches_stop_before_the_next_call_and_say_when_the_last_one_has_come_back(servers):
    server, provider = servers("--latency", "600", "--callback-delay", "5-20")
    server.start()
    key, other = server.provision("acme", NUMBER), server.provision("other", "+14155550101")
    platform = server.cli("key", "create", "--platform", "--name", "p")["key"]
    server.import_csv("acme", key, people(900))
    path = create(server, key)
    throw = {
        "tenant": lambda on: server.api("PUT", T + "kill-switch", {"on": on, "reason": "typo"}, key),
        "platform": lambda on: server.api("PUT", "/api/v1/admin/kill-switch", {"on": on, "reason": "outage"}, platform),
    }
    assert server.api("PUT", "/api/v1/admin/kill-switch", {"on": True}, key)[0] == 403
    for scope in ("tenant", "platform"):
        seen = provider.requests()
        wait_until(lambda: provider.requests() > seen)
        status, answer = throw[scope](True)
        assert status == 200 and answer["on"] and answer["reason"] and answer["calls_in_flight"] > 0 and not answer["drained"]
        begun = provider.requests()
        drained = lambda: server.api("GET", T + "kill-switch", key=key)[1]
        now = wait_until(lambda: (d := drained())["drained"] and d)
        assert now["scope"] == scope and provider.requests() - begun <= 3  # already on the wire
        waiting = wait_until(lambda: (c := show(server, path, key))["waiting"] and c)
        assert waiting["waiting"]["reason"] == {"tenant": "kill_switch", "platform": "platform_kill_switch"}[scope]
        if scope == "platform":
            assert server.cli("kill-switch", "on")["on"]
            server.kill()
            server.start()
            assert show(server, path, key)["waiting"]["reason"] == "platform_kill_switch"
        throw[scope](False)
    server.completed(path, key)
    assert set(texted(provider).values()) == {1} and len(texted(provider)) + show(server, path, key)["counts"]["unknown"] >= 900


def test_an_account_at_its_limit_is_offered_less_and_everybody_is_texted_once(servers):
    server, provider = servers("--latency", "40", "--callback-delay", "5-20", "--max-concurrent", "12")
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(1200))
    done = server.completed(create(server, key), key, 90)
    assert done["counts"]["audience"] == 1200 and done["counts"]["failed"] == 0
    assert len(texted(provider)) == 1200 and max(texted(provider).values()) == 1
    # Refusals are the exception once the limit is found.
    assert provider.summary()["refused"] < 1000


def test_a_paced_number_uses_its_allowance_and_never_more_in_any_second(servers):
    server, provider = servers("--latency", "30", "--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER)
    server.cli("number", "add", "acme", NUMBER, "--rate", "40", "--warm-up", "off")
    server.import_csv("acme", key, people(240))
    server.completed(create(server, key, "x" * 170), key)  # two segments each
    print(provider.control("GET", "rates?from=%2B" + NUMBER[1:]))
    most = provider.control("GET", "rates?from=%2B" + NUMBER[1:])["max_segments_in_1s"]
    # What a busy machine delays between the pace and the wire falls into the next second; more than a tenth would be the pace's fault.
    assert 36 <= most <= 44


def test_a_contact_keeps_the_number_it_knows(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER)
    server.cli("number", "add", "acme", SECOND, "--rate", "2000", "--warm-up", "off")
    server.import_csv("acme", key, people(60))
    both = (NUMBER, SECOND)
    server.completed(create(server, key, "one", numbers=both), key)
    first = {made["to"]: made["from"] for made in provider.ledger("created")}
    assert set(first.values()) == set(both)
    server.completed(create(server, key, "two", numbers=both), key)
    assert {made["to"]: made["from"] for made in provider.ledger("created")[60:]} == first
    # The number it knows is gone for now: another one takes over, and is the known one from then on.
    server.api("PATCH", T + "numbers/" + SECOND, {"paused": True}, key)
    server.completed(create(server, key, "three", numbers=both), key)
    assert {made["from"] for made in provider.ledger("created")[120:]} == {NUMBER}


def test_the_providers_price_takes_the_place_of_the_reservation(servers):
    server, provider = servers("--callback-delay", "5-20", "--price", "+1=9000", "--price-delay", "0")
    server.start()
    # The clock moves on below, but not into another of the tenant's days.
    key = server.provision("acme", NUMBER, time_zone="UTC" if time.gmtime().tm_hour < 12 else "America/Los_Angeles")
    server.import_csv("acme", key, people(10))
    budget = lambda: server.api("GET", T + "budget", key=key)[1]
    server.api("PUT", T + "budget", {"daily_micros": 100_000, "monthly_micros": 1_000_000}, key)
    path = create(server, key)
    server.completed(path, key)
    assert budget()["used_micros"] == 83_000
    provider.idle()
    wait_until(lambda: show(server, path, key)["counts"]["delivered"] == 10)
    server.stop()
    server.start(ahead="+16m")
    wait_until(lambda: budget()["used_micros"] == 90_000, 40)
    assert server.api("GET", path + "/report", key=key)[1]["cost_micros"] == 90_000
    assert {r["cost_micros"] for r in server.api("GET", path + "/recipients", key=key)[1]["data"]} == {9_000}
    alerts = [e["data"]["threshold_percent"] for e in server.api("GET", T + "events?limit=500", key=key)[1]["data"] if e["type"] == "budget_alert"]
    assert alerts == [80]
    # What it cost beyond the reservation is gone from what is left: 10,000 is one text more.
    path = create(server, key, "again")
    wait_until(lambda: (c := show(server, path, key))["waiting"] and c["waiting"]["reason"] == "budget_day")
    assert show(server, path, key)["counts"]["queued"] == 9


def test_settings_of_sending_are_checked_kept_and_felt(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(10))
    patch = lambda **body: server.api("PATCH", T + "settings", body, key)
    for bad in ({"countries": ["+1"]}, {"prices": {"1": 0}}, {"prices": {"x": 5}}, {"texting_hours": {"start": "18:00", "end": "09:00"}},
                {"days_off": ["2026-13-01"]}, {"warm_up_ladder": [5, 3]}, {"warm_up_ladder": []}, {"circuit_breaker": {"minutes": 0}},
                {"circuit_breaker": {"x": 1}}, {"budget_alerts": [0]}, {"nonsense": 1}):
        assert patch(**bad)[0] == 422, bad
    kept = {"countries": ["1", "44"], "prices": {"1": 8300, "44": 40000}, "texting_hours": {"start": "09:00", "end": "18:00"},
            "days_off": ["sunday", "2026-12-25"], "warm_up_ladder": [4, 8], "budget_alerts": [50]}
    assert patch(**kept)[0] == 200
    server.kill()
    server.start()
    assert {name: value for name, value in server.api("GET", T + "settings", key=key)[1].items() if name in kept} == kept
    assert patch(days_off=None, texting_hours=None, countries=["44"])[1]["days_off"] == []
    assert server.completed(create(server, key), key)["skipped_reasons"] == {"country": 10}
    patch(countries=None)
    server.cli("number", "add", "acme", NUMBER, "--rate", "100", "--warm-up", "on")
    path = create(server, key)
    wait_until(lambda: (c := show(server, path, key))["waiting"] and c["waiting"]["reason"] == "daily_cap")
    wait_until(lambda: provider.summary()["created"] == 4)


POINTS = ["claiming", "claimed", "recorded", "calling", "answered"]


@pytest.mark.parametrize("point", POINTS)
def test_a_server_that_dies_at_a_named_point_texts_nobody_twice_and_loses_nobody(servers, point):
    server, provider = servers("--latency", "20", "--callback-delay", "5-50")
    server.start()
    key = server.provision("acme", NUMBER)
    server.cli("number", "add", "acme", NUMBER, "--rate", "1000", "--warm-up", "off")
    # Nine claims of at most 200 may be wanted before the last crash.
    server.import_csv("acme", key, people(2400))
    server.stop()
    chance = seeded()
    server.start()
    path = create(server, key, "Hello {{first_name}}", launch=False)
    server.stop()
    for crash in range(3):
        server.start(crash_at=f"{point}:{chance.randrange(1, 4)}")
        try:
            if crash == 0:
                server.api("POST", path + "/launch", key=key)
        except OSError:
            pass
        server.process.wait(60)
        assert server.process.returncode == -signal.SIGKILL
    server.start()
    if show(server, path, key)["state"] == "draft":
        server.api("POST", path + "/launch", key=key)
    server.completed(path, key)
    provider.idle()
    provider.control("POST", "callbacks/replay")
    made = texted(provider)
    assert max(made.values()) == 1
    # Whatever the provider has is proven by callback or list in the end; the rest had never begun.
    counts = wait_until(lambda: (c := show(server, path, key)["counts"])["delivered"] == len(made) and c, 60)
    assert counts["delivered"] + counts["unknown"] == counts["audience"] == 2400
    assert counts["unknown"] <= 3 * 456
    # What reports read agrees with the ledger's rows.
    server.stop()
    file = sqlite3.connect(f"file:{server.data}/tenants/acme/tenant.sqlite?mode=ro", uri=True)
    rows = dict(file.execute("SELECT state, count(*) FROM send_jobs WHERE superseded = 0 GROUP BY 1"))
    file.close()
    assert rows == {state: n for state, n in counts.items() if n and state != "audience"}


@pytest.mark.parametrize("fault", ["fdatasync:error=EIO", "pwrite64:error=ENOSPC"])
def test_a_disk_that_refuses_writes_costs_time_and_no_text(servers, fault):
    server, provider = servers("--latency", "10", "--callback-delay", "5-50")
    server.start()
    key = server.provision("acme", NUMBER)
    server.cli("number", "add", "acme", NUMBER, "--rate", "300", "--warm-up", "off")
    server.import_csv("acme", key, people(600))
    chance = seeded()
    path = create(server, key, "Hello {{first_name}}")
    wait_until(lambda: provider.requests() > chance.randrange(10, 200))
    # For two seconds, every n-th write of the running server fails.
    trace = server.data + "/../strace"
    tracer = subprocess.Popen(
        ["timeout", "2", "strace", "-f", "-q", "-e", f"trace={fault.split(':')[0]}", "-o", trace, "-p", str(server.process.pid), "-e", f"inject={fault}:when={chance.randrange(1, 5)}+{chance.randrange(2, 6)}"],
        stderr=subprocess.PIPE)
    said = tracer.communicate(timeout=30)[1]
    assert tracer.returncode == 124, said
    assert "(INJECTED)" in open(trace).read(), "no write has failed"
    server.completed(path, key, 120)
    provider.idle()
    provider.control("POST", "callbacks/replay")
    made = texted(provider)
    assert max(made.values()) == 1
    counts = wait_until(lambda: (c := show(server, path, key)["counts"])["delivered"] == len(made) and c, 60)
    assert counts["delivered"] + counts["unknown"] == counts["audience"] == 600
    server.stop()
    file = sqlite3.connect(f"file:{server.data}/tenants/acme/tenant.sqlite?mode=ro", uri=True)
    assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    file.close()


@pytest.mark.parametrize("shared", [False, True])
def test_a_brands_day_is_shared_by_tenants_and_never_passed_also_over_restarts(servers, redis, shared):
    server, provider = servers("--callback-delay", "5-20")
    if shared:
        server.environment["ROUNDHOUSE_REDIS_URL"] = redis[0]
    server.start()
    keys = {"acme": server.provision("acme", NUMBER), "other": server.provision("other", "+14155550101")}
    server.cli("number", "add", "acme", NUMBER, "--brand", "nobody", fails=True)
    server.cli("brand", "set", "agency", "--daily-cap", "61")
    # What is not said of a number stays; `none` takes away.
    added = server.cli("number", "add", "acme", NUMBER, "--brand", "agency")
    assert (added["rate"], added["warm_up"], added["brand"]) == (2000, "off", "agency")
    assert server.cli("number", "add", "acme", NUMBER, "--brand", "none")["brand"] is None
    for flag, value in (("--rate", "0"), ("--warm-up", "maybe"), ("--daily-cap", "-1")):
        server.cli("number", "add", "acme", NUMBER, f"{flag}={value}", fails=True)
    for tenant, number in (("acme", NUMBER), ("other", "+14155550101")):
        server.cli("number", "add", tenant, number, "--rate", "500", "--warm-up", "off", "--brand", "agency")
        server.import_csv(tenant, keys[tenant], people(40))
    paths = {}
    for tenant, number in (("acme", NUMBER), ("other", "+14155550101")):
        base = f"/api/v1/tenants/{tenant}/campaigns"
        made = server.api("POST", base, {"name": "c", "body": "x" * 170, "audience": {"all": True}, "numbers": [number], "purpose": "informational"}, keys[tenant])[1]
        paths[tenant] = f"{base}/{made['id']}"
        server.api("POST", paths[tenant] + "/launch", key=keys[tenant])
    # Thirty texts of two segments are in; the 61st segment is of no use to anybody.
    wait_until(lambda: provider.summary()["created"] == 30)
    waiting = lambda tenant: (c := server.api("GET", paths[tenant], key=keys[tenant])[1])["waiting"] and c["waiting"]
    for tenant in paths:
        assert wait_until(lambda: waiting(tenant))["reason"] == "brand_cap"
    server.kill()
    server.start()
    for tenant in paths:
        assert wait_until(lambda: waiting(tenant))["reason"] == "brand_cap"
    assert provider.summary()["created"] == 30
    server.cli("brand", "set", "agency", "--daily-cap", "200")  # 80 texts of two segments each, with room for what claims hold meanwhile
    for tenant in paths:
        server.completed(paths[tenant], keys[tenant])
    assert provider.summary()["created"] == 80 and max(texted(provider).values()) == 2


def test_nodes_that_share_an_account_through_redis_go_on_when_it_dies(servers, redis):
    server, provider = servers("--callback-delay", "5-20", "--latency", "30")
    server.environment["ROUNDHOUSE_REDIS_URL"] = redis[0]
    server.start()
    key = server.provision("acme", NUMBER)
    server.cli("number", "add", "acme", NUMBER, "--rate", "300", "--warm-up", "off")
    server.import_csv("acme", key, people(900))
    path = create(server, key)
    wait_until(lambda: provider.requests() > 200)
    redis[1].kill()
    redis[1].wait()
    server.completed(path, key, 60)
    assert texted(provider).most_common(1)[0][1] == 1 and len(texted(provider)) == 900
