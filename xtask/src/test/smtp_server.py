"""The mail server of the tests: three listeners of aiosmtpd on free ports of this machine.

`smtp_server.py FOLDER` makes a certificate (`ca.pem`) in the folder, keeps each message that it takes as a file of JSON
in its folder `mail`, and says in `ports.json`, last of all, where it listens:

- `plain`: neither TLS nor sign-in
- `starttls`: TLS after STARTTLS, then a sign-in
- `tls`: TLS from the first byte, then a sign-in

What it makes of a recipient is in the name: `unknown` does not exist, `full` never has room, `greylisted` is taken at the
second try, and what is sent to `picky` is not taken.
"""

import asyncio
import datetime
import ipaddress
import json
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
LOGIN = (b"origin", b"correct horse")


def certificate(folder):
    """Makes a certificate that signs itself, valid for this machine, and the TLS settings that show it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail server of the tests")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(HOST))]
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "ca.pem").write_bytes(pem)
    both = folder / "server.pem"
    both.write_bytes(pem + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context


class Mailboxes:
    """Takes messages, and refuses some."""

    def __init__(self, folder, listener):
        self.folder = folder
        self.listener = listener
        self.tried = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        kind = address.split("-")[0]
        if kind == "unknown":
            return f"550 5.1.1 <{address}>: there is no such mailbox"
        if kind == "full":
            return "452 4.2.2 The mailbox is full"
        if kind == "greylisted" and address not in self.tried:
            self.tried.add(address)
            return "451 4.7.1 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        [recipient] = envelope.rcpt_tos
        if recipient.startswith("picky"):
            return "554 5.7.1 The message looks like spam"
        taken = {
            "listener": self.listener,
            "hello": session.host_name,
            "signedIn": bool(session.authenticated),
            "sender": envelope.mail_from,
            "recipient": recipient,
            "message": envelope.content.decode("utf-8"),
        }
        count = len(list(self.folder.glob(f"{recipient}.*")))
        (self.folder / f"{recipient}.{count}.json").write_text(json.dumps(taken))
        return "250 OK"


def authenticator(server, session, envelope, mechanism, login):
    return AuthResult(success=(login.login, login.password) == LOGIN, handled=False)


async def main(folder):
    tls = certificate(folder)
    mail = folder / "mail"
    mail.mkdir()
    signs_in = {"authenticator": authenticator, "auth_required": True}
    listeners = {
        "plain": (None, {}),
        "starttls": (None, {"tls_context": tls, "require_starttls": True, **signs_in}),
        "tls": (tls, {"auth_require_tls": False, **signs_in}),
    }
    loop = asyncio.get_running_loop()
    ports = {}
    for name, (wrapped_in, settings) in listeners.items():
        handler = Mailboxes(mail, name)
        server = await loop.create_server(
            lambda handler=handler, settings=settings: SMTP(handler, hostname="localhost", **settings),
            HOST,
            0,
            ssl=wrapped_in,
        )
        ports[name] = server.sockets[0].getsockname()[1]
    unfinished = folder / "ports.part"
    unfinished.write_text(json.dumps(ports))
    unfinished.rename(folder / "ports.json")
    await asyncio.Event().wait()


asyncio.run(main(pathlib.Path(sys.argv[1])))
