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
  /**
   * Whether an application may have tokens without a code (`response_type=token`), as one without a server of its own has
   * to: none unless told. Users are then sent back over HTTPS alone.
   */
  allowsImplicit?(applicationId: string): boolean | Promise<boolean>;
  /** Products that applications may give users and characters for nothing: none unless told. */
  readonly canBeGranted?: readonly string[];
  /** Products whose counts applications may set: none unless told. */
  readonly canBeSet?: readonly string[];
  /**
   * Where users buy what they pay with (`/purchase`): nowhere unless told.
   *
   * @param returnTo where they go on from there, which is where the application is
   */
  purchaseUrl?(returnTo: string | undefined): string;
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
