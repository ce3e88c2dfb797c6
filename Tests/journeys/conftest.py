import subprocess

import pytest
from mail import MailServer, link_of
from openapi import watch
from playwright.sync_api import expect, sync_playwright
from support import Roundhouse, Simulator, free_port

# Two journeys at a time on a slow machine: what is awaited comes, but not always within five seconds.
expect.set_options(timeout=30_000)


@pytest.fixture(autouse=True)
def answers_keep_to_the_document():
    watch.mismatches.clear()
    yield
    assert watch.mismatches == []


def pytest_sessionfinish(session):
    """What a worker of pytest-xdist has seen, for the one that sums up."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["watch"] = watch.operations(), list(watch.answered)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    known, answered = getattr(node, "workeroutput", {}).get("watch", ((), ()))
    watch.known.update(known)
    watch.answered.update(dict.fromkeys(answered, 1))


def pytest_terminal_summary(terminalreporter):
    """Operations that no journey has seen succeed."""
    missing = watch.missing()
    if missing:
        terminalreporter.write_line(f"{len(missing)} operations were never answered with success: {', '.join(missing)}")


@pytest.fixture
def simulators(tmp_path):
    """Starts simulators with the flags a journey wants, and ends them."""
    running = []

    def start(*flags, **options):
        running.append(Simulator(*flags, **options))
        return running[-1]

    yield start
    for simulator in running:
        simulator.close()


@pytest.fixture
def servers(tmp_path, simulators):
    """Starts a Roundhouse and its simulator: `server, provider = servers("--latency", "20")`."""
    running = []

    def make(*flags, host="127.0.0.1"):
        port = free_port()
        provider = simulators(*flags, inbound=f"http://{host}:{port}/webhooks/twilio/inbound")
        data = tmp_path / f"data{len(running)}"
        data.mkdir()
        running.append(Roundhouse(data, provider, port))
        return running[-1], provider

    yield make
    for server in running:
        server.stop()
    log = tmp_path / "server.log"
    if log.exists():
        print(log.read_text()[-4000:])


@pytest.fixture
def server(servers):
    return servers("--callback-delay", "5-50")[0].start()


@pytest.fixture
def mails():
    server = MailServer()
    yield server
    server.close()


@pytest.fixture
def redis(tmp_path):
    """A real Redis without a memory on disk: its URL and its process."""
    port = free_port()
    process = subprocess.Popen(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"], stdout=subprocess.DEVNULL)
    yield f"redis://127.0.0.1:{port}", process
    process.kill()
    process.wait()


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def site(servers, mails):
    server, server.provider = servers(host="localhost")
    server.start(settings={"ROUNDHOUSE_SMTP_URL": mails.url, "ROUNDHOUSE_PUBLIC_URL": f"http://localhost:{server.port}"})
    server.url = f"http://localhost:{server.port}"
    server.provision("acme", "+14155550100")
    server.invitation = link_of(mails.wait("owner@acme.test", "invited"))
    return server


@pytest.fixture
def browse(chromium, site):
    """Signed in as the owner, at a width; `scripts=False`: without any."""
    contexts, state = [], {}

    def make(width, scripts=True):
        context = chromium.new_context(
            viewport={"width": width, "height": 860}, reduced_motion="reduce", java_script_enabled=scripts, storage_state=state.get("kept"))
        contexts.append(context)
        page = context.new_page()
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        if not state:
            page.goto(site.invitation)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url(site.url + "/**")
            state["kept"] = context.storage_state()
        return page

    yield make
    for context in contexts:
        context.close()
