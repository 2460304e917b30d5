// The page to try the interface: reads the description and makes a form of each path. What comes back is written as text, never as HTML.

const WORDS = {
  en: {
    title: 'Telltale: the HTTP interface',
    lead: 'Programs report results here, and read what was found. This page tries it out.',
    token: 'Token',
    tokenNote: 'Make one in Telltale: Probes and mesh, Doors. It is kept in this tab only, until you close it.',
    description: 'The description (OpenAPI 3.1), for programs',
    body: 'Body (JSON)',
    send: 'Send',
    stop: 'Stop',
    answer: 'Answer',
    waits: 'Waiting …',
    failed: 'No answer came. Is Telltale still open?',
    required: 'needed',
    missing: 'The description could not be read. Load this page again.',
  },
  fr: {
    title: 'Telltale : l’interface HTTP',
    lead: 'Ici, des programmes déposent des résultats et lisent ce qui a été trouvé. Cette page permet de l’essayer.',
    token: 'Jeton',
    tokenNote: 'Créez-en un dans Telltale : Sondes et maillage, Portes. Il reste dans cet onglet, jusqu’à sa fermeture.',
    description: 'La description (OpenAPI 3.1), pour les programmes',
    body: 'Corps (JSON)',
    send: 'Envoyer',
    stop: 'Arrêter',
    answer: 'Réponse',
    waits: 'En attente…',
    failed: 'Aucune réponse. Telltale est-il encore ouvert ?',
    required: 'nécessaire',
    missing: 'La description n’a pas pu être lue. Rechargez cette page.',
  },
}
const language = navigator.language.toLowerCase().startsWith('fr') ? 'fr' : 'en'
const words = WORDS[language]
/** Characters of an answer that are shown at most. */
const MAX_SHOWN = 200_000

function make(name, attributes = {}, ...children) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...children)
  return element
}

const token = document.getElementById('token')
document.documentElement.lang = language
document.title = words.title
for (const element of document.querySelectorAll('[data-word]')) element.textContent = words[element.dataset.word]
document.getElementById('who').addEventListener('submit', (event) => event.preventDefault())

let fields = 0

/** A labelled field; `control` is what is typed into. */
function field(label, note, control) {
  control.id = `field-${(fields += 1)}`
  const parts = [make('label', { for: control.id }, label), control]
  if (note) {
    control.setAttribute('aria-describedby', `${control.id}-note`)
    parts.push(make('p', { id: `${control.id}-note`, class: 'note' }, note))
  }
  return parts
}

/** The form of one path and method. */
function operation(path, method, said) {
  const form = make('form', { autocomplete: 'off' })
  const controls = (said.parameters ?? []).map((one) => {
    const choices = one.schema.enum ?? (one.schema.type === 'boolean' ? ['true'] : null)
    const control = choices ? make('select') : make('input', { spellcheck: 'false' })
    if (choices) for (const choice of ['', ...choices]) control.append(make('option', { value: choice }, choice))
    else if (one.example) control.value = one.example
    if (one.required) control.required = true
    form.append(...field(one.required ? `${one.name} (${words.required})` : one.name, one.description, control))
    return { ...one, control }
  })
  const sent = said.requestBody?.content['application/json']
  const body = sent && make('textarea', { spellcheck: 'false' })
  if (body) {
    body.value = JSON.stringify(sent.example, null, 2)
    form.append(...field(words.body, '', body))
  }
  const send = make('button', { type: 'submit' }, words.send)
  const stop = make('button', { type: 'button', hidden: '' }, words.stop)
  const answer = make('pre', { hidden: '', role: 'status', 'aria-label': words.answer, tabindex: '0' })
  form.append(send, stop, answer)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void ask(path, method, controls, body, { send, stop, answer })
  })
  const head = make('summary', {}, make('code', {}, `${method.toUpperCase()} ${path}`), said.summary)
  const inside = make('div', {}, ...(said.description ? [make('p', {}, said.description)] : []), form)
  return make('details', {}, head, inside)
}

/** The address and the headers that the fields ask for. */
function request(path, controls) {
  const headers = {}
  const query = new URLSearchParams()
  let address = path
  for (const { name, in: place, control } of controls) {
    const value = control.value.trim()
    if (place === 'path') address = address.replace(`{${name}}`, encodeURIComponent(value))
    else if (!value) continue
    else if (place === 'query') query.set(name, value)
    else headers[name] = value
  }
  if (token.value.trim()) headers.Authorization = `Bearer ${token.value.trim()}`
  return { address: query.size ? `${address}?${query}` : address, headers }
}

async function ask(path, method, controls, body, { send, stop, answer }) {
  const { address, headers } = request(path, controls)
  const breaking = new AbortController()
  const show = (text) => {
    answer.textContent = text.slice(-MAX_SHOWN)
  }
  stop.onclick = () => breaking.abort()
  send.disabled = true
  stop.hidden = answer.hidden = false
  show(words.waits)
  let shown = ''
  try {
    if (body?.value.trim()) headers['Content-Type'] = 'application/json'
    const came = await fetch(address, {
      method: method.toUpperCase(),
      headers,
      body: body?.value.trim() || undefined,
      signal: breaking.signal,
    })
    shown = `${came.status} ${came.statusText}\n`
    for (const name of ['location', 'telltale-audit', 'telltale-next', 'retry-after']) {
      if (came.headers.has(name)) shown += `${name}: ${came.headers.get(name)}\n`
    }
    shown += '\n'
    show(shown)
    // Events have no end: each part is shown as it comes.
    const parts = came.body.pipeThrough(new TextDecoderStream()).getReader()
    for (let part = await parts.read(); !part.done; part = await parts.read()) {
      shown = (shown + part.value).slice(-MAX_SHOWN)
      show(shown)
    }
    if (came.headers.get('content-type')?.startsWith('application/json')) {
      const [head, ...rest] = shown.split('\n\n')
      show(`${head}\n\n${JSON.stringify(JSON.parse(rest.join('\n\n')), null, 2)}`)
    }
  } catch {
    if (!breaking.signal.aborted && !shown) show(words.failed)
  } finally {
    send.disabled = false
    stop.hidden = true
  }
}

async function begin() {
  const place = document.getElementById('paths')
  try {
    const description = await (await fetch('/openapi.json')).json()
    for (const tag of description.tags) {
      place.append(make('h2', {}, tag.name), make('p', { class: 'note' }, tag.description))
      for (const [path, methods] of Object.entries(description.paths)) {
        for (const [method, said] of Object.entries(methods)) {
          if (said.tags.includes(tag.name)) place.append(operation(path, method, said))
        }
      }
    }
  } catch {
    place.append(make('p', { role: 'alert' }, words.missing))
  }
}

void begin()
