// The only file that says `echarts`: loads what is used of it, draws on the page, and writes pictures.

import { BarChart, LineChart, MapChart, ScatterChart } from 'echarts/charts'
import { GeoComponent, GridComponent, TitleComponent, TooltipComponent } from 'echarts/components'
import { init, registerMap, use, type ComposeOption, type EChartsType } from 'echarts/core'
import type { BarSeriesOption, LineSeriesOption, MapSeriesOption, ScatterSeriesOption } from 'echarts/charts'
import type {
  GeoComponentOption,
  GridComponentOption,
  TitleComponentOption,
  TooltipComponentOption,
} from 'echarts/components'
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers'
import { headed, type Head } from './head'

use([
  BarChart,
  LineChart,
  MapChart,
  ScatterChart,
  GeoComponent,
  GridComponent,
  TitleComponent,
  TooltipComponent,
  CanvasRenderer,
  SVGRenderer,
])

export type Option = ComposeOption<
  | BarSeriesOption
  | LineSeriesOption
  | MapSeriesOption
  | ScatterSeriesOption
  | GeoComponentOption
  | GridComponentOption
  | TitleComponentOption
  | TooltipComponentOption
>

export { registerMap }

export type Drawing = { show: (option: Option) => void; resize: () => void; end: () => void }

/** Draws into an element; `pick` is told the name of what was clicked. */
export function draw(into: HTMLElement, pick: (name: string) => void): Drawing {
  const chart: EChartsType = init(into, null, { renderer: 'svg' })
  chart.on('click', (event) => pick(event.name))
  return {
    show: (option) => chart.setOption({ animation: false, ...option }, { notMerge: true }),
    resize: () => chart.resize(),
    end: () => chart.dispose(),
  }
}

/** The chart as a picture of its own below its head, base64. SVG is text in UTF-8. */
export function picture(
  option: Option,
  head: Head,
  kind: 'png' | 'svg',
  { width, height }: { width: number; height: number },
): string {
  const whole = headed(option, head)
  if (kind === 'svg') {
    const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
    chart.setOption(whole)
    const text = chart.renderToSVGString()
    chart.dispose()
    return base64(new TextEncoder().encode(text))
  }
  const chart = init(document.createElement('div'), null, { renderer: 'canvas', width, height })
  chart.setOption(whole)
  const url = chart.getDataURL({ type: 'png', pixelRatio: 2 })
  chart.dispose()
  return url.slice(url.indexOf(',') + 1)
}

function base64(octets: Uint8Array): string {
  let text = ''
  for (const octet of octets) text += String.fromCharCode(octet)
  return btoa(text)
}
