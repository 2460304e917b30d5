// The head of a saved picture: its title, what it shows, and who drew it.

import type { Option } from './draw'
import type { Palette } from './palette'

/** Height that the head takes, px. */
export const HEAD_PX = 84
const EDGE = 24

export type Head = { title: string; text: string; colors: Palette }

/** The chart moved down below its head. */
export function headed(option: Option, { title, text, colors }: Head): Option {
  const words = (color: string, fontSize: number) => ({ color, fontSize, fontFamily: colors.font })
  return {
    ...option,
    animation: false,
    backgroundColor: colors.surface,
    title: [
      {
        text: title,
        subtext: text,
        left: EDGE,
        top: 16,
        textStyle: words(colors.ink, 18),
        subtextStyle: words(colors.soft, 13),
      },
      { text: 'Telltale', right: EDGE, top: 18, textStyle: { ...words(colors.soft, 13), fontWeight: 'normal' } },
    ],
    ...(option.grid ? { grid: { ...option.grid, left: EDGE, right: EDGE * 3, top: HEAD_PX + 12, bottom: EDGE } } : {}),
    ...(option.geo ? { geo: { ...option.geo, left: EDGE, right: EDGE, top: HEAD_PX, bottom: EDGE } } : {}),
  }
}
