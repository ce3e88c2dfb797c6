"""A new owner, from the invitation mail to the last of the first steps, in a real browser."""
import pytest
from looks import looks_right
from mail import link_of
from playwright.sync_api import expect
from support import ACCOUNT, TOKEN


@pytest.fixture
def shop(servers, mails):
    server, _ = servers()
    server.start(settings={"ROUNDHOUSE_SMTP_URL": mails.url, "ROUNDHOUSE_PUBLIC_URL": f"http://localhost:{server.port}"})
    server.url = f"http://localhost:{server.port}"
    server.cli("tenant", "create", "shop", "--name", "Shop", "--owner-email", "owner@shop.test")
    server.invitation = link_of(mails.wait("owner@shop.test", "invited"))
    return server


@pytest.mark.parametrize("width", [1280, 390])
def test_a_new_owner_is_led_from_the_invitation_to_a_team(shop, chromium, mails, width):
    context = chromium.new_context(viewport={"width": width, "height": 860}, reduced_motion="reduce")
    page = context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(shop.invitation)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(shop.url + "/t/shop/")
    steps = page.locator("#first-steps li")
    expect(steps).to_have_count(5)
    looks_right(page)

    def home():
        page.goto(shop.url + "/t/shop/")

    def ticked():
        return [name.split(", done")[0] for name in page.locator("#first-steps li.done b").all_inner_texts()]

    assert ticked() == []
    # The number: the account first, then what the operator gives. That no phone rings is said.
    expect(steps.nth(0)).to_contain_text("nobody’s phone rings")
    page.get_by_role("link", name="Enter the account").click()
    page.get_by_label("Account SID").fill(ACCOUNT)
    page.get_by_label("Auth token").fill(TOKEN)
    page.locator("form[action$='do/twilio-account'] button").click()
    expect(page.locator(".toast")).to_have_text("Saved.")
    home()
    expect(steps.nth(0).get_by_role("link", name="Numbers")).to_be_visible()
    shop.cli("number", "add", "shop", "+14155550100", "--rate", "200", "--warm-up", "off")
    home()
    assert ticked() == ["A number to text from"]
    expect(steps.nth(0)).to_contain_text("nobody’s phone rings")
    # People: the import begins at once. It can be put off, and taken up again.
    page.get_by_role("button", name="Not now: Your people").click()
    expect(steps).to_have_count(4)
    page.get_by_text("First steps that were put off").click()
    looks_right(page)
    page.get_by_role("button", name="Take up again: Your people").click()
    expect(steps).to_have_count(5)
    page.locator("#first-steps").get_by_role("link", name="Import a file").click()
    page.wait_for_url("**/imports/new")
    # A campaign to oneself makes the first contact, too.
    home()
    page.get_by_role("link", name="Text yourself").click()
    looks_right(page)
    page.get_by_label("Number").fill("(312) 555-0142")
    page.get_by_label("First name").fill("Ana")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("main")).to_contain_text("Ana, +1 312 555 0142")
    looks_right(page)
    page.get_by_role("button", name="Look at it before it leaves").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Text 1 person now?")
    page.get_by_role("button", name="Text 1 person").click()
    page.wait_for_url("**/campaigns/1?done=launched")
    expect(page.locator("#progress")).to_contain_text("100%", timeout=30_000)
    home()
    assert ticked() == ["A number to text from", "Your people", "A first campaign, to yourself"]
    # A name for links is left for another day; the team is the last.
    page.get_by_role("button", name="Not now: A name for your links").click()
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("E-mail").fill("ben@shop.test")
    page.get_by_role("button", name="Invite").click()
    assert link_of(mails.wait("ben@shop.test", "invited"))
    home()
    expect(page.locator("#first-steps")).to_have_count(0)
    page.get_by_text("First steps that were put off").click()
    expect(page.get_by_role("button", name="Take up again: A name for your links")).to_be_visible()
    key = shop.cli("key", "create", "shop", "--role", "owner", "--name", "journey")["key"]
    assert shop.api("GET", "/api/v1/tenants/shop/settings", key=key)[1]["first_steps_put_off"] == ["host"]
    assert shop.api("PATCH", "/api/v1/tenants/shop/settings", {"first_steps_put_off": ["rest"]}, key)[0] == 422
    assert said == []
    context.close()


def test_who_may_change_no_settings_is_led_and_puts_nothing_off(shop, chromium):
    context = chromium.new_context(viewport={"width": 1280, "height": 860}, java_script_enabled=False)
    page = context.new_page()
    page.goto(shop.cli("user", "invite", "shop", "--email", "mia@shop.test", "--role", "marketer")["link"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(shop.url + "/t/shop/")
    expect(page.locator("#first-steps li")).to_have_count(3)
    assert page.get_by_role("button", name="Not now").count() == 0
    # A number that is a contact's already is no dead end.
    key = shop.cli("key", "create", "shop", "--role", "owner", "--name", "journey")["key"]
    shop.cli("number", "add", "shop", "+14155550100")
    assert shop.api("POST", "/api/v1/tenants/shop/contacts", {"phone": "+13125550142", "first_name": "Mia", "tags": ["vip"]}, key)[0] == 201
    page.goto(shop.url + "/t/shop/campaigns/first")
    page.get_by_label("Number").fill("312 555 0142")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Tag Mia").click()
    expect(page.get_by_role("main")).to_contain_text("Mia, +1 312 555 0142")
    assert shop.api("GET", "/api/v1/tenants/shop/contacts/1", key=key)[1]["tags"] == ["vip", "team"]
    context.close()
