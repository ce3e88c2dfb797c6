"""Coming in as a person does: by mail, password, code; with a real mail server and what a browser keeps."""
import base64, hashlib, re, sqlite3
from urllib.parse import urlencode

import pyotp
import pytest
from mail import Browser, MailServer, code_of, link_of, text_of
from support import wait_until


@pytest.fixture
def site(servers, mails):
    server, _ = servers()
    server.start(settings={"ROUNDHOUSE_SMTP_URL": mails.url, "ROUNDHOUSE_MAIL_FROM": "Roundhouse <crm@host.example>"})
    server.key = server.provision("acme", "+14155550100")
    return server


def accept(site, mails, address="owner@acme.test"):
    """Signed in by the invitation."""
    browser = Browser(site)
    status, headers, _ = browser.open_link(link_of(mails.wait(address, "invited")))
    assert (status, headers["Location"]) == (303, "/")
    return browser


def test_an_owner_is_invited_by_mail_and_comes_in_by_the_button_behind_the_link(site, mails):
    mail = mails.wait("owner@acme.test", "invited to Acme")
    link = link_of(mail)
    assert link.startswith(site.url + "/sign-in/confirm?token=") and link in mail.get_body(("html",)).get_content().replace("&amp;", "&")
    # Programs that read mail open links, as often as they like.
    for _ in range(3):
        scanner = Browser(site)
        status, page = scanner.open_link(link, press=False)
        assert status == 200 and "owner@acme.test" in page and "session" not in scanner.cookies
    browser = Browser(site)
    assert browser.open_link(link)[0] == 303 and len(browser.cookies["session"]) == 64
    status, me = browser.api("GET", "/api/v1/me")
    assert status == 200 and me["tenants"] == [{"key": "acme", "name": "Acme", "role": "owner", "state": "active"}]
    assert browser.api("GET", "/api/v1/tenants/acme/contacts")[0] == 200
    # Who is in one business alone comes straight to it.
    status, headers, _ = browser.get("/")
    assert (status, headers["Location"]) == (303, "/t/acme/")
    status, _, page = browser.get("/t/acme/")
    assert status == 200 and "owner@acme.test" in page and "Acme" in page
    # Once.
    assert Browser(site).open_link(link, press=False)[0] == 410


def test_who_comes_for_the_first_time_reads_the_language_of_their_browser_until_they_choose(site, mails):
    spanish = Browser(site, Accept_Language="es-MX,es;q=0.9,en;q=0.5")
    assert spanish.open_link(link_of(mails.wait("owner@acme.test", "invited")))[0] == 303
    assert '<html lang="es"' in spanish.get("/t/acme/")[2] and spanish.api("GET", "/api/v1/me")[1]["locale"] == "es"
    # It is theirs from then on, whatever other browsers ask for, as is what they choose.
    def again(mail, **headers):
        browser = Browser(site, **headers)
        browser.form("/sign-in", email="owner@acme.test")
        code = re.search(r"^(?:Code|Código): (\S+)$", text_of(mails.wait("owner@acme.test", count=mail)), re.M)[1]
        assert browser.form("/sign-in/sent", code=code)[0] == 303
        return browser

    english = again(2, Accept_Language="en")
    assert '<html lang="es"' in english.get("/t/acme/")[2]
    assert english.api("PATCH", "/api/v1/me", {"locale": "en"})[0] == 200
    assert '<html lang="en"' in again(3, Accept_Language="es").get("/t/acme/")[2]


