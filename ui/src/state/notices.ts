// What happened while watching, in words for the desktop.

import type { Notice } from '$ui/ipc/bindings'
import { plain } from '$ui/format/words'
import { t } from '$ui/i18n/language.svelte'

/** Letters of a stranger's name that a notification shows. */
const LONGEST = 80

/** Heading and text of a notice, in the window's language. */
export function words(notice: Notice): { title: string; body: string } {
  switch (notice.kind) {
    case 'tracker':
      return { title: t('notice.tracker'), body: t('notice.tracker.text', { company: plain(notice.company, LONGEST) }) }
    case 'clear_text':
      return { title: t('notice.clear_text'), body: t('notice.clear_text.text', { host: plain(notice.host, LONGEST) }) }
    case 'waiting':
      return {
        title: t('notice.waiting', { name: plain(notice.name, LONGEST) }),
        body: t(`live.wait.${notice.reason}`),
      }
  }
}
