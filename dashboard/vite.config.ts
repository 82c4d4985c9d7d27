/** How the page is built: into dist/dashboard, with nothing fetched from anywhere at run time. */
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  // The page may stand under any path.
  base: './',
  build: {
    outDir: '../dist/dashboard',
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy allows no inline code, and data: only for images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The map is loaded after the first paint; it is as large as it is.
    chunkSizeWarningLimit: 1_200,
    reportCompressedSize: false,
  },
})