def test_a_mailed_link_is_good_once_and_in_the_browser_that_asked(site, mails):
    accept(site, mails)
    asked, other = Browser(site), Browser(site)
    status, headers, _ = asked.form("/sign-in", email="Owner@Acme.test")
    assert (status, headers["Location"]) == (303, "/sign-in/sent")
    mail = mails.wait("owner@acme.test", "Sign in")
    status, page = other.open_link(link_of(mail), press=False)
    assert status == 200 and code_of(mail) in page and "<form" not in page
    # Nor does a form made by hand help.
    token = re.search(r'name="token" value="([^"]+)"', other.get("/sign-in")[2])[1]
    body = urlencode({"token": token, "link": link_of(mail).split("token=")[1]})
    assert other.send("POST", "/sign-in/confirm", body, Content_Type="application/x-www-form-urlencoded")[0] == 410
    assert other.form("/sign-in/sent", code=code_of(mail))[0] == 422
    assert "session" not in other.cookies
    assert asked.form("/sign-in/sent", code=code_of(mail).lower().replace("-", " "))[0] == 303
    assert asked.api("GET", "/api/v1/me")[0] == 200
    assert asked.open_link(link_of(mail), press=False)[0] == 410


def test_the_answer_for_an_address_that_nobody_has_is_the_same(site, mails):
    accept(site, mails)
    answers = []
    for address in ("owner@acme.test", "nobody@acme.test"):
        browser = Browser(site)
        status, headers, body = browser.form("/sign-in", email=address)
        answers.append((status, headers["Location"], body))
        status, headers, body = browser.form("/sign-in/password", email=address, password="wrong wrong wrong")
        answers[-1] += (status, re.sub(r'value="[^"]*"', "", body))
        assert "session" not in browser.cookies
    assert answers[0] == answers[1]
    assert "nobody@acme.test" not in [to for rcpt, _ in mails.mails for to in rcpt]


def test_a_password_is_set_reset_and_ends_other_sessions(site, mails):
    first, second = accept(site, mails), Browser(site)
    assert first.api("PUT", "/api/v1/me/password", {"password": "short"})[1]["errors"][0]["field"] == "password"
    for common in ("password123", "qwertyuiop", "owner@acme.test1", "aaaaaaaaaaaa"):
        assert first.api("PUT", "/api/v1/me/password", {"password": common})[0] == 422, common
    old = first.cookies["session"]
    assert first.api("PUT", "/api/v1/me/password", {"password": "seven horses drink tea"})[0] == 204
    assert first.cookies["session"] != old
    stale = Browser(site)
    stale.cookies["session"] = old
    assert stale.api("GET", "/api/v1/me")[0] == 401
    mails.wait("owner@acme.test", "password was changed")
    assert second.form("/sign-in/password", email="owner@acme.test", password="seven horses drink tee")[0] == 422
    assert second.form("/sign-in/password", email="owner@acme.test", password="seven horses drink tea")[0] == 303
    # Kept as scrypt, with costs that any other program can check.
    kept = sqlite3.connect(f"file:{site.data}/control.sqlite?mode=ro", uri=True).execute("SELECT password FROM users WHERE email = 'owner@acme.test'").fetchone()[0]
    name, log2n, r, p, salt, digest = kept.split("$")
    assert (name, log2n, r, p) == ("scrypt", "17", "8", "1")
    made = hashlib.scrypt(b"seven horses drink tea", salt=base64.b64decode(salt), n=1 << 17, r=8, p=1, maxmem=1 << 28, dklen=32)
    assert made == base64.b64decode(digest)
    # Forgotten.
    assert second.form("/sign-in/reset", email="owner@acme.test")[0] == 303
    link = link_of(mails.wait("owner@acme.test", "Set a new password"))
    status, page = second.open_link(link, press=False)
    assert status == 200 and "New password" in page
    assert second.open_link(link, password="abc")[0] == 422
    assert second.open_link(link, password="eight horses drink tea")[0] == 303
    assert first.api("GET", "/api/v1/me")[0] == 401 and second.api("GET", "/api/v1/me")[0] == 200
    assert Browser(site).form("/sign-in/password", email="owner@acme.test", password="seven horses drink tea")[0] == 422


