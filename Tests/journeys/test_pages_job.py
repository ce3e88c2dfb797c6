"""The main job in a browser, as different people do it: somebody new, somebody without a mouse, without scripts, two at one inbox."""
import re, time

import pytest
from looks import looks_right
from playwright.sync_api import expect

COUNT_CLICKS = """addEventListener("click", event => {
  // A label's click comes again on its field, and a key's on its button.
  if (event.isTrusted && event.detail > 0) sessionStorage.clicks = Number(sessionStorage.clicks || 0) + 1;
}, true);"""

CONTACTS = "first_name,last_name,mobile,email\n" + "".join(f"P{n},Q,+1415700{n:04d},p{n}@example.com\n" for n in range(40))


def imported(page, site, tmp_path, text=CONTACTS):
    (tmp_path / "contacts.csv").write_text(text)
    page.set_input_files("#file", tmp_path / "contacts.csv")
    page.get_by_role("button", name="Look at it").click()


def test_somebody_new_imports_a_file_and_launches_a_campaign_with_few_clicks(site, chromium, tmp_path):
    """Only what stands on the pages is followed, from the invitation to the report."""
    context = chromium.new_context(viewport={"width": 1280, "height": 860}, reduced_motion="reduce")
    context.add_init_script(COUNT_CLICKS)
    page = context.new_page()
    began = time.monotonic()
    page.goto(site.invitation)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(site.url + "/t/acme/")
    page.get_by_role("main").get_by_role("link", name="Import a file").first.click()
    # Choosing a file is a click on the field and two in the system's dialog.
    choosing = 3
    imported(page, site, tmp_path)
    page.get_by_role("button", name="Import 40 people").click(timeout=20_000)
    page.get_by_role("link", name="Write to these people").click(timeout=20_000)
    page.get_by_label("Name").fill("Spring tune-up")
    page.get_by_role("button", name="Write the text").click()
    page.get_by_label("Text A").fill("Hi {{first_name|there}}, come by")
    page.get_by_text("Information", exact=True).click()
    page.get_by_role("checkbox", name=re.compile("415 555 0100")).check()
    expect(page.locator("#sum")).to_contain_text("40 people", timeout=15_000)
    page.get_by_role("button", name="Review and launch").click()
    page.get_by_role("button", name="Text 40 people").click()
    page.wait_for_url("**/campaigns/1?done=launched")
    expect(page.locator("#progress")).to_contain_text("100%", timeout=60_000)
    clicks = choosing + int(page.evaluate("sessionStorage.clicks"))
    print(f"{clicks} clicks, {time.monotonic() - began:.0f} s")
    context.close()
    assert clicks <= 25


def walk_to(page, name, most=120):
    """With Tab alone to what has that name, as a screen reader would say it."""
    said = []
    for _ in range(most):
        page.keyboard.press("Tab")
        text = page.evaluate("""() => {
          const it = document.activeElement;
          return (it.getAttribute("aria-label") || (it.labels && it.labels[0] && it.labels[0].innerText) || it.innerText || it.value || "").trim();
        }""")
        said.append(text.split("\n")[0][:30])
        if re.search(name, text):
            # Where somebody is, is seen: on the thing itself, or on what frames it.
            assert page.evaluate("""[document.activeElement, document.activeElement.closest("label, .writing")].some(it => {
              const style = it && getComputedStyle(it);
              return style && (style.outlineStyle !== "none" || style.boxShadow !== "none");
            })"""), name
            return
    raise AssertionError(f"Tab never comes to {name}: {said}")


def test_the_main_job_is_done_by_the_keyboard_alone(site, browse, tmp_path):
    page = browse(1280)
    page.goto(site.url + "/t/acme/")
    page.wait_for_selector("html[data-awake]")
    # The first stop leads over the navigation.
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.type("gp")
    page.wait_for_url("**/contacts")
    page.wait_for_selector("html[data-awake]")
    walk_to(page, "^Import a file")
    page.keyboard.press("Enter")
    page.wait_for_url("**/imports/new")
    # The system's own dialog is the system's.
    (tmp_path / "contacts.csv").write_text(CONTACTS)
    page.set_input_files("#file", tmp_path / "contacts.csv")
    page.wait_for_selector("html[data-awake]")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name="Import 40 people")).to_be_visible(timeout=20_000)
    page.wait_for_selector("html[data-awake]")
    walk_to(page, "^Import 40 people")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Write to these people")).to_be_visible(timeout=20_000)
    page.wait_for_selector("html[data-awake]")
    walk_to(page, "^Write to these people")
    page.keyboard.press("Enter")
    page.wait_for_url("**/campaigns/new**")
    expect(page.locator("#name")).to_be_focused()
    page.keyboard.type("By keys")
    page.keyboard.press("Enter")
    page.wait_for_url("**/campaigns/1/edit**")
    page.wait_for_selector("html[data-awake]")
    walk_to(page, "^Text A")
    page.keyboard.type("Hi {{first_name|there}}, come by")
    walk_to(page, "^Marketing|^Information")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name=re.compile("^Information"))).to_be_checked()
    walk_to(page, "415 555 0100")
    page.keyboard.press("Space")
    expect(page.locator("#sum")).to_contain_text("40 people", timeout=15_000)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/campaigns/1/launch**")
    page.wait_for_selector("html[data-awake]")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/campaigns/1?done=launched")
    expect(page.locator("#progress")).to_contain_text("100%", timeout=60_000)
    assert page.said == []


