"""What pages say of themselves when something is refused, stopped or empty, in a real browser."""
import re, shutil, subprocess, time, urllib.request
from pathlib import Path

import pytest
from looks import looks_right
from playwright.sync_api import expect
from support import BIN, begin_as_staff, people, wait_until

NUMBER, T = "+14155550100", "/api/v1/tenants/acme/"


@pytest.fixture
def acme(site):
    site.key = site.cli("key", "create", "acme", "--role", "owner", "--name", "notices")["key"]
    return site


def marked(page):
    """What the fields of a page say that are marked as wrong, once there is one: name, and the sentence that it points at."""
    page.wait_for_selector("[aria-invalid=true]")
    return page.evaluate("""[...document.querySelectorAll("[aria-invalid=true]")].map((field) => [field.name,
        field.getAttribute("aria-describedby").split(" ").map((id) => document.getElementById(id)?.textContent).at(-1)])""")


focused = "document.activeElement.name"


@pytest.mark.parametrize("scripts", [True, False])
def test_the_fields_that_were_refused_say_so_and_the_first_has_the_focus(acme, browse, scripts):
    acme.import_csv("acme", acme.key, people(2))
    acme.campaign("acme", acme.key, NUMBER, "Hello", launch=False)
    page = browse(390, scripts)
    page.goto(acme.url + "/t/acme/contacts/new")
    page.locator("#f-phone").fill("12")
    page.locator("main form button.primary").click()
    assert [name for name, _ in marked(page)] == ["phone"] and "too short" in marked(page)[0][1]
    wait_until(lambda: page.evaluate(focused) == "phone")
    page.goto(acme.url + "/t/acme/budget")
    page.get_by_label("A month, in dollars").fill("a lot")
    page.get_by_role("button", name="Save the limits").click()
    assert marked(page) == [["monthly_micros:money", "Write an amount like 1,200.00"]]
    wait_until(lambda: page.evaluate(focused) == "monthly_micros:money")
    if scripts:
        looks_right(page)
    # A form in a dialog comes back with the dialog.
    page.goto(acme.url + "/t/acme/campaigns/1/edit")
    page.get_by_role("button", name="Send me a test").click()
    page.get_by_label("Numbers, separated by commas").fill("12")
    page.get_by_role("button", name="Send the test").click()
    expect(page.locator(".problem")).to_be_visible()
    expect(page.locator("dialog#test")).to_be_visible()
    assert [name for name, _ in marked(page)] == ["to:words"]
    wait_until(lambda: page.evaluate(focused) == "to:words")
    assert not scripts or all("422" in line for line in page.said), page.said


def test_a_field_that_is_refused_while_somebody_writes_is_marked_until_it_is_right(acme, browse):
    acme.campaign("acme", acme.key, NUMBER, "Hello", launch=False)
    page = browse(1280)
    page.goto(acme.url + "/t/acme/campaigns/1/edit")
    page.get_by_label("Budget of this campaign").fill("12,0,0x")
    page.get_by_label("Name of the campaign").press("End")
    expect(page.locator("#budget")).to_have_attribute("aria-invalid", "true")
    assert marked(page) == [["budget_micros:money", "Write an amount like 1,200.00"]]
    # Nobody is taken away from where they write; by a button one comes to what is wrong.
    assert page.evaluate(focused) == "name"
    page.get_by_role("button", name="Save").click()
    wait_until(lambda: page.evaluate(focused) == "budget_micros:money")
    looks_right(page)
    page.get_by_label("Budget of this campaign").fill("12")
    expect(page.locator("[aria-invalid=true]")).to_have_count(0)
    expect(page.locator("#draft .wrong")).to_have_count(0)