def test_a_second_factor_is_asked_for_by_every_way_in(site, mails):
    browser = accept(site, mails)
    assert browser.api("PUT", "/api/v1/me/password", {"password": "seven horses drink tea"})[0] == 204
    status, offer = browser.api("POST", "/api/v1/me/second-factor")
    assert status == 200 and offer["picture"].startswith("<svg") and f"secret={offer['secret']}" in offer["address"]
    totp = pyotp.TOTP(offer["secret"])
    assert browser.api("PUT", "/api/v1/me/second-factor", {"offer": offer["offer"], "code": "000000"})[0] == 422
    status, made = browser.api("PUT", "/api/v1/me/second-factor", {"offer": offer["offer"], "code": totp.now()})
    assert status == 200 and len(set(made["recovery_codes"])) == 10
    mails.wait("owner@acme.test", "second factor was set up")
    used = totp.now()

    def password():
        other = Browser(site)
        status, headers, _ = other.form("/sign-in/password", email="owner@acme.test", password="seven horses drink tea")
        return other, status, headers

    def link():
        other = Browser(site)
        other.form("/sign-in", email="owner@acme.test")
        status, headers, _ = other.open_link(link_of(mails.wait("owner@acme.test", "Sign in")))
        return other, status, headers

    def reset():
        other = Browser(site)
        other.form("/sign-in/reset", email="owner@acme.test")
        status, headers, _ = other.open_link(link_of(mails.wait("owner@acme.test", "Set a new")), password="seven horses drink tea")
        return other, status, headers

    codes = iter(made["recovery_codes"])
    for way in (password, link):
        other, status, headers = way()
        assert (status, headers["Location"]) == (303, "/sign-in/code") and "session" not in other.cookies, way.__name__
        assert other.api("GET", "/api/v1/me")[0] == 401
        # A code is good once, that of the setting-up too.
        assert other.form("/sign-in/code", code=used)[0] == 422
        recovery = next(codes)
        assert other.form("/sign-in/code", code=recovery)[0] == 303 and other.api("GET", "/api/v1/me")[0] == 200
        again, _, _ = password()
        assert again.form("/sign-in/code", code=recovery)[0] == 422
    assert other.api("GET", "/api/v1/me")[1]["recovery_codes_left"] == 8
    # A reset asks first: until then the old password holds, and whoever is signed in stays so.
    mailed, status, headers = reset()
    assert status == 422 and mailed.api("GET", "/api/v1/me")[0] == 401 and other.api("GET", "/api/v1/me")[0] == 200
    again_link = link_of(mails.wait("owner@acme.test", "Set a new"))
    status, page = mailed.open_link(again_link, press=False)
    assert status == 200 and 'name="factor"' in page
    for wrong in ("000000", used):
        status, _, page = mailed.open_link(again_link, password="nine horses drink tea", factor=wrong)
        assert status == 422 and "wrong" in page
    _, status, headers = password()
    assert (status, headers["Location"]) == (303, "/sign-in/code")
    status, headers, _ = mailed.open_link(again_link, password="seven horses drink tea", factor=next(codes))
    assert (status, headers["Location"]) == (303, "/") and mailed.api("GET", "/api/v1/me")[0] == 200
    assert other.api("GET", "/api/v1/me")[0] == 401
    other = mailed
    # To be there is to have the code, too.
    confirm = lambda **body: other.api("POST", "/api/v1/me/confirm", body)[0]
    assert confirm(password="seven horses drink tea") == 422 and confirm(password="seven horses drink tea", code="000000") == 422
    assert confirm(password="seven horses drink tea", code=next(codes)) == 204
    # Five wrong ones end it.
    guess, _, _ = password()
    for _ in range(5):
        assert guess.form("/sign-in/code", code="123456")[0] in (422, 410, 429)
    assert guess.form("/sign-in/code", code=next(codes))[0] in (410, 429)
    assert other.api("DELETE", "/api/v1/me/second-factor")[0] == 204
    assert other.api("DELETE", "/api/v1/me/second-factor")[0] == 404
    _, status, headers = password()
    assert (status, headers["Location"]) == (303, "/")


