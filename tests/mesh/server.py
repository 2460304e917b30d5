"""The mesh of `up`: Prosody, its authority and accounts, and the wire to it. See there for the commands."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from lab import Lab

GROUP = [f"a{n}" for n in range(1, 13)]
SERVER, AGENTS = "10.77.0.1", "10.77.0.2"
CONFIG = """run_as_root = true
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/data"
certificates = "{folder}/certs"
log = {{ {{ levels = {{ min = "info" }}, to = "file", filename = "{folder}/prosody.log" }} }}
interfaces = {{ "{address}" }}; local_interfaces = {{ "{address}" }}
c2s_ports = {{ {starttls} }}; c2s_direct_tls_ports = {{ {direct} }}
s2s_ports = {{}}; component_ports = {{}}; http_ports = {{}}; https_ports = {{}}
modules_enabled = {{ "roster"; "saslauth"; "tls"; "disco"; "presence"; "message"; "iq"; "c2s"; "posix"; "offline"; "pep";
  "ping"; "time"; "version"; "smacks"; "register"; "groups" }}
modules_disabled = {{ "s2s" }}
allow_registration = true
authentication = "internal_hashed"; password_hash = "SHA-256"
disable_sasl_mechanisms = {{ "PLAIN", "DIGEST-MD5" }}
c2s_require_encryption = true
storage = "internal"
limits = {{ c2s = {{ rate = "100mb/s" }} }}
ssl = {{ key = "{folder}/certs/server.key"; certificate = "{folder}/certs/server.crt" }}
groups_file = "{folder}/groups.txt"
VirtualHost "{domain}"
Component "pubsub.{domain}" "pubsub"
  autocreate_on_publish = true; expose_publisher = true
  admins = {{ "a1@{domain}" }}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as door:
        return door.getsockname()[1]


class Mesh(Lab):
    """The server, and two namespaces where they are wanted."""

    def __init__(self, name, here):
        self.here, self.folder = here, tempfile.mkdtemp(prefix="tell-mesh-")
        self.server, self.agents = f"{name}-server", f"{name}-agents"
        super().__init__(*([] if here else [self.server, self.agents]))
        self.domain, self.address = ("localhost", "127.0.0.1") if here else ("mesh.test", SERVER)
        self.ports = (free_port(), free_port()) if here else (5222, 5223)
        self.prosody = None

    def __exit__(self, *gone):
        super().__exit__(*gone)
        shutil.rmtree(self.folder, ignore_errors=True)

    def build(self):
        """The wire, the authority, the accounts; then the server, until it takes connections."""
        if not self.here:
            self.link(self.server, "mesh0", self.agents, "mesh0")
            self.sh(self.server, f"ip addr add {SERVER}/24 dev mesh0")
            self.sh(self.agents, f"ip addr add {AGENTS}/24 dev mesh0")
        for place in ("data", "certs"):
            os.makedirs(os.path.join(self.folder, place))
        self.vouch()
        starttls, direct = self.ports
        self.write("prosody.cfg.lua", CONFIG.format(
            folder=self.folder, address=self.address, starttls=starttls, direct=direct, domain=self.domain))
        self.write("groups.txt", "[Telltale]\n" + "".join(f"{name}@{self.domain}={name}\n" for name in GROUP))
        for name in GROUP:
            self.account(name)
        self.server_start()

    def vouch(self):
        """An authority of our own, and the server's certificate by it."""
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        self.openssl("req", "-x509", *key, "-days", "30", "-subj", "/CN=Telltale test authority", "-keyout", "ca.key", "-out", "ca.crt",
                     "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        self.openssl("req", *key, "-subj", f"/CN={self.domain}", "-keyout", "server.key", "-out", "server.csr")
        self.write("certs/names", f"subjectAltName=DNS:{self.domain},DNS:pubsub.{self.domain},IP:{self.address}\n"
                                  "extendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n")
        self.openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
                     "-extfile", "names", "-out", "server.crt")

    def openssl(self, *command):
        subprocess.run(["openssl", *command], cwd=os.path.join(self.folder, "certs"), check=True, stderr=subprocess.DEVNULL)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)

    def account(self, name):
        subprocess.run(["prosodyctl", "--config", os.path.join(self.folder, "prosody.cfg.lua"), "register", name, self.domain,
                        f"pw-{name}"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return {}

    def server_start(self):
        command = ["prosody", "--config", os.path.join(self.folder, "prosody.cfg.lua"), "-F"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
        if self.here:
            self.prosody = subprocess.Popen(command, **quiet)
            self.processes.append(self.prosody)
        else:
            self.prosody = self.start(self.server, *command, **quiet)
        until = time.monotonic() + 20
        while not self.listens():
            if time.monotonic() > until or self.prosody.poll() is not None:
                raise TimeoutError("the server does not answer")
            time.sleep(0.05)
        return {}

    def listens(self):
        probe = ["sh", "-c", f"ss -Hltn 'sport = :{self.ports[0]}' | grep -q LISTEN"]
        inside = [] if self.here else ["ip", "netns", "exec", f"tell-{self.server}"]
        return subprocess.run([*inside, *probe], check=False).returncode == 0

    def server_kill(self):
        # `ip netns exec` becomes the program itself, so this is the server.
        self.stop(self.prosody, signal.SIGKILL)
        return {}

    def cut(self):
        self.sh(self.server, "ip link set mesh0 down")
        return {}

    def mend(self):
        self.sh(self.server, "ip link set mesh0 up")
        return {}

    def told(self, python):
        return {
            "namespace": None if self.here else f"tell-{self.agents}", "domain": self.domain, "address": self.address,
            "agents": "127.0.0.1" if self.here else AGENTS, "starttls": self.ports[0], "direct": self.ports[1],
            "authority": os.path.join(self.folder, "certs", "ca.crt"), "pid": self.prosody.pid, "python": python,
        }


def say(**what):
    print(json.dumps(what), flush=True)


def serve(name, here, python):
    """Builds the mesh and obeys until stdin closes."""
    commands = ["account", "server-kill", "server-start", "cut", "mend"]
    with Mesh(name, here) as mesh:
        mesh.build()
        say(ready=mesh.told(python))
        for line in sys.stdin:
            command, *words = line.split()
            try:
                if command not in commands:
                    raise ValueError("there is no such command")
                say(done=command, **getattr(mesh, command.replace("-", "_"))(*words))
            except Exception as problem:  # told to whoever gave the command
                say(failed=command, why=str(problem))
