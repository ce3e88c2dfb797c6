"""A typed client that `openapi-python-client` makes of the document does the main job, and is told no address that it cannot call."""
import importlib, io, os, pathlib, re, subprocess, sys

import pytest
from support import ACCOUNT, TOKEN, people, request, wait_until

NUMBER, TENANT = "+14155550100", "acme"


@pytest.fixture
def client(server, tmp_path, monkeypatch):
    """The package, made anew of what this server says of itself."""
    (tmp_path / "openapi.json").write_bytes(request(server.port, "GET", "/api/v1/openapi.json")[2])
    tools = os.path.dirname(sys.executable)
    made = subprocess.run([f"{tools}/openapi-python-client", "generate", "--path", "openapi.json", "--output-path", "roundhouse_client", "--meta", "none"],
                          cwd=tmp_path, env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}, capture_output=True, text=True)
    said = made.stdout + made.stderr
    assert made.returncode == 0, said[-3000:]
    # It knows no way to send text as it is, nor to type an answer of any kind of bytes; that alone it leaves out.
    lost = set(re.findall(r"^(?:Unsupported content type .*|Unable to process.*|.*will not be generated.*|Missing schema|.*conflicting.*)$", said, re.M))
    assert {line.removeprefix("Unsupported content type ") for line in lost} <= {"text/plain", "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}, said[-3000:]
    monkeypatch.syspath_prepend(str(tmp_path))
    return importlib.import_module("roundhouse_client")


def test_a_generated_client_does_the_main_job(server, client):
    models = importlib.import_module("roundhouse_client.models")
    File = importlib.import_module("roundhouse_client.types").File
    signed_in = lambda key: client.AuthenticatedClient(base_url=server.url, token=key, raise_on_unexpected_status=True)

    def call(tag, operation, *arguments, by, **more):
        answer = importlib.import_module(f"roundhouse_client.api.{tag}.{operation}").sync(*arguments, client=by, **more)
        assert answer is not None and not isinstance(answer, models.Problem), answer
        return answer

    platform = signed_in(server.cli("key", "create", "--platform", "--name", "p")["key"])
    made = call("admin", "post_admin_tenants", by=platform, idempotency_key="tenant-1", body=models.PostAdminTenantsBody(
        key=TENANT, name="Acme", owner_email="o@acme.test", twilio_sid=ACCOUNT, twilio_token=TOKEN))
    assert made.key == TENANT
    call("admin", "post_admin_tenants_key_numbers", TENANT, by=platform, body=models.PostAdminTenantsKeyNumbersBody(number=NUMBER, rate=2000.0, warm_up="off"))
    owner = signed_in(server.cli("key", "create", TENANT, "--role", "owner", "--name", "o")["key"])

    rows = people(25).encode()
    upload = lambda: models.PostImportsFilesBody(file=File(payload=io.BytesIO(rows), file_name="people.csv", mime_type="text/csv"))
    begun = call("imports", "post_imports", TENANT, by=owner, body=upload(), mode=models.PostImportsMode.COMMIT)
    batch = wait_until(lambda: (now := call("imports", "get_imports_id", TENANT, begun.id, by=owner)).state.value == "completed" and now)
    assert (batch.created, batch.rejected) == (25, 0)
    page = call("contacts", "get_contacts", TENANT, by=owner, limit=20)
    rest = call("contacts", "get_contacts", TENANT, by=owner, limit=20, cursor=page.next_cursor)
    assert (len(page.data), len(rest.data), rest.next_cursor) == (20, 5, None)

    wanted = models.PostCampaignsBody(
        name="Spring", body="Hello {{first_name|there}}", audience=models.AudienceRule.from_dict({"all": True}), numbers=[NUMBER], purpose=models.CampaignPurpose.INFORMATIONAL)
    first = call("campaigns", "post_campaigns", TENANT, by=owner, body=wanted, idempotency_key="spring")
    assert call("campaigns", "post_campaigns", TENANT, by=owner, body=wanted, idempotency_key="spring").id == first.id
    call("campaigns", "post_campaigns_id_launch", TENANT, first.id, by=owner)
    done = wait_until(lambda: (now := call("campaigns", "get_campaigns_id", TENANT, first.id, by=owner)).state.value == "completed" and now)
    report = wait_until(lambda: (now := call("campaigns", "get_campaigns_id_report", TENANT, first.id, by=owner)).counts.delivered == 25 and now)
    assert done.counts.audience == report.counts.audience == 25 and report.segments == 25

    # What is refused comes as a problem with its fields, typed too.
    problem = importlib.import_module("roundhouse_client.api.contacts.post_contacts").sync(
        TENANT, client=owner, body=models.PostContactsBody(phone="nobody"))
    assert isinstance(problem, models.Problem) and problem.status == 422 and problem.errors[0].field == "phone"
