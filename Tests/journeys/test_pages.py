"""Every page in a real browser, and the work that is done in them: a campaign written and launched, an answer read, two tabs, a pause midway."""
import json, re, urllib.request

import pytest
from playwright.sync_api import expect
from support import people, wait_until
from test_pages_people import browse, chromium, looks_right, site  # noqa: F401

OWNERS = """ campaigns campaigns/new campaigns/compare inbox inbox/replies inbox/new contacts contacts/new audiences audiences/new imports imports/new
opt-outs opt-outs/review links links/new numbers budget templates settings settings/general settings/hours settings/prices settings/words
settings/link-page settings/retention settings/webhooks settings/events settings/team settings/keys settings/hosts settings/audit settings/account
find more""".replace("\n", " ").split(" ")


@pytest.fixture
def acme(site):
    site.key = site.cli("key", "create", "acme", "--role", "owner", "--name", "pages")["key"]
    return site


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_of_an_owner_is_whole(acme, browse, width):
    acme.import_csv("acme", acme.key, people(3))
    path = acme.campaign("acme", acme.key, "+14155550100", "Hello {{first_name|there}}")
    acme.completed(path, acme.key)
    page = browse(width)
    for below in OWNERS + ["campaigns/1", "campaigns/1/people", "contacts/1"]:
        answer = page.goto(f"{acme.url}/t/acme/{below}")
        assert answer.status == 200, below
        assert len(answer.body()) <= 40_000, below
        looks_right(page)
    for path in ("/account", "/account/second-factor"):
        assert page.goto(acme.url + path).status == 200
        looks_right(page)
    assert page.said == []


def test_a_campaign_is_written_looked_at_and_launched_on_a_phone(acme, browse, servers):
    acme.import_csv("acme", acme.key, people(5))
    page = browse(390)
    page.goto(f"{acme.url}/t/acme/campaigns")
    page.get_by_role("link", name="Write a campaign").first.click()
    page.get_by_label("Name").fill("Spring tune-up")
    page.get_by_role("button", name="Write the text").click()
    page.get_by_label("Text A").fill("Hi {{first_name|there}}, come by")
    page.get_by_text("Information", exact=True).click()
    page.get_by_label("Audience").select_option(label="Everybody")
    page.get_by_role("checkbox", name=re.compile("415 555 0100")).check()
    # It is saved as it is written, and the price follows.
    expect(page.locator("#sum")).to_contain_text("5 people", timeout=15_000)
    page.get_by_role("button", name="Review and launch").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Text 5 people now?")
    looks_right(page)
    page.get_by_role("button", name="Text 5 people").click()
    page.wait_for_url("**/campaigns/1?done=launched")
    # The report moves by itself.
    expect(page.locator("#progress")).to_contain_text("100%", timeout=30_000)
    looks_right(page)
    assert page.said == []
    counts = acme.api("GET", "/api/v1/tenants/acme/campaigns/1", key=acme.key)[1]["counts"]
    assert counts["audience"] == 5 and counts["queued"] == 0


def test_two_tabs_write_one_draft_and_neither_loses_a_word(acme, browse):
    acme.import_csv("acme", acme.key, people(2))
    acme.campaign("acme", acme.key, "+14155550100", "Hello", launch=False)
    first, second = browse(1280, scripts=False), browse(1280, scripts=False)
    for page in (first, second):
        page.goto(f"{acme.url}/t/acme/campaigns/1/edit")
    first.get_by_label("Text A").fill("The first one's words")
    first.get_by_role("button", name="Save").click()
    expect(first.locator(".toast")).to_have_text("Saved.")
    second.get_by_label("Text A").fill("The second one's words")
    second.get_by_role("button", name="Save").click()
    expect(second.locator(".problem")).to_contain_text("Somebody else has changed this meanwhile")
    assert second.get_by_label("Text A").input_value() == "The second one's words"
    assert acme.api("GET", "/api/v1/tenants/acme/campaigns/1", key=acme.key)[1]["body"] == "The first one's words"
    # Having seen it, saving again is meant.
    second.get_by_role("button", name="Save").click()
    assert acme.api("GET", "/api/v1/tenants/acme/campaigns/1", key=acme.key)[1]["body"] == "The second one's words"


def test_a_pause_and_an_ended_session_lose_nothing_that_was_typed(acme, browse):
    page = browse(1280, scripts=False)
    page.goto(f"{acme.url}/t/acme/inbox/replies")
    page.get_by_label("Name").fill("Hours")
    page.get_by_label("Text", exact=True).fill("From nine to five")
    acme.cli("tenant", "pause", "acme", "--reason", "moving")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("paused")
    acme.cli("tenant", "resume", "acme")
    page.goto(f"{acme.url}/t/acme/inbox/replies")
    page.get_by_label("Name").fill("Hours")
    page.get_by_label("Text", exact=True).fill("From nine to five")
    session = [cookie for cookie in page.context.cookies() if cookie["name"] == "session"]
    page.context.clear_cookies(name="session")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.context.add_cookies(session)
    page.get_by_role("button", name="Then send what you have typed again").click()
    replies = acme.api("GET", "/api/v1/tenants/acme/canned-replies", key=acme.key)[1]["data"]
    assert [(one["name"], one["body"]) for one in replies] == [("Hours", "From nine to five")]


def test_another_origin_sends_no_form_and_another_tenants_pages_are_not_there(acme, browse):
    acme.provision("other", "+14155550199")
    page = browse(1280)
    assert page.goto(f"{acme.url}/t/other/").status == 404
    assert page.goto(f"{acme.url}/t/other/contacts").status == 404
    before = acme.api("GET", "/api/v1/tenants/acme/canned-replies", key=acme.key)[1]["data"]
    page.goto(f"http://127.0.0.1:{acme.port}/health")
    cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in page.context.cookies(acme.url))
    for origin in ("http://evil.example", "null"):
        request = urllib.request.Request(
            f"{acme.url}/t/acme/do/canned-replies", data=b"name=a&body=b", headers={"Cookie": cookies, "Origin": origin})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request)
        assert refused.value.code == 403
    assert acme.api("GET", "/api/v1/tenants/acme/canned-replies", key=acme.key)[1]["data"] == before
