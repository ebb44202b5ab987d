/** What the environment decides about the application. */
export interface Settings {
  /** Where the server listens. */
  readonly port: number;
  /** Where the library keeps everything: a `file:` or a `postgres://` URL. */
  readonly databaseUrl: string;
}

/** Reads `PORT` and `DATABASE_URL`. A variable that is set to nothing counts as not set, as Compose files leave it. */
export function settingsFrom(environment: NodeJS.ProcessEnv): Settings {
  return {
    port: Number(environment.PORT || 3000),
    databaseUrl: environment.DATABASE_URL || 'file:./data/gamification.db',
  };
}
