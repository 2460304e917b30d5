// What a result should say, as a form: a field of the facts, a test, a value. Pure.

import type { Expectation, Value, ValueTest } from '$ui/ipc/bindings'

export type Wanted = { field: string; is: ValueTest['is'] | 'none'; value: string }

export const TESTS = ['none', 'equals', 'below', 'above', 'contains', 'unchanged'] as const

export function wantedOf(expected: Expectation | null): Wanted {
  if (!expected) return { field: '', is: 'none', value: '' }
  const { field, test } = expected
  switch (test.is) {
    case 'equals':
      return {
        field,
        is: test.is,
        value: json(String(test.value)) === test.value ? String(test.value) : JSON.stringify(test.value),
      }
    case 'below':
    case 'above':
      return { field, is: test.is, value: String(test.number) }
    case 'contains':
      return { field, is: test.is, value: test.text }
    case 'unchanged':
      return { field, is: test.is, value: '' }
  }
}

/** What a click on a fact proposes: numbers may move a little, everything else shall stay as it is. */
export function proposed(pointer: string, value: Value): Wanted {
  if (typeof value === 'number' && !Number.isInteger(value))
    return { field: pointer, is: 'below', value: String(Math.ceil(value * 2)) }
  if (typeof value === 'object' && value !== null) return { field: pointer, is: 'unchanged', value: '' }
  return wantedOf({ field: pointer, test: { is: 'equals', value } })
}

/** Which part is wrong; null where none is. */
export function wantedFault({ field, is, value }: Wanted): 'field' | 'value' | null {
  if (is === 'none') return null
  if (field !== '' && !field.startsWith('/')) return 'field'
  if (is === 'below' || is === 'above') return value.trim() === '' || !Number.isFinite(Number(value)) ? 'value' : null
  return is === 'contains' && value === '' ? 'value' : null
}

/** The expectation that the form means; only of one without a fault. */
export function expectationOf({ field, is, value }: Wanted): Expectation | null {
  switch (is) {
    case 'none':
      return null
    case 'equals':
      return { field, test: { is, value: json(value) } }
    case 'below':
    case 'above':
      return { field, test: { is, number: Number(value) } }
    case 'contains':
      return { field, test: { is, text: value } }
    case 'unchanged':
      return { field, test: { is } }
  }
}

/** `200`, `true`, `null`, lists and objects are JSON; everything else is the text itself. */
function json(text: string): Value {
  try {
    return JSON.parse(text) as Value
  } catch {
    return text
  }
}
