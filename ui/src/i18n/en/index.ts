// English: the source of every key.

import { common } from './common'
import { doors } from './doors'
import { errors } from './errors'
import { help } from './help'
import { mesh } from './mesh'
import { overview } from './overview'
import { probes } from './probes'
import { results } from './results'
import { score } from './score'
import { server } from './server'
import { settings } from './settings'
import { start } from './start'
import { tables } from './tables'
import { unseen } from './unseen'
import { watch } from './watch'
import { live } from './live'
import { apps } from './apps'
import { words } from './words'

export const en = {
  ...common,
  ...errors,
  ...words,
  ...start,
  ...overview,
  ...tables,
  ...server,
  ...score,
  ...unseen,
  ...settings,
  ...help,
  ...apps,
  ...live,
  ...watch,
  ...probes,
  ...results,
  ...mesh,
  ...doors,
}
