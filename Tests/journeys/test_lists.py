"""Long lists on pages: what stands behind the first page, and what is done to all of them."""
import re, urllib.request

import pytest
from support import people, wait_until

KEY_PHONE = "+14155550100"


@pytest.fixture
def acme(site):
    site.key = site.cli("key", "create", "acme", "--role", "owner", "--name", "lists")["key"]
    return site


def link(text, name):
    """Where the link with these words leads."""
    return next(re.search('href="([^"]*)"', tag).group(1).replace("&amp;", "&") for tag in re.findall(r"<a [^>]*>(?:(?!</a>).)*</a>", text, re.S) if name in tag)


def test_the_next_page_is_there_whatever_was_done_before(acme, browse):
    acme.import_csv("acme", acme.key, people(60))
    page = browse(1280)
    for query in ("", "?done=opted-out", "?tag=&done=saved"):
        first = page.context.request.get(f"{acme.url}/t/acme/contacts{query}")
        assert first.status == 200
        second = page.context.request.get(acme.url + link(first.text(), "Next"))
        assert second.status == 200, query


def test_older_conversations_are_there_from_one_that_is_open(acme, browse):
    for n in range(45):
        assert acme.provider.text(f"+1415700{n:04d}", KEY_PHONE, f"Hello {n}") == 204
    wait_until(lambda: len(acme.api("GET", "/api/v1/tenants/acme/conversations?limit=50", key=acme.key)[1]["data"]) == 45)
    page = browse(1280)
    for path in ("inbox", "inbox/5", "inbox/5?done=sent", "inbox?of=nobody"):
        first = page.context.request.get(f"{acme.url}/t/acme/{path}")
        assert first.status == 200
        older = page.context.request.get(acme.url + link(first.text(), "Older"))
        assert older.status == 200, path
        assert "Hello 2" in older.text()


def test_what_is_done_to_all_is_offered_for_those_who_are_listed_alone(acme, browse):
    acme.import_csv("acme", acme.key, people(3))
    page = browse(1280)
    everybody = page.context.request.get(f"{acme.url}/t/acme/contacts").text()
    assert 'name="audience:json"' in everybody
    phone = acme.api("GET", "/api/v1/tenants/acme/contacts?limit=1", key=acme.key)[1]["data"][0]["phone"]
    one = page.context.request.get(f"{acme.url}/t/acme/contacts?phone=%2B{phone[1:]}").text()
    assert phone[-4:] in one and 'name="audience:json"' not in one
    # What is asked for stays as it was, though the audience becomes another.
    api = lambda *asked: acme.api(*asked, key=acme.key)
    base = "/api/v1/tenants/acme/"
    status, audience = api("POST", base + "audiences", {"name": "Nobody", "rule": {"tag": "none"}})
    assert status == 201
    status, change = api("POST", base + "bulk-changes", {"action": "delete", "audience": {"id": audience["id"]}})
    assert status == 202 and change["audience"] == {"tag": "none"}


def csv_of(server, query):
    asked = urllib.request.Request(f"{server.url}/api/v1/tenants/acme/contacts.csv{query}", headers={"Authorization": f"Bearer {server.key}"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return answer.read().decode().strip().splitlines()


def test_a_csv_of_few_among_many_is_whole(acme):
    acme.import_csv("acme", acme.key, people(2_500) + "Zoe,+14158889999\n")
    lines = csv_of(acme, "?q=Zoe")
    assert len(lines) == 2 and "14158889999" in lines[1]
    assert len(csv_of(acme, "")) == 2_502
