import { OAuthStateError } from '../../accounts/accounts.errors.js';
import { Credential, checkedCredential } from '../../accounts/credential.js';
import type { OAuthStates } from '../../accounts/oauth-states.js';
import type { Clock } from '../../clock.js';
import { encode } from '../../http/decode.js';
import type { HttpTransport, RemoteRequest, RemoteResponse } from '../../http/http-transport.js';
import { InvalidRequestError, RemoteUnavailableError } from '../../http/remote.errors.js';
import { isOutage } from '../../http/status.js';
import { IDENTIFIER_RULE, inShort, isIdentifier, isPlainObject } from '../../validation.js';
import type { GloebitClient } from './client-secrets.js';
import {
  GloebitAuthorizationError,
  GloebitCrossSiteError,
  GloebitFlowExchangeError,
  GloebitFlowMissingError,
} from './gloebit.errors.js';
import type { GloebitOptions } from './gloebit.options.js';
import { GloebitAuthorizationRequest, type GloebitCallbackRequest } from './gloebit-inputs.js';
import { hmacState, isHmacState } from './hmac-state.js';

/** The name under which Gloebit accounts are linked. */
export const GLOEBIT = 'gloebit';

/** Where to send a user's browser. */
export interface GloebitAuthorizationUrl {
  readonly url: string;
  /** The `Set-Cookie` header to send along, by which the browser is known again. With `state: 'hmac'` there is none. */
  readonly setCookie?: string;
}

/** The query of a request, as Express and Fastify parse it. */
export type GloebitCallbackQuery = Readonly<Record<string, unknown>>;

/** An answer of Gloebit's that is known to be this user's: what an access token can be had for, once. */
export interface GloebitCallback {
  readonly user: string;
  /** Secret, until it is used. */
  readonly code: string;
  readonly redirectUri: string;
  readonly scope: string;
}

/** The OAuth 2.0 authorization-code flow with Gloebit. Keeps nothing in the process between its steps. */
export class GloebitAuthorization {
  // Has the client secret: what is #private no logger shows.
  readonly #client: GloebitClient;

  constructor(
    private readonly options: GloebitOptions,
    client: GloebitClient,
    private readonly transport: HttpTransport,
    private readonly states: OAuthStates,
    private readonly clock: Clock,
  ) {
    this.#client = client;
  }

