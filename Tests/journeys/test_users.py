"""Who works where: members of two tenants, the platform's staff, and what support may see."""
import json

import pytest
from mail import Browser, link_of


@pytest.fixture
def site(servers, mails):
    server, _ = servers()
    server.start(settings={"ROUNDHOUSE_SMTP_URL": mails.url})
    server.keys = {"acme": server.provision("acme", "+14155550100"), "beta": server.provision("beta", "+14155550101")}
    return server


def come_in(site, mails, address, subject="invited"):
    browser = Browser(site)
    assert browser.open_link(link_of(mails.wait(address, subject)))[0] == 303
    return browser


def members(browser, tenant="acme"):
    return {m["email"]: m for m in browser.api("GET", f"/api/v1/tenants/{tenant}/users")[1]["data"]}


def test_members_are_invited_changed_suspended_and_removed(site, mails):
    owner = come_in(site, mails, "owner@acme.test")
    base = "/api/v1/tenants/acme/users"
    for wrong in ({"email": "nobody", "role": "agent"}, {"email": "a@b.test", "role": "platform"}, {"email": "a@b.test"}, {"email": "a\r\nBcc: x@y.test", "role": "agent"}):
        assert owner.api("POST", base, wrong)[0] == 422, wrong
    status, made = owner.api("POST", base, {"email": "Eva@Acme.test", "role": "marketer"})
    assert (status, made["state"], made["email"]) == (201, "invited", "eva@acme.test")
    assert owner.api("POST", base, {"email": "eva@acme.test", "role": "agent"})[0] == 409
    first = link_of(mails.wait("eva@acme.test", "invited"))
    assert owner.api("POST", f"{base}/{made['id']}/resend")[0] == 200
    second = link_of(mails.wait("eva@acme.test", "invited", count=2))
    eva = Browser(site)
    assert eva.open_link(first, press=False)[0] == 410
    assert eva.open_link(second)[0] == 303
    assert members(owner)["eva@acme.test"]["state"] == "active"
    assert owner.api("POST", f"{base}/{made['id']}/resend")[0] == 409
    # A role holds from the next request on.
    create = lambda: eva.api("POST", "/api/v1/tenants/acme/contacts", {"phone": "+14155550122"})[0]
    assert create() == 201 and eva.api("GET", base)[0] == 403
    assert owner.api("PATCH", f"{base}/{made['id']}", {"role": "viewer"})[0] == 200
    assert create() == 403 and eva.api("GET", "/api/v1/tenants/acme/contacts")[0] == 200
    # Of another tenant nothing is seen, and an invitation there does not show here.
    assert eva.api("GET", "/api/v1/tenants/beta/contacts")[0] == 404
    assert owner.api("GET", "/api/v1/tenants/beta/users")[0] == 404
    assert site.api("GET", f"/api/v1/tenants/beta/users/{made['id']}", key=site.keys["beta"])[0] == 404
    assert owner.api("POST", f"{base}/{made['id']}/suspend")[1]["state"] == "suspended"
    assert eva.api("GET", "/api/v1/tenants/acme/contacts")[0] == 404 and eva.api("GET", "/api/v1/me")[0] == 200
    assert owner.api("POST", f"{base}/{made['id']}/reinstate")[1]["state"] == "active"
    assert eva.api("GET", "/api/v1/tenants/acme/contacts")[0] == 200
    assert owner.api("DELETE", f"{base}/{made['id']}")[0] == 204
    assert eva.api("GET", "/api/v1/tenants/acme/contacts")[0] == 404 and "eva@acme.test" not in members(owner)
    rows = owner.api("GET", "/api/v1/tenants/acme/audit-log?limit=500")[1]["data"]
    mine = [row["action"] for row in reversed(rows) if row["actor"] == "user:owner@acme.test" and row["action"].startswith("user.")]
    assert mine == ["user.invite", "user.resend", "user.role", "user.suspend", "user.reinstate", "user.remove"]
    # One person, two tenants: the other learns nothing of her until she has accepted, which no sign-in does for her.
    assert site.api("POST", "/api/v1/tenants/beta/users", {"email": "eva@acme.test", "role": "agent"}, key=site.keys["beta"])[0] == 201
    seen = next(m for m in site.api("GET", "/api/v1/tenants/beta/users", key=site.keys["beta"])[1]["data"] if m["email"] == "eva@acme.test")
    assert (seen["name"], seen["signed_in_at"], seen["second_factor"]) == (None, None, None)
    eva.form("/sign-in", email="eva@acme.test")
    eva.open_link(link_of(mails.wait("eva@acme.test", "Sign in")))
    assert eva.api("GET", "/api/v1/tenants/beta/contacts")[0] == 404 and "Beta" in eva.get("/")[2]
    assert eva.open_link(link_of(mails.wait("eva@acme.test", "invited to Beta")))[0] == 303
    assert eva.api("GET", "/api/v1/tenants/beta/contacts")[0] == 200 and eva.api("GET", "/api/v1/tenants/acme/contacts")[0] == 404