def test_whoever_is_about_to_send_reads_that_nothing_leaves_and_where_that_is_lifted(acme, browse):
    acme.import_csv("acme", acme.key, people(2))
    acme.campaign("acme", acme.key, NUMBER, "Hello", launch=False)
    acme.provider.text("+14157000000", NUMBER, "Are you open?")
    wait_until(lambda: acme.api("GET", T + "conversations", key=acme.key)[1]["data"])
    page = browse(390)
    pages = [f"/t/acme/{path}" for path in ("inbox/1", "campaigns/1/edit", "campaigns/1/launch")]
    for path in pages:
        page.goto(acme.url + path)
        expect(page.get_by_text("All texts are stopped by the kill switch")).to_have_count(0)
    acme.api("PUT", T + "kill-switch", {"on": True, "reason": "A wrong link"}, acme.key)
    for path in pages:
        page.goto(acme.url + path)
        notice = page.locator(".notice.stop").filter(has_text="All texts are stopped by the kill switch.")
        expect(notice).to_contain_text("A wrong link. ")
        expect(notice).to_contain_text("What is sent meanwhile waits.")
        looks_right(page)
        notice.get_by_role("link").click()
        page.wait_for_url(acme.url + "/t/acme/budget#kill-switch")
    # An inbox that is open learns of it by itself, and whoever may not lift it has no link.
    page.goto(acme.url + pages[0])
    acme.api("PUT", T + "kill-switch", {"on": False, "reason": "It is right now"}, acme.key)
    expect(page.locator("#stopped .notice")).to_have_count(0, timeout=10_000)
    acme.cli("kill-switch", "on", "--reason", "An incident")
    page.goto(acme.url + pages[1])
    notice = page.locator(".notice.stop").filter(has_text="Whoever runs this server has stopped all texts: An incident.")
    expect(notice).to_be_visible()
    expect(notice.get_by_role("link")).to_have_count(0)


def test_a_campaign_whose_number_is_stopped_says_which_why_and_since_when(acme, browse):
    acme.import_csv("acme", acme.key, people(2))
    assert acme.api("PATCH", T + "numbers/" + NUMBER, {"paused": True, "reason": "Carrier complaints"}, acme.key)[0] == 200
    path = acme.campaign("acme", acme.key, NUMBER, "Hello")
    wait_until(lambda: (acme.api("GET", path, key=acme.key)[1]["waiting"] or {}).get("reason") == "no_number")
    page = browse(390)
    page.goto(acme.url + "/t/acme/campaigns/1")
    notice = page.locator("#waiting .notice")
    expect(notice).to_contain_text("No number to text from.")
    expect(notice).to_contain_text(re.compile(r"415 555.0100 is stopped since .*: Carrier complaints"))
    looks_right(page)
    notice.get_by_role("link", name="Look at the numbers").click()
    page.wait_for_url(acme.url + "/t/acme/numbers")


def test_texts_and_people_are_told_apart_where_a_campaign_was_sent_again(acme, browse):
    acme.import_csv("acme", acme.key, people(4))
    acme.provider.faults(_30003=1)
    path = acme.campaign("acme", acme.key, NUMBER, "Hello")
    acme.completed(path, acme.key)
    counts = lambda: acme.api("GET", path, key=acme.key)[1]["counts"]
    wait_until(lambda: counts()["undelivered"] == 4)
    page = browse(1280)
    page.goto(acme.url + "/t/acme/campaigns/1")
    expect(page.get_by_text("followed by another try")).to_have_count(0)
    acme.provider.faults()
    assert acme.api("POST", path + "/resend", key=acme.key)[0] == 202
    acme.completed(path, acme.key)
    wait_until(lambda: counts()["delivered"] == 4)
    page.goto(acme.url + "/t/acme/campaigns/1")
    expect(page.locator("#figures")).to_contain_text("4 of 4 people")
    expect(page.get_by_role("region", name="Numbers")).to_contain_text("4 of these texts were followed by another try.")
    assert page.get_by_role("region", name="Numbers").get_by_role("row").nth(1).get_by_role("cell").all_text_contents()[1] == "8"


