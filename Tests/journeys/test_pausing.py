"""A pause ends or says why it could not, and is believed only when the file is whole; commands wait for nobody else's."""
import http.client, json, os, signal, shutil, sqlite3, stat, subprocess, threading, time

from support import BIN, people, post_signed, wait_until

NUMBER = "+14155550100"
BASE = "/api/v1/tenants/acme"


def file_of(server, tenant="acme"):
    return f"{server.data}/tenants/{tenant}/tenant.sqlite"


def fails(server, *arguments):
    """A command's words when it fails."""
    done = subprocess.run([f"{BIN}/roundhouse", *arguments, "--json"], env=server.environment, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0, done.stdout
    return done.stdout + done.stderr


def test_a_reader_of_another_program_keeps_the_tenant_from_being_paused_and_is_named(server):
    key = server.provision("acme", NUMBER)
    server.provision("other", "+14155550101")
    server.import_csv("acme", key, people(50))
    reader = sqlite3.connect(f"file:{file_of(server)}?mode=ro", uri=True, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM contacts").fetchone()
    assert server.api("POST", f"{BASE}/contacts", {"phone": "+14158675309"}, key)[0] == 201
    words = []
    waiting = threading.Thread(target=lambda: words.append(fails(server, "tenant", "pause", "acme")))
    waiting.start()
    # Nobody else's command waits for it.
    began = time.monotonic()
    assert server.cli("tenant", "pause", "other")["state"] == "paused"
    assert time.monotonic() - began < 10
    waiting.join()
    assert "another program reads the file" in words[0]
    assert server.cli("tenant", "show", "acme")["state"] == "active"
    assert server.api("GET", f"{BASE}/contacts", key=key)[0] == 200
    reader.close()
    assert server.cli("tenant", "pause", "acme")["state"] == "paused"
    assert not os.path.exists(file_of(server) + "-wal")


def test_an_upload_that_trickles_does_not_keep_a_tenant_from_being_paused(server):
    key = server.provision("acme", NUMBER)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.putrequest("POST", f"{BASE}/imports?mode=commit")
    for name, value in (("Authorization", f"Bearer {key}"), ("Content-Type", "text/csv"), ("Content-Length", "1000000")):
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(b"phone\n+14157000001\n")
    wait_until(lambda: os.path.isdir(spool := f"{server.data}/tenants/acme/imports") and os.listdir(spool))
    assert server.cli("tenant", "pause", "acme")["state"] == "paused"
    assert not os.path.exists(file_of(server) + "-wal")
    connection.close()
    assert os.listdir(f"{server.data}/tenants/acme/imports") == []


def test_a_long_import_with_opt_outs_goes_on_after_a_pause_and_after_a_stop(servers):
    server, _ = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    text = "phone,opt_out\n" + "".join(f"+1415{700 + n // 10000}{n % 10000:04d},{'yes' if n % 3 == 0 else ''}\n" for n in range(60000))
    status, batch = server.api("POST", f"{BASE}/imports?mode=commit", text.encode(), key, {"Content-Type": "text/csv"})
    assert status == 202
    path = f"{BASE}/imports/{batch['id']}"
    wait_until(lambda: server.api("GET", path, key=key)[1]["created"] > 0)
    assert server.cli("tenant", "pause", "acme")["state"] == "paused"
    server.cli("tenant", "resume", "acme")
    server.stop()
    server.start()
    done = wait_until(lambda: (b := server.api("GET", path, key=key)[1])["state"] in ("completed", "failed") and b, 120)
    assert (done["state"], done["created"], done["opted_out"]) == ("completed", 60000, 20000), done


def test_an_opt_out_in_a_file_counts_whatever_else_is_wrong_with_its_row(server):
    key = server.provision("acme", NUMBER)
    long = "x" * 900
    text = (
        "phone,first_name,opt_out\n"
        "+14157000001,Ann,\n+14157000001,Ann,yes\n"  # Said in a second row of the person.
        f"+14157000002,{long},yes\n"  # Rejected for the name.
        "+14157000003,Cid,yes,extra\n"  # With a column too many.
        "+14157000004,Dee,no\n")
    dry = server.import_csv("acme", key, text, mode="dry-run")
    done = server.import_csv("acme", key, text)
    assert (dry["opted_out"], dry["rejected"]) == (done["opted_out"], done["rejected"]), (dry, done)
    assert done["opted_out"] + done["rejected"] == 4 and done["rejected"] >= 2, done
    blocked = {row["phone"] for row in server.api("GET", f"{BASE}/do-not-contact", key=key)[1]["data"]}
    assert blocked == {"+14157000001", "+14157000002", "+14157000003"}


def test_a_command_that_was_given_up_is_never_carried_out(servers):
    server, _ = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    server.process.send_signal(signal.SIGSTOP)
    asker = subprocess.Popen([f"{BIN}/roundhouse", "tenant", "suspend", "acme"], env=server.environment)
    control = f"{server.data}/control.sqlite"
    def asked():
        with sqlite3.connect(f"file:{control}?mode=ro", uri=True) as file:
            return file.execute("SELECT count(*) FROM pending_commands WHERE outcome IS NULL").fetchone()[0]
    wait_until(asked)
    asker.send_signal(signal.SIGINT)
    asker.wait()
    server.process.send_signal(signal.SIGCONT)
    server.kill()
    server.start()
    wait_until(lambda: asked() == 0)
    assert server.cli("tenant", "show", "acme")["state"] == "active"
    assert server.api("GET", f"{BASE}/contacts", key=key)[0] == 200


def test_a_backup_is_whole_or_not_there_and_a_restore_looks_before_it_installs(servers, tmp_path):
    server, _ = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    other = server.provision("other", "+14155550101")
    server.import_csv("acme", key, people(20))
    backup = str(tmp_path / "b.sqlite")
    server.cli("backup", "acme", "--to", backup)
    assert stat.S_IMODE(os.stat(backup).st_mode) == 0o600
    assert sorted(p for p in os.listdir(tmp_path) if p.startswith("b.sqlite")) == ["b.sqlite"]
    # In use, another's, changed, without a table, with a trigger of somebody's, newer.
    assert "in use" in fails(server, "restore", "acme", "--from", file_of(server))
    assert "belongs to tenant acme" in fails(server, "restore", "other", "--from", backup)
    for change, said in (
            ("DROP TABLE budgets", "another schema"),
            ("CREATE TRIGGER t AFTER INSERT ON contacts BEGIN DELETE FROM do_not_contact; END", "another schema"),
            ("PRAGMA user_version = 99", "knows up to")):
        bad = str(tmp_path / "bad.sqlite")
        shutil.copy(backup, bad)
        with sqlite3.connect(bad) as file:
            file.execute(change)
        file.close()
        for more in ((), ("--as", "side")):
            assert said in fails(server, "restore", "acme", "--from", bad, *more)
        assert server.api("GET", f"{BASE}/contacts?limit=1", key=key)[0] == 200
    # A copy on a medium that cannot be written, readable for all.
    os.chmod(backup, 0o444)
    os.chmod(tmp_path, 0o555)
    before = sorted(os.listdir(tmp_path))
    server.cli("restore", "acme", "--from", backup)
    os.chmod(tmp_path, 0o755)
    assert sorted(os.listdir(tmp_path)) == before
    assert stat.S_IMODE(os.stat(file_of(server)).st_mode) == 0o600
    assert [p for p in os.listdir(f"{server.data}/tenants/acme") if "restore" in p or "replaced" in p] == []
    assert server.api("GET", "/api/v1/tenants/other/contacts", key=other)[0] == 200


def test_the_same_number_for_two_tenants_at_once_is_one_tenants(servers):
    server, _ = servers()
    server.start()
    for tenant, number in (("acme", NUMBER), ("bolt", "+14155550101")):
        server.provision(tenant, number)
    platform = server.cli("key", "create", "--platform", "--name", "p")["key"]
    for n in range(10):
        answers = []
        asks = [threading.Thread(target=lambda t=t: answers.append(
            (t, server.api("POST", f"/api/v1/admin/tenants/{t}/numbers", {"number": f"+1415555{2000 + n}"}, platform)[0]))) for t in ("acme", "bolt")]
        [ask.start() for ask in asks]
        [ask.join() for ask in asks]
        assert sorted(status for _, status in answers) == [201, 409], answers


def test_a_pause_and_a_stop_wait_for_what_the_provider_answers_and_write_it_down(servers):
    server, provider = servers("--latency", "4000")
    server.start()
    key = server.provision("acme", NUMBER)
    server.import_csv("acme", key, people(30))
    in_flight = lambda: server.api("GET", f"{BASE}/kill-switch", key=key)[1]["calls_in_flight"]
    def states():
        with sqlite3.connect(f"file:{file_of(server)}?mode=ro", uri=True) as file:
            return dict(file.execute("SELECT state, count(*) FROM send_jobs GROUP BY state").fetchall())
    for number, end in ((1, lambda: server.cli("tenant", "pause", "acme")), (2, server.stop)):
        path = server.campaign("acme", key, NUMBER, "Hello")
        wait_until(lambda: in_flight() > 0)
        end()
        made, left = provider.summary()["created"], states()
        assert not {"sending", "unknown"} & set(left), left
        assert sum(left.get(state, 0) for state in ("accepted", "sent", "delivered")) == made > 0, (made, left)
        server.cli("tenant", "resume", "acme") if number == 1 else server.start()
        assert server.completed(path, key)["counts"]["unknown"] == 0
        assert provider.summary()["created"] == 30 * number


def test_many_commands_that_wait_for_one_tenant_hold_up_no_other(server):
    key = server.provision("acme", NUMBER)
    server.provision("blue", "+14155550101")
    reader = sqlite3.connect(f"file:{file_of(server)}?mode=ro", uri=True, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM contacts").fetchall()
    assert server.api("POST", f"{BASE}/contacts", {"phone": "+14158675309"}, key)[0] == 201
    # The pause waits for the reader; what is asked of the tenant meanwhile waits for the pause.
    waiting = [subprocess.Popen([f"{BIN}/roundhouse", "tenant", "pause", "acme"], env=server.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)]
    with sqlite3.connect(f"file:{server.data}/control.sqlite?mode=ro", uri=True) as control:
        asked = lambda: control.execute("SELECT count(*), count(begun_at) FROM pending_commands WHERE outcome IS NULL").fetchone()
        wait_until(lambda: asked() == (1, 1))
        waiting += [subprocess.Popen([f"{BIN}/roundhouse", "host", "add", "acme", f"h{n}.acme.test"], env=server.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for n in range(24)]
        wait_until(lambda: asked()[0] == 25)
        assert server.cli("tenant", "pause", "blue")["state"] == "paused"
        assert asked()[1] == 1, "acme's pause was over before blue's began"
    reader.close()
    for process in waiting:
        process.wait(60)
