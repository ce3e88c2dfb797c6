import subprocess

import pytest
from mail import MailServer
from openapi import watch
from support import Roundhouse, Simulator, free_port


@pytest.fixture(autouse=True)
def answers_keep_to_the_document():
    watch.mismatches.clear()
    yield
    assert watch.mismatches == []


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

    def make(*flags):
        port = free_port()
        provider = simulators(*flags, inbound=f"http://127.0.0.1:{port}/webhooks/twilio/inbound")
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
