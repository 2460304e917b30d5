// What went wrong, what it means, what to do.

export const errors = {
  'error.not_a_capture': 'This file is not a capture that Telltale can read',
  'error.not_a_capture.next':
    'Choose the file that the capture program saved: its name mostly ends in .pcap or .pcapng.',
  'error.file': 'The file could not be read or written',
  'error.file.next': 'Check that it is still there, that you may use it, and that the disk is not full.',
  'error.capture_gone': 'The capture is no longer where it was',
  'error.capture_gone.next':
    'To read it again, Telltale needs the unchanged file at {detail}. What was read before is still here.',
  'error.no_such_audit': 'This audit is gone',
  'error.no_such_audit.next': 'It was deleted, or it never existed. Your other audits are on the start page.',
  'error.busy': 'This audit is still being read',
  'error.busy.next': 'Try again when it is read, or stop the reading.',
  'error.invalid_input': 'That value does not work here',
  'error.invalid_input.next': 'Check what you typed.',
  'error.store': 'Telltale could not reach its own records',
  'error.store.next': 'Start Telltale again. If that does not help, check that the disk is not full.',
  'error.to_start': 'Go to the start page',

  'looks.empty': 'The file is empty.',
  'looks.zip': 'It looks like a ZIP archive: unpack it, and open the capture inside.',
  'looks.pdf': 'It looks like a PDF document.',
  'looks.picture': 'It looks like a picture.',
  'looks.media': 'It looks like sound or video.',
  'looks.other_archive': 'It looks like a packed archive: unpack it, and open the capture inside.',
  'looks.markup': 'It looks like a web page.',
  'looks.json': 'It looks like JSON, a text for programs.',
  'looks.connections_csv': 'It looks like PCAPdroid’s list of connections: have PCAPdroid save a PCAP file instead.',
  'looks.text': 'It looks like text.',
  'looks.program': 'It looks like a program.',
  'looks.database': 'It looks like a database.',
  'looks.other_capture': 'It is a capture of another format: save it as pcapng with Wireshark.',
  'looks.packed_other': 'It is packed, and what is inside is no capture.',
  'looks.broken_header': 'It begins like a capture, but its beginning is damaged.',
}
