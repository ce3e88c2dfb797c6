"""A mail server of our own, and a browser as far as cookies and forms go."""
import email, email.policy, html, http.client, json, re
from urllib.parse import urlencode, urlsplit

from aiosmtpd.controller import Controller
from openapi import watch
from support import free_port, wait_until


class MailServer:
    """Takes every mail; `refuses` answers so many with a temporary error first."""

    def __init__(self, refuses=0, **options):
        self.mails, self.refuses, self.tries = [], refuses, 0
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port(), **options)
        self.controller.start()
        self.url = f"smtp://127.0.0.1:{self.controller.port}"

    async def handle_DATA(self, server, session, envelope):
        self.tries += 1
        if self.tries <= self.refuses:
            return "451 Try again later"
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append((envelope.rcpt_tos, mail))
        return "250 OK"

    def wait(self, to, subject=None, count=1):
        def found():
            mails = [mail for rcpt, mail in list(self.mails) if to in rcpt and (subject is None or subject in mail["Subject"])]
            return mails[count - 1] if len(mails) >= count else None
        return wait_until(found)

    def close(self):
        self.controller.stop()


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


def link_of(mail):
    return re.search(r"^https?://\S+$", text_of(mail), re.M)[0]


def code_of(mail):
    return re.search(r"^Code: (\S+)$", text_of(mail), re.M)[1]


class Browser:
    """Keeps cookies, follows nothing by itself, and sends forms as a page has them."""

    def __init__(self, server, **headers):
        self.server, self.cookies, self.headers = server, {}, headers

    def take(self, raw):
        for line in raw:
            name, _, rest = line.partition("=")
            value = rest.split(";")[0]
            if "Max-Age=0" in line:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value

    def get(self, path, **headers):
        return self.send("GET", path, None, **headers)

    def send(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        try:
            all_headers = {name.replace("_", "-"): value for name, value in {**self.headers, **headers}.items()}
            if self.cookies:
                all_headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            connection.request(method, path, body, all_headers)
            answer = connection.getresponse()
            self.take(answer.headers.get_all("Set-Cookie") or [])
            body = answer.read()
            if path.startswith("/api/"):
                watch.see(self.server.port, method, path, answer.status, dict(answer.getheaders()), body)
            return answer.status, answer.headers, body.decode()
        finally:
            connection.close()

    def form(self, path, action=None, **fields):
        """Opens a page and sends its form, hidden fields and all."""
        status, _, page = self.get(path)
        assert status in (200, 422), (status, page)
        return self.submit(page, action or path, **fields)

    def submit(self, page, action, **fields):
        hidden = {html.unescape(n): html.unescape(v) for n, v in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page)}
        body = urlencode({**hidden, **fields})
        return self.send("POST", action, body, Content_Type="application/x-www-form-urlencoded")

    def open_link(self, link, press=True, **fields):
        parts = urlsplit(link)
        status, _, page = self.get(f"{parts.path}?{parts.query}")
        if not press:
            return status, page
        assert status == 200, (status, page)
        return self.submit(page, "/sign-in/confirm", **fields)

    def api(self, method, path, body=None, **headers):
        me = {"Origin": self.server.url, **headers} if method != "GET" else headers
        status, answered, text = self.send(method, path, None if body is None else json.dumps(body), **({"Content_Type": "application/json"} if body is not None else {}), **me)
        return status, json.loads(text) if "json" in answered.get("Content-Type", "") else text