def test_an_invitation_is_accepted_by_a_word_and_quotas_and_pace_hold(site, mails):
    owner = come_in(site, mails, "owner@acme.test")
    platform = site.cli("key", "create", "--platform", "--name", "p")["key"]
    assert site.api("PUT", "/api/v1/admin/tenants/acme/quotas", {"users": 2}, platform)[0] == 200
    base = "/api/v1/tenants/acme/users"
    assert owner.api("POST", base, {"email": "one@acme.test", "role": "agent"})[0] == 201
    status, refusal = owner.api("POST", base, {"email": "two@acme.test", "role": "agent"})
    assert status in (409, 422) and "users" in json.dumps(refusal)
    one = Browser(site)
    one.form("/sign-in", email="one@acme.test")
    one.open_link(link_of(mails.wait("one@acme.test", "Sign in")))
    assert one.api("GET", "/api/v1/tenants/acme/contacts")[0] == 404
    assert one.api("POST", "/api/v1/me/invitations/beta/accept")[0] == 404
    assert one.form("/", "/accept")[0] == 303
    assert one.api("GET", "/api/v1/tenants/acme/contacts")[0] == 200
    two = owner.api("GET", base)[1]["data"]
    # A key that may be lent gives nobody what lasts.
    assert site.api("PATCH", f"{base}/{next(m['id'] for m in two if m['email'] == 'one@acme.test')}", {"role": "owner"}, key=site.keys["acme"])[0] == 403
    assert site.api("POST", "/api/v1/admin/users", {"email": "x@host.example", "platform_role": "admin"}, platform)[0] == 403
    assert site.api("PUT", "/api/v1/admin/tenants/acme/quotas", {"users": None}, platform)[0] == 200
    answers = []
    made = owner.api("POST", base, {"email": "bombed@acme.test", "role": "agent"})[1]
    for _ in range(6):
        answers.append(owner.api("POST", f"{base}/{made['id']}/resend")[0])
    assert answers == [200] * 4 + [429] * 2


def test_nobody_gives_more_than_they_have_and_the_last_owner_stays(site, mails):
    owner = come_in(site, mails, "owner@acme.test")
    base = "/api/v1/tenants/acme/users"
    owner.api("POST", base, {"email": "adam@acme.test", "role": "admin"})
    adam = come_in(site, mails, "adam@acme.test")
    ids = {email: m["id"] for email, m in members(owner).items()}
    assert adam.api("POST", base, {"email": "x@acme.test", "role": "owner"})[0] == 403
    assert adam.api("PATCH", f"{base}/{ids['adam@acme.test']}", {"role": "owner"})[0] == 403
    assert adam.api("PATCH", f"{base}/{ids['owner@acme.test']}", {"role": "viewer"})[0] == 403
    assert adam.api("DELETE", f"{base}/{ids['owner@acme.test']}")[0] == 403
    for method, path, body in (("PATCH", "", {"role": "admin"}), ("DELETE", "", None), ("POST", "/suspend", None)):
        status, refusal = owner.api(method, f"{base}/{ids['owner@acme.test']}{path}", body)
        assert status == 409 and "last owner" in refusal["detail"], (method, path)
    # The ownership goes to somebody who can sign in.
    assert adam.api("POST", "/api/v1/tenants/acme/ownership", {"user_id": ids["adam@acme.test"]})[0] == 403
    assert site.api("POST", "/api/v1/tenants/acme/ownership", {"user_id": ids["adam@acme.test"]}, key=site.keys["acme"])[0] == 403
    assert owner.api("POST", "/api/v1/tenants/acme/ownership", {"user_id": ids["adam@acme.test"]})[1]["role"] == "owner"
    # A session is of its user, and not of one tenant: what it may do here is read anew.
    assert {e: m["role"] for e, m in members(adam).items()} == {"adam@acme.test": "owner", "owner@acme.test": "admin"}
    assert owner.api("POST", "/api/v1/tenants/acme/ownership", {"user_id": ids["owner@acme.test"]})[0] == 403


