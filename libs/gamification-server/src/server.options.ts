/** How a protocol is served. */
export interface ProtocolOptions {
  /** Before its paths: `/gmfy`. None unless told; the protocols' own paths do not collide. */
  readonly prefix?: string;
}

/** GMFY's. */
export interface GmfyServerOptions extends ProtocolOptions {
  /** The `clientId` of all answers: a UUID. */
  readonly clientId?: string;
}

/** A wallet service's. */
export interface WalletServerOptions extends ProtocolOptions {
  /** The resource that its wallets hold, as the protocol knows one currency: `points` unless told. */
  readonly resource?: string;
}

/** Interakt's. */
export interface InteraktServerOptions extends ProtocolOptions {
  /** Calls a minute with one key; more are answered 429. 300 unless told, as on Interakt's plan "Growth". */
  readonly callsPerMinute?: number;
}

/** Who the users of Gloebit's pages are: the host's own sign-in. */
export interface SignIn {
  /** Who sends a request; nothing where nobody is signed in. */
  userOf(request: unknown): Promise<{ readonly id: string; readonly name?: string } | undefined>;
  /** Where a user signs in. @param returnTo the path and query to come back to */
  url(returnTo: string): string;
}

/** Gloebit's. */
export interface GloebitServerOptions extends ProtocolOptions {
  readonly signIn: SignIn;
  /** How long a code counts, in seconds: 600 unless told. */
  readonly codeLifetime?: number;
}

/** What `GamificationServerModule.forRoot` takes: which protocols are served. `true` is for all that has a default. */
export interface GamificationServerOptions {
  readonly protocols: {
    readonly gmfy?: boolean | GmfyServerOptions;
    readonly wallet?: boolean | WalletServerOptions;
    readonly playblazer?: boolean | ProtocolOptions;
    readonly interakt?: boolean | InteraktServerOptions;
    readonly gloebit?: false | GloebitServerOptions;
  };
}
