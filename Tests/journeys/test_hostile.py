"""The bar: with two hundred hostile clients a signed STOP and /health are answered within a second, in bounded memory, and nothing is left behind."""
import json, os, pathlib, subprocess, sys, time

from support import people, post_signed, request, wait_until

NUMBER = "+14155550100"
T = "/api/v1/tenants/acme/"
# The bar itself is HOSTILE_SECONDS=60 on a release build, with HOSTILE_RATE=20 (some two thousand requests a second), and nothing beside it.
# A debug build on two shared cores, with another journey beside it, is asked for a fifth of that, and nineteen answers of twenty in a second.
BAR = "HOSTILE_SECONDS" in os.environ
SECONDS, RATE = float(os.environ.get("HOSTILE_SECONDS", 20)), float(os.environ.get("HOSTILE_RATE", 4))


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def peak_megabytes(server):
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def test_two_hundred_hostile_clients_hold_up_neither_a_stop_nor_health(server):
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(20))
    before = descriptors(server)
    hostile = subprocess.Popen([sys.executable, pathlib.Path(__file__).with_name("hostile.py"), str(server.port), str(SECONDS), str(RATE)], stdout=subprocess.PIPE, text=True)
    took, stopped = {"/health": [], "STOP": []}, []
    try:
        while hostile.poll() is None:
            person = f"+1415701{len(stopped):04d}"
            begun = time.monotonic()
            assert request(server.port, "GET", "/health")[0] == 200
            took["/health"].append(time.monotonic() - begun)
            begun = time.monotonic()
            sent = {"MessageSid": f"SM{len(stopped):032x}", "From": person, "To": NUMBER, "Body": "STOP"}
            assert post_signed(server.url + "/webhooks/twilio/inbound", sent)[0] == 204
            took["STOP"].append(time.monotonic() - begun)
            stopped.append(person)
            time.sleep(0.05)
    finally:
        hostile.kill()
    answers = json.loads(hostile.communicate()[0])
    slowest = {what: round(max(times), 3) for what, times in took.items()}
    print("answers", answers, "slowest", slowest, "stops", len(stopped), "peak MB", peak_megabytes(server))
    assert len(stopped) > SECONDS
    for times in took.values():
        assert sorted(times)[-1 if BAR else len(times) * 19 // 20] < 1 and max(times) < 10
    assert peak_megabytes(server) < 400
    # They were refused, each for what it was, and none was an error of ours.
    assert set(answers) <= {"401", "403", "413", "422", "429", "cut off"} and answers["401"] > 100 and answers["403"] > 100

    assert server.process.poll() is None and request(server.port, "GET", "/ready")[0] == 200
    wait_until(lambda: descriptors(server) <= before + 8)
    listed = {row["phone"] for row in server.api("GET", T + "do-not-contact?limit=500", key=key)[1]["data"]}
    assert listed == set(stopped[:500]) or len(stopped) > 500 and len(listed) == 500
    path = server.campaign("acme", key, NUMBER, "Hello")
    assert server.completed(path, key)["counts"]["audience"] == 20
    log = [json.loads(line) for line in open(f"{server.data}/../server.log") if line.startswith("{")]
    assert [line for line in log if line["level"] in ("error", "critical")] == []


def test_letters_with_thousands_of_accents_in_an_import_end_nothing_and_are_opt_outs_like_others(server):
    """One character each, and with the column's name longer than a row keeps of a value."""
    key, accents = server.provision("acme", NUMBER), "\u0301" * 32_750
    batch = server.import_csv("acme", key, f"phone,unsubscribed from all of our texts\n+14157000001,stop a{accents}\n+14157000002,no\n")
    assert batch["state"] == "completed" and batch["created"] == 2, batch
    assert [one["phone"] for one in server.api("GET", T + "do-not-contact", key=key)[1]["data"]] == ["+14157000001"]
    server.import_csv("acme", key, f"phone,time_zone\n+14157000003,EST{accents[:9_000]}\n")
    assert all(len(one["time_zone"] or "") <= 64 for one in server.api("GET", T + "contacts", key=key)[1]["data"])
