"""Network namespaces with real links between them, and a far network in user space.

A `Lab` owns its namespaces (all named `tell-...`) and removes them at the end. Two of them are joined either by a
veth pair (`link`) or by a `Wire`: two tap devices and a thread that carries frames between them, late, out of
order, twice or not at all, as its rule says. Nothing here touches the machine's own network: no namespace gets a
way out of the machine.
"""

import ctypes
import fcntl
import heapq
import os
import select
import signal
import struct
import subprocess
import threading
import time

TUNSETIFF, IFF_TUN, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0001, 0x0002, 0x1000
CLONE_NEWNET = 0x40000000
HERE = os.path.dirname(os.path.abspath(__file__))
LIBC = ctypes.CDLL(None, use_errno=True)


def run(*command, **options):
    """Runs a command and fails loudly."""
    return subprocess.run([str(c) for c in command], check=True, **options)


def open_tap(namespace, device, tun=False):
    """Makes a tap (or tun) device inside a namespace and returns its file descriptor."""
    result = {}

    def inside():
        with open(f"/var/run/netns/{namespace}") as door:
            if LIBC.setns(door.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        fd = os.open("/dev/net/tun", os.O_RDWR)
        kind = (IFF_TUN if tun else IFF_TAP) | IFF_NO_PI
        fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", device.encode(), kind))
        result["fd"] = fd

    thread = threading.Thread(target=inside)  # setns changes this thread only
    thread.start()
    thread.join()
    return result["fd"]


class Inside(threading.Thread):
    """Runs a function in a namespace: sockets that it opens, and threads that it starts, are of that namespace."""

    def __init__(self, namespace, function, *given):
        super().__init__(daemon=True)
        self.namespace, self.function, self.given, self.gave, self.failed = namespace, function, given, None, None
        self.start()

    def run(self):
        try:
            with open(f"/var/run/netns/tell-{self.namespace}") as door:
                if LIBC.setns(door.fileno(), CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), "setns")
            self.gave = self.function(*self.given)
        except BaseException as problem:  # handed to whoever asks for the result
            self.failed = problem

    def result(self, seconds=60):
        self.join(seconds)
        if self.failed:
            raise self.failed
        if self.is_alive():
            raise TimeoutError(self.function)
        return self.gave


class Wire(threading.Thread):
    """Carries frames between two taps. `rule(frame, forth)` gives the delays in seconds after which the frame
    arrives: none for a lost frame, two for a doubled one. `seen(frame, forth)` is told of each frame that arrives."""

    def __init__(self, left, right, rule=lambda frame, forth: [0.0], seen=None):
        super().__init__(daemon=True)
        self.left, self.right, self.rule, self.seen = left, right, rule, seen
        self.waiting, self.order, self.ended = [], 0, False

    def run(self):
        while not self.ended:
            now = time.monotonic()
            while self.waiting and self.waiting[0][0] <= now:
                _, _, fd, frame, forth = heapq.heappop(self.waiting)
                if self.seen:
                    self.seen(frame, forth)
                os.write(fd, frame)
            pause = min(0.05, max(0.0, self.waiting[0][0] - now)) if self.waiting else 0.05
            for fd in select.select([self.left, self.right], [], [], pause)[0]:
                frame = os.read(fd, 65536)
                forth = fd == self.left
                for delay in self.rule(frame, forth):
                    self.order += 1
                    to = self.right if forth else self.left
                    heapq.heappush(self.waiting, (time.monotonic() + delay, self.order, to, frame, forth))


class Lab:
    """Namespaces and the processes in them."""

    def __init__(self, *namespaces):
        self.namespaces = ["tell-" + n for n in namespaces]
        self.processes, self.wires = [], []
        for name in self.namespaces:
            subprocess.run(["ip", "netns", "del", name], stderr=subprocess.DEVNULL, check=False)
            run("ip", "netns", "add", name)
            os.makedirs(f"/etc/netns/{name}", exist_ok=True)
            self.sh(name[5:], "ip link set lo up")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            self.stop(process)
        for wire in self.wires:
            wire.ended = True
            wire.join()
        for name in self.namespaces:
            run("ip", "netns", "del", name)
            subprocess.run(["rm", "-rf", f"/etc/netns/{name}"], check=True)

    def sh(self, namespace, commands):
        """Runs shell lines in a namespace."""
        return run("ip", "netns", "exec", "tell-" + namespace, "sh", "-ec", commands)

    def start(self, namespace, *command, **options):
        """Starts a process in a namespace; it is ended with the lab."""
        process = subprocess.Popen(["ip", "netns", "exec", "tell-" + namespace, *map(str, command)], **options)
        self.processes.append(process)
        return process

    def stop(self, process, how=signal.SIGTERM):
        """Ends one process that this lab started."""
        if process.poll() is None:
            process.send_signal(how)
            try:
                process.wait(8)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process in self.processes:
            self.processes.remove(process)

    def link(self, left, left_device, right, right_device, left_mac=None, right_mac=None, mtu=1500):
        """A veth pair whose packets look as on a real wire: no offloads, whole checksums, no joined segments."""
        run("ip", "link", "add", left_device, "netns", "tell-" + left, "type", "veth",
            "peer", "name", right_device, "netns", "tell-" + right)
        for side, device, mac in ((left, left_device, left_mac), (right, right_device, right_mac)):
            if mac:
                self.sh(side, f"ip link set {device} address {mac}")
            self.sh(side, f"ethtool -K {device} tx off tso off gso off gro off >/dev/null 2>&1 || true")
            self.sh(side, f"ip link set {device} mtu {mtu} up")

    def wire(self, left, left_device, right, right_device, rule=lambda frame, forth: [0.0], seen=None, tun=False):
        """A link in user space (see `Wire`), of tap devices or of tun devices."""
        fds = open_tap("tell-" + left, left_device, tun), open_tap("tell-" + right, right_device, tun)
        for side, device in ((left, left_device), (right, right_device)):
            self.sh(side, f"ip link set {device} up")
        wire = Wire(*fds, rule, seen)
        wire.start()
        self.wires.append(wire)
        return wire

    def resolver(self, namespace, text):
        """What /etc/resolv.conf says inside a namespace."""
        with open(f"/etc/netns/tell-{namespace}/resolv.conf", "w") as file:
            file.write(text)

    def capture(self, namespace, device, path, *options):
        """Captures until stopped, by dumpcap."""
        process = self.start(namespace, "dumpcap", "-q", "-i", device, "-w", path, *options,
                             stderr=subprocess.DEVNULL)
        for _ in range(100):
            time.sleep(0.05)
            if os.path.exists(path) and os.path.getsize(path) > 0:
                break
        time.sleep(0.5)
        return process

    def stop_capture(self, process):
        """Ends a capture after the last packets came in."""
        time.sleep(1.0)
        self.stop(process, signal.SIGINT)
