import { describe, expect, it } from 'vitest'
import type { Invitation, MeshAccount } from '$ui/ipc/bindings'
import { Joining } from './joining.svelte'

const PIN = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const account: MeshAccount = {
  jid: 'desk@mesh.example',
  server: 'mesh.example:5223',
  tls: 'direct',
  trust: { by: 'pin', sha256: PIN },
  role: 'correlator',
  duties: ['store'],
  name: 'Desk',
  policy: {
    allow: ['*@mesh.example'],
    deny: ['x@y.z'],
    roster_group: true,
    roles: [['spade@mesh.example', 'probe']],
    may_see: ['*@mesh.example'],
    may_control: ['boss@mesh.example'],
  },
}

describe('the way into the mesh', () => {
  it('keeps an account as it is, and needs no password that is kept', () => {
    const form = new Joining()
    form.take(account)
    expect(form.fault).toBeNull()
    expect(form.account).toEqual(account)
    form.jid = 'other@mesh.example'
    expect(form.fault).toBe('password')
  })

  it('is filled by an invitation: the server, its key, and whom to let in', () => {
    const form = new Joining()
    const invitation: Invitation = {
      ...account,
      domain: 'mesh.example',
      inviter: 'pi@mesh.example',
      token: 't',
      until: 0,
    }
    form.invited(invitation)
    expect(form.jid).toBe('@mesh.example')
    expect(form.fault).toBe('jid')
    form.jid = `attic${form.jid}`
    expect(form.fault).toBe('password')
    form.password = 'secret'
    expect(form.fault).toBeNull()
    expect(form.account).toMatchObject({ jid: 'attic@mesh.example', tls: 'direct', trust: { by: 'pin', sha256: PIN } })
    expect(form.account.policy.allow).toEqual(['pi@mesh.example'])
    expect(form.register).toBe(true)
  })

  it.each([
    [{ jid: 'no address' }, 'jid'],
    [{ trustBy: 'pin', pin: 'abc' }, 'pin'],
    [{ trustBy: 'authority', pem: 'x' }, 'pem'],
    [{ role: 'two words' }, 'role'],
    [{ allow: 'mesh.example' }, 'rules'],
    [{ server: 'a b' }, 'server'],
  ])('%j is wrong: %s', (part, fault) => {
    const form = new Joining()
    form.take(account)
    Object.assign(form, part)
    expect(form.fault).toBe(fault)
  })

  it('takes a key as openssl writes it', () => {
    const form = new Joining()
    form.take(account)
    form.pin = PIN.toUpperCase().match(/../g)!.join(':')
    expect(form.fault).toBeNull()
    expect(form.account.trust).toEqual({ by: 'pin', sha256: PIN })
  })
})
