"""What a user would write instead: a FastAPI handler each for reports and clicks, with the provider's own package to check signatures, one
SQLite file, FULL, a commit per event."""
import json, os, sqlite3

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from twilio.request_validator import RequestValidator

app = FastAPI()
file = sqlite3.connect(os.environ["FASTAPI_FILE"], check_same_thread=False, isolation_level=None)
file.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE IF NOT EXISTS reports (sid TEXT, status TEXT, code TEXT, body TEXT, UNIQUE (sid, status, code));"
                   "CREATE TABLE IF NOT EXISTS jobs (id INTEGER PRIMARY KEY, state TEXT)")
BASE, validator = os.environ["FASTAPI_URL"], RequestValidator("token")


@app.post("/webhooks/twilio/status")
async def status(request: Request):
    fields = dict(await request.form())
    address = f"{BASE}/webhooks/twilio/status?{request.url.query}"
    if not validator.validate(address, fields, request.headers.get("x-twilio-signature", "")):
        return Response(status_code=403)
    file.execute("BEGIN IMMEDIATE")
    file.execute("INSERT OR IGNORE INTO reports VALUES (?, ?, ?, ?)", (fields["MessageSid"], fields["MessageStatus"], fields.get("ErrorCode", ""), json.dumps(fields)))
    file.execute("INSERT INTO jobs VALUES (?, ?) ON CONFLICT DO UPDATE SET state = excluded.state", (request.query_params["job"], fields["MessageStatus"]))
    file.execute("COMMIT")
    return Response(status_code=204)


file.executescript("CREATE TABLE IF NOT EXISTS links (token TEXT PRIMARY KEY, target TEXT); CREATE TABLE IF NOT EXISTS hits (token TEXT, at REAL, agent TEXT, address TEXT)")


@app.get("/{token}")
async def click(token: str, request: Request):
    found = file.execute("SELECT target FROM links WHERE token = ?", (token,)).fetchone()
    if not found:
        return Response(status_code=404)
    file.execute("INSERT INTO hits VALUES (?, unixepoch('subsec'), ?, ?)", (token, request.headers.get("user-agent"), request.client.host))
    return RedirectResponse(found[0], status_code=302)
