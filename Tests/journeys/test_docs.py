import pathlib, re, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_the_data_model_in_docs_is_what_the_schemas_say():
    check = subprocess.run([sys.executable, ROOT / "ops/docs/data_model.py", "--check"], capture_output=True, text=True)
    assert check.returncode == 0, check.stderr


def test_files_that_documents_and_comments_name_are_there():
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    texts = [f for f in files if f.endswith((".md", ".swift", ".sql")) and f.startswith(("docs/", "README", "Sources/", "Tests/"))]
    lost = []
    for name in texts:
        pattern = r"`((?:[\w.-]+/)*[\w-]+\.(?:swift|py|sql|md))`" if name.endswith(".md") else r"\b((?:[A-Z]\w+/)+[A-Z]\w+\.swift)\b"
        for said in re.findall(pattern, (ROOT / name).read_text()):
            if not any(f == said or f.endswith("/" + said) for f in files):
                lost.append(f"{name} names {said}")
    assert not lost, "\n".join(lost)