def test_a_report_that_lies_open_follows_what_others_do_and_goes_on_behind_the_last_text(acme, browse):
    acme.import_csv("acme", acme.key, people(3))
    stop = lambda on: acme.api("PUT", T + "kill-switch", {"on": on, "reason": "wait"}, acme.key)
    assert stop(True)[0] == 200
    path = acme.campaign("acme", acme.key, NUMBER, "Hello")
    wait_until(lambda: acme.api("GET", path, key=acme.key)[1]["state"] == "running")
    page = browse(1280)
    page.goto(acme.url + "/t/acme/campaigns/1")
    page.evaluate("window.untouched = true")
    pause, resume = page.locator("#actions").get_by_role("link", name="Pause"), page.get_by_role("button", name="Go on")
    expect(pause).to_be_visible()
    # A colleague pauses it, and it goes on: what may be done now stands there without a press.
    assert acme.api("POST", path + "/pause", {"reason": "look again"}, acme.key)[0] == 202
    expect(resume).to_be_visible()
    expect(pause).to_have_count(0)
    assert acme.api("POST", path + "/resume", key=acme.key)[0] == 202
    expect(pause).to_be_visible()
    # Whose own press comes too late stands on a page at its form's address: it follows all the same.
    late = browse(1280)
    late.goto(acme.url + "/t/acme/campaigns/1")
    late.locator("#actions").get_by_role("link", name="Pause").click()
    assert acme.api("POST", path + "/pause", {"reason": "once more"}, acme.key)[0] == 202
    late.get_by_role("dialog").get_by_role("button", name="Pause").click()
    late.wait_for_url("**/do/campaigns/1/pause")
    assert acme.api("POST", path + "/resume", key=acme.key)[0] == 202
    expect(late.locator("#actions").get_by_role("link", name="Pause")).to_be_visible()
    expect(late.locator("#crumbs")).not_to_contain_text("Paused")
    # And asked for again it leads to a page.
    late.goto(acme.url + "/t/acme/do/campaigns/1/pause")
    late.wait_for_url(acme.url + "/t/acme/campaigns/1/pause")
    late.goto(acme.url + "/t/acme/do/campaigns/1/resume")
    late.wait_for_url(acme.url + "/t/acme/campaigns/1")
    late.goto(acme.url + "/account/do/me/password")
    late.wait_for_url(acme.url + "/account/")
    assert stop(False)[0] == 200
    acme.completed(path, acme.key)
    wait_until(lambda: acme.api("GET", path, key=acme.key)[1]["counts"]["delivered"] == 3)
    expect(page.locator("#crumbs")).to_contain_text("Done")
    expect(page.locator("#progress .live")).to_have_count(0)
    # Then people answer.
    answered = page.locator("#figures .stat", has_text="Answered").locator("dd").first
    expect(answered).to_have_text("0")
    acme.provider.text(acme.provider.ledger("created")[0]["to"], NUMBER, "thank you")
    expect(answered).to_have_text("1")
    assert page.evaluate("window.untouched") and page.said == []


def test_one_day_has_one_name_wherever_somebody_must_decide(acme, browse):
    acme.provider.text("+14157000000", NUMBER, "please quit texting me")
    review = wait_until(lambda: acme.api("GET", T + "opt-out-reviews", key=acme.key)[1]["data"])[0]
    page = browse(1280)
    page.goto(acme.url + "/t/acme/opt-outs/review")
    [day] = re.findall(r"Decide before (.*), the tenth", page.locator("main").inner_text())
    page.goto(acme.url + "/t/acme/settings/events")
    expect(page.locator("main")).to_contain_text(f"Decide before: {day}")
    assert review["due_at"] and "Due at" not in page.locator("main").inner_text()


