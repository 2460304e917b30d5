// The one door between the window and the engine.
// Everything above asks this interface; only `tauri.ts` and `fake.ts` beside it stand behind it.

import type {
  AppDetail,
  AppsView,
  AuditView,
  CommandError,
  DataSetView,
  DeviceView,
  FilterProblem,
  FlowPage,
  HotspotCheck,
  HotspotView,
  HotspotWish,
  ImageKind,
  ImportedReport,
  Joined,
  Language,
  LiveRequest,
  LiveUpdate,
  LookupRow,
  Opened,
  PandoreSettings,
  ReportFormat,
  RightsView,
  Score,
  ScoreProfile,
  ServerDetail,
  ServerPage,
  SettingsView,
  StartPage,
  TableQuery,
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
