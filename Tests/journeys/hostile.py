"""Two hundred hostile clients, in a process of their own: `python hostile.py PORT SECONDS REQUESTS_A_SECOND_EACH`. Tells what they were answered."""
import asyncio, collections, hashlib, json, random, sys, time

PORT, SECONDS, RATE = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
END = time.monotonic() + SECONDS
STATUS = "/webhooks/twilio/status?tenant=acme&job=1&attempt=1&issued=1"
BOMBS = ["[" * 60_000, '{"a":' * 12_000, '{"a":' + "[" * 500 + '"",' * 19_000, "[" + "[[[[[[[[],[]]]]]]],[]],\n" * 2_400 + "0]"]
answers = collections.Counter()


def post(path, body, kind, *headers):
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body.encode()


def bomb():
    body = random.choice(BOMBS)
    path = f"{STATUS}&bodySHA256={hashlib.sha256(body.encode()).hexdigest()}"
    return post(path, body, "application/json", "X-Twilio-Signature: AAAAAAAAAAAAAAAAAAAAAAAAAAA=")


def unsigned():
    signature = random.choice([(), ("X-Twilio-Signature: AAAAAAAAAAAAAAAAAAAAAAAAAAA=",)])
    body = f"MessageSid=SM{random.randrange(1 << 60)}&From=%2B1415700{random.randrange(10_000):04d}&To=%2B14155550100&Body=STOP"
    return post("/webhooks/twilio/inbound", body, "application/x-www-form-urlencoded", *signature)


def wrong_key():
    key = f"rh_{random.randrange(1 << 48):012x}_{random.randrange(1 << 250):064x}"
    return f"GET /api/v1/tenants/acme/contacts HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n\r\n".encode()


async def answer(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = [int(line.split(":")[1]) for line in head.split("\r\n") if line.startswith("content-length:")]
    await reader.readexactly(length[0] if length else 0)
    answers[head.split()[1]] += 1


async def flood(make, rate):
    """On one connection after the other, as long as each is kept."""
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    try:
        while True:
            writer.write(make())
            await answer(reader)
            await asyncio.sleep(random.uniform(0.5, 1.5) / rate)
    finally:
        writer.close()


async def slow_head():
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    try:
        writer.write(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Padding: ")
        while True:
            writer.write(b"a")
            await writer.drain()
            try:
                await asyncio.wait_for(reader.read(1), 0.5)
                return
            except TimeoutError:
                pass
    finally:
        writer.close()


async def idle():
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    try:
        await reader.read(1)
    finally:
        writer.close()


async def again(client, *arguments):
    await asyncio.sleep(random.random())
    while time.monotonic() < END:
        try:
            await client(*arguments)
        except (OSError, asyncio.IncompleteReadError):
            answers["cut off"] += 1
            await asyncio.sleep(0.2)


async def main():
    clients = [(slow_head,)] * 60 + [(idle,)] * 40 + [(flood, bomb, RATE / 2)] * 20 + [(flood, unsigned, RATE)] * 40 + [(flood, wrong_key, RATE)] * 40
    assert len(clients) == 200
    tasks = [asyncio.create_task(again(*client)) for client in clients]
    await asyncio.sleep(SECONDS)
    for task in tasks:
        task.cancel()
    print(json.dumps(answers))


asyncio.run(main())
