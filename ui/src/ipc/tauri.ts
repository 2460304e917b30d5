// The engine behind the window: each method is one command of the shell. The only file that says `@tauri-apps/api`.

import { Channel, invoke } from '@tauri-apps/api/core'
import { getCurrentWebview } from '@tauri-apps/api/webview'
import { asCommandError, type Backend } from './backend'
import type { LiveUpdate } from './bindings'

async function call<T>(command: string, args: Record<string, unknown> = {}): Promise<T> {
  try {
    return await invoke<T>(command, args)
  } catch (thrown) {
    throw asCommandError(thrown)
  }
}

export const tauri: Backend = {
  start_page: () => call('start_page'),
  pick_capture: () => call('pick_capture'),
  open_capture: (path, again) => call('open_capture', { path, again }),
  open_example: () => call('open_example'),
  audit: (id) => call('audit', { id }),
  servers: (audit, query) => call('servers', { audit, query }),
  server: (audit, server) => call('server', { audit, server }),
  flows: (audit, query) => call('flows', { audit, query }),
  cancel: (audit) => call('cancel', { audit }),
  rename: (audit, name, description) => call('rename', { audit, name, description }),
  remove: (audit) => call('remove', { audit }),
  restore: (audit) => call('restore', { audit }),
  set_devices: (audit, addresses) => call('set_devices', { audit, addresses }),
  score: (audit, profile, settings) => call('score', { audit, profile, settings }),
  settings: () => call('settings'),
  save_settings: (settings) => call('save_settings', { settings }),
  lookup: (queries) => call('lookup', { queries }),
  data_sets: () => call('data_sets'),
  save_report: (audit, format, language) => call('save_report', { audit, format, language }),
  save_image: (suggested_name, kind, base64) => call('save_image', { suggestedName: suggested_name, kind, base64 }),
  follow: (onUpdate) => {
    const updates = new Channel<LiveUpdate>()
    updates.onmessage = onUpdate
    return call('follow', { updates })
  },
  on_drop: (react) => {
    void getCurrentWebview().onDragDropEvent(({ payload }) => {
      if (payload.type === 'drop') react('drop', payload.paths)
      else if (payload.type === 'leave') react('leave', [])
      else react('over', [])
    })
  },
}