def test_a_tenant_without_keys_numbers_and_hosts_says_what_is_missing(acme, browse):
    acme.cli("tenant", "create", "bare", "--name", "Bare", "--owner-email", "o@bare.test")
    page = browse(1280)
    begin_as_staff(page, acme)
    page.goto(acme.url + "/admin/tenants/bare")
    for region, sentence in (("Live API keys", "No program of this business has a key."), ("Numbers", "No number yet"), ("Link hosts", "No link host yet")):
        expect(page.get_by_role("region", name=region)).to_contain_text(sentence)
    looks_right(page)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_file_that_is_refused_takes_nothing_along_of_what_was_typed_beside_it(acme, browse, tmp_path, scripts):
    (tmp_path / "names.csv").write_text("colour,shape\nred,round\n")
    page = browse(390, scripts)
    page.goto(acme.url + "/t/acme/imports/new")
    typed = {"Where they agreed": "The form at the <till>", "When, at the latest": "2026-01-31", "What they were shown or told": "I agree, \"really\""}
    for label, value in typed.items():
        page.get_by_label(label).fill(value)
    page.get_by_text("Tags, audience, country, encoding").click()
    page.get_by_label("Tag everybody in the file").fill("spring, vip")
    page.get_by_label("Where the file and a contact differ").select_option("fill")
    page.set_input_files("#file", tmp_path / "names.csv")
    page.get_by_role("button", name="Look at it").click()
    expect(page.locator("main")).to_contain_text("Choose the file once more")
    for label, value in (typed | {"Tag everybody in the file": "spring, vip", "Where the file and a contact differ": "fill"}).items():
        expect(page.get_by_label(label)).to_have_value(value)
    if scripts:
        looks_right(page)
    # The same once more with a file that has numbers.
    (tmp_path / "people.csv").write_text("phone,colour\n+14157000001,red\n")
    page.set_input_files("#file", tmp_path / "people.csv")
    page.get_by_role("button", name="Look at it").click()
    page.wait_for_url("**/imports/*")
    [batch] = acme.api("GET", T + "imports", key=acme.key)[1]["data"]
    kept = acme.api("GET", f"{T}imports/{batch['id']}", key=acme.key)[1]
    assert kept["options"]["tags"] == ["spring", "vip"] and kept["consent"]["source"] == typed["Where they agreed"], kept


def test_a_scheduled_campaign_is_moved_by_its_page(acme, browse):
    acme.import_csv("acme", acme.key, people(2))
    path = acme.campaign("acme", acme.key, NUMBER, "Hello", launch=False)
    assert acme.api("PATCH", path, {"send_at": "2099-01-01T09:00:00Z"}, acme.key)[0] == 202
    assert acme.api("POST", path + "/launch", key=acme.key)[1]["state"] == "scheduled"
    page = browse(390)
    page.goto(acme.url + "/t/acme/campaigns/1")
    looks_right(page)
    page.get_by_role("button", name="Change it or its time").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Make this campaign a draft again?")
    looks_right(page)
    page.get_by_role("button", name="Make it a draft").click()
    page.wait_for_url("**/campaigns/1/edit*")
    expect(page.locator(".toast")).to_have_text("A draft again. It leaves when you launch it.")
    assert acme.api("GET", path, key=acme.key)[1]["state"] == "draft" and acme.provider.summary()["created"] == 0
    # Who is paused without a word is paused by somebody, not by a name of ours.
    assert acme.api("PATCH", path, {"send_at": None}, acme.key)[0] == 202
    assert acme.api("PATCH", f"{T}numbers/{NUMBER[1:]}", {"paused": True}, acme.key)[0] == 200
    page.goto(acme.url + "/t/acme/numbers")
    expect(page.locator("main")).to_contain_text(") paused it")


