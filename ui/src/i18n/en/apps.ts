// The apps of an audit, and the phone's own report of them.

export const apps = {
  'tab.apps': 'Apps',
  'n.apps': { zero: 'no app', one: '{n} app', other: '{n} apps' },
  'n.domains': { one: '{n} domain', other: '{n} domains' },
  'filter.app': 'App: {name}',

  'column.app.known': 'App is',
  'column.companies': 'Companies',
  'column.trackers': 'Trackers',
  'column.used': 'Used of the phone',
  'column.package': 'Identifier',
  'column.domain': 'Domain',
  'column.here': 'In this audit',
  'column.apple': 'Apple’s mark',
  'column.hits': 'Contacts',
  'column.period': 'From – to',

  'apps.answer': {
    one: '{apps} is known by name; {trackers} talked to companies that measure or follow people.',
    other: '{apps} are known by name; {trackers} of them talked to companies that measure or follow people.',
  },
  'apps.answer.none': {
    one: '{apps} is known by name; it talked to no company known to measure or follow people.',
    other: '{apps} are known by name; none talked to a company known to measure or follow people.',
  },
  'apps.answer.nobody': 'No app is known to have talked to the servers of this audit.',
  'apps.used': '{what} {times}×',
  'apps.none': 'Which app was it? Nobody has said yet',
  'apps.none.text':
    'The traffic itself does not name apps. An iPhone keeps a report of its own, which Telltale can lay beside this audit.',
  'apps.import': 'Add an App Privacy Report',
  'apps.import.more': 'Add another export',
  'apps.imported': 'The report is added: it names {apps}.',
  'apps.remove': 'Remove',
  'apps.removed': 'The report is taken out of this audit. Your file is untouched.',

  'apps.report.label': 'The phone’s own report',
  'apps.report': 'The phone’s own report ({file}) names {apps} and {domains}; {servers} of this audit are among them.',
  'apps.report.span': 'It covers {first} to {last}, by the phone’s clock.',
  'apps.report.unmatched':
    'None of its domains was seen in this audit. Is it of the same phone, and of the days of this audit?',
  'apps.report.devices':
    'This audit has several devices, and the report does not say which one it is of: what it names may be another’s.',
  'apps.report.bad': {
    one: '{n} line of it could not be read.',
    other: '{n} lines of it could not be read.',
  },
  'apps.report.unknown': {
    one: '{n} line is of a kind that Telltale does not know yet.',
    other: '{n} lines are of a kind that Telltale does not know yet.',
  },
  'apps.report.dropped': {
    one: '{n} entry was left out: there are too many.',
    other: '{n} entries were left out: there are too many.',
  },
  'apps.joined': 'How sure is this?',
  'apps.joined.text':
    'The phone says which app contacted which name, and between which times. Telltale shows the servers of this audit that have exactly that name in that time: inferred, not observed. Where several apps contacted one server, its data is counted for none of them, because nobody can tell whose it was.',

  'apps.how': 'How to get the report from an iPhone or iPad',
  'apps.how.on':
    'Before you watch: on the iPhone, open Settings → Privacy & Security → App Privacy Report, and turn it on.',
  'apps.how.use': 'Use the phone as always while Telltale watches.',
  'apps.how.share':
    'Open the same page again, tap the share icon in the corner, and bring the file to this computer, for example by e-mail to yourself.',
  'apps.how.choose':
    'Choose the file here; its name ends in .ndjson. It is only read, and nothing leaves this computer.',
  'apps.how.join':
    'A report covers the last seven days. Several exports of one phone can be added; they are put together, and nothing is counted twice. The clocks of phone and computer may differ by two minutes.',
  'apps.how.android':
    'Android needs no report: PCAPdroid’s captures name the apps themselves, if “dump extensions” is on in its settings.',

  'apps.wrong.empty': 'The file is empty. Export the report again on the phone.',
  'apps.wrong.foreign':
    'Choose the file that the share icon of Settings → Privacy & Security → App Privacy Report saved. Its name ends in .ndjson.',
  'apps.wrong.too_old':
    'It is of an early test version of iOS 15. Export it again on an iPhone with iOS 15.2 or newer.',
  'apps.wrong.unknown_form':
    'Apple has changed the form of the report, and half of it would mislead you. A newer Telltale may know it.',
  'apps.wrong.too_large': 'It is larger than any such report. Choose the file as the phone saved it.',

  'access.camera': 'Camera',
  'access.contacts': 'Contacts list',
  'access.location': 'Location',
  'access.media_library': 'Music and videos',
  'access.microphone': 'Microphone',
  'access.photos': 'Photos',
  'access.screen_recording': 'Screen recording',
  'access.other': 'Something else',

  'app.back': 'All apps',
  'app.answer.observed': '{app} talked to {servers} of {companies}.',
  'app.answer.inferred': 'The phone’s report names {app} for {servers} of {companies}.',
  'app.answer.unseen': 'The phone’s report names {app}; this audit saw none of its domains.',
  'app.answer.quiet': 'The phone’s report tells what {app} used; it names no domain for it.',
  'app.trackers': {
    zero: 'None of these companies is known to measure or follow people.',
    one: '{n} of these companies is there to measure or follow people.',
    other: '{n} of these companies are there to measure or follow people.',
  },
  'app.traffic': 'It sent {sent} and received {received} in {flows}.',
  'app.traffic.inferred': 'With the servers that no other app contacted, {sent} went up and {received} came down.',
  'app.shared': {
    one: '{n} of the servers was contacted by other apps too: whose data that was cannot be told.',
    other: '{n} of the servers were contacted by other apps too: whose data that was cannot be told.',
  },
  'app.to.flows': 'Its flows',
  'app.servers': 'The largest of its servers',
  'app.servers.whole': 'The figures are each server’s as a whole, whichever app it was.',
  'app.servers.all': 'All its servers',
  'app.access': 'What it used of the phone',
  'app.access.none': 'The report tells of no use of camera, contacts, location, microphone or photos.',
  'app.access.times': { one: '{n} time', other: '{n} times' },
  'app.access.during': {
    zero: 'not during this audit',
    one: '{n} time during this audit',
    other: '{n} times during this audit',
  },
  'app.access.last': 'last on {at}',
  'app.access.open': { one: '{n} without a told end', other: '{n} without a told end' },

  'domains.title': 'Domains that the phone’s report names',
  'domains.lead': 'Joined with the servers of this audit by exactly the same name, in the same time.',
  'domains.none': 'The report names no domain for it.',
  'domains.seen': 'seen',
  'domains.within': 'within {site}',
  'domains.shared': 'also contacted by {apps}',
  'domains.below': {
    one: '{n} server below this name, which the report does not name',
    other: '{n} servers below this name, which the report does not name',
  },
  'domains.unseen': 'not seen',
  'domains.profile': 'may profile people',
  'domains.profile.why':
    'Apple marks domains that may follow people across apps and websites and put together a profile of them.',
  'domains.hits.why': 'Contacts in the seven days of a report. Several exports together had at least as many.',

  'server.apps': 'Apps that contacted it',
  'server.apps.one': 'Inferred: the phone’s own report names this app for this name in that time.',
  'server.apps.many':
    'Inferred: the phone’s own report names these apps for this name in that time. Whose data was whose cannot be told.',
}
