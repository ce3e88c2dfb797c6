#!/usr/bin/env python3
"""Writes docs/data-model.md from the schemas (`schema.sql` beside the migrations; unit tests hold them equal to what migrations make)
and from purposes.tsv. `--check`: only says whether the document is what it would write.

A line with dots is a reference that no FOREIGN KEY declares: a column named like another table's id."""
import os, re, sqlite3, sys

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.join(here, "..", "..")
FILES = [
    ("Control file", "control", "Sources/ControlPlane/Database/schema.sql", "Who exists: one of a data folder, `control.sqlite`."),
    ("Intake", "intake", "Sources/ControlPlane/Intake/schema.sql", "What was answered for and what outlives a tenant's file: one of a node, `intake.sqlite`."),
    ("Tenant file", "tenant", "Sources/TenantRuntime/Database/schema.sql", "All of one tenant: `tenants/KEY/tenant.sqlite`."),
]
# Columns that name a row of another table otherwise than by its name.
NAMED = {"short_link_id": "short_links", "send_job_id": "send_jobs", "job_id": "send_jobs", "import_id": "import_batches", "batch_id": "import_batches", "tenant_key": "tenants", "test_of": "campaigns", "endpoint_id": "webhook_endpoints", "client_id": "hit_clients"}


def purposes():
    lines = [line.rstrip("\n").split("\t") for line in open(os.path.join(here, "purposes.tsv"), encoding="utf-8")]
    return {(file, table): purpose for file, table, purpose in lines}


def created(path):
    """A database with the schema. What a virtual table keeps in tables of its own is made with it."""
    db, statement = sqlite3.connect(":memory:"), ""
    for line in open(os.path.join(root, path), encoding="utf-8"):
        statement += line
        if sqlite3.complete_statement(statement):
            if not re.match(r"\s*CREATE TABLE '", statement):
                db.execute(statement)
            statement = ""
    return db


def tables(db):
    names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid")]
    virtual = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%'")]
    return [name for name in names if not any(name.startswith(f"{v}_") and name[len(v) + 1:] in ("data", "idx", "content", "docsize", "config") for v in virtual)]


def reference(column, names):
    if column in NAMED and NAMED[column] in names:
        return NAMED[column]
    if column.endswith("_id"):
        stem = column[:-3]
        for plural in (stem + "s", stem + "es", stem[:-1] + "ies"):
            if plural in names:
                return plural
    return None


def diagram(db, names):
    lines, relations = ["```mermaid", "erDiagram"], []
    for name in names:
        keys = {row[3]: row[2] for row in db.execute(f"PRAGMA foreign_key_list({name})")}
        unique = set()
        for index in db.execute(f"PRAGMA index_list({name})").fetchall():
            columns = [row[2] for row in db.execute(f"PRAGMA index_info({index[1]})")]
            if index[2] and index[3] != "pk" and len(columns) == 1:
                unique.add(columns[0])
        lines.append(f"  {name} {{")
        for _, column, kind, required, _, primary in db.execute(f"PRAGMA table_info({name})"):
            other = keys.get(column) or reference(column, names)
            if other and other != name:
                relations.append(f"  {other} ||{'--' if column in keys else '..'}o{{ {name} : {column}")
            marks = ", ".join(mark for mark, holds in (("PK", primary), ("FK", column in keys), ("UK", column in unique)) if holds)
            lines.append(f"    {(kind or 'ANY').lower()} {column}" + (f" {marks}" if marks else "") + ("" if required or primary else ' "may be null"'))
        lines.append("  }")
    return lines + relations + ["```"]


def document():
    known, used = purposes(), set()
    out = ["# Data model", "", "Written by `make data-model` from the schemas; a test holds it true. Times are milliseconds since 1970, phones are digits, money is",
           "micros (millionths of the account's currency). Lines with dots are references that no foreign key declares.", ""]
    for title, file, path, about in FILES:
        db = created(path)
        names = tables(db)
        out += [f"## {title}", "", about, "", "| table | holds |", "|---|---|"]
        for name in names:
            if (file, name) not in known:
                sys.exit(f"ops/docs/purposes.tsv does not say what {name} of the {file} file holds")
            used.add((file, name))
            out.append(f"| `{name}` | {known[file, name]} |")
        out += [""] + diagram(db, names) + [""]
    for file, name in set(known) - used:
        sys.exit(f"ops/docs/purposes.tsv names {name} of the {file} file, which does not exist")
    return "\n".join(out)


if __name__ == "__main__":
    path = os.path.join(root, "docs", "data-model.md")
    text = document()
    if "--check" in sys.argv:
        if not os.path.exists(path) or open(path, encoding="utf-8").read() != text:
            sys.exit("docs/data-model.md is not what the schemas say: run `make data-model`")
    else:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, "w", encoding="utf-8").write(text)
