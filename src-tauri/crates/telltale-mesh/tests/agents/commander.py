"""A person's program (slixmpp, which SPADE brings): asks an agent for its commands, its state, and pauses a probe.

    commander.py USER PASSWORD PORT AGENT_JID AUTHORITY_FILE

Prints one JSON line: what it was offered and answered.
"""

import asyncio
import json
import sys

import slixmpp

USER, PASSWORD, PORT, AGENT, AUTHORITY = sys.argv[1:]
NODE = "urn:telltale:command:"


class Commander(slixmpp.ClientXMPP):
    def __init__(self):
        super().__init__(f"{USER}@localhost/person", PASSWORD)
        self.ssl_context.load_verify_locations(AUTHORITY)
        self.enable_direct_tls = False
        self.register_plugin("xep_0030")
        self.register_plugin("xep_0004")
        self.register_plugin("xep_0050")
        self.said = asyncio.get_event_loop().create_future()
        self.add_event_handler("session_start", self.began)

    async def began(self, _):
        self.send_presence()
        told = {}
        try:
            commands = self["xep_0050"]
            offered = await commands.get_commands(AGENT)
            told["offered"] = sorted(item[1] for item in offered["disco_items"]["items"])
            state = await commands.send_command(AGENT, NODE + "status")
            told["state"] = state["command"]["form"].get_values()
            does = (await commands.send_command(AGENT, NODE + "behaviours"))["command"]["form"]
            told["columns"] = [field["label"] for field in does.get_reported().values()]
            told["does"] = list(does.get_items())
            begun = await commands.send_command(AGENT, NODE + "control")
            form = self["xep_0004"].make_form(ftype="submit")
            form.add_field(var="action", value="pause")
            form.add_field(var="probe", value="p1")
            session = begun["command"]["sessionid"]
            done = await commands.send_command(AGENT, NODE + "control", action="complete", payload=[form], sessionid=session)
            told["done"] = [text for _, text in done["command"]["notes"]]
        except slixmpp.exceptions.IqError as refused:
            told["refused"] = refused.condition
        self.said.set_result(told)


async def main():
    person = Commander()
    person.connect("127.0.0.1", int(PORT))
    print(json.dumps(await asyncio.wait_for(person.said, 20)), flush=True)
    person.disconnect()
    await asyncio.sleep(0.2)


asyncio.run(main())
