"""Every page in a real browser, and the work that is done in them: a campaign written and launched, an answer read, two tabs, a pause midway."""
import re, urllib.error, urllib.request
from pathlib import Path

import pyotp, pytest
from looks import looks_right
from mail import link_of
from playwright.sync_api import expect
from support import begin_as_staff, people, post_signed, wait_until

OWNERS = """ campaigns campaigns/new campaigns/first campaigns/compare reports reports/people reports/numbers reports/links reports/costs reports?from=2026-01-01&to=2026-12-31
reports?from=never inbox inbox/replies inbox/new contacts contacts/new audiences audiences/new imports imports/new
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
    acme.campaign("acme", acme.key, "+14155550100", "Hello {{first_name|there}}", launch=False)
    page = browse(width)
    for below in OWNERS + ["campaigns/1", "campaigns/1/people", "campaigns/1/replies", "campaigns/1/tests", "campaigns/2/edit", "campaigns/2/launch",
                           "campaigns/2/forecast", "contacts/1", "contacts/1?on=2026-01-01"]:
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


def walked(page, start, most=250):
    """Every page that links lead to from one, with its status; downloads and answers of the API, too."""
    waiting, seen = list(start), {}
    while waiting and len(seen) < most:
        path = waiting.pop(0).split("#")[0]
        if path in seen or "/live" in path:
            continue
        answer = page.context.request.get(page.base + path, max_redirects=5)
        seen[path] = answer.status
        if "text/html" in answer.headers.get("content-type", ""):
            waiting += [link.replace("&amp;", "&") for link in re.findall(r'href="(/(?:t/acme|account|admin|api/v1/tenants)[^"]*)"', answer.text())]
    return seen


def test_every_link_of_every_role_leads_to_what_it_may_see(acme, browse):
    acme.import_csv("acme", acme.key, people(3))
    acme.completed(acme.campaign("acme", acme.key, "+14155550100", "Hello {{first_name|there}} https://shop.test/a"), acme.key)
    acme.api("POST", "/api/v1/tenants/acme/audiences", {"name": "All", "rule": {"all": True}}, acme.key)
    acme.api("POST", "/api/v1/tenants/acme/links", {"target": "https://shop.test/", "name": "Shop"}, acme.key)
    acme.api("POST", "/api/v1/tenants/acme/templates", {"name": "Hi", "body": "Hi"}, acme.key)
    acme.campaign("acme", acme.key, "+14155550100", "A draft", launch=False)
    acme.api("POST", "/api/v1/tenants/acme/audiences", {"name": "Others", "rule": {"not": {"campaign_texted": 1}}}, acme.key)
    stranger = {"MessageSid": "SM" + "e" * 32, "From": "+14155559999", "To": "+14155550100", "Body": "Who is this?"}
    assert post_signed(acme.url + "/webhooks/twilio/inbound", stranger)[0] == 204
    wait_until(lambda: acme.api("GET", "/api/v1/tenants/acme/conversations", key=acme.key)[1]["data"])
    page = browse(1280)
    page.base = acme.url
    owner = walked(page, ["/t/acme/", "/account"])
    assert {path: status for path, status in owner.items() if status != 200} == {}
    assert len(owner) > 80
    for role in ("viewer", "agent", "marketer", "admin"):
        link = acme.cli("user", "invite", "acme", "--email", f"{role}@acme.test", "--role", role)["link"]
        page.context.clear_cookies()
        page.goto(link)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(acme.url + "/t/acme/")
        # What is not for a role is not shown to it.
        shown = walked(page, ["/t/acme/", "/account"])
        assert {path: status for path, status in shown.items() if status != 200} == {}, role
        # And refused when its address is known all the same.
        for path in owner:
            status = page.context.request.get(acme.url + path).status
            assert status in (200, 403), (role, path, status)


def test_staff_of_the_platform_see_their_pages_and_no_tenants(acme, browse):
    page = browse(1280)
    page.base = acme.url
    begin_as_staff(page, acme)
    # Who was on the way to a page comes to it.
    page.context.clear_cookies(name="session")
    page.goto(acme.url + "/admin/tenants/acme")
    page.goto(acme.cli("user", "link", "staff@host.test")["link"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(acme.url + "/admin/tenants/acme")
    shown = walked(page, ["/admin/"])
    assert {path: status for path, status in shown.items() if status != 200} == {}
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 860})
        for path in shown:
            if path.startswith("/admin") and "csv" not in path:
                page.goto(acme.url + path)
                looks_right(page)
    assert page.said == []
    assert page.goto(f"{acme.url}/t/acme/contacts").status == 404
    # A key that is none, however it is written, is an answer and no end of the server.
    for key in ("nobody", "a%2Fb", "%3F", "a%00b", "x" * 300):
        assert page.context.request.get(f"{acme.url}/admin/tenants/{key}").status in (400, 404, 422), key
    assert page.context.request.get(f"{acme.url}/ready").status == 200


def test_a_new_address_and_a_password_are_set_by_the_pages(acme, browse, mails):
    page = browse(1280)
    page.goto(acme.url + "/account")
    page.get_by_label("Another address").fill("new@acme.test")
    page.get_by_role("button", name="Mail the link").click()
    # The link is good in the browser that asked: this one.
    page.goto(link_of(mails.wait("new@acme.test", "address")))
    page.get_by_role("button", name="Use this address").click()
    page.wait_for_url(acme.url + "/sign-in")
    page.goto(acme.cli("user", "link", "new@acme.test")["link"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(acme.url + "/t/acme/")
    page.goto(acme.url + "/account")
    page.get_by_label("New password").fill("seven horses drink tea")
    page.get_by_role("button", name="Set it").click()
    expect(page.locator(".toast")).to_have_text("Saved.")
    expect(page.get_by_text("Chrome, Linux")).to_be_visible()


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
    wait_until(lambda: acme.api("GET", "/api/v1/tenants/acme/campaigns/1", key=acme.key)[1]["body"] == "The second one's words")


def test_what_is_typed_during_a_save_is_saved_behind_it_and_is_no_conflict(acme, browse):
    acme.import_csv("acme", acme.key, people(2))
    acme.campaign("acme", acme.key, "+14155550100", "Hello", launch=False)
    kept = lambda: acme.api("GET", "/api/v1/tenants/acme/campaigns/1", key=acme.key)[1]["body"]
    page, held = browse(1280), []
    page.goto(f"{acme.url}/t/acme/campaigns/1/edit")
    # The first save is carried out, and its answer is on its way while the next words are typed.
    page.route("**/do/campaigns/1", lambda route: route.continue_() if held else held.append((route, route.fetch(max_redirects=0))))
    page.get_by_label("Text A").fill("The first words")
    while not held:
        page.wait_for_timeout(20)
    assert kept() == "The first words"
    page.get_by_label("Text A").fill("The last words")
    page.wait_for_timeout(600)
    assert kept() == "The first words"
    held[0][0].fulfill(response=held[0][1])
    wait_until(lambda: page.wait_for_timeout(20) or kept() == "The last words")
    expect(page.locator("[data-saved]")).to_contain_text("Saved as you write")
    expect(page.locator("#told")).to_have_count(0)
    # So does what leads on wait.
    page.unroute("**/do/campaigns/1")
    held.clear()
    page.route("**/do/campaigns/1", lambda route: route.continue_() if held else held.append((route, route.fetch(max_redirects=0))))
    page.get_by_label("Text A").fill("The very last words")
    while not held:
        page.wait_for_timeout(20)
    page.get_by_role("button", name="Review and launch").click()
    held[0][0].fulfill(response=held[0][1])
    expect(page.get_by_role("heading", level=1)).to_contain_text("Text 2 people now?")
    assert kept() == "The very last words"


def test_what_somebody_else_has_saved_is_not_written_over_by_the_next_key(acme, browse):
    acme.import_csv("acme", acme.key, people(2))
    acme.campaign("acme", acme.key, "+14155550100", "Hello", launch=False)
    path = "/api/v1/tenants/acme/campaigns/1"
    kept = lambda: acme.api("GET", path, key=acme.key)[1]["body"]
    page = browse(1280)
    page.goto(f"{acme.url}/t/acme/campaigns/1/edit")
    assert acme.api("PATCH", path, {"body": "Theirs"}, acme.key)[0] == 202
    page.get_by_label("Text A").fill("Mine")
    expect(page.locator("#told")).to_contain_text("Somebody else has changed this meanwhile")
    page.get_by_label("Text A").fill("Mine, and more of it")
    page.wait_for_timeout(600)
    expect(page.locator("#told")).to_be_visible()
    expect(page.locator("[data-saved]")).to_have_text("Not saved")
    assert kept() == "Theirs"
    looks_right(page)
    # A press is meant, of the version that was told of.
    assert acme.api("PATCH", path, {"body": "Theirs again"}, acme.key)[0] == 202
    page.get_by_role("button", name="Keep mine").click()
    expect(page.locator("[data-saved]")).to_have_text("Not saved")
    assert kept() == "Theirs again"
    page.get_by_role("button", name="Keep mine").click()
    expect(page.locator("#told")).to_have_count(0)
    wait_until(lambda: kept() == "Mine, and more of it")
    # And it is saved again as it is written.
    page.get_by_label("Text A").fill("Mine to the end")
    wait_until(lambda: page.wait_for_timeout(20) or kept() == "Mine to the end")
    page.get_by_role("button", name="Review and launch").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Text 2 people now?")
    # A refusal is in the console of the browser, and nothing else is.
    assert all("412" in line for line in page.said)


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


def test_the_browsers_cookie_lives_on_with_each_page_and_an_ended_one_costs_nothing(acme, browse):
    page = browse(1280, scripts=False)
    browser = lambda: next(cookie for cookie in page.context.cookies() if cookie["name"] == "browser")
    page.goto(f"{acme.url}/t/acme/templates/new")
    old = browser()
    page.context.add_cookies([{**old, "expires": old["expires"] - 86_400}])
    page.goto(f"{acme.url}/t/acme/templates/new")
    assert browser()["value"] == old["value"] and browser()["expires"] >= old["expires"] - 1
    page.get_by_label("Name").fill("Visit")
    page.get_by_label("Text", exact=True).fill("Come by on Tuesday")
    page.context.clear_cookies(name="browser")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".problem")).to_contain_text("What you typed is still here")
    assert page.get_by_label("Text", exact=True).input_value() == "Come by on Tuesday"
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".toast")).to_have_text("Made.")
    # The same while a draft is saved as it is written.
    acme.import_csv("acme", acme.key, people(1))
    acme.campaign("acme", acme.key, "+14155550100", "Hello", launch=False)
    kept = lambda: acme.api("GET", "/api/v1/tenants/acme/campaigns/1", key=acme.key)[1]["body"]
    page = browse(1280)
    page.goto(f"{acme.url}/t/acme/campaigns/1/edit")

    def is_forgotten():
        """An answer that is still under way (the forecast's) brings the cookie back."""
        page.context.clear_cookies(name="browser")
        page.wait_for_timeout(500)
        return not any(cookie["name"] == "browser" for cookie in page.context.cookies())

    wait_until(is_forgotten)
    page.get_by_label("Text A").fill("Come by")
    expect(page.locator("#told")).to_contain_text("What you typed is still here")
    assert kept() == "Hello"
    page.get_by_label("Text A").fill("Come by on Tuesday")
    wait_until(lambda: page.wait_for_timeout(20) or kept() == "Come by on Tuesday")
    expect(page.locator("#told")).to_have_count(0)


def test_the_words_of_a_probable_opt_out_are_marked_and_its_day_is_named(acme, browse):
    acme.import_csv("acme", acme.key, people(1))
    contact = acme.api("GET", "/api/v1/tenants/acme/contacts", key=acme.key)[1]["data"][0]
    hostile = "Nice <b>bike</b> 🚲 \u202e&amp; stóp\u0301 texting me \"\u0301>"
    said = {"MessageSid": "SM" + "d" * 32, "From": contact["phone"], "To": "+14155550100", "Body": hostile}
    assert post_signed(acme.url + "/webhooks/twilio/inbound", said)[0] == 204
    wait_until(lambda: acme.api("GET", "/api/v1/tenants/acme/opt-out-reviews", key=acme.key)[1]["data"])
    page = browse(390)
    for path, place in (("inbox/1", "#texts"), ("opt-outs/review", "blockquote")):
        page.goto(f"{acme.url}/t/acme/{path}")
        assert page.locator(f"{place} mark").inner_text() == "stóp\u0301 texting"
        assert hostile.replace("\u202e", "") in page.locator(place).first.inner_text()
        expect(page.get_by_role("main")).to_contain_text("the tenth business day")
        looks_right(page)
    assert page.said == []


def test_a_user_of_spanish_reads_what_was_refused_in_spanish(acme, browse):
    page = browse(1280, scripts=False)
    page.goto(acme.url + "/account")
    page.get_by_label("Language").select_option("es")
    page.locator("form[action$='do/me'] button").first.click()
    page.goto(acme.url + "/t/acme/campaigns/99")
    expect(page.get_by_role("main")).to_contain_text("No existe esa campaña.")
    page.goto(acme.url + "/t/acme/contacts/new")
    page.locator("#f-phone").fill("12")
    page.locator("main form button.primary").click()
    expect(page.get_by_role("alert")).to_contain_text("es demasiado corto para un número de teléfono")
    # Who has not signed in is answered as their browser asks.
    stranger = page.context.browser.new_context(locale="es-MX")
    strange = stranger.new_page()
    strange.goto(acme.url + "/sign-in")
    expect(strange.get_by_role("button", name="Enviarme un enlace")).to_be_visible()
    looks_right(strange)
    assert strange.locator("html").get_attribute("lang") == "es"
    stranger.close()


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


def test_a_backup_is_made_checked_and_found_damaged_by_staff(acme, browse):
    page = browse(1280)
    begin_as_staff(page, acme)
    page.goto(acme.url + "/admin/backups")
    expect(page.get_by_role("main")).to_contain_text("1 tenant has no backup here.")
    page.get_by_role("button", name="Make a backup").click()
    expect(page.locator(".toast")).to_have_text("Copied, and read whole.")
    [copy] = (Path(acme.data) / "backups" / "acme").iterdir()
    expect(page.get_by_role("main")).to_contain_text(f"roundhouse restore acme --from backups/acme/{copy.name}")
    page.get_by_role("button", name="Check the backup").click()
    expect(page.locator(".toast")).to_have_text("It is whole: it can be put back.")
    looks_right(page)
    content = bytearray(copy.read_bytes())
    content[8192:12288] = b"\x5a" * 4096
    copy.write_bytes(content)
    page.goto(acme.url + "/admin/backups?tenant=acme")
    page.get_by_role("button", name="Check the backup").click()
    expect(page.get_by_role("alert")).to_contain_text("This backup cannot be put back")
    # A brand is named first, and has its day then; a number moves to another tenant.
    page.goto(acme.url + "/admin/brands")
    page.get_by_label("Name").fill("Agency & Söhne")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Segments a day of “Agency & Söhne”").fill("2000")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_label("Segments a day of Agency & Söhne")).to_have_value("2000")
    looks_right(page)
    acme.provision("other", "+14155550199")
    page.goto(acme.url + "/admin/tenants/acme")
    page.get_by_label("Key of the tenant that gets +14155550100").fill("other")
    page.get_by_role("button", name="Move").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Move this number?")
    looks_right(page)
    page.get_by_role("button", name="Move").click()
    expect(page.locator(".toast")).to_have_text("Moved. What people write to it is theirs from now on.")
    page.goto(acme.url + "/admin/tenants/other")
    expect(page.get_by_role("main")).to_contain_text("+14155550100")
    page.goto(acme.url + "/admin/health")
    expect(page.get_by_role("main")).to_contain_text("Tenant files open")
    looks_right(page)


def test_what_cannot_be_taken_back_is_asked_for_in_words_that_say_what_follows(acme, browse):
    """By the page that its form leads to, so that it asks without scripts, too."""
    page = browse(390)
    page.goto(f"{acme.url}/t/acme/settings/keys")
    page.get_by_role("button", name="Revoke").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Revoke this key?")
    expect(page.get_by_role("main")).to_contain_text("refused at once")
    looks_right(page)
    page.get_by_role("link", name="Leave it").click()
    expect(page).to_have_url(f"{acme.url}/t/acme/settings/keys")
    # Nothing has happened, and the key that this test speaks with still does.
    assert acme.api("GET", "/api/v1/tenants/acme/contacts", key=acme.key)[0] == 200
    template = acme.api("POST", "/api/v1/tenants/acme/templates", {"name": "Visit", "body": "On Monday."}, acme.key)[1]
    page.goto(f"{acme.url}/t/acme/templates/{template['id']}")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete this template?")
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".toast")).to_be_visible()
    assert acme.api("GET", "/api/v1/tenants/acme/templates", key=acme.key)[1]["data"] == []
    assert page.said == []


