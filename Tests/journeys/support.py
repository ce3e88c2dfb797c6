"""Starts the real programs, Roundhouse and the provider's double, on free ports and talks to them from outside."""
import atexit, functools, http.client, json, os, random, re, shutil, signal, socket, subprocess, tempfile, time
from urllib.parse import urlencode, urlsplit

from openapi import watch
from twilio.request_validator import RequestValidator

BIN = os.environ["ROUNDHOUSE_BIN"]
ACCOUNT, TOKEN = "AC" + "a" * 32, "12345"


def wait_until(condition, timeout=60.0):
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError("the awaited state did not come")


def free_port():
    """Below the ports that outgoing connections are given: none of them takes it before our server binds it."""
    while True:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", random.randrange(10_240, 32_768)))
                return probe.getsockname()[1]
            except OSError:
                pass


def send(port, method, path, body=None, headers=None, timeout=120):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def request(port, method, path, body=None, headers=None):
    """Every answer of the server itself is held against its OpenAPI document; what does not match fails the test."""
    answer = send(port, method, path, body, headers)
    if not any(name.lower() == "host" for name in headers or {}):
        watch.see(port, method, path, *answer)
    return answer


class Simulator:
    """The provider: our `twilio-simulator` process, steered and read over HTTP. Its ledger is the oracle."""

    def __init__(self, *flags, inbound=None):
        arguments = [f"{BIN}/twilio-simulator", "--account", f"{ACCOUNT}={TOKEN}", *flags]
        if inbound:
            arguments += ["--inbound", inbound]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("listening on "), line
        self.port = int(line.strip().rsplit(":", 1)[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def control(self, method, path, body=None):
        # It has one loop: on a slow machine a campaign at full rate fills that, and what is asked for waits.
        status, _, text = send(self.port, method, f"/_simulator/{path}", None if body is None else json.dumps(body), timeout=120)
        assert status < 300, text
        return json.loads(text)

    def ledger(self, kind):
        after, rows = 0, []
        while True:
            page = self.control("GET", f"ledger?type={kind}&after={after}")
            rows += page["data"]
            after = page["after"]
            if not page["more"]:
                return rows

    def summary(self):
        return self.control("GET", "summary")

    def requests(self):
        return self.summary()["requests"]

    def faults(self, **faults):
        self.control("PUT", "faults", {kind.strip("_"): share for kind, share in faults.items()})

    def text(self, sender, number, body):
        return self.control("POST", "inbound", {"from": sender, "to": number, "body": body})["status"]

    def idle(self):
        """Waits until every callback, reply and tap has happened."""
        return wait_until(lambda: self.summary()["pending"] == 0)

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def post_signed(url, fields, token=TOKEN):
    url = url.split("#")[0]
    parts = urlsplit(url)
    signature = RequestValidator(token).compute_signature(url, fields)
    return request(
        parts.port, "POST", parts.path + (f"?{parts.query}" if parts.query else ""), urlencode(fields),
        {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"})


@functools.cache
def clock_library():
    """`clock.c`, built once a process of journeys."""
    built = f"{tempfile.mkdtemp(prefix='journeys-clock-')}/clock.so"
    atexit.register(shutil.rmtree, os.path.dirname(built), ignore_errors=True)
    source = os.path.join(os.path.dirname(__file__), "clock.c")
    subprocess.run([shutil.which("cc") or "clang", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", built, source], check=True)
    return built


def seconds_of(ahead):
    """Of `+40m`, `+2h`, `+6d`, `+90s` and `+0`."""
    count, unit = re.fullmatch(r"\+(\d+)([smhd]?)", ahead).groups()
    return int(count) * {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}[unit]


class Roundhouse:
    def __init__(self, data, provider, port):
        self.data, self.port, self.process = str(data), port, None
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ, "ROUNDHOUSE_DATA": self.data, "ROUNDHOUSE_LISTEN": f"127.0.0.1:{self.port}",
            "ROUNDHOUSE_PUBLIC_URL": self.url, "ROUNDHOUSE_TWILIO_API": provider.url,
            # Journeys ask as fast as they can; the one about bounds sets its own.
            "ROUNDHOUSE_REQUESTS_PER_MINUTE": "0", "ROUNDHOUSE_REFUSALS_PER_MINUTE": "0"}

    def start(self, ahead=None, crash_at=None, under=(), settings=None):
        """`ahead`: with a clock that runs ahead, as `+20m`; `crash_at`: dies at a named point; `under`: by a tracer; `settings`: of its environment."""
        self.log = open(f"{self.data}/../server.log", "ab")
        self.environment |= settings or {}
        environment = {**self.environment, **({"ROUNDHOUSE_CRASH_AT": crash_at} if crash_at else {})}
        if ahead:
            environment |= {"LD_PRELOAD": clock_library(), "CLOCK_AHEAD": str(seconds_of(ahead))}
        self.process = subprocess.Popen([*under, f"{BIN}/roundhouse", "serve"], env=environment, stderr=self.log)
        wait_until(lambda: self._ready(crash_at is not None), 30)
        if self.process.poll() is None:
            watch.begin(self.port, lambda: send(self.port, "GET", "/api/v1/openapi.json")[2])
        return self

    def _ready(self, may_end):
        if self.process.poll() is not None:
            assert may_end, "the server ended"
            return True
        try:
            return request(self.port, "GET", "/ready")[0] == 200
        except OSError:
            return False

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def cli(self, *arguments, fails=False):
        done = subprocess.run([f"{BIN}/roundhouse", *arguments, "--json"], env=self.environment, capture_output=True, text=True, timeout=60)
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return None if fails else json.loads(done.stdout)

    def api(self, method, path, body=None, key=None, headers=None):
        if isinstance(body, (dict, list)):
            body, headers = json.dumps(body), {"Content-Type": "application/json", **(headers or {})}
        headers = {**(headers or {}), **({"Authorization": f"Bearer {key}"} if key else {})}
        status, answer_headers, text = request(self.port, method, path, body, headers)
        kind = answer_headers.get("Content-Type", answer_headers.get("content-type", ""))
        return status, json.loads(text) if "json" in kind else text.decode()

    def provision(self, tenant, number, host=None, time_zone=None):
        self.cli("tenant", "create", tenant, "--name", tenant.title(), "--owner-email", f"owner@{tenant}.test",
                 "--twilio-sid", ACCOUNT, "--twilio-token", TOKEN, *(["--time-zone", time_zone] if time_zone else []))
        self.cli("number", "add", tenant, number, "--rate", "2000", "--warm-up", "off")
        if host:
            self.cli("host", "add", tenant, host)
        return self.cli("key", "create", tenant, "--role", "owner", "--name", "journey")["key"]

    def import_csv(self, tenant, key, text, **query):
        path = f"/api/v1/tenants/{tenant}/imports?" + urlencode({"mode": "commit", **query})
        status, batch = self.api("POST", path, text.encode(), key, {"Content-Type": "text/csv"})
        assert status == 202, batch
        def done():
            batch_now = self.api("GET", f"/api/v1/tenants/{tenant}/imports/{batch['id']}", key=key)[1]
            return batch_now if batch_now["state"] in ("completed", "failed") else None
        return wait_until(done)

    def campaign(self, tenant, key, number, body, launch=True):
        base = f"/api/v1/tenants/{tenant}/campaigns"
        status, made = self.api("POST", base, {
            "name": "journey", "body": body, "audience": {"all": True}, "numbers": [number], "purpose": "informational"}, key)
        assert (status, made.get("state")) == (201, "draft"), made
        if launch:
            assert self.api("POST", f"{base}/{made['id']}/launch", key=key)[0] == 202
        return f"{base}/{made['id']}"

    def completed(self, path, key, timeout=180):
        return wait_until(lambda: (c := self.api("GET", path, key=key)[1])["state"] == "completed" and c, timeout)


def begin_as_staff(page, server):
    """A new person of the platform's, signed in; the page shows the fleet."""
    page.context.clear_cookies()
    page.goto(server.cli("admin", "create", "--email", "staff@host.test")["link"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(server.url + "/admin/")


def people(count, start=0):
    """A CSV of valid, distinct US numbers."""
    return "First Name,Mobile\n" + "".join(f"P{n},+1415{700 + n // 10000}{n % 10000:04d}\n" for n in range(start, start + count))


def seeded(usual=None):
    """`SEED` of the environment; else the usual one, or another each time."""
    seed = int(os.environ.get("SEED") or (random.randrange(1 << 30) if usual is None else usual))
    print("SEED", seed)
    return random.Random(seed)
