"""Gives results as a SPADE agent: spade_send.py JID PASSWORD PORT TO COUNT. The receiver confirms each; it ends when all are confirmed,
and prints what it cost from its login on, as JSON: wall seconds and CPU seconds."""

import asyncio
import json
import sys
import time

import spade
from spade.agent import Agent
from spade.behaviour import CyclicBehaviour, OneShotBehaviour
from spade.message import Message
from spade.template import Template

JID, PASSWORD, PORT, TO, COUNT = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], int(sys.argv[5])


def result(number):
    now = time.time() * 1000
    return {
        "id": f"00000000-0000-4000-8000-{number:012x}", "probe": "11111111-0000-4000-8000-000000000001", "probe_name": "A door",
        "kind": "reachability", "agent": JID, "target": "192.0.2.1", "due": now, "started": now, "ended": now,
        "verdict": "expected", "exit_code": None, "problem": None, "summary": "It answers within 12 ms.", "changed": [],
        "facts": {"number": number, "reachable": True, "rtt_ms": 12.5, "attempts": 3, "answered": 3}, "via": "here",
    }


class Sender(Agent):
    class Give(OneShotBehaviour):
        async def run(self):
            for number in range(COUNT):
                message = Message(to=TO)
                message.thread = "results"
                for key, value in (("performative", "inform"), ("ontology", "telltale.result/1"), ("language", "json")):
                    message.set_metadata(key, value)
                message.body = json.dumps({"seq": number, "body": result(number)})
                await self.send(message)

    class Confirmed(CyclicBehaviour):
        async def run(self):
            message = await self.receive(timeout=60)
            if message is None:
                sys.exit("spade_send: confirmations stopped")
            self.agent.missing.discard(json.loads(message.body)["seq"])
            if not self.agent.missing:
                self.kill()

    async def setup(self):
        self.missing = set(range(COUNT))
        confirmed = Template()
        confirmed.set_metadata("performative", "confirm")
        self.confirmed = self.Confirmed()
        self.add_behaviour(self.confirmed, confirmed)
        self.add_behaviour(self.Give())


async def main():
    began, cost = time.time(), time.process_time()
    agent = Sender(f"{JID}/spade", PASSWORD, port=PORT)
    await agent.start(auto_register=False)
    await agent.confirmed.join()
    print(json.dumps({"wall_s": time.time() - began, "cpu_s": time.process_time() - cost}), flush=True)
    await agent.stop()


spade.run(main())