def test_a_form_that_was_open_for_long_puts_back_nothing_that_a_colleague_has_set(acme, browse):
    acme.import_csv("acme", acme.key, people(2))
    acme.api("POST", T + "audiences", {"name": "All", "rule": {"all": [{"tag": "vip"}, {"tag": "new"}]}}, acme.key)
    assert acme.api("PUT", T + "budget", {"daily_micros": 100_000_000, "monthly_micros": 1_000_000_000}, acme.key)[0] == 200
    budget, contact, audience = browse(1280), browse(1280), browse(390)
    for page, path in ((budget, "budget"), (contact, "contacts/1"), (audience, "audiences/1")):
        page.goto(acme.url + "/t/acme/" + path)
    assert acme.api("PUT", T + "budget", {"daily_micros": 20_000_000}, acme.key)[0] == 200
    assert acme.api("PATCH", T + "contacts/1", {"tags": ["no_marketing"]}, acme.key)[0] == 200
    assert acme.api("PATCH", T + "audiences/1", {"rule": {"tag": "vip"}}, acme.key)[0] == 200
    # Of two limits the one that was typed is set, also where it was refused first.
    budget.get_by_label("A month, in dollars").fill("a lot")
    budget.get_by_role("button", name="Save the limits").click()
    assert [name for name, _ in marked(budget)] == ["monthly_micros:money"]
    budget.get_by_label("A month, in dollars").fill("1,200")
    budget.get_by_role("button", name="Save the limits").click()
    expect(budget.locator(".toast")).to_have_text("Saved.")
    limits = acme.api("GET", T + "budget", key=acme.key)[1]
    assert (limits["daily_micros"], limits["monthly_micros"]) == (20_000_000, 1_200_000_000)
    # A page that nobody has touched sets nothing.
    assert acme.api("PUT", T + "budget", {"daily_micros": 30_000_000}, acme.key)[0] == 200
    budget.get_by_role("button", name="Save the limits").click()
    wait_until(lambda: budget.get_by_label("A day, in dollars").input_value() == "30.00")
    assert acme.api("GET", T + "budget", key=acme.key)[1]["daily_micros"] == 30_000_000
    # A whole that somebody else has changed is shown, with what was typed; saving again is meant.
    contact.locator("#edit summary").click()
    contact.get_by_label("Last name").fill("Byron")
    contact.get_by_label("E-mail").evaluate("(field) => { field.type = 'text'; field.value = 'nobody' }")
    contact.locator("#edit").get_by_role("button", name="Save").click()
    assert [name for name, _ in marked(contact)] == ["email"]
    contact.get_by_label("E-mail").fill("ada@shop.test")
    contact.locator("#edit").get_by_role("button", name="Save").click()
    expect(contact.locator(".problem")).to_contain_text("Somebody else has changed this meanwhile")
    expect(contact.get_by_label("Last name")).to_have_value("Byron")
    assert acme.api("GET", T + "contacts/1", key=acme.key)[1]["tags"] == ["no_marketing"]
    audience.get_by_role("button", name="Save", exact=True).click()
    expect(audience.locator(".problem")).to_contain_text("Somebody else has changed this meanwhile")
    assert acme.api("GET", T + "audiences/1", key=acme.key)[1]["rule"] == {"tag": "vip"}
    audience.get_by_role("button", name="Save", exact=True).click()
    wait_until(lambda: acme.api("GET", T + "audiences/1", key=acme.key)[1]["rule"] != {"tag": "vip"})


def test_a_campaign_for_later_shows_no_figures_before_it_begins(acme, browse):
    acme.import_csv("acme", acme.key, people(3))
    path = acme.campaign("acme", acme.key, NUMBER, "Hello", launch=False)
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3 * 86_400))
    assert acme.api("PATCH", path, {"send_at": when}, acme.key)[0] == 202
    assert acme.api("POST", path + "/launch", key=acme.key)[0] == 202
    page = browse(390)
    page.goto(acme.url + "/t/acme/campaigns/1")
    expect(page.locator("#progress")).to_contain_text("Nothing has left yet")
    for part in ("#figures", "#hours", "#tables"):
        expect(page.locator(part)).to_be_hidden()
    looks_right(page)
    # A draft again, and sent at once: they are there as soon as there is something to count.
    assert acme.api("POST", path + "/unschedule", key=acme.key)[0] == 202
    assert acme.api("PATCH", path, {"send_at": None}, acme.key)[0] == 202
    assert acme.api("POST", path + "/launch", key=acme.key)[0] == 202
    assert acme.completed(path, acme.key)["counts"]["audience"] == 3
    page.reload()
    for part in ("#figures", "#hours", "#tables"):
        expect(page.locator(part)).to_be_visible()


