"""aiosmtpd as the tests' mail server, by STARTTLS and by TLS, with a login; what it got is read over HTTP.

Arguments: the ports of STARTTLS, TLS and HTTP; certificate and key as PEM files; user and password.
GET / gives the messages as Python's own parser reads them. POST / sets the mood: {"data": "451 4.7.1 later"},
{"rcpt": {"a@example.com": "450 4.2.1 later"}}, {"hang": true}; {} accepts, and forgets the messages.
"""

import asyncio
import json
import ssl
import sys
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

starttls_port, tls_port, http_port = (int(port) for port in sys.argv[1:4])
certificate, key, user, password = sys.argv[4:8]
messages = []
mood = {}


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        refusal = mood.get("rcpt", {}).get(address)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        if mood.get("hang"):
            await asyncio.Event().wait()
        if mood.get("data"):
            return mood["data"]
        secured = server.transport.get_extra_info("ssl_object") is not None
        messages.append(describe(session, envelope, secured))
        return "250 2.0.0 OK"


def describe(session, envelope, secured):
    message = message_from_bytes(envelope.content, policy=policy.default)
    parts = {kind: message.get_body(preferencelist=(kind,)) for kind in ("plain", "html")}
    return {
        "from": envelope.mail_from,
        "to": envelope.rcpt_tos,
        "secured": secured,
        "loggedIn": session.authenticated,
        "headers": {name.lower(): str(value).strip() for name, value in message.items()},
        "defects": [str(defect) for part in message.walk() for defect in part.defects],
        "longestLine": max(len(line) for line in envelope.content.split(b"\r\n")),
        "text": parts["plain"].get_content().replace("\r\n", "\n"),
        "html": parts["html"].get_content(),
    }


def authenticate(server, session, envelope, mechanism, data):
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (user.encode(), password.encode())
    return AuthResult(success=known, handled=False)


class Control(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(messages)

    def do_POST(self):
        mood.clear()
        mood.update(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        if not mood:
            messages.clear()
        self.answer({})

    def answer(self, content):
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(certificate, key)
common = {"hostname": "127.0.0.1", "authenticator": authenticate, "auth_required": True}
Controller(Handler(), port=starttls_port, tls_context=context, require_starttls=True, **common).start()
Controller(Handler(), port=tls_port, ssl_context=context, auth_require_tls=False, **common).start()
HTTPServer(("127.0.0.1", http_port), Control).serve_forever()
