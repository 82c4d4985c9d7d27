/** How the page is built: into dist/dashboard, with nothing fetched from anywhere at run time. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'
import { defineConfig } from 'vite'

const MODULES = join(import.meta.dirname, '../node_modules')

/** Both licences want to go wherever the code goes. */
const BUNDLED = { 'MapLibre GL JS': 'maplibre-gl/LICENSE.txt', uPlot: 'uplot/LICENSE' }

function licences(): Plugin {
  return {
    name: 'licences',
    generateBundle() {
      const texts = Object.entries(BUNDLED).map(
        ([name, file]) => `${name}\n\n${readFileSync(join(MODULES, file), 'utf8').trim()}\n`,
      )
      this.emitFile({ type: 'asset', fileName: 'licenses.txt', source: texts.join('\n\n') })
    },
  }
}

export default defineConfig({
  root: import.meta.dirname,
  // The page may stand under any path.
  base: './',
  plugins: [licences()],
  build: {
    outDir: '../dist/dashboard',
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy allows no inline code, and data: only for images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
})
