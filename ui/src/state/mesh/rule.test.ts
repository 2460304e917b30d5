import { describe, expect, it } from 'vitest'
import { BEGIN, begun, CONDITIONS, ruleFault, STARTS } from './rule'

describe('a rule', () => {
  it.each(STARTS)('that begins with %s can be saved as it is', (start) => {
    expect(ruleFault(begun(start, 'x'))).toBeNull()
  })
  it.each(CONDITIONS)('of the kind %s has a beginning', (kind) => expect(BEGIN[kind].kind).toBe(kind))

  it('says what is wrong', () => {
    const rule = begun('agree', 'x')
    expect(ruleFault({ ...rule, name: ' ' })).toBe('name')
    expect(ruleFault({ ...rule, calm_s: NaN })).toBe('time')
    expect(ruleFault({ ...rule, when: { kind: 'agree', k: 3, of: 2, within_s: 60, verdicts: ['failed'] } })).toBe(
      'count',
    )
    expect(ruleFault({ ...rule, when: { kind: 'agree', k: 1, of: 0, within_s: 60, verdicts: [] } })).toBe('verdicts')
    expect(ruleFault({ ...rule, when: { kind: 'changed', field: 'x' } })).toBe('field')
    expect(ruleFault({ ...rule, when: { kind: 'silent', after_s: 0 } })).toBe('time')
    expect(ruleFault({ ...rule, when: { kind: 'threshold', field: '', by: 'mean', above: true, limit: 1, window_s: 1 } })).toBe('field') // prettier-ignore
    expect(ruleFault({ ...rule, when: { kind: 'threshold', field: '', by: 'count', above: true, limit: NaN, window_s: 1 } })).toBe('limit') // prettier-ignore
    expect(ruleFault({ ...rule, when: { kind: 'sequence', steps: [], within_s: 1 } })).toBe('steps')
  })
})
