"""Short links from outside: tokens, slugs, targets that change, expire and are filled in, pages, keys that rotate."""
import json, os, shutil, sqlite3, time

import pytest
from support import people, request, wait_until

NUMBER, HOST, OTHER_HOST = "+14155550100", "go.acme.test", "go.beta.test"
T = "/api/v1/tenants/acme/"
PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
         "Accept": "text/html", "Accept-Language": "en"}


def get(server, path, host=HOST, method="GET", **headers):
    status, answer, body = request(server.port, method, path, headers={"Host": host, **PHONE, **headers})
    return status, {name.lower(): value for name, value in answer.items()}, body.decode()


def target(server, path, host=HOST):
    status, headers, _ = get(server, path, host)
    assert status == 302 and headers["cache-control"] == "no-store", (status, headers)
    return headers["location"]


def make(server, key, **fields):
    status, link = server.api("POST", T + "links", fields, key)
    assert status == 201, link
    link["path"] = link["url"].removeprefix(f"https://{HOST}")
    return link


def tokens(provider):
    """The last path of each text, by the phone it went to."""
    return {row["to"]: "/" + row["body"].rsplit("/", 1)[1].split()[0] for row in provider.ledger("created")}


@pytest.fixture
def acme(servers):
    server, provider = servers("--callback-delay", "5-20")
    server.start()
    key = server.provision("acme", NUMBER, host=HOST)
    return server, provider, key


def test_a_link_of_its_own_leads_by_slug_and_by_token_and_can_be_changed(acme):
    server, _, key = acme
    made = make(server, key, target="https://shop.test/menu", slug="Menu", name="Poster")
    assert (made["slug"], made["url"], made["enabled"], made["campaign_id"]) == ("menu", f"https://{HOST}/menu", True, None)
    plain = make(server, key, target="https://shop.test/bio")
    assert len(plain["path"]) == 9
    assert target(server, "/menu") == target(server, "/MENU?utm_x=1") == "https://shop.test/menu"
    assert target(server, plain["path"]) == "https://shop.test/bio"
    assert get(server, "/menu", method="HEAD")[:1] == (302,) and get(server, "/menu", method="HEAD")[1]["location"] == "https://shop.test/menu"
    assert get(server, "/menu", method="POST")[0] == 405

    status, changed = server.api("PATCH", T + f"links/{made['id']}", {"target": "https://shop.test/menu-2"}, key)
    assert status == 200 and target(server, "/menu") == "https://shop.test/menu-2"
    server.api("PATCH", T + f"links/{made['id']}", {"enabled": False}, key)
    assert get(server, "/menu")[0] == 404
    server.api("PATCH", T + f"links/{made['id']}", {"enabled": True, "expires_at": "2020-01-01T00:00:00Z"}, key)
    assert get(server, "/menu")[0] == 404
    server.api("PATCH", T + f"links/{made['id']}", {"expires_at": None}, key)
    assert target(server, "/menu") == "https://shop.test/menu-2"
    history = server.api("GET", T + f"links/{made['id']}/history", key=key)[1]["data"]
    assert [row["after"] for row in history] == [
        {"target": "https://shop.test/menu-2"}, {"enabled": False}, {"expires_at": "2020-01-01T00:00:00.000Z", "enabled": True}, {"expires_at": None}]
    assert history[0]["before"] == {"target": "https://shop.test/menu"} and history[0]["actor"].startswith("key:rh_")

    assert server.api("DELETE", T + f"links/{made['id']}", key=key)[0] == 204 and get(server, "/menu")[0] == 404
    assert server.api("POST", T + "links", {"target": "https://x.test", "slug": "MENU"}, key)[0] == 409
    listed = server.api("GET", T + "links?limit=1", key=key)[1]
    assert [link["id"] for link in listed["data"]] == [made["id"]]
    assert [link["id"] for link in server.api("GET", T + f"links?cursor={listed['next_cursor']}", key=key)[1]["data"]] == [plain["id"]]
    # Its hits are kept, without a text.
    hits = lambda: sqlite3.connect(f"file:{server.data}/tenants/acme/tenant.sqlite?mode=ro", uri=True).execute(
        "SELECT short_link_id, count(*), count(send_job_id) FROM link_hits GROUP BY 1 ORDER BY 1").fetchall()
    wait_until(lambda: hits() == [(made["id"], 6, 0), (plain["id"], 1, 0)])


