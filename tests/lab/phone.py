"""A minute in the life of a phone, in a few seconds: phone.py CA_FILE ROUNDS (0: without an end).

Run inside the phone's namespace. Does what `phone_life.py` of the captures does, with its clients; each thing that it did is printed
as one JSON line.
"""

import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "captures", "make"))

from phone_life import CHECKER, DALVIK, Phone  # noqa: E402

PACE = 20.0


class TalkativePhone(Phone):
    """A phone that does all of its things at once, and still says one after the other what they were."""

    speaking = threading.Lock()

    def said(self, **what):
        with self.speaking:
            super().said(**what)


def minute(phone):
    """One thing of each kind: clear text, TLS as apps and as a browser speak it, QUIC, time, an address without a name."""
    return [
        lambda: phone.plain("connectivitycheck.gstatic.com", "/generate_204", CHECKER),
        lambda: phone.app("graph.facebook.com", (1900, 500, 1)),
        lambda: phone.app("app-measurement.com", (1900, 60, 0)),
        lambda: phone.app("api.onesignal.com", (800, 240, 0)),
        lambda: phone.browser(("www.lemonde.fr", 0, 17000)),
        lambda: phone.quic("www.google.com", (900, 1)),
        lambda: phone.quic("youtubei.googleapis.com", (5200, 1), (1800, 1)),
        lambda: phone.ntp(),
        lambda: phone.plain("mobile.smartadserver.com", "/ac?siteid=104808&uid=7f1c2b9e-5d0a-4c35-9be2-3a6d0e51f8a4", DALVIK),
        lambda: phone.game_server(),
    ]


def main():
    phone, rounds, failed = TalkativePhone(sys.argv[1], PACE), int(sys.argv[2]), []

    def run(step):
        try:
            step()
        except Exception as problem:
            failed.append(problem)
            print(problem, file=sys.stderr, flush=True)

    while True:
        steps = [threading.Thread(target=run, args=(step,)) for step in minute(phone)]
        for step in steps:
            step.start()
        for step in steps:
            step.join(60)
        rounds -= 1
        if rounds == 0:
            break
        phone.wait(20)
    sys.exit(1 if failed else 0)


main()
