/**
 * Adds to package-lock.json the optional packages of other platforms that npm left out.
 *
 * npm leaves out what the registry at hand does not have, which on a mirror is often the binaries of other platforms;
 * `npm ci` then refuses the file everywhere. Such packages are named by their platform and pinned by the package that
 * wants them, so their entries can be told. Run it after `npm install` changed the lock file.
 *
 * node scripts/complete-lock.mjs
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const OS = /^(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)$/;
const CPU = /^(arm|arm64|ia32|loong64|ppc64|riscv64|s390x|x64)$/;
const LIBC = new Map([
  ['gnu', 'glibc'],
  ['musl', 'musl'],
]);

/**
 * @typedef {{ optionalDependencies?: Record<string, string>, dev?: boolean, license?: string }} Package
 */
const path = resolve(import.meta.dirname, '../package-lock.json');
const lock = JSON.parse(readFileSync(path, 'utf8'));
/** @type {Record<string, Package>} */
const packages = lock.packages;

for (const wanting of Object.values(packages)) {
  for (const [name, version] of Object.entries(wanting.optionalDependencies ?? {})) {
    const platform = platformOf(name);
    if (`node_modules/${name}` in packages || !platform || !/^\d/.test(version)) continue;
    const { dev, license } = wanting;
    packages[`node_modules/${name}`] = Object.assign({ version, dev, license, optional: true }, platform);
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(path, `${JSON.stringify(lock, undefined, 2)}\n`);

/** What a package's name says about where it runs: `@swc/core-linux-arm64-musl`. @param {string} name */
function platformOf(name) {
  const words = name.split(/[/-]/);
  const os = words.find((word) => OS.test(word));
  const cpu = words.find((word) => CPU.test(word));
  const libc = words.map((word) => LIBC.get(word)).find((known) => known);
  if (!os || !cpu) return undefined;
  return { os: [os], cpu: [cpu], ...(os === 'linux' && libc ? { libc: [libc] } : {}) };
}