def test_what_is_dangerous_needs_somebody_who_is_there(servers, mails):
    server, _ = servers()
    server.start(settings={"ROUNDHOUSE_SMTP_URL": mails.url})
    server.provision("acme", "+14155550100")
    owner = come_in(server, mails, "owner@acme.test")
    assert owner.api("PUT", "/api/v1/me/password", {"password": "seven horses drink tea"})[0] == 204
    base = "/api/v1/tenants/acme/"
    for n in range(3):
        assert owner.api("POST", base + "contacts", {"phone": f"+1415555012{n}"})[0] == 201
    assert owner.api("PATCH", base + "settings", {"confirm_launch_above": 2})[0] == 200
    campaign = owner.api("POST", base + "campaigns", {"name": "c", "body": "Hello", "audience": {"all": True}, "numbers": ["+14155550100"], "purpose": "informational"})[1]["id"]
    server.stop()
    server.start(ahead="+11m")
    grant = {"hours": 1}
    for method, path, body in (
            ("GET", "/api/v1/tenants/acme/contacts.csv", None), ("POST", "/api/v1/tenants/acme/delete", {"confirm": "acme"}),
            ("POST", "/api/v1/tenants/acme/api-keys", {"name": "n", "role": "viewer"}), ("POST", f"/api/v1/tenants/acme/campaigns/{campaign}/launch", None),
            ("POST", "/api/v1/tenants/acme/support-grants", grant), ("POST", "/api/v1/tenants/acme/users", {"email": "x@acme.test", "role": "owner"}),
            ("PUT", "/api/v1/me/password", {"password": "eight horses drink tea"}), ("POST", "/api/v1/me/email", {"email": "x@acme.test"}), ("POST", "/api/v1/me/second-factor", None)):
        status, refusal = owner.api(method, path, body)
        assert (status, refusal["type"]) == (403, "urn:roundhouse:unconfirmed"), path
    assert owner.api("POST", "/api/v1/me/confirm", {"password": "wrong wrong wrong"})[0] == 422
    old = owner.cookies["session"]
    assert owner.api("POST", "/api/v1/me/confirm", {"password": "seven horses drink tea"})[0] == 204
    assert owner.cookies["session"] != old
    stale = Browser(server)
    stale.cookies["session"] = old
    assert stale.api("GET", "/api/v1/me")[0] == 401
    assert owner.api("POST", "/api/v1/tenants/acme/support-grants", grant)[0] == 201
    assert owner.api("GET", base + "contacts.csv")[0] == 200
    assert owner.api("POST", f"{base}campaigns/{campaign}/launch")[0] == 202
    server.stop()
    server.start(ahead="+13h")
    assert owner.api("GET", "/api/v1/me")[0] == 401


