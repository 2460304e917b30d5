// The start page.

export const start = {
  'start.title': 'See whom a phone talks to.',
  'start.lead':
    'Telltale reads a recording of a phone’s network traffic and tells you, in plain words, which companies it talked to and what for. Nothing leaves this computer.',
  'start.open': 'Open a capture file',
  'start.drop': 'or drop one anywhere in this window',
  'start.drop.now': 'Drop it to open it',
  'start.drop.one': 'Telltale opens one file at a time. It opened the first.',
  'start.example': 'See an example',
  'start.formats': 'pcap and pcapng, also packed with gzip or zstd',
  'start.audits': 'Earlier audits',
  'start.audits.none': 'No audits yet',
  'start.audits.none.next': 'Open a capture file, or look at the example first. Each one you open is kept here.',
  'start.audit.trackers': {
    zero: 'no company known to measure or follow',
    one: '{n} measures or follows',
    other: '{n} measure or follow',
  },
  'start.rename.title': 'Rename this audit',
  'start.rename.name': 'Name',
  'start.rename.notes': 'Notes',
  'start.rename.notes.hint': 'For you: which phone, what you did with it.',
  'start.before.title': 'You opened this file before',
  'start.before.text': 'The same file was opened {when} as “{name}”.',
  'start.before.show': 'Show that audit',
  'start.before.again': 'Read it again',
  'start.lookup': 'Who is this?',
  'start.lookup.hint': 'Type a server’s name or address, and see what is known of it. Answered on this computer.',
  'start.lookup.label': 'Names or addresses',
  'start.lookup.placeholder': 'graph.facebook.com, 1.1.1.1',
  'start.lookup.ask': 'Look up',
  'start.lookup.most': 'Only the first {n} were looked up.',
  'start.lookup.invalid': 'This is neither a name nor an address.',
  'start.lookup.nothing': 'None of our lists knows it.',
  'start.lookup.tracker': 'measures or follows people',
  'start.lookup.network': 'Network of {organisation}, registered in {country}',
  'start.how': 'How do I get a capture?',
  'start.how.android': 'On the phone: PCAPdroid (Android)',
  'start.how.android.text':
    'Install PCAPdroid from F-Droid or Google Play. Choose “PCAP file” as the dump mode, switch on “PCAPdroid extensions” so that the file names the apps, press start, use the phone, press stop. Send the file to this computer.',
  'start.how.hotspot': 'On a computer: share its connection',
  'start.how.hotspot.text':
    'Switch on the hotspot of a computer and let the phone join it. Record that network with Wireshark or tcpdump while you use the phone, and save it as pcapng.',
  'start.how.router': 'On the router',
  'start.how.router.text':
    'Some routers can record traffic: a Fritz!Box at fritz.box/support.lua, OpenWrt with tcpdump. Choose the interface that the phone uses.',
  'start.how.tip':
    'Ten minutes say more than one. Record from before an app is opened: what began earlier has no name.',
}
