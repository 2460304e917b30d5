// Recipes for a server of one's own, as they are typed. `mesh.example` stands for the server's name.

export type Recipe = {
  key: 'prosody' | 'ejabberd'
  install: string
  configs: readonly { file: string; text: string }[]
  account: string
}

const PROSODY = `limits = { c2s = { rate = "1mb/s" } }

VirtualHost "mesh.example"
  ssl = {
    key = "/etc/prosody/certs/mesh.example.key";
    certificate = "/etc/prosody/certs/mesh.example.crt";
  }
  authentication = "internal_hashed"
  password_hash = "SHA-256"
  disable_sasl_mechanisms = { "PLAIN", "DIGEST-MD5" }
  c2s_require_encryption = true
  modules_enabled = { "smacks", "groups", "pep", "ping", "offline" }
  groups_file = "/etc/prosody/telltale.txt"

Component "pubsub.mesh.example" "pubsub"
  autocreate_on_publish = true
  expose_publisher = true
  -- Who may make topics: the accounts of computers that correlate.
  admins = { "desk@mesh.example" }
`

const GROUP = `[Telltale]
desk@mesh.example=The desk
pi@mesh.example=Raspberry Pi
`

const EJABBERD = `hosts: [ mesh.example ]
certfiles: [ /etc/ejabberd/mesh.example.pem ]
auth_method: internal
auth_password_format: scram
auth_scram_hash: sha256
disable_sasl_mechanisms: [ plain, digest-md5, x-oauth2 ]
listen:
  - { port: 5222, module: ejabberd_c2s, starttls_required: true, shaper: none, access: all }
modules:
  mod_admin_extra: {}
  mod_adhoc: {}
  mod_caps: {}
  mod_disco: {}
  mod_offline: {}
  mod_ping: {}
  mod_pubsub: { access_createnode: all, plugins: [ flat, pep ] }
  mod_roster: {}
  mod_shared_roster: {}
  mod_stream_mgmt: { resend_on_timeout: if_offline }
`

export const RECIPES: readonly Recipe[] = [
  {
    key: 'prosody',
    install: 'sudo apt install prosody',
    configs: [
      { file: '/etc/prosody/conf.d/mesh.example.cfg.lua', text: PROSODY },
      { file: '/etc/prosody/telltale.txt', text: GROUP },
    ],
    account: `sudo prosodyctl adduser desk@mesh.example
sudo prosodyctl adduser pi@mesh.example
sudo systemctl restart prosody
`,
  },
  {
    key: 'ejabberd',
    install: 'sudo apt install ejabberd',
    configs: [{ file: '/etc/ejabberd/ejabberd.yml', text: EJABBERD }],
    account: `sudo systemctl restart ejabberd
read -rs PASSWORD; sudo ejabberdctl register desk mesh.example "$PASSWORD"
read -rs PASSWORD; sudo ejabberdctl register pi mesh.example "$PASSWORD"
sudo ejabberdctl srg_create telltale mesh.example Telltale Agents telltale
sudo ejabberdctl srg_user_add desk mesh.example telltale mesh.example
sudo ejabberdctl srg_user_add pi mesh.example telltale mesh.example
`,
  },
]
