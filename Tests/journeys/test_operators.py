"""Operators in a hurry: another key, a lost or damaged file, many commands at once. Nothing is begun anew over what is there."""
import json, os, shutil, subprocess, threading

import pytest
from support import BIN, people, wait_until

NUMBER = "+14155550100"
CREATE = ("tenant", "create", "bolt", "--name", "Bolt", "--owner-email", "o@bolt.test", "--twilio-sid", "AC" + "b" * 32, "--twilio-token", "t")


def says(server, *arguments, **environment):
    """Exit code and words of a command; `None` takes a variable away."""
    env = {name: value for name, value in {**server.environment, **environment}.items() if value is not None}
    done = subprocess.run([f"{BIN}/roundhouse", *arguments], env=env, capture_output=True, text=True, timeout=90)
    return done.returncode, done.stdout + done.stderr


def test_a_command_with_another_key_is_refused_before_it_writes(servers):
    server, _ = servers()
    server.environment["ROUNDHOUSE_SECRET_KEY"] = "correct horse"
    server.start()
    key = server.provision("acme", NUMBER)
    for stopped in (False, True):
        if stopped:
            server.stop()
        for other in (None, "wrong horse"):
            code, words = says(server, *CREATE, ROUNDHOUSE_SECRET_KEY=other)
            assert code != 0 and "key" in words, words
        assert not os.path.exists(f"{server.data}/secret.key")
        assert [t["key"] for t in server.cli("tenant", "list")] == ["acme"]
    code, words = says(server, "serve", ROUNDHOUSE_SECRET_KEY="wrong horse")
    assert code != 0 and "ROUNDHOUSE_SECRET_KEY is not the key" in words, words
    server.start()
    assert server.api("GET", "/api/v1/tenants/acme/contacts", key=key)[0] == 200
    assert says(server, *CREATE)[0] == 0


def test_a_key_file_that_is_lost_is_not_made_anew(servers):
    server, _ = servers()
    server.start()
    server.provision("acme", NUMBER)
    server.stop()
    path = f"{server.data}/secret.key"
    assert os.stat(path).st_mode & 0o777 == 0o600
    os.rename(path, path + ".away")
    for command in (CREATE, ("serve",)):
        code, words = says(server, *command)
        assert code != 0 and path in words, words
        assert not os.path.exists(path)
    os.rename(path + ".away", path)
    server.start()


@pytest.mark.parametrize("name", ["control", "intake"])
def test_a_damaged_file_is_named_and_left_as_it_is(servers, name):
    server, _ = servers()
    server.start()
    server.provision("acme", NUMBER)
    server.stop()
    path = f"{server.data}/{name}.sqlite"
    good = open(path, "rb").read()
    with open(path, "wb") as file:
        file.write(b"garbage " * 1000)
    code, words = says(server, "serve")
    assert code != 0 and path in words and "put it back" in words, words
    assert open(path, "rb").read() == b"garbage " * 1000
    with open(path, "wb") as file:
        file.write(good)
    server.start()


def test_without_its_control_file_a_folder_with_tenants_is_not_begun_anew(servers, tmp_path):
    server, _ = servers()
    server.start()
    key = server.provision("acme", NUMBER)
    server.stop()
    before = sorted(os.listdir(server.data))
    control = f"{server.data}/control.sqlite"
    shutil.move(control, tmp_path / "control.sqlite")
    before.remove("control.sqlite")
    for command in (("serve",), ("number", "add", "acme", "+14155550109")):
        code, words = says(server, *command)
        assert code != 0 and "control.sqlite is missing" in words and "acme" in words, words
    assert sorted(os.listdir(server.data)) == before
    shutil.move(tmp_path / "control.sqlite", control)
    server.start()
    assert server.api("GET", "/api/v1/tenants/acme/contacts", key=key)[0] == 200


def test_commands_without_a_server_wait_for_each_other_and_a_server_for_them(servers):
    server, _ = servers()
    ended = []
    asks = [threading.Thread(target=lambda n=n: ended.append(says(
        server, "tenant", "create", f"t{n}", "--name", "T", "--owner-email", "o@t.test", "--twilio-sid", "AC" + "b" * 32, "--twilio-token", "t"))) for n in range(6)]
    [ask.start() for ask in asks]
    [ask.join() for ask in asks]
    assert [code for code, _ in ended] == [0] * 6, ended
    # Begun beside one another: the server comes, and both kinds of command are done.
    asks = [threading.Thread(target=lambda n=n: ended.append(says(server, "tenant", "list" if n % 2 else "show", *([] if n % 2 else ["t0"])))) for n in range(6)]
    [ask.start() for ask in asks]
    server.start()
    [ask.join() for ask in asks]
    assert [code for code, _ in ended] == [0] * 12, ended
    assert [t["key"] for t in server.cli("tenant", "list")] == [f"t{n}" for n in range(6)]