def test_sessions_are_listed_and_ended(site, mails):
    first = accept(site, mails)
    first.api("PUT", "/api/v1/me/password", {"password": "seven horses drink tea"})
    others = [Browser(site, User_Agent=f"browser {n}") for n in range(3)]
    for other in others:
        assert other.form("/sign-in/password", email="owner@acme.test", password="seven horses drink tea")[0] == 303
    sessions = first.api("GET", "/api/v1/me/sessions")[1]["data"]
    assert len(sessions) == 4 and [s["is_this"] for s in sessions].count(True) == 1
    assert {s["agent"] for s in sessions} >= {"browser 0", "browser 1", "browser 2"}
    gone = next(s for s in sessions if s["agent"] == "browser 0")
    assert first.api("DELETE", f"/api/v1/me/sessions/{gone['id']}")[0] == 204
    assert [o.api("GET", "/api/v1/me")[0] for o in others] == [401, 200, 200]
    assert others[1].form("/t/acme/", "/sign-out")[0] == 303
    assert [o.api("GET", "/api/v1/me")[0] for o in others] == [401, 401, 200]
    assert first.api("DELETE", "/api/v1/me/sessions")[0] == 204
    assert others[2].api("GET", "/api/v1/me")[0] == 401 and first.api("GET", "/api/v1/me")[0] == 200


def test_a_session_from_before_the_sign_in_is_of_no_use_after_it(site, mails):
    browser = Browser(site)
    browser.get("/sign-in")
    browser.cookies["session"] = fixed = "ab" * 32
    status, _, _ = browser.open_link(link_of(mails.wait("owner@acme.test", "invited")))
    assert status == 303 and browser.cookies["session"] != fixed
    attacker = Browser(site)
    attacker.cookies["session"] = fixed
    assert attacker.api("GET", "/api/v1/me")[0] == 401
    # Nor is one of before, which held until then.
    before = browser.cookies["session"]
    assert browser.open_link(site.cli("user", "link", "owner@acme.test")["link"])[0] == 303
    attacker.cookies["session"] = before
    assert attacker.api("GET", "/api/v1/me")[0] == 401 and browser.api("GET", "/api/v1/me")[0] == 200


def test_forms_and_changes_of_other_pages_are_refused(site, mails):
    browser = accept(site, mails)
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}):
        status, refusal = browser.api("PATCH", "/api/v1/me", {"name": "Eve"}, **headers)
        assert status == 403, headers
        _, _, page = browser.get("/t/acme/")
        hidden = re.search(r'name="token" value="([^"]+)"', page)[1]
        assert browser.send("POST", "/sign-out", urlencode({"token": hidden}), Content_Type="application/x-www-form-urlencoded", **headers)[0] == 403
    # A form without its token; without an origin the API asks for the session's own.
    assert browser.send("POST", "/sign-out", "", Content_Type="application/x-www-form-urlencoded")[0] == 403
    plain = lambda **headers: browser.send("PATCH", "/api/v1/me", '{"name":"Ana"}', Content_Type="application/json", **headers)[0]
    assert plain() == 403 and plain(X_CSRF_Token="0" * 32) == 403
    assert plain(X_CSRF_Token=browser.api("GET", "/api/v1/me")[1]["csrf_token"]) == 200
    me = browser.api("GET", "/api/v1/me")[1]
    assert me["name"] == "Ana"


def test_links_in_mails_begin_with_the_configured_address_whatever_a_request_says(site, mails):
    accept(site, mails)
    browser = Browser(site, Host=f"127.0.0.9:{site.port}", X_Forwarded_Host="evil.example")
    assert browser.form("/sign-in", email="owner@acme.test")[0] == 303
    assert link_of(mails.wait("owner@acme.test", "Sign in")).startswith(site.url + "/")


