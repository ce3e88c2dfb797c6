from support import people, request, wait_until

NUMBER, OTHER = "+14155550100", "+14155550101"


def test_a_list_is_imported_texted_delivered_clicked_and_reported(servers):
    server, provider = servers("--callback-delay", "5-50", "--shuffle", "--duplicate", "0.2")
    server.start()
    key = server.provision("acme", NUMBER, host="go.acme.test")
    other = server.provision("other", OTHER)
    rows = people(50) + "Dup,(415) 700-0001\nBad,12345\nEmpty,\n"
    batch = server.import_csv("acme", key, rows)
    assert (batch["state"], batch["rows"], batch["created"], batch["rejected"]) == ("completed", 53, 50, 3)
    again = server.import_csv("acme", key, rows)
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 50)
    rejected = server.api("GET", f"/api/v1/tenants/acme/imports/{batch['id']}/rejected.csv", key=key)[1]
    assert "duplicate" in rejected and "too_short" in rejected and "missing_phone" in rejected

    path = server.campaign("acme", key, NUMBER, "Hi {{first_name|there}}, see https://example.com/sale.", launch=False)
    preview = server.api("POST", path + "/preview", key=key)[1]
    assert (preview["audience"], preview["texted"], preview["cost_micros"], preview["exact"]) == (50, 50, 50 * 8300, True)
    assert preview["samples"][0]["body"] == "Hi P0, see https://go.acme.test/xxxxxxxx."
    assert server.api("POST", path + "/launch", key=key)[0] == 202
    server.completed(path, key)
    report = wait_until(lambda: (r := server.api("GET", path + "/report", key=key)[1])["counts"]["delivered"] == 50 and r)
    assert report["counts"]["audience"] == 50 == provider.summary()["created"]
    assert report["cost_micros"] == 50 * 8300
    created = provider.ledger("created")
    assert len({made["to"] for made in created}) == 50
    assert server.api("POST", path + "/launch", key=key)[0] == 409

    body = created[0]["body"]
    token = body.split("https://go.acme.test/")[1].rstrip(".")
    agent = {"Host": "go.acme.test", "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)",
             "Accept": "text/html,*/*;q=0.8", "Accept-Language": "en-US,en;q=0.9"}
    status, headers, _ = request(server.port, "GET", f"/{token}", headers=agent)
    assert (status, headers.get("Location") or headers.get("location")) == (302, "https://example.com/sale")
    assert request(server.port, "GET", "/AAAAAAAA", headers=agent)[0] == 404
    request(server.port, "GET", f"/{token}", headers={**agent, "User-Agent": "WhatsApp/2.23"})
    # Nobody opens a link in the second it comes: that is left in doubt. A minute later it is a person.
    report = server.api("GET", path + "/report", key=key)[1]
    assert (report["clicks"], report["unknown_clicks"]) == ({"human": 0, "bot": 1, "people": 0}, 1)
    server.stop()
    server.start(ahead="+1m")
    request(server.port, "GET", f"/{token}", headers=agent)
    report = server.api("GET", path + "/report", key=key)[1]
    assert (report["clicks"], report["unknown_clicks"]) == ({"human": 1, "bot": 1, "people": 1}, 1)

    contact = server.api("GET", "/api/v1/tenants/acme/contacts?phone=%2B" + created[0]["to"][1:], key=key)[1]["data"][0]
    types = [e["type"] for e in server.api("GET", f"/api/v1/tenants/acme/contacts/{contact['id']}/timeline", key=key)[1]["data"]]
    assert types[0] == "imported" and {"sent", "delivered", "clicked"} <= set(types)

    # The other tenant sees nothing of it, with either key.
    assert server.api("GET", "/api/v1/tenants/acme/contacts", key=other)[0] == 404
    assert server.api("GET", "/api/v1/tenants/other/contacts", key=other)[1]["data"] == []


def test_errors_are_problem_documents_that_name_the_field(server):
    key = server.provision("acme", NUMBER)
    base = "/api/v1/tenants/acme/"
    cases = [
        ("GET", "/api/v1/tenants/nobody/contacts", None, key, 404), ("GET", "/nowhere", None, key, 404),
        ("GET", base + "nothing", None, key, 404), ("DELETE", base + "campaigns", None, key, 405),
        ("GET", base + "contacts", None, "rh_a_b", 401), ("GET", base + "contacts", None, None, 401),
        ("GET", "/api/v1/admin/tenants", None, key, 403),
        ("POST", base + "campaigns", {"name": "x", "colour": "red"}, key, 422),
        ("POST", base + "contacts", {"phone": "12"}, key, 422), ("GET", base + "contacts?limit=0", None, key, 422),
        ("GET", base + "campaigns/999", None, key, 404)]
    for method, path, body, with_key, expected in cases:
        status, answer = server.api(method, path, body, with_key)
        assert status == expected and answer["status"] == expected, (method, path, answer)
    assert server.api("POST", base + "campaigns", "{bad", key, {"Content-Type": "application/json"})[0] == 422
    assert server.api("POST", base + "campaigns", "x" * (2 << 20), key, {"Content-Type": "application/json"})[0] == 413
    assert server.api("POST", base + "imports", b"", key, {"Content-Type": "text/csv"})[0] == 422
    assert server.api("POST", base + "imports", b"a,b\n1,2\n", key, {"Content-Type": "text/csv"})[0] == 422
    fields = server.api("POST", base + "campaigns", {"name": "x", "colour": "red"}, key)[1]["errors"]
    assert {error["field"] for error in fields} == {"colour"}
    # A draft may be kept unfinished, and is launched when it is whole.
    made = server.api("POST", base + "campaigns", {"name": "x"}, key)[1]
    fields = server.api("POST", f"{base}campaigns/{made['id']}/launch", key=key)[1]["errors"]
    assert {error["field"] for error in fields} == {"body", "audience", "numbers"}


def test_head_has_no_body_and_a_broken_body_is_the_senders_fault(server):
    import socket
    for path, status in (("/health", b"200"), ("/ready", b"200"), ("/nowhere", b"404")):
        with socket.create_connection(("127.0.0.1", server.port), 10) as wire:
            wire.sendall(f"HEAD {path} HTTP/1.1\r\nHost: x\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join(iter(lambda: wire.recv(65536), b""))
        assert answer.split(b" ")[1] == status and answer.count(b"HTTP/1.1") == 2, answer
        assert answer.split(b"\r\n\r\n")[1].startswith(b"HTTP/1.1 200"), answer
    key = server.provision("acme", NUMBER)
    with socket.create_connection(("127.0.0.1", server.port), 10) as wire:
        wire.sendall((f"POST /api/v1/tenants/acme/campaigns HTTP/1.1\r\nHost: x\r\nAuthorization: bearer {key}\r\n"
                      "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n").encode())
        assert wire.recv(65536).split(b" ")[1] == b"400"