def test_a_reply_and_a_webhook_keep_what_a_colleague_has_made_of_them(acme, browse):
    reply, hook = T + "canned-replies/1", T + "webhook-endpoints/1"
    assert acme.api("POST", T + "canned-replies", {"name": "Hours", "body": "Nine\nto five."}, acme.key)[1]["id"] == 1
    assert acme.api("POST", T + "webhook-endpoints", {"url": "https://shop.test/a", "events": "all"}, acme.key)[1]["id"] == 1
    replies, webhook = browse(1280), browse(390)
    replies.goto(acme.url + "/t/acme/inbox/replies")
    webhook.goto(acme.url + "/t/acme/settings/webhooks/1")
    assert acme.api("PATCH", reply, {"body": "Ten\nto four."}, acme.key)[0] == 200
    assert acme.api("PATCH", hook, {"url": "https://shop.test/b", "events": ["replied", "opted_out"]}, acme.key)[0] == 200
    # A name that is refused stays as it was typed, beside its text.
    acme.api("POST", T + "canned-replies", {"name": "Way", "body": "Left."}, acme.key)
    replies.get_by_label("Hours", exact=True).get_by_label("Name").fill("Way")
    replies.get_by_label("Hours", exact=True).get_by_role("button", name="Save").click()
    expect(replies.locator(".problem")).to_contain_text("has this name already")
    expect(replies.locator("#name-1")).to_have_value("Way")
    replies.locator("#name-1").fill("Opening")
    replies.locator("form", has=replies.locator("#name-1")).get_by_role("button", name="Save").click()
    expect(replies.locator(".toast")).to_have_text("Saved.")
    kept = next(c for c in acme.api("GET", T + "canned-replies", key=acme.key)[1]["data"] if c["id"] == 1)
    assert (kept["name"], kept["body"]) == ("Opening", "Ten\nto four.")
    webhook.get_by_label("What it is").fill("The shop")
    webhook.get_by_role("button", name="Save").click()
    expect(webhook.locator(".toast")).to_have_text("Saved.")
    kept = acme.api("GET", hook, key=acme.key)[1]
    assert (kept["url"], kept["description"]) == ("https://shop.test/b", "The shop")
    assert sorted(kept["events"]) == ["opted_out", "replied"]
    webhook.get_by_label("replied", exact=True).uncheck()
    webhook.get_by_role("button", name="Save").click()
    wait_until(lambda: acme.api("GET", hook, key=acme.key)[1]["events"] == ["opted_out"])


def test_what_is_chosen_otherwise_is_looked_at_before_it_is_imported(acme, browse, tmp_path):
    (tmp_path / "list.csv").write_text("First Name,Mobile,Standing\nAnn,+14157010021,yes\nBob,+14157010022,no\n")
    page = browse(1280)
    page.goto(acme.url + "/t/acme/imports/new")
    page.locator("input[type=file]").set_input_files(tmp_path / "list.csv")
    page.locator("main form button.primary").click()
    go = page.get_by_role("button", name="Import 2 people")
    expect(go).to_be_enabled()
    page.get_by_label("What Standing becomes").select_option("opt_out")
    expect(go).to_be_disabled()
    page.get_by_label("What Standing becomes").select_option("field.standing")
    expect(go).to_be_enabled()
    page.get_by_label("What Standing becomes").select_option("opt_out")
    page.get_by_role("button", name="Look again").first.click()
    expect(go).to_be_enabled()
    looks_right(page)
    go.click()
    wait_until(lambda: [one["phone"] for one in acme.api("GET", T + "do-not-contact", key=acme.key)[1]["data"]] == ["+14157010021"])


def test_the_fleet_and_its_health_move_while_staff_look_and_nobody_else_may(acme, browse):
    owner, page = browse(390), browse(1280)
    begin_as_staff(page, acme)
    page.evaluate("window.untouched = true")
    expect(page.locator("#figures .stat", has_text="Active").locator("dd")).to_have_text("1")
    acme.cli("tenant", "suspend", "acme", "--reason", "a closer look")
    expect(page.locator("#alerts")).to_contain_text("a closer look")
    expect(page.locator("#figures .stat", has_text="Suspended").locator("dd")).to_have_text("1")
    assert page.evaluate("window.untouched") and page.said == []
    looks_right(page)
    page.goto(acme.url + "/admin/health")
    expect(page.locator("[data-live-state]")).to_have_text("Live")
    looks_right(page)
    for path in ("/admin/live", "/admin/health/live"):
        assert owner.context.request.get(acme.url + path).status in (403, 404), path


def test_a_launch_is_for_those_who_were_looked_at(acme, browse):
    acme.import_csv("acme", acme.key, people(3))
    path = acme.campaign("acme", acme.key, NUMBER, "Hello", launch=False)
    page = browse(1280)
    page.goto(acme.url + "/t/acme/campaigns/1/launch")
    acme.import_csv("acme", acme.key, people(30, start=100))
    page.get_by_role("button", name="Text 3 people").click()
    expect(page.locator(".problem")).to_contain_text("The audience has grown to 33 people since you looked.")
    assert acme.api("GET", path, key=acme.key)[1]["state"] == "draft" and acme.provider.summary()["created"] == 0
    assert acme.api("POST", path + "/launch?people_at_most=few", key=acme.key)[0] == 422
    page.get_by_role("button", name="Text 33 people").click()
    page.wait_for_url("**/campaigns/1?done=launched")
    assert acme.completed(path, acme.key)["counts"]["audience"] == 33


