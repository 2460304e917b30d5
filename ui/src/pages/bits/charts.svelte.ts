// What every chart of an audit says and does: the words on its tools, and saving its picture.

import { t } from '$ui/i18n/language.svelte'
import type { Session } from '$ui/state/session.svelte'
import { toasts } from '$ui/state/toasts.svelte'

export const chartWords = () => ({
  table: t('do.show_table'),
  chart: t('do.show_chart'),
  save: t('do.save_chart'),
  png: t('do.save_png'),
  svg: t('do.save_svg'),
})

// Signs that file systems refuse, and controls.
const NO_FILE_SIGN = /[\u0000-\u001f\u007f<>:"/\\|?*\u200b-\u200f\u202a-\u202e\u2066-\u2069]+/g
/** Length that every file system bears, with room for an ending. */
const LONGEST_NAME = 100

/** A name for a file that any system takes. */
export function fileName(name: string): string {
  const kept = name.replace(NO_FILE_SIGN, ' ').replace(/\s+/g, ' ')
  // A dot in front would hide the file.
  return (
    kept
      .replace(/^[. ]+/, '')
      .trim()
      .slice(0, LONGEST_NAME) || 'telltale'
  )
}

export async function savePicture(session: Session, name: string, kind: 'png' | 'svg', base64: string): Promise<void> {
  try {
    const path = await session.backend.save_image(fileName(name), kind, base64)
    if (path) toasts.say(t('say.saved_to', { path }))
  } catch (thrown) {
    session.tell(thrown)
  }
}
