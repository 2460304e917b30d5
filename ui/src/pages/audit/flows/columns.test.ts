import { describe, expect, it } from 'vitest'
import type { FlowRow } from '$ui/ipc/bindings'
import { flowsOf, seeded, serverRow } from '$ui/ipc/fake/rows'
import { back, out, remote } from './columns'

const [row] = flowsOf(serverRow(0, seeded(7)), 0) as [FlowRow]
const { initiator, responder, from_initiator, from_responder } = row.flow

describe('the far side of a flow', () => {
  it.each([
    ['a device that spoke first', 0, true, responder, from_initiator],
    ['a device that was spoken to', 0, false, initiator, from_responder],
    ['no device: who spoke first is near', null, false, responder, from_initiator],
  ])('with %s', (_, device, device_is_initiator, far, sent) => {
    const flow = { ...row, flow: { ...row.flow, device, device_is_initiator } }
    expect(remote(flow)).toEqual(far)
    expect(out(flow)).toEqual(sent)
    expect(back(flow)).toEqual(sent === from_initiator ? from_responder : from_initiator)
  })
})
