"""Every address of a tenant, asked by everybody who has no business there: refused, and no row of anybody changes."""
import hashlib, json, sqlite3

import pytest
from mail import Browser, link_of
from openapi import Document
from support import people, request
from test_openapi import operations

NUMBER, SECOND = "+14155550100", "+14155550101"
BASE = "/api/v1/tenants/acme"
# What knowing who asks writes down, and the server's own plans.
OWN = {"api_keys", "sessions", "due_turns", "mails", "audit_heads"}


def digests(server):
    """Of each table of the control file and of both tenants' files."""
    found = {}
    for name in ("control.sqlite", "tenants/acme/tenant.sqlite", "tenants/other/tenant.sqlite"):
        file = sqlite3.connect(f"file:{server.data}/{name}?mode=ro", uri=True)
        for (table,) in file.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%_search%'").fetchall():
            if table not in OWN:
                rows = file.execute(f'SELECT * FROM "{table}" ORDER BY 1, 2').fetchall() if len(file.execute(f'PRAGMA table_info("{table}")').fetchall()) > 1 else file.execute(f'SELECT * FROM "{table}"').fetchall()
                found[name, table] = hashlib.sha256(repr(rows).encode()).hexdigest()
        file.close()
    return found


@pytest.fixture
def site(servers, mails):
    server, _ = servers()
    server.start(settings={"ROUNDHOUSE_SMTP_URL": mails.url})
    server.acme, server.other = server.provision("acme", NUMBER), server.provision("other", SECOND)
    for tenant, key, number in (("acme", server.acme, NUMBER), ("other", server.other, SECOND)):
        server.import_csv(tenant, key, people(3))
        server.campaign(tenant, key, number, "Hello", launch=False)
    return server


def asked(server, ask, allowed, but=()):
    """Asks every operation by `ask`, and answers those that were not refused."""
    document = Document(json.loads(request(server.port, "GET", "/api/v1/openapi.json")[2]))
    holes, tried = [], 0
    for method, path, operation, _ in operations(document, None, None):
        if not path.startswith(BASE) and "/admin/" not in path or operation["operationId"] in but:
            continue
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        status = ask(method.upper(), path, content.get("example"))
        tried += 1
        if status not in allowed:
            holes.append((method, path, status))
    assert tried > 100
    return holes


def by_key(server, key):
    return lambda method, path, body: server.api(method, path, body if method not in ("GET", "DELETE") else None, key)[0]


def by_session(browser):
    return lambda method, path, body: browser.api(method, path, body if method not in ("GET", "DELETE") else None)[0]


def come_in(site, mails, address, by=None, command=None):
    """By the invitation, or by a link that the operator has made."""
    browser = Browser(site)
    link = site.cli(by, command, address)["link"] if by else link_of(mails.wait(address, "invited"))
    assert browser.open_link(link)[0] == 303
    return browser


def test_nobody_else_gets_in_by_a_key_and_nothing_changes(site):
    made = [site.api("POST", BASE + "/api-keys", {"name": name, "role": "owner"}, site.acme)[1] for name in ("revoked", "expired")]
    assert site.api("DELETE", f"{BASE}/api-keys/{made[0]['id']}", key=site.acme)[0] == 204
    site.stop()
    file = sqlite3.connect(f"{site.data}/control.sqlite")
    file.execute("UPDATE api_keys SET expires_at = 1 WHERE id = ?", (made[1]["id"],))
    file.commit()
    file.close()
    site.start()
    id, secret = site.acme.removeprefix("rh_").split("_")
    before = digests(site)
    callers = {
        "another tenant's owner": (site.other, {403, 404}), "no key": (None, {401}), "a revoked key": (made[0]["key"], {401}), "an expired key": (made[1]["key"], {401}),
        "a guess": (f"rh_{id}_{'0' * len(secret)}", {401}), "an id alone": (f"rh_{id}_", {401}),
    }
    for who, (key, allowed) in callers.items():
        assert asked(site, by_key(site, key), allowed) == [], who
        changed = [table for table, digest in digests(site).items() if digest != before[table]]
        assert changed == [], (who, changed)