def test_settings_come_from_a_file_behind_flags_and_environment(servers, tmp_path):
    server, _ = servers()
    path = tmp_path / "settings.json"
    path.write_text('{"open_files": 7, "data": "/nowhere", "redis_url": "redis://user:secret@cache.test"}')
    code, words = says(server, "settings", "--settings-file", str(path))
    assert code == 0 and "ROUNDHOUSE_OPEN_FILES=7  (file)" in words and "/nowhere" not in words and "secret" not in words, words
    code, words = says(server, "settings", "--open-files", "9", ROUNDHOUSE_SETTINGS_FILE=str(path))
    assert code == 0 and "ROUNDHOUSE_OPEN_FILES=9  (flag)" in words and f"ROUNDHOUSE_SETTINGS_FILE={path}  (environment)" in words, words
    path.write_text('{"open_file": 7}')
    code, words = says(server, "tenant", "list", "--settings-file", str(path))
    assert code != 0 and "open_file, which there is not" in words, words


def test_settings_show_no_part_of_a_password(servers):
    server, _ = servers()
    code, words = says(server, "settings", ROUNDHOUSE_REDIS_URL="redis://user:pa:ss@wo:rd@cache.test:6379/0", ROUNDHOUSE_SECRET_KEY="hidden:one")
    assert code == 0 and "redis://user:********@cache.test:6379/0" in words, words
    assert not any(part in words for part in ("pa:", ":ss", "wo:rd", "hidden", "one\n"))


def test_settings_name_what_a_server_would_refuse(servers):
    server, _ = servers()
    for name, value in (("LISTEN", "foo"), ("PUBLIC_URL", "ftp://x"), ("TWILIO_API", "5"), ("OPEN_FILES", "-1"), ("OPEN_FILES", "many"), ("LOG_LEVEL", "zzz"),
                        ("TRUSTED_PROXIES", "10.0.0.0/99"), ("WEBHOOK_ALLOW", "x"), ("DNS_SERVER", "x"), ("SCANNER_NETWORKS", "/nowhere/list")):
        variable = f"ROUNDHOUSE_{name}"
        for command in ("settings", "serve"):
            code, words = says(server, command, **{variable: value})
            assert code != 0 and f"{variable}" in words.split("Error: ")[-1], (command, variable, value, words)


def test_a_port_that_is_taken_is_named(servers):
    first, _ = servers()
    first.start()
    second, _ = servers()
    code, words = says(second, "serve", ROUNDHOUSE_LISTEN=f"127.0.0.1:{first.port}")
    assert code != 0 and f"ROUNDHOUSE_LISTEN: something else listens on 127.0.0.1:{first.port}" in words, words


def test_a_backup_makes_no_folder_that_nobody_has_named(servers, tmp_path):
    server, _ = servers()
    server.start()
    server.provision("acme", "+14155550100")
    code, words = says(server, "backup", "acme", "--to", str(tmp_path / "not there" / "acme.sqlite"))
    assert code != 0 and "make it, or name another one" in words and not (tmp_path / "not there").exists(), words
    assert os.path.exists(server.cli("backup", "acme")["file"])


def test_a_tenant_that_cannot_be_copied_keeps_no_other_from_its_backup(server):
    for tenant, number in (("acme", "+14155550100"), ("other", "+14155550199"), ("third", "+14155550198")):
        server.provision(tenant, number)
    server.cli("tenant", "pause", "other")
    path = f"{server.data}/tenants/other/tenant.sqlite"
    with open(path, "r+b") as file:
        file.write(b"\x5a" * 4096)
    code, words = says(server, "backup", "--all", "--json")
    answer = json.loads(words[words.index("{"):words.rindex("}") + 1])
    assert code == 1 and [one["tenant"] for one in answer["failed"]] == ["other"], words
    assert sorted(os.path.dirname(one["file"]).rsplit("/", 1)[1] for one in answer["backups"]) == ["acme", "third"]
