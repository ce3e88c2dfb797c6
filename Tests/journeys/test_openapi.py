"""The document of the API: official schema, examples, and how it is served."""
import json

from openapi import Document
from openapi_spec_validator import OpenAPIV31SpecValidator
from support import request

PATH = "/api/v1/openapi.json"


def test_the_document_keeps_to_the_official_schema_and_its_examples_to_theirs(server):
    status, headers, text = request(server.port, "GET", PATH)
    assert status == 200
    document = json.loads(text)
    assert document["openapi"].startswith("3.1")
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
    checked, known = 0, Document(document)
    for place, schema, example in known.examples():
        assert known.problems(schema, example) == [], place
        checked += 1
    assert checked > 200


def test_the_document_is_cached_by_its_tag_and_asks_for_no_key(server):
    _, headers, _ = request(server.port, "GET", PATH)
    tag = {key.lower(): value for key, value in headers.items()}["etag"]
    assert request(server.port, "GET", PATH, headers={"If-None-Match": tag})[0] == 304
    assert request(server.port, "POST", PATH)[0] == 405


def test_answers_that_no_other_journey_asks_for_are_as_documented(server):
    key = server.provision("acme", "+14155550100")
    platform = server.cli("key", "create", "--platform", "--name", "p")["key"]
    tenant = "/api/v1/tenants/acme/"
    def ask(method, path, body=None, expected=(200, 201, 202, 204), by=key):
        status, answer = server.api(method, path, body, by)
        assert status in expected, (method, path, status, answer)
        return answer
    server.import_csv("acme", key, "First Name,Mobile,City\nAda,+14157000001,Rome\nBob,+14157000002,Oslo\n")
    audience = ask("POST", tenant + "audiences", {"name": "Rome", "rule": {"field": "city", "is": "Rome"}})["id"]
    for path in (f"audiences/{audience}", f"audiences/{audience}/count", f"audiences/{audience}/explanation?contact=1", "audiences", "contact-fields", "bulk-changes"):
        ask("GET", tenant + path)
    ask("DELETE", tenant + f"audiences/{audience}")
    rules = [ask("POST", tenant + "suppression-rules", body)["id"] for body in ({"kind": "texted_within", "hours": 24}, {"kind": "tag", "tag": "vip"})
             if server.api("POST", tenant + "suppression-rules", body, key)[0] == 201]
    assert rules
    ask("GET", tenant + "suppression-rules")
    for rule in rules:
        ask("DELETE", tenant + f"suppression-rules/{rule}")
    reply = ask("POST", tenant + "canned-replies", {"name": "Hours", "body": "We open at nine."})["id"]
    ask("GET", tenant + f"canned-replies/{reply}")
    for path in ("tenants", "tenants/acme", "kill-switch"):
        ask("GET", "/api/v1/admin/" + path, by=platform)
    ask("POST", "/api/v1/admin/tenants/acme/hosts", {"host": "go.acme.test"}, by=platform)
    ask("POST", "/api/v1/admin/tenants/acme/pause", {"reason": "a look"}, by=platform)
    ask("GET", tenant + "contacts", expected=(423,))
    ask("POST", "/api/v1/admin/tenants/acme/resume", by=platform)
    rows = "First Name,Mobile\n" + "".join(f"P{n},+1415{n:07d}\n" for n in range(2_000_000, 2_050_000))
    status, batch = server.api("POST", tenant + "imports?mode=commit", rows.encode(), key, {"Content-Type": "text/csv"})
    assert status == 202
    ask("POST", tenant + f"imports/{batch['id']}/cancel", expected=(200, 202, 409))
