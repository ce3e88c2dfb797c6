"""Data folders of former releases (`upgrade/*.tar.gz`: a folder as a server left it, and what its API answered then) open in this one. Migrations
are append-only; each release that changes a schema adds a folder here, made by its own program, and none is ever taken away.

In each: two tenants; `acme` with a finished campaign, clicks, an opt-out and an open conversation, a campaign that waits behind the kill
switch, and one that is scheduled for 2049."""
import base64, datetime, json, pathlib, re, tarfile

import pytest
from support import request, wait_until

FOLDERS = sorted((pathlib.Path(__file__).parent / "upgrade").glob("*.tar.gz"))
KEY = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
T = "/api/v1/tenants/acme"
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")


@pytest.fixture(params=FOLDERS, ids=lambda path: path.name.split(".")[0])
def former(request, servers):
    server, provider = servers()
    with tarfile.open(request.param) as tar:
        for member in tar.getmembers():
            if member.isfile() and member.name.startswith("data/"):
                target = pathlib.Path(server.data) / member.name.removeprefix("data/")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(tar.extractfile(member).read())
        expected = json.load(tar.extractfile("expected.json"))
    server.environment["ROUNDHOUSE_SECRET_KEY"] = KEY
    return server.start(), provider, expected


def without_new(answer, former):
    """What this release says of what the former one said: it may say more, and nothing else."""
    if isinstance(former, dict):
        return {name: without_new(answer.get(name), value) for name, value in former.items()}
    if isinstance(former, list) and isinstance(answer, list) and len(answer) == len(former):
        return [without_new(a, f) for a, f in zip(answer, former)]
    # The releases of 2026 cut a millisecond off some times when they wrote them out.
    if isinstance(former, str) and isinstance(answer, str) and TIME.fullmatch(former) and TIME.fullmatch(answer):
        read = datetime.datetime.fromisoformat
        return former if abs(read(answer) - read(former)) <= datetime.timedelta(milliseconds=1) else answer
    return answer


def test_what_was_there_is_there_and_goes_on(former):
    server, provider, expected = former
    key, other = expected["key"], expected["other"]
    for name, path in (("contacts", T + "/contacts?limit=500"), ("do_not_contact", T + "/do-not-contact"), ("conversations", T + "/conversations"), ("events", T + "/events?limit=500")):
        status, answer = server.api("GET", path, key=key)
        assert status == 200 and without_new(answer["data"], expected[name]) == expected[name], name
    status, report = server.api("GET", expected["campaign"] + "/report", key=key)
    assert status == 200 and without_new(report, expected["report"]) == expected["report"]
    assert server.api("GET", T + "/contacts", key=other)[0] == 404
    assert request(server.port, "GET", "/" + expected["token"], headers={"Host": expected["host"], "User-Agent": "Mozilla/5.0"})[0] == 302
    assert server.cli("figures", "check", "acme")["differences"] == []
    # Rows of the audit log from before they were chained are there, and said to be such; so are those of a file that nobody has opened since.
    assert server.cli("audit", "verify")["whole"] is True
    assert [tenant["key"] for tenant in server.cli("tenant", "list")] == ["acme", "bob"]
    # What waited goes out once, to everybody but the person who has opted out.
    assert provider.summary()["created"] == 0
    assert server.api("PUT", T + "/kill-switch", {"on": False}, key)[0] == 200
    waiting = server.completed(expected["waiting"], key)
    assert waiting["counts"]["audience"] == 12 and waiting["skipped_reasons"] == {"opted_out": 1}
    stopped = expected["do_not_contact"][0]["phone"]
    texted = [made["to"] for made in provider.ledger("created")]
    assert len(texted) == len(set(texted)) == 11 and stopped not in texted
    assert server.api("GET", expected["scheduled"], key=key)[1]["state"] == "scheduled"
    # And the next start finds a folder of this release.
    server.stop()
    server.start()
    assert len(server.api("GET", T + "/contacts", key=key)[1]["data"]) == 12 and provider.summary()["created"] == 11
