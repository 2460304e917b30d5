"""Certificates of a test authority, made when first asked for. Keys never leave the folder of one run."""

import datetime
import os
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def subject(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def pem(thing):
    return thing.public_bytes(serialization.Encoding.PEM)


def key_pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


class Authority:
    """A root in `folder` (`root.pem`), and a leaf for any name."""

    def __init__(self, folder):
        self.folder, self.contexts = folder, {}
        os.makedirs(folder, exist_ok=True)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = subject("Telltale Test Authority")
        root = self.build(self.name, self.key.public_key(), None)
        with open(os.path.join(folder, "root.pem"), "wb") as file:
            file.write(pem(root))

    def build(self, name, public, names):
        now = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
        maker = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self.name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=24))
            .not_valid_after(now + datetime.timedelta(days=66))
            .add_extension(x509.BasicConstraints(ca=names is None, path_length=None), critical=True)
        )
        if names:
            maker = maker.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False)
        return maker.sign(self.key, hashes.SHA256())

    def leaf(self, name, names):
        """Files of a certificate for these names and of its key."""
        base = os.path.join(self.folder, name.replace("*", "_"))
        if not os.path.exists(base + ".pem"):
            key = ec.generate_private_key(ec.SECP256R1())
            certificate = self.build(subject(names[0]), key.public_key(), names)
            with open(base + ".key", "wb") as file:
                file.write(key_pem(key))
            with open(base + ".pem", "wb") as file:
                file.write(pem(certificate))
        return base + ".pem", base + ".key"

    def context(self, name, names, top=ssl.TLSVersion.TLSv1_3, alpn=("http/1.1",)):
        """A server's TLS context for a name."""
        if name not in self.contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.maximum_version = top
            context.load_cert_chain(*self.leaf(name, names))
            context.num_tickets = 1
            if alpn:
                context.set_alpn_protocols(list(alpn))
            self.contexts[name] = context
        return self.contexts[name]