def test_support_sees_a_tenant_only_while_it_lets_them(site, mails):
    owner = come_in(site, mails, "owner@acme.test")
    root = Browser(site)
    root.open_link(site.cli("admin", "create", "--email", "root@host.example")["link"])
    assert root.api("POST", "/api/v1/admin/users", {"email": "sue@host.example", "platform_role": "support"})[0] == 201
    sue = come_in(site, mails, "sue@host.example")
    contacts = "/api/v1/tenants/acme/contacts"
    assert sue.api("GET", contacts)[0] == 404 and root.api("GET", contacts)[0] == 404
    assert sue.api("GET", "/api/v1/admin/tenants")[0] == 200
    assert sue.api("POST", "/api/v1/admin/tenants/acme/pause", {"reason": "x"})[0] == 403
    assert sue.api("GET", "/api/v1/admin/users")[0] == 403
    status, grant = owner.api("POST", "/api/v1/tenants/acme/support-grants", {"hours": 2, "reason": "an import"})
    assert status == 201 and grant["read_only"] and grant["is_open"] and grant["granted_by"] == "user:owner@acme.test"
    assert sue.api("GET", contacts)[0] == 200
    assert sue.api("POST", contacts, {"phone": "+14155550122"})[0] == 403
    assert sue.api("GET", "/api/v1/tenants/beta/contacts")[0] == 404
    looked = owner.api("GET", "/api/v1/tenants/acme/audit-log?action=support.access")[1]["data"]
    assert [row["actor"] for row in looked] == ["support:sue@host.example"]
    assert owner.api("DELETE", f"/api/v1/tenants/acme/support-grants/{grant['id']}")[0] == 204
    assert sue.api("GET", contacts)[0] == 404
    status, grant = owner.api("POST", "/api/v1/tenants/acme/support-grants", {"hours": 2, "read_only": False})
    assert sue.api("POST", contacts, {"phone": "+14155550122"})[0] == 201
    # Not about power.
    for method, path, body in (("POST", "users", {"email": "e@e.test", "role": "viewer"}), ("POST", "support-grants", {"hours": 9}), ("POST", "webhook-endpoints", {"url": "https://example.com/x"}), ("DELETE", f"support-grants/{grant['id']}", None)):
        assert sue.api(method, f"/api/v1/tenants/acme/{path}", body)[0] == 403, path
    # No longer staff: nothing more.
    user = next(u for u in root.api("GET", "/api/v1/admin/users")[1]["data"] if u["email"] == "sue@host.example")
    assert root.api("PATCH", f"/api/v1/admin/users/{user['id']}", {"platform_role": None})[0] == 200
    assert sue.api("GET", contacts)[0] == 404 and sue.api("GET", "/api/v1/admin/tenants")[0] == 403


def test_admins_keep_users_and_one_admin_stays(site, mails):
    root = Browser(site)
    root.open_link(site.cli("admin", "create", "--email", "root@host.example")["link"])
    owner = come_in(site, mails, "owner@acme.test")
    users = {u["email"]: u for u in root.api("GET", "/api/v1/admin/users?limit=500")[1]["data"]}
    assert users["owner@acme.test"]["tenants"] == [{"key": "acme", "role": "owner", "state": "active"}]
    base = "/api/v1/admin/users"
    me = users["root@host.example"]["id"]
    for path, method, body in ((f"{base}/{me}", "PATCH", {"platform_role": None}), (f"{base}/{me}/suspend", "POST", None)):
        assert root.api(method, path, body)[0] == 409
    status, refusal = root.api("POST", f"{base}/{users['owner@acme.test']['id']}/suspend")
    assert status == 409 and "last owner of acme" in refusal["detail"]
    agent = Browser(site)
    agent.open_link(site.cli("user", "invite", "acme", "--email", "agent@acme.test", "--role", "agent")["link"])
    his = agent.api("GET", "/api/v1/me")[1]["id"]
    assert root.api("POST", f"{base}/{his}/suspend")[1]["state"] == "suspended"
    assert agent.api("GET", "/api/v1/me")[0] == 401 and owner.api("GET", "/api/v1/me")[0] == 200
    site.cli("user", "link", "agent@acme.test", fails=True)
    assert root.api("POST", f"{base}/{his}/reinstate")[1]["state"] == "active"
    back = Browser(site)
    assert back.open_link(site.cli("user", "link", "agent@acme.test")["link"])[0] == 303
    assert root.api("POST", f"{base}/{his}/sign-out")[0] == 200 and back.api("GET", "/api/v1/me")[0] == 401
    # Pages in their order, neither skipped nor repeated.
    users["agent@acme.test"] = None
    seen, cursor = [], ""
    while cursor is not None:
        page = root.api("GET", f"{base}?limit=1" + (f"&cursor={cursor}" if cursor else ""))[1]
        seen += [u["email"] for u in page["data"]]
        cursor = page["next_cursor"]
    assert sorted(seen) == sorted(users) and len(seen) == len(set(seen))
