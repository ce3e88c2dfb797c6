"""Schemathesis asks every address, by the document, what it allows and what it forbids: with the keys of two tenants and of the platform."""
import concurrent.futures, json, os, pathlib, re, subprocess, sys

from support import people, seeded

NUMBER, SECOND = "+14155550100", "+14155550101"
# Of each operation, beyond the some seven thousand cases that cover the bounds of every member.
EXAMPLES, LEAST = int(os.environ.get("EXAMPLES", 6)), 5_000

CONFIGURATION = """
continue-on-failure = true
hooks = "hooks.py"

[headers]
Authorization = "Bearer {key}"

[parameters]
"path.tenant" = "{tenant}"
"path.key" = "{tenant}"

# What the schema allows may still be refused with 422: that a cursor is of its list, that a text's merge fields are there, that one of two members is
# given, and a list's mapping fits its columns is said in words, not in the schema. 410 to 423 are about how things stand. Any other refusal is a finding.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "304", "401", "403", "404", "409", "410", "412", "422", "423", "429"]

# Nor is a tag of If-Match wrong by its shape; and of a tenant that is parked nothing is read, right or wrong.
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "412", "413", "415", "422", "423", "428", "429"]
"""

HOOKS = """
import schemathesis


@schemathesis.serializer("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
def workbook(context, value):
    return value if isinstance(value, bytes) else str(value).encode()


def is_empty(value):
    # A list or an object is sent as its items or keys: with none but empty ones as nothing at all.
    return value in ("", None) or (isinstance(value, (list, tuple, dict)) and all(is_empty(part) for part in value))


@schemathesis.hook
def map_query(context, query):
    # An empty parameter counts as absent, as a form sends a field that nobody has filled in: it violates nothing.
    return query and {name: value for name, value in query.items() if not is_empty(value)}
"""


def look(server, folder, key, tenant, seed, *flags):
    """Runs it once; the number of cases, and what it says."""
    folder.mkdir()
    (folder / "schemathesis.toml").write_text(CONFIGURATION.replace("{key}", key).replace("{tenant}", tenant))
    (folder / "hooks.py").write_text(HOOKS)
    tool = pathlib.Path(sys.executable).parent / "schemathesis"
    done = subprocess.run([tool, "run", f"{server.url}/api/v1/openapi.json", "--checks", "all", "--max-examples", str(EXAMPLES), "--seed", str(seed),
                           "--generation-database", "none", "--no-color", "--suppress-health-check", "all", *flags],
                          cwd=folder, capture_output=True, text=True, timeout=1_200)
    said = done.stdout + done.stderr
    cases = re.search(r"([\d,]+) generated", said)
    assert cases, said[-4000:]
    return done.returncode, int(cases[1].replace(",", "")), said


def test_what_the_document_says_is_so(server, tmp_path):
    # The same cases each time, so that a change is judged by itself; `make fuzz` looks for new ones.
    seed = seeded(usual=1).randrange(1 << 30)
    acme, other = server.provision("acme", NUMBER), server.provision("other", SECOND)
    platform = server.cli("key", "create", "--platform", "--name", "p")["key"]
    # What the platform's key pauses, deletes and moves holds up nobody else.
    server.provision("third", "+14155550102")
    for tenant, key in (("acme", acme), ("other", other)):
        server.import_csv(tenant, key, people(5))
        server.campaign(tenant, key, NUMBER if tenant == "acme" else SECOND, "Hello", launch=False)
    # The proxy's own question is answered to nobody else, as if there were no such address.
    tenants, elsewhere = ("--include-path-regex", "/tenants/.tenant./"), ("--exclude-path-regex", "/tenants/.tenant./|^/u/|^/.token|tls-ask")
    # The end of the tenant would end the run. Of a stream with a header of its own unknown headers are asked, which HTTP has a server ignore
    # (RFC 9110 5.1).
    runs = [
        (acme, "acme", *tenants, "--exclude-path-regex", "/delete$|/inbox/events$", "--phases", "examples,coverage,stateful"), (other, "other", *tenants, "--phases", "fuzzing"), (platform, "third", *elsewhere),
    ]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda n: look(server, tmp_path / str(n), runs[n][0], runs[n][1], seed + n, *runs[n][2:]), range(len(runs))))
    for code, cases, said in results:
        print(cases, "cases", said[-300:])
    found = [said[said.find("= FAILURES"):][:20_000] for code, _, said in results if code != 0]
    assert found == [], "\n".join(found)
    assert sum(cases for _, cases, _ in results) >= LEAST
    log = [json.loads(line) for line in open(f"{server.data}/../server.log") if line.startswith("{")]
    assert [line for line in log if line["level"] in ("error", "critical")] == []
