"""Who waits for the time of day, and numbers that cannot be texted: both are looked at again when what decided it changes."""
import datetime

from support import people, wait_until

NUMBER = "+14155550100"
BASE = "/api/v1/tenants/acme/"


def settings(server, key, **values):
    return server.api("PATCH", BASE + "settings", values, key)


def these_days():
    """Today wherever anybody lives, and the days around it."""
    today = datetime.datetime.now(datetime.timezone.utc).date()
    return [(today + datetime.timedelta(days=n)).isoformat() for n in range(-2, 6)]


def counts(server, key, path):
    return server.api("GET", path, key=key)[1]["counts"]


def test_whoever_waits_for_a_day_off_that_was_a_mistake_goes_when_it_is_taken_back(servers):
    server, provider = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(1_500))
    assert settings(server, key, days_off=these_days())[0] == 200
    path = server.campaign("acme", key, NUMBER, "Hello")
    wait_until(lambda: counts(server, key, path)["deferred"] == 1_500)
    told = len(server.api("GET", f"{BASE}events?type=deferred&limit=200", key=key)[1]["data"])
    # Another setting that leaves them waiting tells nobody anything.
    assert settings(server, key, days_off=these_days() + ["2030-01-01"])[0] == 200
    assert server.api("POST", path + "/pause", {"reason": "look"}, key)[0] == 202
    assert server.api("POST", path + "/resume", key=key)[0] == 202
    assert counts(server, key, path)["deferred"] == 1_500
    assert settings(server, key, days_off=[])[0] == 200
    assert server.completed(path, key)["counts"]["queued"] == 0
    assert provider.summary()["created"] == 1_500 and told == 200
    server.cli("figures", "check", "acme")


def test_whoever_waits_for_the_hour_of_a_wrong_zone_goes_by_the_right_one(servers):
    server, provider = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    # Numbers that are at home nowhere: their contacts' zones alone count.
    now = datetime.datetime.now(datetime.timezone.utc)
    zone = lambda hours: f"Etc/GMT{'-' if hours >= 0 else '+'}{abs(hours)}"
    at = lambda *wanted: next(hours for hours in range(-11, 13) if (now + datetime.timedelta(hours=hours)).hour in wanted)
    night, day = zone(at(23, 0, 1, 2)), zone(at(11, 12, 13, 14))
    lines = lambda zone: "First Name,Mobile,Time Zone\n" + "".join(f"P{n},+1833700000{n},{zone}\n" for n in range(4))
    server.import_csv("acme", key, lines(night))
    made = server.api("POST", BASE + "campaigns", {
        "name": "m", "body": "Hello", "audience": {"all": True}, "numbers": [NUMBER], "purpose": "informational",
        "quiet_hours": {"enabled": True, "start": "21:00", "end": "08:00"}}, key)[1]
    path = f"{BASE}campaigns/{made['id']}"
    server.api("POST", path + "/launch", key=key)
    wait_until(lambda: counts(server, key, path)["deferred"] == 4)
    shown = server.api("GET", path + "/recipients", key=key)[1]["data"]
    assert [r["time_zone_signals"]["counted"] for r in shown] == [[night]] * 4, shown
    # One by hand, the others by the mended file.
    first = server.api("GET", BASE + "contacts", key=key)[1]["data"][0]["id"]
    assert server.api("PATCH", f"{BASE}contacts/{first}", {"time_zone": day}, key)[0] == 200
    wait_until(lambda: counts(server, key, path)["deferred"] == 3)
    server.import_csv("acme", key, lines(day))
    assert server.completed(path, key)["counts"]["skipped"] == 0
    assert provider.summary()["created"] == 4


def test_whom_no_hour_would_ever_do_is_skipped_and_holds_up_nobody(servers):
    server, _ = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, "First Name,Mobile\nAnn,+12127365001\nBob,+14012365001\n")
    draft = lambda name: server.api("POST", BASE + "campaigns", {
        "name": name, "body": "Sale", "audience": {"all": True}, "numbers": [NUMBER], "purpose": "marketing"}, key)[1]
    # Rhode Island closes at six and New York at nine: anyone who waits for a day off meets the new hours, too.
    assert settings(server, key, days_off=these_days())[0] == 200
    path = f"{BASE}campaigns/{draft('evening')['id']}"
    assert server.api("POST", path + "/launch", key=key)[0] == 202
    wait_until(lambda: counts(server, key, path)["deferred"] == 2)
    assert settings(server, key, texting_hours={"start": "18:00", "end": "21:00"})[0] == 200
    wait_until(lambda: counts(server, key, path)["skipped"] == 1)
    now = server.api("GET", path, key=key)[1]
    assert (now["skipped_reasons"], now["counts"]["deferred"]) == ({"hours_never_meet": 1}, 1), now
    server.cli("figures", "check", "acme")


