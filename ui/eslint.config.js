import svelte from 'eslint-plugin-svelte'
import ts from 'typescript-eslint'

const outsideIpc = {
  'no-restricted-imports': [
    'error',
    { patterns: [{ group: ['@tauri-apps/*'], message: 'Only ipc/ talks to Tauri.' }] },
  ],
}

export default ts.config(
  { ignores: ['**/dist/**', '**/out/**', '**/bindings.ts'] },
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: ts.parser } } },
  {
    rules: {
      // Server names are chosen by strangers: they are shown as text and nothing else.
      'svelte/no-at-html-tags': 'error',
      // Places are hashes of one page, not routes of SvelteKit.
      'svelte/no-navigation-without-resolve': 'off',
      // Maps and sets that are replaced whole ($state.raw) need no deep reactivity.
      'svelte/prefer-svelte-reactivity': 'off',
      'no-undef': 'off',
    },
  },
  { files: ['**/src/**/*.ts', '**/src/**/*.svelte'], ignores: ['**/src/ipc/**'], rules: outsideIpc },
)
