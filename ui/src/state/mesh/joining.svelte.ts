// The way into the mesh as a form: an account or an invitation, whom to trust, what this computer does.

import type { Invitation, MeshAccount, MeshTls, MeshTrust } from '$ui/ipc/bindings'
import { lines } from './checks'

export const ROLES = ['probe', 'correlator', 'observer'] as const
export const DUTIES = ['correlate', 'store'] as const
/** Kinds of checks that an agent can be asked for. */
export const CHECK_DUTIES = ['reachability', 'tls', 'dns', 'tampering', 'http', 'trace', 'audit', 'command'] as const

const JID = /^[^\s@/"&'<>:]+@[^\s@/]+$/
const WORD = /^[A-Za-z0-9_.-]{1,64}$/
const HEX = /^[0-9a-f]{64}$/i

export const isJid = (text: string): boolean => JID.test(text.trim())
const isRule = (text: string): boolean => isJid(text) || /^\*@[^\s@/]+$/.test(text)
/** SHA-256 in hexadecimal, also with the colons that other programs write. */
const hex = (text: string): string => text.replaceAll(/[\s:]/g, '').toLowerCase()

export type JoinFault = 'jid' | 'password' | 'server' | 'pem' | 'pin' | 'role' | 'rules'

export class Joining {
  by = $state<'account' | 'invitation'>('account')
  line = $state('')
  invitation = $state.raw<Invitation | null>(null)
  jid = $state('')
  password = $state('')
  /** Makes the account on the server first. */
  register = $state(false)
  server = $state('')
  tls = $state<MeshTls>('start_tls')
  trustBy = $state<MeshTrust['by']>('system')
  pem = $state('')
  pin = $state('')
  allow = $state('')
  deny = $state('')
  group = $state(true)
  /** Bare JID and role, one a line. */
  roles = $state('')
  maySee = $state('')
  mayControl = $state('')
  role = $state('probe')
  duties = $state.raw<readonly string[]>(['reachability', 'dns', 'tls', 'tampering'])
  name = $state('')
  /** An account whose password is kept already may be joined without typing it anew. */
  known = $state('')

  fault = $derived.by<JoinFault | null>(() => {
    if (!isJid(this.jid)) return 'jid'
    if (this.password === '' && (this.register || this.known !== this.jid.trim())) return 'password'
    if (/\s/.test(this.server.trim())) return 'server'
    if (this.trustBy === 'authority' && !this.pem.includes('BEGIN CERTIFICATE')) return 'pem'
    if (this.trustBy === 'pin' && !HEX.test(hex(this.pin))) return 'pin'
    if (!WORD.test(this.role.trim())) return 'role'
    const named = [this.allow, this.deny, this.maySee, this.mayControl].flatMap(lines)
    return named.every(isRule) ? null : 'rules'
  })

  /** Fills the form with an account that exists. */
  take(account: MeshAccount): void {
    this.jid = this.known = account.jid
    this.#server(account)
    this.allow = (account.policy.allow ?? []).join('\n')
    this.deny = (account.policy.deny ?? []).join('\n')
    this.group = account.policy.roster_group ?? false
    this.roles = (account.policy.roles ?? []).map((pair) => pair.join(' ')).join('\n')
    this.maySee = (account.policy.may_see ?? []).join('\n')
    this.mayControl = (account.policy.may_control ?? []).join('\n')
    this.role = account.role
    this.duties = account.duties
    this.name = account.name
  }

  /** Fills the form with what an invitation says: only a name on its server is still to be chosen. */
  invited(invitation: Invitation): void {
    this.invitation = invitation
    this.#server(invitation)
    const name = this.jid.split('@')[0] ?? ''
    this.jid = `${name}@${invitation.domain}`
    this.register = true
    if (!lines(this.allow).includes(invitation.inviter))
      this.allow = [...lines(this.allow), invitation.inviter].join('\n')
  }

  toggle(duty: string, on: boolean): void {
    this.duties = on ? [...this.duties, duty] : this.duties.filter((one) => one !== duty)
  }

  /** The account that the form means; only of one without a fault. */
  get account(): MeshAccount {
    return {
      jid: this.jid.trim(),
      server: this.server.trim() || null,
      tls: this.tls,
      trust: this.#trust(),
      role: this.role.trim(),
      duties: [...this.duties],
      name: this.name.trim(),
      policy: {
        allow: lines(this.allow),
        deny: lines(this.deny),
        roster_group: this.group,
        roles: lines(this.roles).map((line) => line.split(/\s+/).slice(0, 2) as [string, string]),
        may_see: lines(this.maySee),
        may_control: lines(this.mayControl),
      },
    }
  }

  #trust(): MeshTrust {
    if (this.trustBy === 'authority') return { by: 'authority', pem: this.pem.trim() }
    return this.trustBy === 'pin' ? { by: 'pin', sha256: hex(this.pin) } : { by: 'system' }
  }

  #server({ server, tls, trust }: Pick<MeshAccount, 'server' | 'tls' | 'trust'>): void {
    this.server = server ?? ''
    this.tls = tls
    this.trustBy = trust.by
    this.pem = trust.by === 'authority' ? trust.pem : ''
    this.pin = trust.by === 'pin' ? trust.sha256 : ''
  }
}