  async begin(given: GloebitAuthorizationRequest): Promise<GloebitAuthorizationUrl> {
    const operation = 'authorizationUrl';
    const { user, cookies, ...wanted } = encode(GloebitAuthorizationRequest, given, 'gloebit', operation);
    if (this.options.state === 'hmac') mustBeOptions(wanted, operation);
    const redirectUri = this.redirectUri(wanted.redirectUri, operation);
    const scope = wanted.scope ?? this.options.scope;
    const { state, setCookie } = await this.newState(user, redirectUri, scope, cookies);
    const url = new URL(this.#client.authorizeUrl);
    url.search = new URLSearchParams({
      client_id: this.#client.clientKey,
      redirect_uri: redirectUri,
      scope,
      response_type: 'code',
      // Not supported by Gloebit, and sent by every one of its clients.
      access_type: 'offline',
      state,
    }).toString();
    return { url: url.href, ...(setCookie === undefined ? {} : { setCookie }) };
  }

  async verify(query: GloebitCallbackQuery, request: GloebitCallbackRequest): Promise<GloebitCallback> {
    const operation = 'verifyCallback';
    const user: unknown = request?.user;
    if (!isIdentifier(user)) {
      throw new InvalidRequestError('gloebit', operation, [
        { path: 'user', got: inShort(user), allowed: IDENTIFIER_RULE },
      ]);
    }
    // JavaScript callers can give anything.
    const { state, code, error } = query ?? {};
    const { redirectUri, scope } = await this.finish(state, request);
    if (error !== undefined) {
      const remoteCode = typeof error === 'string' ? error : inShort(error);
      const secrets = typeof code === 'string' ? [code] : [];
      const failure = { ...this.transport.failureOf({ operation, secrets }), remoteCode };
      throw new GloebitAuthorizationError(failure, `Gloebit sent the user back with ${inShort(remoteCode)}`);
    }
    if (typeof code !== 'string' || code === '') {
      // What came in place of a code is not repeated: it may be one.
      const got = code === undefined ? 'missing' : 'something else';
      throw new InvalidRequestError('gloebit', operation, [{ path: 'code', got, allowed: 'a text' }]);
    }
    return { user, code, redirectUri, scope };
  }

  /** The client secret and the code go in the body, as all of Gloebit's clients but one send them. */
  async redeem({ code, redirectUri, scope }: GloebitCallback): Promise<Credential> {
    const { clientKey, clientSecret, tokenPath } = this.#client;
    const response = await this.exchange({
      operation: 'exchange',
      method: 'POST',
      path: { texts: [tokenPath], parameters: [] },
      body: {
        form: {
          client_id: clientKey,
          client_secret: clientSecret,
          code,
          grant_type: 'authorization_code',
          scope,
          redirect_uri: redirectUri,
        },
      },
      secrets: [code],
      isAnswer: ({ status }) => !isOutage(status),
    });
    return credentialIn(response, scope);
  }

  private async newState(
    user: string,
    redirectUri: string,
    scope: string,
    cookies: string | undefined,
  ): Promise<{ readonly state: string; readonly setCookie?: string }> {
    const { state, secretKey = '' } = this.options;
    if (state === 'hmac') return { state: hmacState(secretKey, user, this.clock.now()) };
    return this.states.begin({ provider: GLOEBIT, userId: user, redirectUri, scope, cookies });
  }

  /** What the authorization began with. @throws GloebitCrossSiteError */
  private async finish(
    state: unknown,
    { user, cookies }: GloebitCallbackRequest,
  ): Promise<Pick<GloebitCallback, 'redirectUri' | 'scope'>> {
    if (this.options.state === 'hmac') {
      this.mustBeHmac(state, user);
      return {
        redirectUri: this.redirectUri(undefined, 'verifyCallback'),
        scope: this.options.scope,
      };
    }
    try {
      return await this.states.finish({ provider: GLOEBIT, userId: user, state, cookies });
    } catch (cause) {
      if (!(cause instanceof OAuthStateError)) throw cause;
      switch (cause.reason) {
        case 'unknown':
          throw new GloebitFlowMissingError('no authorization with its state is under way', { cause });
        case 'expired':
          throw new GloebitFlowMissingError('the authorization took too long', { cause });
        case 'missing':
          throw new GloebitCrossSiteError('it has no state', { cause });
        case 'other_user':
          throw new GloebitCrossSiteError('its state is of another user', { cause });
        case 'other_browser':
          throw new GloebitCrossSiteError('its state is of another browser', { cause });
      }
    }
  }

  private mustBeHmac(state: unknown, user: string): void {
    const { secretKey = '' } = this.options;
    if (typeof state !== 'string' || state === '') throw new GloebitCrossSiteError('it has no state');
    if (!isHmacState(state, secretKey, user, this.clock.now())) {
      throw new GloebitCrossSiteError('its state was not made for this user within the last hour');
    }
  }

  private redirectUri(given: string | undefined, operation: string): string {
    const redirectUri = given ?? this.options.redirectUri;
    if (redirectUri !== undefined) return redirectUri;
    const allowed = 'a URL, there or in the option gloebit.redirectUri';
    throw new InvalidRequestError('gloebit', operation, [{ path: 'redirectUri', got: 'missing', allowed }]);
  }

  /** Whatever status is not 200 ends the flow. What was no answer at all stays what it is. */
  private async exchange(request: RemoteRequest): Promise<RemoteResponse> {
    try {
      return await this.transport.send(request);
    } catch (error) {
      if (!(error instanceof RemoteUnavailableError) || error.status === undefined) throw error;
      const { system, operation, status, reason, retryAfter } = error;
      const failure = { system, operation, status };
      const detail = `Gloebit answered HTTP ${status}`;
      // Without the answer, which may have a token.
      const cause = new RemoteUnavailableError(failure, reason, detail, retryAfter);
      throw new GloebitFlowExchangeError(failure, detail, { cause });
    }
  }
}

/**
 * The credential in a token answer, which has no `token_type` and may be JSON or urlencoded. No error has the answer's
 * body, as it may have a token.
 */
function credentialIn({ body, ...failure }: RemoteResponse, scope: string): Credential {
  const { status } = failure;
  const answer = typeof body === 'string' ? Object.fromEntries(new URLSearchParams(body)) : body;
  const fields: Readonly<Record<string, unknown>> = isPlainObject(answer) ? { ...answer } : {};
  if (status === 200 && fields.access_token !== undefined) {
    const { value, problems } = checkedCredential({
      accessToken: fields.access_token,
      // Kept with the rest, though Gloebit's tokens do not end.
      ...(typeof fields.refresh_token === 'string' ? { refreshToken: fields.refresh_token } : {}),
      scope: typeof fields.scope === 'string' && fields.scope !== '' ? fields.scope : scope,
    });
    if (problems.length === 0) return value;
  }
  const remoteCode = textOf(fields.error);
  const remoteMessage = textOf(fields.reason);
  throw new GloebitFlowExchangeError(
    { ...failure, remoteCode, remoteMessage },
    remoteCode ??
      remoteMessage ??
      (status === 200 ? 'the answer has no access token' : `Invalid response: ${status}.`),
  );
}

/** The nonce tells nothing of what an authorization began with, and who takes the answer could not know. */
function mustBeOptions(
  wanted: Pick<GloebitAuthorizationRequest, 'redirectUri' | 'scope'>,
  operation: string,
): void {
  const problems = Object.entries(wanted)
    .filter(([, value]) => value !== undefined)
    .map(([path, value]) => ({
      path,
      got: inShort(value),
      allowed: `only the option gloebit.${path}, as the state is \`hmac\``,
    }));
  if (problems.length > 0) throw new InvalidRequestError('gloebit', operation, problems);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
