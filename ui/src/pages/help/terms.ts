// The words of the glossary, in the order in which a reader meets them.

export const TERMS = [
  'capture',
  'packet',
  'server',
  'company',
  'flow',
  'tracker',
  'domain',
  'dns',
  'encrypted_dns',
  'tls',
  'sni',
  'ech',
  'quic',
  'ja4',
  'as',
  'registered',
  'tunnel',
  'in_clear',
  'probe',
  'incident',
  'rule',
  'mesh',
  'agent',
  'role',
  'outbox',
  'topic',
  'performative',
  'ontology',
] as const

export const KEYS = ['back', 'table', 'open', 'copy', 'close'] as const