def test_hours_that_never_meet_are_refused_with_the_two_that_do_not(servers):
    server, _ = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    status, problem = settings(server, key, texting_hours={"start": "21:30", "end": "23:00"})
    assert status == 422 and "legal hours" in str(problem) and "08:00 to 21:00" in str(problem), problem
    assert settings(server, key, texting_hours={"start": "12:00", "end": "14:00"})[0] == 200
    draft = lambda start, end, purpose="informational": server.api("POST", BASE + "campaigns", {
        "name": "late", "body": "Hello", "audience": {"all": True}, "numbers": [NUMBER], "purpose": purpose,
        "quiet_hours": {"enabled": True, "start": start, "end": end}}, key)
    status, problem = draft("11:00", "15:00")
    assert status == 422 and "12:00 to 14:00" in str(problem) and "never meet" in str(problem), problem
    status, made = draft("13:00", "08:00")
    assert status == 201, made
    status, problem = settings(server, key, texting_hours={"start": "13:00", "end": "17:00"})
    assert status == 422 and "late" in str(problem) and "13:00" in str(problem), problem
    assert server.api("POST", f"{BASE}campaigns/{made['id']}/cancel", key=key)[0] == 202
    assert settings(server, key, texting_hours={"start": "13:00", "end": "17:00"})[0] == 200


def test_a_number_that_could_not_be_reached_shows_it_and_is_tried_again(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(2))
    ann, bob = sorted(c["id"] for c in server.api("GET", BASE + "contacts", key=key)[1]["data"])
    assert server.api("GET", f"{BASE}contacts/{ann}", key=key)[1]["invalid_number"] is None
    provider.control("PUT", "people", {"undelivered": {"30006": 1}})
    server.completed(server.campaign("acme", key, NUMBER, "Hello"), key)
    provider.idle()
    shown = lambda contact: server.api("GET", f"{BASE}contacts/{contact}", key=key)[1]["invalid_number"]
    wait_until(lambda: shown(ann) and shown(bob))
    assert shown(ann)["code"] == 30006 and shown(ann)["since"] < shown(ann)["until"]
    provider.control("PUT", "people", {"undelivered": {}})
    done = server.completed(server.campaign("acme", key, NUMBER, "Again"), key)
    assert done["skipped_reasons"] == {"invalid_number": 2}, done
    # A person who knows better, or a text from the number.
    assert server.api("DELETE", f"{BASE}contacts/{ann}/invalid-number", key=key)[0] == 204 and shown(ann) is None
    done = server.completed(server.campaign("acme", key, NUMBER, "Third"), key)
    assert done["skipped_reasons"] == {"invalid_number": 1}, done
    phone = server.api("GET", f"{BASE}contacts/{bob}", key=key)[1]["phone"]
    assert provider.text(phone, NUMBER, "I am here") == 204
    wait_until(lambda: shown(bob) is None)
    # Or time: after a month it is tried once more, and after a second failure two pass.
    provider.control("PUT", "people", {"undelivered": {"30005": 1}})
    server.completed(server.campaign("acme", key, NUMBER, "Fourth"), key)
    provider.idle()
    wait_until(lambda: shown(ann) and shown(ann)["code"] == 30005)
    server.stop()
    server.start(ahead="+31d")
    made = provider.summary()["created"]
    server.completed(server.campaign("acme", key, NUMBER, "Fifth"), key)
    assert provider.summary()["created"] == made + 2
    provider.idle()
    span = lambda: [datetime.datetime.fromisoformat(shown(ann)[n].replace("Z", "+00:00")) for n in ("since", "until")]
    wait_until(lambda: (span()[1] - span()[0]).days == 60)