@pytest.mark.parametrize("fields, name", [
    ({}, "target"), ({"target": 5}, "target"), ({"target": "ftp://x.test"}, "target"), ({"target": "https://u:p@x.test/"}, "target"),
    ({"target": "https://x.test/\n"}, "target"), ({"target": "https://x.test/?u={{first_name|a}}"}, "target"), ({"target": "https://x.test", "slug": "a"}, "slug"),
    ({"target": "https://x.test", "slug": "a/b"}, "slug"), ({"target": "https://x.test", "slug": "API"}, "slug"),
    ({"target": "https://x.test", "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"), ({"target": "https://x.test", "expires_at": "soon"}, "expires_at"),
    ({"target": "https://x.test", "og": {"title": ""}}, "og.title"), ({"target": "https://x.test", "og": {"title": "a", "image_url": "javascript:1"}}, "og.image_url"),
    ({"target": "https://x.test", "name": "a" * 201}, "name"), ({"target": "https://x.test", "color": "red"}, "color")])
def test_what_is_no_link_is_refused_by_name(shared, fields, name):
    server, key = shared
    status, problem = server.api("POST", T + "links", fields, key)
    assert status == 422 and name in [error["field"] for error in problem["errors"]], problem


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    from support import Roundhouse, Simulator, free_port
    provider, data = Simulator(), tmp_path_factory.mktemp("links") / "data"
    data.mkdir()
    server = Roundhouse(data, provider, free_port()).start()
    yield server, server.provision("acme", NUMBER, host=HOST)
    server.stop()
    provider.close()


def test_roles_and_tenants_are_kept_apart(acme):
    server, _, key = acme
    other = server.provision("beta", "+14155550101", host=OTHER_HOST)
    role = lambda name: server.cli("key", "create", "acme", "--role", name, "--name", name)["key"]
    viewer, agent, marketer = role("viewer"), role("agent"), role("marketer")
    body = {"target": "https://shop.test/", "slug": "one"}
    assert [server.api("POST", T + "links", body, k)[0] for k in (viewer, agent, other, marketer)] == [403, 403, 404, 201]
    assert server.api("GET", T + "links/1", key=viewer)[0] == 200 and server.api("GET", T + "links/1", key=other)[0] == 404
    assert server.api("PATCH", T + "links/1", {"enabled": False}, viewer)[0] == 403
    # The same slug at the other tenant is another link; a token of the one is nothing to the other.
    assert server.api("POST", "/api/v1/tenants/beta/links", {"target": "https://beta.test/", "slug": "one"}, other)[0] == 201
    assert (target(server, "/one"), target(server, "/one", OTHER_HOST)) == ("https://shop.test/", "https://beta.test/")
    token = make(server, key, target="https://shop.test/t")["path"]
    assert get(server, token, OTHER_HOST)[0] == 404 and target(server, token) == "https://shop.test/t"
    # A repeated request makes one link.
    again = [server.api("POST", T + "links", {"target": "https://shop.test/i"}, key, {"Idempotency-Key": "k"}) for _ in range(2)]
    assert again[0] == again[1] and again[0][0] == 201


def test_a_target_is_filled_from_the_contact_when_it_is_asked(acme):
    server, provider, key = acme
    server.import_csv("acme", key, "First Name,Mobile,Code\nAda & Bob,+14157000001,../x\n,+14157000002,\n")
    bad = server.api("POST", T + "campaigns", {"name": "c", "body": "https://{{first_name|x}}.test/", "audience": {"all": True}, "numbers": [NUMBER]}, key)
    assert bad[0] == 422 and bad[1]["errors"][0]["field"] == "body"
    path = server.campaign("acme", key, NUMBER, "Hi https://shop.test/{{code|none}}/?u={{first_name|friend}}&p={{phone}}")
    server.completed(path, key)
    texts = tokens(provider)
    assert len(texts) == 2 and all(len(token) == 9 for token in texts.values())
    assert target(server, texts["+14157000001"]) == "https://shop.test/..%2Fx/?u=Ada%20%26%20Bob&p=%2B14157000001"
    assert target(server, texts["+14157000002"]) == "https://shop.test/none/?u=friend&p=%2B14157000002"
    contact = server.api("GET", T + "contacts?phone=%2B14157000001", key=key)[1]["data"][0]["id"]
    server.api("PATCH", T + f"contacts/{contact}", {"first_name": "Eve"}, key)
    assert target(server, texts["+14157000001"]) == "https://shop.test/..%2Fx/?u=Eve&p=%2B14157000001"
    assert server.api("POST", T + f"contacts/{contact}/erasure", {}, key)[0] == 200
    assert target(server, texts["+14157000001"]) == "https://shop.test/none/?u=friend&p="
    # Changed for everybody who has the text.
    link = server.api("GET", T + "links?campaign=1", key=key)[1]["data"][0]
    assert link["url"] is None and link["number"] == 0
    assert server.api("PATCH", T + f"links/{link['id']}", {"target": "https://new.test/{{nothing}}"}, key)[0] == 422
    server.api("PATCH", T + f"links/{link['id']}", {"target": "https://new.test/{{first_name|you}}"}, key)
    assert target(server, texts["+14157000002"]) == "https://new.test/you"


def test_settings_say_where_links_may_lead_and_what_is_added(acme):
    server, provider, key = acme
    server.import_csv("acme", key, people(1))
    for bad in [{"link_target_hosts": ["a b"]}, {"link_target_hosts": "x"}, {"utm": {"source": 5}}, {"utm": {"term": "x"}}, {"link_page": {"color": "red;}"}}]:
        assert server.api("PATCH", T + "settings", bad, key)[0] == 422, bad
    assert server.api("PATCH", T + "settings", {"link_target_hosts": ["shop.test", "*.shop.test"], "utm": {"source": "sms", "medium": "text"}}, key)[0] == 200
    assert server.api("POST", T + "links", {"target": "https://evil.test/"}, key)[1]["errors"][0]["field"] == "target"
    body = {"name": "c", "body": "https://evil.test/", "audience": {"all": True}, "numbers": [NUMBER]}
    assert server.api("POST", T + "campaigns", body, key)[1]["errors"][0]["field"] == "body"
    make(server, key, target="https://www.shop.test/#top", slug="own")
    assert target(server, "/own") == "https://www.shop.test/?utm_source=sms&utm_medium=text#top"
    server.completed(server.campaign("acme", key, NUMBER, "https://shop.test/?utm_source=mine"), key)
    token = tokens(provider)["+14157000000"]
    assert target(server, token) == "https://shop.test/?utm_source=mine&utm_medium=text&utm_campaign=journey"
    server.api("PATCH", T + "settings", {"utm": None}, key)
    assert target(server, token) == "https://shop.test/?utm_source=mine" and target(server, "/own") == "https://www.shop.test/#top"


def test_pages_have_the_tenants_look_and_no_script(acme):
    server, _, key = acme
    evil = "<script>alert(1)</script>\"'&"
    status, headers, body = get(server, "/nowhere")
    assert status == 404 and "<h1>Acme</h1>" in body and headers["x-robots-tag"] == "noindex" and "default-src 'none'" in headers["content-security-policy"]
    server.api("PATCH", T + "settings", {"link_page": {"name": evil, "color": "#1a73e8", "text": evil}}, key)
    for path in ["/nowhere", "/", "/a/b/c", "/" + "a" * 5000, "/%00", "/robots.txt", "/zzzzzzzz", "/u/zzzzzzzz", "/u/"]:
        status, headers, body = get(server, path)
        assert status == 404 and "#1a73e8" in body and "<script" not in body and 'name="robots" content="noindex"' in body, path
    og = {"title": evil, "description": evil, "image_url": "https://shop.test/a.png?a=1&b=\""}
    make(server, key, target="https://shop.test/?a=1&b=%22", slug="card", og=og)
    assert target(server, "/card") == "https://shop.test/?a=1&b=%22"
    for agent in ["WhatsApp/2.23.20.0", "facebookexternalhit/1.1 Facebot Twitterbot/1.0", "Slackbot-LinkExpanding 1.0"]:
        status, headers, body = get(server, "/card", **{"User-Agent": agent})
        assert status == 200 and "<script" not in body and headers["x-robots-tag"] == "noindex", body
        assert 'property="og:title" content="&lt;script&gt;' in body and 'content="0;url=https://shop.test/?a=1&amp;b=%22"' in body
        assert 'property="og:image" content="https://shop.test/a.png?a=1&amp;b=%22"' in body
    # A browser that fetches ahead is a person's: it is sent on.
    assert get(server, "/card", **{"Sec-Purpose": "prefetch"})[0] == 302
    assert get(server, "/card", **{"User-Agent": "WhatsApp/2.23.20.0"}, method="HEAD")[2] == ""
    make(server, key, target="https://shop.test/plain", slug="plain")
    assert get(server, "/plain", **{"User-Agent": "WhatsApp/2.23.20.0"})[0] == 302


def test_links_live_on_while_the_tenant_is_paused_and_through_a_restart(acme):
    server, _, key = acme
    make(server, key, target="https://shop.test/a", slug="asked")
    make(server, key, target="https://shop.test/b", slug="unasked")
    assert target(server, "/asked") == "https://shop.test/a"
    server.cli("tenant", "pause", "acme")
    assert target(server, "/asked") == "https://shop.test/a"
    assert get(server, "/unasked")[0] == 503 and get(server, "/nothing")[0] == 404
    server.stop()
    server.start()
    # Nobody has looked into the file since: what may be a slug is not refused, what cannot be one is.
    assert get(server, "/nothing")[0] == 503 and get(server, "/no.thing")[0] == 404
    server.cli("tenant", "resume", "acme")
    assert get(server, "/nothing")[0] == 404 and target(server, "/unasked") == "https://shop.test/b"
    wait_until(lambda: sqlite3.connect(f"file:{server.data}/tenants/acme/tenant.sqlite?mode=ro", uri=True).execute("SELECT count(*) FROM link_hits").fetchone() == (3,))


def test_old_links_outlive_a_rotation_and_a_restore(acme, tmp_path):
    server, provider, key = acme
    server.import_csv("acme", key, people(1))
    server.completed(server.campaign("acme", key, NUMBER, "See https://shop.test/ {{unsubscribe_link}}"), key)
    body = provider.ledger("created")[0]["body"]
    link, page = "/" + body.split()[1].rsplit("/", 1)[1], "/u/" + body.split()[2].rsplit("/", 1)[1]
    first = make(server, key, target="https://shop.test/first")
    backup = tmp_path / "before.sqlite"
    server.cli("backup", "acme", "--to", str(backup))
    answer = server.cli("tenant", "rotate-link-key", "acme")
    assert answer["link_keys"] == 2
    second = make(server, key, target="https://shop.test/second")
    moved = server.api("GET", T + f"links/{first['id']}", key=key)[1]["url"]
    assert moved != first["url"]
    alive = lambda: [target(server, path) for path in (link, first["path"], moved.removeprefix(f"https://{HOST}"))] == ["https://shop.test/"] + 2 * ["https://shop.test/first"]
    assert alive() and target(server, second["path"]) == "https://shop.test/second" and get(server, page)[0] == 200
    # A token of a page is no link, and a link's token no page.
    assert get(server, "/" + page.rsplit("/", 1)[1])[0] == 404 and get(server, "/u" + first["path"])[0] == 404
    server.stop()
    server.start()
    assert alive()
    # The file of before the rotation: links of both keys go on, but for what it has never heard of.
    server.cli("restore", "acme", "--from", str(backup))
    assert alive() and get(server, second["path"])[0] == 404
    third = make(server, key, target="https://shop.test/third")
    assert third["path"] != second["path"] and get(server, second["path"])[0] == 404
    # The same with the server down, and by an operator's own copy.
    server.stop()
    assert server.cli("tenant", "rotate-link-key", "acme")["link_keys"] == 3
    server.start()
    server.cli("tenant", "pause", "acme")
    shutil.copy(backup, f"{server.data}/tenants/acme/tenant.sqlite")
    server.cli("tenant", "resume", "acme")
    assert alive()
    # A side tenant to look into it has links of its own.
    server.cli("restore", "acme", "--from", str(backup), "--as", "side")
    keys = lambda tenant: {row[0] for row in sqlite3.connect(f"file:{server.data}/tenants/{tenant}/tenant.sqlite?mode=ro", uri=True).execute("SELECT key FROM link_keys")}
    assert len(keys("side")) == 1 and len(keys("acme")) == 3 and not keys("side") & keys("acme")
    platform = server.cli("key", "create", "--platform", "--name", "p")["key"]
    for generations in (4, 4):
        status, answer = server.api("POST", "/api/v1/admin/tenants/acme/link-keys", {}, platform)
        assert (status, answer["link_keys"]) == (201, generations)
    # The first key is the fifth now: forgotten, and its links with it.
    assert answer["dropped_key_of"] is not None and get(server, link)[0] == 404
    server.cli("tenant", "rotate-link-key", "nobody", fails=True)


def test_an_erased_number_stays_known_after_a_rotation(acme):
    server, _, key = acme
    server.api("PATCH", T + "settings", {"erasure_keeps": "hash"}, key)
    server.import_csv("acme", key, people(1))
    assert server.api("POST", T + "contacts/1/erasure", {}, key)[1]["kept"] == "hash"
    server.cli("tenant", "rotate-link-key", "acme")
    server.import_csv("acme", key, people(1))
    assert server.api("GET", T + "contacts?phone=%2B14157000000", key=key)[1]["data"][0]["do_not_contact"] is True


def test_wrong_tokens_are_bounded_and_right_ones_are_not(acme):
    server, _, key = acme
    make(server, key, target="https://shop.test/", slug="right")
    def attempt():
        seen = [get(server, "/wrong" + str(n)) for n in range(330)]
        return next((answer for answer in seen if answer[0] == 429), None)
    # A minute may end meanwhile; then the count begins anew.
    refused = attempt() or attempt()
    assert refused and refused[1]["retry-after"] == "60"
    assert [get(server, "/right")[0] for _ in range(350)] == [302] * 350
    other = make(server, key, target="https://shop.test/new")
    assert target(server, other["path"]) == "https://shop.test/new"


def test_with_redis_links_of_a_paused_tenant_go_on_after_a_restart_and_show_no_old_target(servers, redis):
    server, provider = servers("--callback-delay", "5-20")
    server.environment["ROUNDHOUSE_REDIS_URL"] = redis[0]
    server.start()
    key = server.provision("acme", NUMBER, host=HOST)
    kept, changed = make(server, key, target="https://shop.test/kept"), make(server, key, target="https://shop.test/old")
    unseen = make(server, key, target="https://shop.test/unseen")
    for link, to in ((kept, "kept"), (changed, "old")):
        assert target(server, link["path"]) == f"https://shop.test/{to}"
    server.api("PATCH", T + f"links/{changed['id']}", {"target": "https://shop.test/new"}, key)
    assert target(server, changed["path"]) == "https://shop.test/new" and target(server, kept["path"]) == "https://shop.test/kept"
    server.cli("tenant", "pause", "acme")
    server.kill()
    server.start()
    assert target(server, kept["path"]) == "https://shop.test/kept" and target(server, changed["path"]) == "https://shop.test/new"
    assert get(server, unseen["path"])[0] == 503 and get(server, "/zzzzzzzz")[0] in (404, 503)
    # Without Redis nobody waits for it, and what the file says counts again.
    redis[1].kill()
    redis[1].wait()
    server.cli("tenant", "resume", "acme")
    assert target(server, unseen["path"]) == "https://shop.test/unseen"
    server.api("PATCH", T + f"links/{kept['id']}", {"target": "https://shop.test/last"}, key)
    assert target(server, kept["path"]) == "https://shop.test/last"
    hits = [hit for link in (kept, changed, unseen) for hit in server.api("GET", T + f"links/{link['id']}/hits", key=key)[1]["data"]]
    assert len(hits) == 8
