import { type RemoteSettings, remoteSettingsFrom } from './remote-settings.js';

/** What the environment decides about the application. */
export interface Settings {
  /** Where the server listens. */
  readonly port: number;
  /** Where the library keeps everything: a `file:` or a `postgres://` URL. */
  readonly databaseUrl: string;
  /** Where browsers find the shop, without a slash at its end. */
  readonly publicUrl: string;
  /** The systems elsewhere that the shop uses; none unless told. */
  readonly remote: RemoteSettings;
}

/** What the application needs to know of them; where it listens is for who starts it. */
export type AppSettings = Pick<Settings, 'databaseUrl'> & Partial<Pick<Settings, 'publicUrl' | 'remote'>>;

/**
 * Reads the environment: `PORT`, `DATABASE_URL`, `PUBLIC_URL`, and the variables of the remote systems. One that is set
 * to nothing counts as not set, as Compose files leave it.
 *
 * @throws SettingsError
 */
export function settingsFrom(environment: NodeJS.ProcessEnv): Settings {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const port = Number(set.PORT ?? 3000);
  const publicUrl = (set.PUBLIC_URL ?? `http://localhost:${port}`).replace(/\/+$/, '');
  return {
    port,
    databaseUrl: set.DATABASE_URL ?? 'file:./data/gamification.db',
    publicUrl,
    remote: remoteSettingsFrom(set, publicUrl),
  };
}
