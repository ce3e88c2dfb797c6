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
