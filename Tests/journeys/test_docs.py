import pathlib, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_the_data_model_in_docs_is_what_the_schemas_say():
    check = subprocess.run([sys.executable, ROOT / "ops/docs/data_model.py", "--check"], capture_output=True, text=True)
    assert check.returncode == 0, check.stderr
