/** The environment cannot be used as it is; the application does not start. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Some of a system's variables are set, and others that it needs are not. */
export class MissingVariablesError extends SettingsError {
  /**
   * @param missing what is to be set as well
   * @param found a variable that is set, and so shows that the system is wanted
   */
  constructor(
    readonly missing: readonly string[],
    readonly found: string,
  ) {
    super(`${found} is set, which needs ${missing.join(' and ')} as well`);
  }
}