def test_what_an_import_says_of_consent_stands_with_each_of_its_people(acme, browse):
    acme.import_csv("acme", acme.key, "phone\n+14157000001\n", consent_source="Checkout", consent_wording="I agree", consent_date="2026-01-05")
    acme.import_csv("acme", acme.key, "phone\n+14157000002\n")
    said = [acme.api("GET", f"{T}consents?phone=%2B1415700000{n}", key=acme.key)[1]["data"][0] for n in (1, 2)]
    assert [(one["source"], one["evidence"], one["states_consent"]) for one in said] == [("Checkout", "I agree", True), (None, None, False)]
    # A day is that day on the tenant's clock, too.
    assert said[0]["at"] == "2026-01-05T12:00:00.000Z"
    page = browse(1280)
    for contact, words in ((1, "I agree"), (2, "Says nothing of consent")):
        page.goto(f"{acme.url}/t/acme/contacts/{contact}")
        page.get_by_text("What was stated").click()
        expect(page.get_by_role("group", name="Statements")).to_contain_text(words)
        looks_right(page)


def test_who_looks_at_many_pages_one_after_another_still_sees_them_move(acme, browse):
    acme.import_csv("acme", acme.key, people(1))
    page = browse(1280)
    for _ in range(14):
        page.goto(acme.url + "/t/acme/")
        page.wait_for_selector("html[data-awake]")
    acme.campaign("acme", acme.key, NUMBER, "Hello")
    figure = page.locator("#figures .stat", has_text="Texts, 7 days").locator("dd").first
    expect(figure).to_have_text("1", timeout=20_000)


def test_the_last_look_before_a_launch_says_which_numbers_are_stopped_and_who_may_not_save_is_offered_nothing(acme, browse):
    acme.import_csv("acme", acme.key, people(2))
    acme.campaign("acme", acme.key, NUMBER, "Hello", launch=False)
    assert acme.api("PATCH", f"{T}numbers/{NUMBER}", {"paused": True, "reason": "carrier complaints"}, acme.key)[0] == 200
    page = browse(390)
    page.goto(acme.url + "/t/acme/campaigns/1/launch")
    expect(page.locator(".notice.stop")).to_contain_text("carrier complaints")
    looks_right(page)
    # An hour that the clocks leave out is no time, said without the API's words.
    status, answer = acme.api("PATCH", T + "campaigns/1", {"send_at": "2027-03-14T02:30"}, acme.key)
    assert status == 422 and "the clocks leave that hour out" in answer["errors"][0]["message"]
    page.goto(acme.url + "/t/acme/settings/prices")
    expect(page.get_by_role("button", name="Add a field for it")).to_be_visible()
    # With consent alone, nothing is said to keep nothing back.
    assert acme.api("PATCH", T + "settings", {"require_consent": True}, acme.key)[0] == 200
    page.goto(acme.url + "/t/acme/contacts/1")
    expect(page.get_by_role("main")).to_contain_text("you text with consent only")
    expect(page.get_by_role("main")).not_to_contain_text("Nothing keeps a campaign from texting them now.")


def test_icons_and_font_are_found_beside_the_program_wherever_it_is_started(server, tmp_path):
    server.stop()
    shutil.copy(f"{BIN}/roundhouse", tmp_path / "roundhouse")
    for resources in Path(BIN).glob("*.resources"):
        shutil.copytree(resources, tmp_path / resources.name)
    shutil.copytree(".assets", tmp_path / ".assets")
    process = subprocess.Popen([tmp_path / "roundhouse", "serve"], cwd="/", env=server.environment, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(server.url + "/ready"))
        sheet = re.search(r"/assets/\w+/", urllib.request.urlopen(server.url + "/sign-in").read().decode()).group(0)
        for name in ("icons.svg", "inter.woff2"):
            assert urllib.request.urlopen(server.url + sheet + name).status == 200
    finally:
        process.terminate()
        process.wait(30)


def answers(url):
    try:
        return urllib.request.urlopen(url).status == 200
    except OSError:
        return False