def test_the_main_job_is_done_without_scripts(site, browse, tmp_path):
    browse(1280)
    page = browse(390, scripts=False)
    page.goto(site.url + "/t/acme/imports/new")
    imported(page, site, tmp_path)
    go_on = page.get_by_role("button", name="Import 40 people")
    again(page, go_on)
    go_on.click()
    link = page.get_by_role("link", name="Write to these people")
    again(page, link)
    link.click()
    page.get_by_label("Name").fill("No scripts")
    page.get_by_role("button", name="Write the text").click()
    page.get_by_label("Text A").fill("Hi {{first_name|there}}, come by")
    page.get_by_text("Information", exact=True).click()
    page.get_by_role("checkbox", name=re.compile("415 555 0100")).check()
    page.get_by_role("button", name="Review and launch").click()
    page.wait_for_url("**/campaigns/1/launch**")
    page.get_by_role("button", name="Text 40 people").click()
    page.wait_for_url("**/campaigns/1?done=launched")
    again(page, page.locator("#progress", has_text="100%"))
    page.goto(site.url + "/t/acme/campaigns/1/pause")
    assert "/campaigns/1" in page.url


def again(page, found, most=60):
    """A page that does not move by itself is looked at anew."""
    for _ in range(most):
        if found.count():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(page.inner_text("main"))


def test_a_long_import_is_left_and_found_again(site, browse, tmp_path):
    page = browse(1280)
    page.goto(site.url + "/t/acme/imports/new")
    rows = 60_000
    imported(page, site, tmp_path, "mobile,first_name\n" + "".join(f"+1415{2_000_000 + n},P{n}\n" for n in range(rows)))
    page.get_by_role("button", name=re.compile("Import 60,000 people")).click(timeout=120_000)
    # It says that nobody has to wait; so nobody does.
    expect(page.get_by_role("main")).to_contain_text("leave this page", timeout=10_000)
    page.goto(site.url + "/t/acme/")
    page.goto(site.url + "/t/acme/imports")
    page.get_by_role("link", name="contacts.csv").first.click()
    expect(page.get_by_role("link", name="Write to these people")).to_be_visible(timeout=180_000)
    page.goto(site.url + "/t/acme/contacts")
    expect(page.get_by_role("main")).to_contain_text("60,000")
    assert page.said == []


def test_two_people_at_one_inbox_see_what_the_other_answers(site, browse, servers):
    key = site.cli("key", "create", "acme", "--role", "owner", "--name", "pages")["key"]
    site.import_csv("acme", key, "phone,first_name\n+14157000001,Theo\n")
    assert site.provider.text("+14157000001", "+14155550100", "Are you open on Sunday?") == 204
    one = browse(1280)
    one.goto(site.url + "/t/acme/inbox")
    one.get_by_role("link", name=re.compile("Theo")).first.click()
    two = browse(390)
    two.goto(one.url)
    two.wait_for_selector("html[data-awake]")
    one.get_by_label(re.compile("^Reply to")).fill("Until noon, yes")
    one.get_by_role("button", name="Send").click()
    # The other sees it without doing anything, and what comes back, too; and keeps what they were writing.
    two.get_by_label(re.compile("^Reply to")).fill("half a sentence")
    expect(two.locator(".bubble", has_text="Until noon, yes")).to_be_visible(timeout=20_000)
    site.provider.text("+14157000001", "+14155550100", "Great, see you")
    for page in (one, two):
        expect(page.locator(".bubble", has_text="Great, see you")).to_be_visible(timeout=20_000)
    assert two.get_by_label(re.compile("^Reply to")).input_value() == "half a sentence"
    assert one.said == [] and two.said == []


def test_a_step_back_and_a_double_press_send_nothing_twice(site, browse):
    key = site.cli("key", "create", "acme", "--role", "owner", "--name", "pages")["key"]
    site.import_csv("acme", key, "phone,first_name\n+14157000001,Theo\n")
    page = browse(1280)
    page.goto(site.url + "/t/acme/contacts/new")
    page.get_by_label("Number", exact=True).fill("+1 415 700 0009")
    page.get_by_role("button", name=re.compile("^Add")).dblclick()
    page.wait_for_url(re.compile(r"/contacts/\d+"))
    page.go_back()
    page.go_forward()
    listed = site.api("GET", "/api/v1/tenants/acme/contacts", key=key)[1]["data"]
    assert len(listed) == 2
    site.provider.text("+14157000001", "+14155550100", "Hello")
    page.goto(site.url + "/t/acme/inbox")
    page.get_by_role("link", name=re.compile("Theo")).first.click()
    page.get_by_label(re.compile("^Reply to")).fill("Hello to you")
    page.get_by_role("button", name="Send").dblclick()
    expect(page.locator(".bubble", has_text="Hello to you")).to_be_visible(timeout=20_000)
    page.go_back()
    page.reload()
    sent = [text for text in site.provider.ledger("created") if text["body"] == "Hello to you"]
    assert len(sent) == 1
