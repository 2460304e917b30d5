"""Takes results as a SPADE agent: spade_store.py JID PASSWORD PORT FILE COUNT. Each is looked at, stored in an SQLite file (once,
whatever comes twice) and confirmed; prints "ready", and at the end what it cost
from its login on, as JSON."""

import asyncio
import json
import sqlite3
import sys
import time

import spade
from spade.agent import Agent
from spade.behaviour import CyclicBehaviour
from spade.message import Message
from spade.template import Template

JID, PASSWORD, PORT, FILE, COUNT = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], int(sys.argv[5])


class Store(Agent):
    class Take(CyclicBehaviour):
        async def run(self):
            message = await self.receive(timeout=120)
            if message is None:
                sys.exit("spade_store: results stopped")
            told = json.loads(message.body)
            result = told["body"]
            with self.agent.store:
                self.agent.store.execute(
                    "INSERT OR IGNORE INTO results (id, probe, agent, target, verdict, json) VALUES (?, ?, ?, ?, ?, ?)",
                    (result["id"], result["probe"], str(message.sender.bare), result["target"], result["verdict"],
                     json.dumps(result)))
            answer = Message(to=str(message.sender))
            answer.thread = message.thread
            answer.set_metadata("performative", "confirm")
            answer.set_metadata("ontology", "telltale.receipt/1")
            answer.body = json.dumps({"seq": told["seq"]})
            await self.send(answer)
            self.agent.taken += 1
            if self.agent.taken == COUNT:
                self.kill()

    async def setup(self):
        self.taken = 0
        self.store = sqlite3.connect(FILE)
        self.store.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                                 "CREATE TABLE results (id TEXT PRIMARY KEY, probe, agent, target, verdict, json)")
        results = Template()
        results.set_metadata("performative", "inform")
        results.set_metadata("ontology", "telltale.result/1")
        self.take = self.Take()
        self.add_behaviour(self.take, results)


async def main():
    cost = time.process_time()
    agent = Store(f"{JID}/spade", PASSWORD, port=PORT)
    await agent.start(auto_register=False)
    print("ready", flush=True)
    await agent.take.join()
    (stored,) = agent.store.execute("SELECT count(*) FROM results").fetchone()
    print(json.dumps({"stored": stored, "cpu_s": time.process_time() - cost}), flush=True)
    await asyncio.sleep(1)
    await agent.stop()


spade.run(main())