def test_what_is_shown_once_is_shown(acme, browse):
    page = browse(1280)
    once = lambda: page.locator("textarea[data-copy]")
    page.goto(f"{acme.url}/t/acme/settings/keys")
    page.get_by_label("What it is for").fill("Shop")
    page.locator("main form button.primary").first.click()
    expect(once().first).to_have_value(re.compile("^rh_"))
    looks_right(page)
    page.goto(f"{acme.url}/t/acme/settings/keys")
    page.get_by_role("button", name="Rotate").first.click()
    expect(once().first).to_have_value(re.compile("^rh_"))
    # The second factor ends every session, this one too, and its codes are there all the same.
    page.goto(acme.url + "/account/second-factor")
    secret = page.locator("code.break").inner_text()
    page.get_by_label("The code it shows").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Switch it on").click()
    codes = once().input_value().split()
    assert len(codes) == 10
    looks_right(page)
    page.get_by_role("link", name="I have kept it").click()
    expect(page.get_by_role("main")).to_contain_text("10")
    page.goto(acme.url + "/account")
    page.get_by_role("button", name="New recovery codes").click()
    fresh = once().input_value().split()
    assert len(fresh) == 10 and not set(fresh) & set(codes)
    assert page.said == []


def test_one_text_less_is_one_text(acme, browse):
    acme.import_csv("acme", acme.key, people(4))
    draft = {"name": "Two", "purpose": "informational", "audience": {"all": True}, "numbers": ["+14155550100"],
             "variants": [{"name": "A", "body": "The first", "weight": 1}, {"name": "B", "body": "The second", "weight": 1}]}
    assert acme.api("POST", "/api/v1/tenants/acme/campaigns", draft, acme.key)[0] == 201
    page = browse(1280)
    page.goto(f"{acme.url}/t/acme/campaigns/1/edit")
    page.get_by_role("link", name="One text less").click()
    page.get_by_label("Text A").fill("The only one")
    page.get_by_role("button", name="Review and launch").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Text 4 people now?")
    kept = acme.api("GET", "/api/v1/tenants/acme/campaigns/1", key=acme.key)[1]
    assert kept["variants"] == [] and kept["body"] == "The only one"


