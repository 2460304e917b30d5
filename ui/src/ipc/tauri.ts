// The engine behind the window: each method is one command of the shell. With the generated `bindings.ts` the only file that
// says `@tauri-apps/api`.

import { Channel } from '@tauri-apps/api/core'
import { getCurrentWebview } from '@tauri-apps/api/webview'
import { asCommandError, type Backend } from './backend'
import { commands, type CommandError, type LiveUpdate } from './bindings'

type Answer<T> = { status: 'ok'; data: T } | { status: 'error'; error: CommandError }

/** The data of an answer; its error is thrown. */
async function data<T>(answer: Promise<Answer<T>>): Promise<T> {
  let came: Answer<T>
  try {
    came = await answer
  } catch (thrown) {
    throw asCommandError(thrown)
  }
  if (came.status === 'error') throw came.error
  return came.data
}

async function done(answer: Promise<Answer<null>>): Promise<void> {
  await data(answer)
}

export const tauri: Backend = {
  start_page: () => data(commands.startPage()),
  open_from_command_line: () => data(commands.openFromCommandLine()),
  pick_capture: () => commands.pickCapture(),
  open_capture: (path, again) => data(commands.openCapture(path, again)),
  open_example: () => data(commands.openExample()),
  audit: (audit) => data(commands.audit(audit)),
  servers: (audit, query) => data(commands.servers(audit, query)),
  server: (audit, server) => data(commands.server(audit, server)),
  flows: (audit, query) => data(commands.flows(audit, query)),
  cancel: (audit) => done(commands.cancel(audit)),
  rename: (audit, name, description) => done(commands.rename(audit, name, description)),
  remove: (audit) => done(commands.remove(audit)),
  restore: (audit) => done(commands.restore(audit)),
  set_devices: (audit, addresses) => done(commands.setDevices(audit, addresses)),
  score: (audit, profile, settings) => data(commands.score(audit, profile, settings)),
  settings: () => data(commands.settings()),
  save_settings: (settings) => done(commands.saveSettings(settings)),
  lookup: (queries) => data(commands.lookup(queries)),
  data_sets: () => commands.dataSets(),
  save_report: (audit, format, language) => data(commands.saveReport(audit, format, language)),
  save_image: (name, kind, base64) => data(commands.saveImage(name, kind, base64)),
  devices: () => data(commands.devices()),
  rights: () => data(commands.rights()),
  grant_rights: () => data(commands.grantRights()),
  check_filter: (expression) => data(commands.checkFilter(expression)),
  start_live: (request) => data(commands.startLive(request)),
  pause: (audit) => done(commands.pause(audit)),
  resume: (audit) => done(commands.resume(audit)),
  stop: (audit) => done(commands.stop(audit)),
  hotspot_check: () => data(commands.hotspotCheck()),
  hotspot_start: (wish) => data(commands.hotspotStart(wish)),
  hotspot_stop: () => done(commands.hotspotStop()),
  hotspot: () => data(commands.hotspot()),
  joined: (device) => data(commands.joined(device)),
  keep: (audit, keep) => done(commands.keep(audit, keep)),
  save_recording: (audit) => data(commands.saveRecording(audit)),
  remove_recording: (audit) => done(commands.removeRecording(audit)),
  apps: (audit) => data(commands.apps(audit)),
  app: (audit, key) => data(commands.app(audit, key)),
  import_app_report: (audit) => data(commands.importAppReport(audit)),
  remove_app_report: (audit) => done(commands.removeAppReport(audit)),
  notify: (title, body) => done(commands.notify(title, body)),
  follow: (onUpdate) => {
    const updates = new Channel<LiveUpdate>()
    updates.onmessage = onUpdate
    return done(commands.follow(updates))
  },
  on_drop: (react) => {
    void getCurrentWebview().onDragDropEvent(({ payload }) => {
      if (payload.type === 'drop') react('drop', payload.paths)
      else if (payload.type === 'leave') react('leave', [])
      else react('over', [])
    })
  },
}
