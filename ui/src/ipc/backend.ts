// The one door between the window and the engine.
// Everything above asks this interface; only `tauri.ts` and `fake.ts` beside it stand behind it.

import type {
  AgentDoes,
  AgentNow,
  AppDetail,
  AppsView,
  AuditView,
  BehaviourNow,
  Check,
  CommandError,
  ControlAction,
  DataSetView,
  DeviceView,
  DraftMessage,
  Expectation,
  FilterProblem,
  FlowPage,
  HotspotCheck,
  HotspotView,
  HotspotWish,
  HttpNow,
  HttpSettings,
  ImageKind,
  ImportedReport,
  Incident,
  IncidentPage,
  Invitation,
  InvitationView,
  Joined,
  Language,
  Limits,
  LiveRequest,
  LiveUpdate,
  LookupRow,
  MeshAccount,
  MeshNow,
  MeshPolicy,
  MessagePage,
  MessageQuery,
  Opened,
  Output,
  OutputNow,
  PandoreSettings,
  Probe,
  ProbePolicy,
  ProbeResult,
  ReportFormat,
  ResultPage,
  ResultQuery,
  RightsView,
  Rule,
  Score,
  ScoreProfile,
  ServerDetail,
  ServerPage,
  SettingsView,
  StartPage,
  TableQuery,
  Topic,
  TopicItem,
} from './bindings'

export type DropPhase = 'over' | 'leave' | 'drop'

