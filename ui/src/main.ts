// Begins: chooses what stands behind the window and puts the first page up.

import { mount } from 'svelte'
import App from './App.svelte'
import { language } from './i18n/language.svelte'
import { Session } from './state/session.svelte'
import './style/tokens.css'
import './style/base.css'
import './style/controls.css'

async function backend() {
  if (import.meta.env.MODE === 'fake') return (await import('./ipc/fake')).fake
  return (await import('./ipc/tauri')).tauri
}

// Until the stored choice is read, the system's language.
language.choose('system')
const session = new Session(await backend())
mount(App, { target: document.getElementById('app')!, props: { session } })
void session.begin()
