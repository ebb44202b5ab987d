/**
 * Makes one file of the widgets and of what they need, for a script tag. Runs behind the compiler.
 *
 * node scripts/bundle-widgets.mjs
 */
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const folder = resolve(import.meta.dirname, '../libs/gamification-widgets/dist');

await build({
  entryPoints: [join(folder, 'index.js')],
  outfile: join(folder, 'gamification-widgets.js'),
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  legalComments: 'inline',
  logLevel: 'warning',
});
