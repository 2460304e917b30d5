import { svelte } from '@sveltejs/vite-plugin-svelte'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig(({ mode }) => ({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [svelte()],
  resolve: {
    alias: { $ui: fileURLToPath(new URL('./src', import.meta.url)) },
    // Tests run outside a browser but must get the code that the window gets.
    ...(mode === 'test' ? { conditions: ['browser'] } : {}),
  },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The strict content policy forbids data: fonts and scripts, so nothing is inlined.
    assetsInlineLimit: 0,
    target: 'safari16',
    chunkSizeWarningLimit: 700,
  },
  server: { port: 1420, strictPort: true },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
}))