def test_strangers_lock_nobody_out(site, mails):
    known = accept(site, mails)
    known.api("PUT", "/api/v1/me/password", {"password": "seven horses drink tea"})
    known.form("/t/acme/", "/sign-out")
    for _ in range(14):
        status = Browser(site).form("/sign-in/password", email="owner@acme.test", password="guess guess guess")[0]
        assert status == 422
    # The right one from a stranger's browser: too many were tried.
    assert Browser(site).form("/sign-in/password", email="owner@acme.test", password="seven horses drink tea")[0] == 422
    assert known.form("/sign-in/password", email="owner@acme.test", password="seven horses drink tea")[0] == 303
    for _ in range(20):
        status, headers, _ = Browser(site).form("/sign-in/password", email="other@acme.test", password="guess guess guess")
    assert status == 429 and int(headers["Retry-After"]) > 0


def test_an_address_changes_once_the_new_one_is_shown_to_be_the_users(site, mails):
    browser = accept(site, mails)
    assert browser.api("POST", "/api/v1/me/email", {"email": "ana@acme.test"})[0] == 202
    link = link_of(mails.wait("ana@acme.test", "Confirm"))
    assert browser.api("GET", "/api/v1/me")[1]["email"] == "owner@acme.test"
    # Whoever reads that mailbox, if the address was mistyped, comes in nowhere.
    fresh = Browser(site)
    status, page = fresh.open_link(link, press=False)
    assert status == 200 and "<form" not in page
    status, headers, _ = browser.open_link(link)
    assert (status, headers["Location"]) == (303, "/sign-in") and browser.api("GET", "/api/v1/me")[0] == 401
    assert browser.form("/sign-in", email="ana@acme.test")[0] == 303
    assert browser.open_link(link_of(mails.wait("ana@acme.test", "Sign in")))[0] == 303
    assert browser.api("GET", "/api/v1/me")[1]["email"] == "ana@acme.test"
    assert site.cli("tenant", "show", "acme")["owner_email"] == "ana@acme.test"
    assert "ana@acme.test" in text_of(mails.wait("owner@acme.test", "address was changed"))


def test_mails_wait_for_a_server_that_is_away_and_are_sent_once(servers):
    mails = MailServer(refuses=1)
    try:
        server, _ = servers()
        server.start(settings={"ROUNDHOUSE_SMTP_URL": mails.url})
        server.provision("acme", "+14155550100")
        wait_until(lambda: mails.tries == 1)
        server.stop()
        server.start(ahead="+5m")
        mails.wait("owner@acme.test")
        wait_until(lambda: sqlite3.connect(f"file:{server.data}/control.sqlite?mode=ro", uri=True).execute("SELECT count(*) FROM mails").fetchone()[0] == 0)
        assert len(mails.mails) == 1
    finally:
        mails.close()


def test_without_a_mail_server_mails_go_to_the_log_and_commands_print_links(servers, tmp_path):
    server, _ = servers()
    server.start()
    server.provision("acme", "+14155550100")
    wait_until(lambda: "invited to work on Acme" in (tmp_path / "server.log").read_text())
    printed = server.cli("user", "link", "owner@acme.test")
    browser = Browser(server)
    assert browser.open_link(printed["link"])[0] == 303
    assert printed["invitations"] == ["acme"] and browser.api("GET", "/api/v1/me")[1]["tenants"][0]["state"] == "invited"
    assert browser.open_link(server.cli("user", "link", "--accept", "owner@acme.test")["link"])[0] == 303
    assert browser.api("GET", "/api/v1/me")[1]["tenants"][0]["state"] == "active"
    link = server.cli("user", "invite", "acme", "--email", "agent@acme.test", "--role", "agent")["link"]
    agent = Browser(server)
    assert agent.open_link(link)[0] == 303
    assert agent.api("GET", "/api/v1/tenants/acme/contacts")[0] == 200
    assert agent.api("PUT", "/api/v1/tenants/acme/kill-switch", {"on": True})[0] == 403
    link = server.cli("admin", "create", "--email", "root@host.example")["link"]
    admin = Browser(server)
    assert admin.open_link(link)[0] == 303
    assert admin.api("GET", "/api/v1/admin/tenants")[0] == 200
    assert admin.api("GET", "/api/v1/tenants/acme/contacts")[0] == 404
    assert agent.api("GET", "/api/v1/admin/tenants")[0] == 403
