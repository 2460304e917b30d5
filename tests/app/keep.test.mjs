// What is kept: the language and the look, names and notes, deleted and undone, over a restart of the program.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { makeHome, openWindow } from './window.mjs'

let home
let window
before(async () => {
  home = await makeHome()
  window = await openWindow(home)
})
after(async () => {
  await window?.close()
  await home?.remove()
})

test('a file that is read in a moment does not stay "being read"', async () => {
  // A change of the settings makes the shell rest before it looks again: the whole reading falls into that rest.
  await window.click('link', 'Settings')
  await window.click('choice', 'Pandore')
  await window.click('choice', 'Telltale')
  await window.click('link', 'Start')
  await window.click('button', 'See an example')
  await window.see('title', /talked to/)
  await window.gone('progress')
})

test('an audit is renamed, with notes', async () => {
  await window.click('link', 'Start')
  await window.click('button', 'See an example')
  await window.see('title', /talked to/)
  await window.gone('progress')
  await window.click('link', 'Start')
  await window.click('button', 'More about example')
  await window.click('button', 'Rename')
  await window.fill('Name', 'Tablet in the kitchen')
  await window.fill(/^Notes/, 'An evening with the children')
  await window.click('button', 'Save')
  await window.see('link', 'Tablet in the kitchen')
})

test('an audit is deleted at once, and undone', async () => {
  await window.click('button', 'More about Tablet in the kitchen')
  await window.click('button', 'Delete')
  await window.gone('link', 'Tablet in the kitchen')
  await window.click('button', 'Undo')
  await window.see('link', 'Tablet in the kitchen')
})

test('language and look change at once', async () => {
  await window.click('link', 'Settings')
  await window.click('choice', 'Français')
  await window.see('title', 'Réglages')
  await window.click('choice', 'Sombre')
  assert.equal(await window.session.run(() => document.documentElement.dataset.theme), 'dark')
})

test('all of it is there after a restart', async () => {
  await window.close()
  window = await openWindow(home)
  await window.see('text', 'An evening with the children')
  await window.click('link', 'Tablet in the kitchen')
  await window.see('title', /votre téléphone/)
  assert.equal(await window.session.run(() => document.documentElement.dataset.theme), 'dark')
  assert.deepEqual(await window.wrong(), [])
})

test('what was deleted and not undone is gone after a restart', async () => {
  await window.click('link', 'Accueil')
  await window.click('button', /Tablet in the kitchen/)
  await window.click('button', 'Supprimer')
  await window.gone('link', 'Tablet in the kitchen')
  await window.close()
  window = await openWindow(home)
  await window.see('title')
  await window.gone('link', 'Tablet in the kitchen')
})
