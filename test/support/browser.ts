import { existsSync } from 'node:fs';

/** Where Debian and others put Chromium. */
const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Chromium on this machine, if there is one. `CHROMIUM_PATH` names another. */
export const chromiumPath: string | undefined = [process.env.CHROMIUM_PATH ?? '', ...PATHS].find((path) =>
  existsSync(path),
);