/** Every method rejects with a `CommandError` and with nothing else. */
export interface Backend {
  start_page(): Promise<StartPage>
  /** Opens the file named on the command line, once; null when none was named. */
  open_from_command_line(): Promise<Opened | null>
  /** Shows the file dialog; null when the user closes it. */
  pick_capture(): Promise<string | null>
  open_capture(path: string, again: boolean): Promise<Opened>
  open_example(): Promise<Opened>
  audit(id: number): Promise<AuditView>
  servers(audit: number, query: TableQuery): Promise<ServerPage>
  server(audit: number, server: number): Promise<ServerDetail>
  flows(audit: number, query: TableQuery): Promise<FlowPage>
  cancel(audit: number): Promise<void>
  rename(audit: number, name: string, description: string): Promise<void>
  /** Takes the audit away; `restore` brings it back until the program ends. */
  remove(audit: number): Promise<void>
  restore(audit: number): Promise<void>
  /** Says which addresses are the audited devices; the file is read again. */
  set_devices(audit: number, addresses: string[]): Promise<void>
  score(audit: number, profile: ScoreProfile, settings: PandoreSettings | null): Promise<Score>
  settings(): Promise<SettingsView>
  save_settings(settings: SettingsView): Promise<void>
  lookup(queries: string[]): Promise<LookupRow[]>
  data_sets(): Promise<DataSetView[]>
  /** Shows the save dialog; the path that was written, or null when the user closes it. */
  save_report(audit: number, format: ReportFormat, language: Language): Promise<string | null>
  save_image(name: string, kind: ImageKind, base64: string): Promise<string | null>
  /** Network devices of this computer, the likely one first; asked once a second while they are shown. */
  devices(): Promise<DeviceView[]>
  rights(): Promise<RightsView>
  /** Asks the system's administrator, in the system's own dialog. */
  grant_rights(): Promise<RightsView>
  /** Null when the expression is good. */
  check_filter(expression: string): Promise<FilterProblem | null>
  /** Number of the audit. */
  start_live(request: LiveRequest): Promise<number>
  pause(audit: number): Promise<void>
  /** Goes on with a paused audit, or with one that was interrupted. */
  resume(audit: number): Promise<void>
  stop(audit: number): Promise<void>
  hotspot_check(): Promise<HotspotCheck>
  hotspot_start(wish: HotspotWish): Promise<HotspotView>
  hotspot_stop(): Promise<void>
  hotspot(): Promise<HotspotView | null>
  /** Who is on a device now; asked once a second while that is shown. */
  joined(device: string): Promise<Joined[]>
  keep(audit: number, keep: boolean): Promise<void>
  /** Shows the save dialog; the path that was written, or null when the user closes it. */
  save_recording(audit: number): Promise<string | null>
  remove_recording(audit: number): Promise<void>
  apps(audit: number): Promise<AppsView>
  /** One app, with what the phone's own report says of it. */
  app(audit: number, key: string): Promise<AppDetail>
  /** Shows the file dialog; null when the user closes it. */
  import_app_report(audit: number): Promise<ImportedReport | null>
  remove_app_report(audit: number): Promise<void>
  /** A notification of the system. */
  notify(title: string, body: string): Promise<void>
  probes(): Promise<BehaviourNow[]>
  /** A new one where its id is empty; as it was stored. */
  save_probe(probe: Probe): Promise<Probe>
  /** `restore_probe` brings it back until the program ends. */
  remove_probe(id: string): Promise<void>
  restore_probe(id: string): Promise<void>
  run_probe(id: string): Promise<void>
  pause_probe(id: string, paused: boolean): Promise<void>
  /** Breaks the run off and stops the behaviour; `run_probe` starts it again. */
  kill_probe(id: string): Promise<void>
  /** Carried out now, and not stored. */
  try_check(check: Check, limits: Limits, expected: Expectation | null): Promise<ProbeResult>
  probe_policy(): Promise<ProbePolicy>
  save_probe_policy(policy: ProbePolicy): Promise<void>
  /** Newest first. */
  results(query: ResultQuery): Promise<ResultPage>
  /** Shows the file dialog; null when the user closes it. Imported probes are paused. */
  pick_probes(): Promise<Probe[] | null>
  mesh(): Promise<MeshNow>
  /** Without a password: the stored one. */
  mesh_join(account: MeshAccount, password: string | null): Promise<void>
  /** Makes the account on the server, then joins. */
  mesh_register(account: MeshAccount, password: string): Promise<void>
  /** The account is kept. */
  mesh_leave(): Promise<void>
  /** Account and password are gone. */
  mesh_forget(): Promise<void>
  mesh_save_policy(policy: MeshPolicy): Promise<void>
  mesh_invite(): Promise<InvitationView>
  /** Shows the file dialog; the certificate as PEM, null when the user closes it. */
  pick_authority(): Promise<string | null>
  mesh_read_invitation(line: string): Promise<Invitation>
  agents(): Promise<AgentNow[]>
  agent_behaviours(jid: string): Promise<AgentDoes>
  control_agent(jid: string, behaviour: string, action: ControlAction): Promise<void>
  subscribe(jid: string): Promise<void>
  unsubscribe(jid: string): Promise<void>
  answer_subscription(jid: string, yes: boolean): Promise<void>
  /** Newest first. */
  messages(query: MessageQuery): Promise<MessagePage>
  send_message(draft: DraftMessage): Promise<void>
  topics(): Promise<Topic[]>
  /** Newest first. */
  topic_items(service: string, node: string): Promise<TopicItem[]>
  follow_topic(service: string, node: string, on: boolean): Promise<void>
  rules(): Promise<Rule[]>
  /** Newest first. */
  rule_revisions(id: string): Promise<Rule[]>
  /** A new one where its id is empty; as it was stored. */
  save_rule(rule: Rule): Promise<Rule>
  /** `restore_rule` brings it back until the program ends. */
  remove_rule(id: string): Promise<void>
  restore_rule(id: string): Promise<void>
  /** What it would have said of the stored results. */
  try_rule(rule: Rule): Promise<Incident[]>
  /** Newest first. */
  incidents(openOnly: boolean, offset: number, limit: number): Promise<IncidentPage>
  incident(id: string): Promise<Incident>
  close_incident(id: string): Promise<void>
  http(): Promise<HttpNow>
  save_http(settings: HttpSettings): Promise<HttpNow>
  /** The token: shown this once. */
  add_http_token(name: string): Promise<string>
  remove_http_token(name: string): Promise<void>
  outputs(): Promise<OutputNow[]>
  save_output(output: Output): Promise<Output>
  remove_output(id: string): Promise<void>
  /** Sends one example now. */
  try_output(id: string): Promise<void>
  /** Called once in the lifetime of a window. */
  follow(onUpdate: (update: LiveUpdate) => void): Promise<void>
  on_drop(react: (phase: DropPhase, paths: string[]) => void): void
}

/** Turns whatever was thrown into the error that pages show. */
export function asCommandError(thrown: unknown): CommandError {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'message' in thrown) {
    return thrown as CommandError
  }
  return { code: 'store', detail: '', message: thrown instanceof Error ? thrown.message : String(thrown) }
}
