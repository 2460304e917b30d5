// The form of the texts: English is the source of the keys, every other language is typed as complete.

import type { en } from './en'

/** A sentence, or its forms for one thing and for several; `zero` where none is a sentence of its own. */
export type Message = string | { zero?: string; one: string; other: string }

export type Key = keyof typeof en
export type Messages = Record<Key, Message>
/** The shape of one part's texts in another language. */
export type Same<T> = { [K in keyof T]: Message }
