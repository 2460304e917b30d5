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
  probes: () => data(commands.probes()),
  save_probe: (probe) => data(commands.saveProbe(probe)),
  remove_probe: (id) => done(commands.removeProbe(id)),
  restore_probe: (id) => done(commands.restoreProbe(id)),
  run_probe: (id) => done(commands.runProbe(id)),
  pause_probe: (id, paused) => done(commands.pauseProbe(id, paused)),
  kill_probe: (id) => done(commands.killProbe(id)),
  try_check: (check, limits, expected) => data(commands.tryCheck(check, limits, expected)),
  probe_policy: () => data(commands.probePolicy()),
  save_probe_policy: (policy) => done(commands.saveProbePolicy(policy)),
  results: (query) => data(commands.results(query)),
  pick_probes: () => data(commands.pickProbes()),
  mesh: () => data(commands.mesh()),
  mesh_join: (account, password) => done(commands.meshJoin(account, password)),
  mesh_register: (account, password) => done(commands.meshRegister(account, password)),
  mesh_leave: () => done(commands.meshLeave()),
  mesh_forget: () => done(commands.meshForget()),
  mesh_save_policy: (policy) => done(commands.meshSavePolicy(policy)),
  mesh_invite: () => data(commands.meshInvite()),
  pick_authority: () => data(commands.pickAuthority()),
  mesh_read_invitation: (line) => data(commands.meshReadInvitation(line)),
  agents: () => data(commands.agents()),
  agent_behaviours: (jid) => data(commands.agentBehaviours(jid)),
  control_agent: (jid, behaviour, action) => done(commands.controlAgent(jid, behaviour, action)),
  subscribe: (jid) => done(commands.subscribe(jid)),
  unsubscribe: (jid) => done(commands.unsubscribe(jid)),
  answer_subscription: (jid, yes) => done(commands.answerSubscription(jid, yes)),
  messages: (query) => data(commands.messages(query)),
  send_message: (draft) => done(commands.sendMessage(draft)),
  topics: () => data(commands.topics()),
  topic_items: (service, node) => data(commands.topicItems(service, node)),
  follow_topic: (service, node, on) => done(commands.followTopic(service, node, on)),
  rules: () => data(commands.rules()),
  rule_revisions: (id) => data(commands.ruleRevisions(id)),
  save_rule: (rule) => data(commands.saveRule(rule)),
  remove_rule: (id) => done(commands.removeRule(id)),
  restore_rule: (id) => done(commands.restoreRule(id)),
  try_rule: (rule) => data(commands.tryRule(rule)),
  incidents: (openOnly, offset, limit) => data(commands.incidents(openOnly, offset, limit)),
  incident: (id) => data(commands.incident(id)),
  close_incident: (id) => done(commands.closeIncident(id)),
  http: () => data(commands.http()),
  save_http: (settings) => data(commands.saveHttp(settings)),
  add_http_token: (name) => data(commands.addHttpToken(name)),
  remove_http_token: (name) => done(commands.removeHttpToken(name)),
  outputs: () => data(commands.outputs()),
  save_output: (output) => data(commands.saveOutput(output)),
  remove_output: (id) => done(commands.removeOutput(id)),
  try_output: (id) => done(commands.tryOutput(id)),
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