def test_a_tenant_that_is_closed_is_reached_and_opened_by_its_pages(acme, browse):
    staff, owner = browse(1280), browse(1280)
    begin_as_staff(staff, acme)
    acme.provision("other", "+14155550199")
    path = acme.url + "/admin/tenants/acme"

    def all_are_there():
        for below in ("", "tenants", "tenants/acme", "usage", "users", "backups", "health", "audit"):
            assert staff.goto(f"{acme.url}/admin/{below}").status == 200, below
            looks_right(staff)
        for below in ("account", "team", "keys", "hosts"):
            assert owner.goto(f"{acme.url}/t/acme/settings/{below}").status == 200, below
            looks_right(owner)
        staff.goto(path)

    staff.goto(path)
    staff.get_by_label("Why it is paused").fill("moving")
    staff.get_by_role("button", name="Pause").click()
    expect(staff.locator(".toast")).to_be_visible()
    all_are_there()
    staff.get_by_role("button", name="Resume").click()
    staff.get_by_label("Why it is suspended").fill("unpaid")
    staff.get_by_role("button", name="Suspend").click()
    expect(staff.locator(".toast")).to_be_visible()
    all_are_there()
    staff.get_by_role("button", name="Reinstate").click()
    expect(staff.locator(".toast")).to_be_visible()
    owner.goto(f"{acme.url}/t/acme/settings/account")
    owner.get_by_label("Type acme to end it").fill("acme")
    owner.get_by_role("button", name="End this business").click()
    expect(owner.get_by_role("button", name="Keep it")).to_be_visible()
    all_are_there()
    # Whoever comes to the business is told, on which day by whose clock, and led to where it can be kept.
    assert owner.goto(f"{acme.url}/t/acme/contacts").status == 423
    assert [line for line in owner.said if "423" not in line] == []
    owner.said.clear()
    expect(owner.get_by_role("heading", name="This business is closed")).to_be_visible()
    expect(owner.locator(".empty h2")).to_contain_text("to be deleted on ")
    expect(owner.locator(".empty h2")).not_to_contain_text(re.compile(r"\d{4}-\d\d-\d\dT"))
    owner.get_by_role("link", name="What becomes of it").click()
    owner.get_by_role("button", name="Keep it").click()
    expect(owner.get_by_role("button", name="Keep it")).to_have_count(0)
    assert acme.api("GET", "/api/v1/tenants/acme/contacts", key=acme.key)[0] == 200
    assert staff.said == owner.said == []
