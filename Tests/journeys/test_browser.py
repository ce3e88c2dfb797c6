"""The sign-in pages in a real browser: looks, passkeys, and what other pages may not do."""
import http.server, threading

import pytest
from playwright.sync_api import expect
from looks import looks_right
from mail import link_of

WIDTHS = (1280, 390)


@pytest.fixture
def site(servers, mails):
    server, _ = servers()
    # Passkeys are of a name; addresses have none.
    server.start(settings={"ROUNDHOUSE_SMTP_URL": mails.url, "ROUNDHOUSE_PUBLIC_URL": f"http://localhost:{server.port}"})
    server.url = f"http://localhost:{server.port}"
    server.provision("acme", "+14155550100")
    return server


@pytest.fixture
def page(chromium):
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.said = []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    yield page
    context.close()


def focused(page):
    """A browser moves to what asks for it with the first frame it draws, after the page has loaded: a person sees where they are."""
    expect(page.locator("body")).not_to_be_focused()


def whole(page):
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        looks_right(page)
    page.set_viewport_size({"width": 1280, "height": 800})


def test_every_page_of_the_sign_in_is_whole_at_both_widths_in_both_themes(site, mails, page):
    for path in ("/sign-in", "/sign-in/password", "/sign-in/reset", "/sign-in/sent", "/sign-in/code"):
        page.goto(site.url + path)
        whole(page)
    page.goto(f"{site.url}/sign-in/confirm?token={'0' * 64}")
    assert "Too late" in page.inner_text("h1")
    whole(page)
    expected = [text for text in page.said if "410" not in text]
    assert expected == []
    link = link_of(mails.wait("owner@acme.test", "invited"))
    page.goto(link)
    whole(page)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(site.url + "/t/acme/")
    assert "owner@acme.test" in page.inner_text("body") and "Acme" in page.inner_text("body")
    whole(page)
    # No script can read what keeps the session.
    assert page.evaluate("document.cookie") == ""
    page.locator("[popovertarget=businesses]").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(site.url + "/sign-in")


def test_somebody_signs_in_by_mail_with_the_keyboard_alone(site, mails, page):
    mails.wait("owner@acme.test", "invited")
    page.goto(site.url + "/sign-in")
    focused(page)
    page.keyboard.type("owner@acme.test")
    page.keyboard.press("Enter")
    page.wait_for_url(site.url + "/sign-in/sent")
    page.goto(link_of(mails.wait("owner@acme.test", "Sign in")))
    focused(page)
    page.keyboard.press("Enter")
    page.wait_for_url(site.url + "/")
    assert page.said == []


def test_a_passkey_is_added_and_signs_in(site, mails, page):
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}})
    page.goto(link_of(mails.wait("owner@acme.test", "invited")))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(site.url + "/t/acme/")
    # The account's page is not there yet: its part is played here, by the API.
    added = page.evaluate("""async () => {
      const bytes = t => Uint8Array.from(atob(t.replaceAll("-", "+").replaceAll("_", "/")), c => c.charCodeAt(0));
      const text = b => btoa(String.fromCharCode(...new Uint8Array(b))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
      const call = async (method, path, body) => {
        const answer = await fetch("/api/v1/" + path, { method, headers: body ? { "Content-Type": "application/json" } : {}, body: body && JSON.stringify(body) });
        return [answer.status, await answer.json()];
      };
      const [, begun] = await call("POST", "me/passkeys/challenge");
      const made = await navigator.credentials.create({ publicKey: {
        challenge: bytes(begun.challenge), rp: { name: "Roundhouse" }, user: { id: bytes(begun.user_id), name: begun.email, displayName: begun.email },
        pubKeyCredParams: [{ type: "public-key", alg: -7 }, { type: "public-key", alg: -8 }],
        authenticatorSelection: { residentKey: "required", userVerification: "required" } } });
      const r = made.response;
      const passkey = { name: "This laptop", id: text(made.rawId), public_key: text(r.getPublicKey()), algorithm: r.getPublicKeyAlgorithm(),
        client_data: text(r.clientDataJSON), authenticator_data: text(r.getAuthenticatorData()) };
      const first = await call("POST", "me/passkeys", passkey), again = await call("POST", "me/passkeys", passkey);
      return [first, again];
    }""")
    assert added[0][0] == 201 and added[0][1]["name"] == "This laptop", added
    assert added[1][0] == 410
    mails.wait("owner@acme.test", "passkey was added")
    page.locator("[popovertarget=businesses]").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(site.url + "/t/acme/")
    assert "owner@acme.test" in page.inner_text("body")


def test_a_page_of_somebody_else_changes_nothing_with_the_users_cookies(site, mails, page):
    page.goto(link_of(mails.wait("owner@acme.test", "invited")))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(site.url + "/t/acme/")
    token = page.locator("input[name=token]").first.get_attribute("value")
    body = f"""<form id="out" method="post" action="{site.url}/sign-out"><input name="token" value="{token}"></form>
      <form id="api" method="post" enctype="text/plain" action="{site.url}/api/v1/tenants/acme/contacts"><input name='{{"phone":"+14155550122","notes":"' value='"}}'></form>"""

    class Evil(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    evil = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Evil)
    threading.Thread(target=evil.serve_forever, daemon=True).start()
    try:
        # Another port of this machine: the same site as browsers count sites, and so with all its cookies.
        for address in (f"http://localhost:{evil.server_port}/", f"http://127.0.0.1:{evil.server_port}/"):
            for form in ("out", "api"):
                page.goto(address)
                with page.expect_navigation() as answered:
                    page.evaluate(f"document.getElementById('{form}').submit()")
                assert answered.value.status in (401, 403, 415), (address, form, answered.value.status)
            page.goto(address)
            read = page.evaluate(f"""fetch("{site.url}/api/v1/me", {{ credentials: "include" }}).then(a => a.text(), e => "refused")""")
            assert read == "refused"
    finally:
        evil.shutdown()
        evil.server_close()
    page.goto(site.url + "/")
    assert "owner@acme.test" in page.inner_text("body")
    assert page.evaluate("fetch('/api/v1/tenants/acme/contacts').then(a => a.json())")["data"] == []