def test_a_key_of_the_platform_sees_no_tenants_data(site):
    platform = site.cli("key", "create", "--platform", "--name", "p")["key"]
    before = digests(site)
    document = Document(json.loads(request(site.port, "GET", "/api/v1/openapi.json")[2]))
    admin = {operation["operationId"] for *_, pattern, operation in document.operations if "/admin/" in pattern.pattern}
    assert len(admin) > 10
    holes = [(method, path, status) for method, path, operation, _ in operations(document, None, None) if path.startswith(BASE)
             if (status := by_key(site, platform)(method.upper(), path, operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example"))) != 404]
    assert holes == []
    assert [table for table, digest in digests(site).items() if digest != before[table]] == []


def test_nobody_else_gets_in_by_a_session_and_nothing_changes(site, mails):
    stranger, owner = come_in(site, mails, "owner@other.test"), come_in(site, mails, "owner@acme.test")
    assert owner.api("GET", BASE + "/contacts")[0] == 200 and stranger.api("GET", "/api/v1/tenants/other/contacts")[0] == 200
    before = digests(site)
    assert asked(site, by_session(stranger), {403, 404}) == []
    assert [table for table, digest in digests(site).items() if digest != before[table]] == []
    # Their own, from a page of another origin.
    foreign = lambda method, path, body: owner.api(method, path, body, Origin="https://evil.example")[0] if method != "GET" else 403
    assert asked(site, foreign, {403, 404}) == []
    assert [table for table, digest in digests(site).items() if digest != before[table]] == []
    # A session that was ended, and one whose time is over, are nobody's.
    again = come_in(site, mails, "owner@acme.test", by="user", command="link")
    ended = dict(owner.cookies)
    assert owner.form("/t/acme/", "/sign-out")[0] == 303
    owner.cookies = ended
    before = digests(site)
    assert asked(site, by_session(owner), {401, 403}) == []
    site.stop()
    file = sqlite3.connect(f"{site.data}/control.sqlite")
    assert file.execute("UPDATE sessions SET created_at = 1, seen_at = 1").rowcount > 0
    file.commit()
    file.close()
    site.start()
    assert asked(site, by_session(again), {401, 403}) == []
    assert [table for table, digest in digests(site).items() if digest != before[table]] == []


def test_somebody_who_was_suspended_is_nobody_from_the_next_request_on(site, mails):
    owner = come_in(site, mails, "owner@acme.test")
    assert owner.api("POST", BASE + "/users", {"email": "eva@acme.test", "role": "admin"})[0] == 201
    eva = come_in(site, mails, "eva@acme.test")
    id = next(user["id"] for user in owner.api("GET", BASE + "/users")[1]["data"] if user["email"] == "eva@acme.test")
    assert eva.api("GET", BASE + "/contacts")[0] == 200
    assert owner.api("POST", f"{BASE}/users/{id}/suspend")[0] == 200
    before = digests(site)
    assert asked(site, by_session(eva), {401, 403, 404}) == []
    assert [table for table, digest in digests(site).items() if digest != before[table]] == []


def test_of_a_paused_tenant_its_own_owner_is_told_so_and_of_a_suspended_one_nobody_is_texted(site):
    site.cli("tenant", "pause", "acme")
    before = digests(site)
    document = Document(json.loads(request(site.port, "GET", "/api/v1/openapi.json")[2]))
    # What is not in the tenant's file goes on: hosts, members, keys, numbers.
    statuses = {}
    for method, path, operation, _ in operations(document, None, None):
        if path.startswith(BASE) and method == "get":
            statuses[path] = by_key(site, site.acme)("GET", path, None)
    assert sum(status == 423 for status in statuses.values()) > 40 and all(status in (200, 404, 422, 423) for status in statuses.values()), statuses
    assert {table: digest for table, digest in digests(site).items()} == before
