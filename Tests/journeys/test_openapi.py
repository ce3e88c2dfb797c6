"""The document of the API: official schema, examples, and how it is served."""
import json
from urllib.parse import urlencode

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


def operations(document, key, platform):
    """Those of tenants and of the platform: method, an address that fits, the operation, and the key that may ask."""
    for _, method, pattern, operation in document.operations:
        if "/tenants/" in pattern.pattern or "/admin/" in pattern.pattern:
            path = pattern.pattern.strip("^$").replace("\\", "")
            for name, value in (("tenants", "acme"), ("numbers", "+14155550100"), ("hosts", "go.acme.test")):
                path = path.replace(f"{name}/[^/]+", f"{name}/{value}")
            yield method, path.replace("[^/]+", "1"), operation, platform if "/admin/" in path else key


def spoiled(schema, name):
    """Values that its schema does not allow, beside none at all."""
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not kinds:
        return
    yield [{}] if "object" in kinds or "boolean" in kinds else {"a": 1} if "array" in kinds else []
    if "maxLength" in schema:
        yield "x" * (schema["maxLength"] + 1)
    for limit, beyond in (("maximum", 1), ("minimum", -1)):
        if limit in schema and abs(schema[limit]) < 2 ** 62:
            yield schema[limit] + beyond
    if "enum" in schema:
        yield "nothing of the kind"
    if "maxItems" in schema and schema["maxItems"] < 1_000:
        yield [schema["items"].get("enum", ["x"])[0]] * (schema["maxItems"] + 1)


def test_every_body_is_read_as_it_is_declared(server):
    """Each member of each body, wrong in each way that its schema knows: refused by its name, and all of them at once."""
    key = server.provision("acme", "+14155550100")
    platform = server.cli("key", "create", "--platform", "--name", "p")["key"]
    server.import_csv("acme", key, "First Name,Mobile\nAda,+14157000001\n")
    document = Document(json.loads(request(server.port, "GET", PATH)[2]))
    tried, wrong = 0, []
    for method, path, operation, by in operations(document, key, platform):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if "requestBody" not in operation and method in ("post", "put", "patch"):
            content = {"schema": {"properties": {}, "additionalProperties": False}, "example": {}}
        if content is None:
            continue
        schema, example = content["schema"], content["example"]
        assert schema["additionalProperties"] is False, operation["operationId"]

        def named(body):
            status, answer = server.api(method.upper(), path, body, by)
            return status, {error["field"].split(".")[0].split(",")[0] for error in (answer or {}).get("errors", [])}

        def check(what, body, names):
            nonlocal tried
            tried += 1
            status, fields = named(body)
            if status != 422 or not set(names) <= fields:
                wrong.append((operation["operationId"], what, status, sorted(set(names) - fields)))

        members = schema["properties"]
        spoils = {name: list(spoiled(member, name)) for name, member in members.items()}
        check("unknown", {**example, "nobody_knows_this": 1}, ["nobody_knows_this"])
        for name in schema.get("required", []):
            check(f"without {name}", {other: value for other, value in example.items() if other != name}, [name])
        for name, values in spoils.items():
            for value in values:
                check(f"{name}={str(value)[:30]}", {**example, name: value}, [name])
        every = {name: values[0] for name, values in spoils.items() if values}
        if every:
            check("all at once", every, every)
            name = next(iter(every))
            twice = json.dumps({**example, name: 1})[:-1] + f", {json.dumps(name)}: 1}}"
            status, answer = server.api(method.upper(), path, twice, by, {"Content-Type": "application/json"})
            if status != 422 or not any(e["field"] == name and "more than once" in e["message"] for e in answer["errors"]):
                wrong.append((operation["operationId"], f"{name} twice", status, answer))
    assert tried > 300
    assert wrong == [], "\n".join(map(str, wrong))


def test_every_query_is_read_as_it_is_declared(server):
    """Parameters that nobody knows, and each that is declared, wrong in each way that its schema knows."""
    key = server.provision("acme", "+14155550100")
    platform = server.cli("key", "create", "--platform", "--name", "p")["key"]
    server.import_csv("acme", key, "First Name,Mobile\nAda,+14157000001\n")
    document = Document(json.loads(request(server.port, "GET", PATH)[2]))
    tried, wrong = 0, []
    for method, path, operation, by in operations(document, key, platform):
        def check(name, value):
            nonlocal tried
            tried += 1
            status, answer = server.api(method.upper(), f"{path}?{urlencode({name: value})}", None, by)
            if status != 422 or name not in {error["field"] for error in answer["errors"]}:
                wrong.append((operation["operationId"], name, value, status, answer))
        check("nobody_knows_this", "1")
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query" and not parameter["name"].endswith("NAME"):
                for query in (f"{parameter['name']}=%FF", f"{parameter['name']}=1&{parameter['name']}=1"):
                    status, answer = server.api(method.upper(), f"{path}?{query}", None, by)
                    if status != 422 or parameter["name"] not in {error["field"] for error in answer["errors"]}:
                        wrong.append((operation["operationId"], query, status, answer))
        for parameter in operation.get("parameters", []):
            if parameter["in"] != "query":
                continue
            schema = parameter["schema"]
            if schema.get("type") == "integer":
                check(parameter["name"], "many")
                check(parameter["name"], str(schema["minimum"] - 1))
            if "enum" in schema:
                check(parameter["name"], "nothing of the kind")
            if "maxLength" in schema:
                check(parameter["name"], "x" * (schema["maxLength"] + 1))
    assert tried > 120
    assert wrong == [], "\n".join(map(str, wrong))
