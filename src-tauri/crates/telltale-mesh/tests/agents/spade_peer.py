"""An agent of SPADE as somebody would write it: registers its role, confirms what it got, and sends until it is confirmed.

    spade_peer.py USER PASSWORD PORT TO COUNT FOLDER

Writes the ids of what it got into FOLDER/got (each once, before it confirms) and reads which of its own were confirmed from
FOLDER/sent, so that it can be killed at any point. Prints one JSON line now and then.
"""

import asyncio
import json
import os
import sys
import time
import uuid

import spade
from spade.agent import Agent
from spade.behaviour import CyclicBehaviour, OneShotBehaviour, PeriodicBehaviour
from spade.message import Message
from spade.template import Template

USER, PASSWORD, PORT, TO, COUNT, FOLDER = sys.argv[1:]
ME = f"{USER}@localhost"
WINDOW, PATIENCE = 200, 4
BOOT = time.time_ns()


def lines(name):
    try:
        with open(os.path.join(FOLDER, name)) as file:
            return file.read().split()
    except FileNotFoundError:
        return []


def message(ontology, performative, body, thread="th-42"):
    said = Message(to=TO, thread=thread, body=json.dumps(body))
    said.set_metadata("performative", performative)
    said.set_metadata("ontology", ontology)
    said.set_metadata("language", "json")
    return said


def template(ontology, performative):
    wanted = Template()
    wanted.set_metadata("performative", performative)
    wanted.set_metadata("ontology", ontology)
    return wanted


class Gets(CyclicBehaviour):
    async def on_start(self):
        self.got = set(lines("got"))
        self.book = open(os.path.join(FOLDER, "got"), "a", buffering=1)
        self.confirms = []

    async def run(self):
        came = await self.receive(timeout=0.05 if self.confirms else 1)
        if came is not None:
            envelope = json.loads(came.body)
            assert came.thread == envelope["thread"] == "t", came
            if envelope["id"] not in self.got:
                self.got.add(envelope["id"])
                self.book.write(envelope["id"] + "\n")
            self.confirms.append(envelope["id"])
        if self.confirms and (came is None or len(self.confirms) >= 64):
            ids, self.confirms = self.confirms, []
            await self.send(message("telltale.receipt/1", "confirm", {"ids": ids}, ""))
            print(json.dumps({"got": len(self.got)}), flush=True)


class Hears(CyclicBehaviour):
    """What Telltale confirmed of ours."""

    async def run(self):
        came = await self.receive(timeout=1)
        if came is None:
            return
        body = json.loads(came.body)
        ids = body.get("ids") or body["body"]["ids"]
        self.agent.waits = {id: at for id, at in self.agent.waits.items() if id not in ids}
        self.agent.safe.update(ids)
        self.agent.book.write("".join(id + "\n" for id in ids))


class Registers(PeriodicBehaviour):
    async def run(self):
        await self.send(message("telltale.registry", "inform", {"role": "correlator", "duties": ["store"], "envelopes": True}))


class Sends(OneShotBehaviour):
    async def run(self):
        # The same ids after a kill: what was confirmed is not sent again.
        ids = [str(uuid.uuid5(uuid.NAMESPACE_URL, f"{USER}/{n}")) for n in range(int(COUNT))]
        todo = [(n, id) for n, id in enumerate(ids) if id not in self.agent.safe]
        todo.reverse()
        seq = 0
        while todo or self.agent.waits:
            now = time.monotonic()
            late = [entry for entry, at in self.agent.waits.items() if now - at > PATIENCE]
            again = [(ids.index(id), id) for id in late]
            room = max(0, WINDOW - len(self.agent.waits))
            for n, id in again + [todo.pop() for _ in range(min(room, len(todo)))]:
                seq += 1
                self.agent.waits[id] = now
                body = {"v": 1, "id": id, "from": ME, "to": TO, "boot": BOOT, "seq": seq, "ts": "", "perf": "inform",
                        "onto": "telltale.result/1", "thread": "th-42", "body": {"n": n}}
                await self.send(message("telltale.result/1", "inform", body))
            await asyncio.sleep(0.01)
        print(json.dumps({"sent": len(self.agent.safe)}), flush=True)


class Peer(Agent):
    async def setup(self):
        self.safe, self.waits = set(lines("sent")), {}
        self.book = open(os.path.join(FOLDER, "sent"), "a", buffering=1)
        self.add_behaviour(Gets(), template("telltale.result/1", "inform"))
        self.add_behaviour(Hears(), template("telltale.receipt/1", "confirm"))
        self.add_behaviour(Registers(period=2))
        self.add_behaviour(Sends())


async def main():
    peer = Peer(f"{ME}/spade", PASSWORD, port=int(PORT))
    await peer.start(auto_register=False)
    print(json.dumps({"up": ME}), flush=True)
    while peer.is_alive():
        await asyncio.sleep(1)


spade.run(main())
