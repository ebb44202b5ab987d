import type { ClassConstructor } from 'class-transformer';
import type { Credential } from '../../accounts/credential.js';
import { decode } from '../../http/decode.js';
import type { HttpTransport, RemoteRequest } from '../../http/http-transport.js';
import { isOutage } from '../../http/status.js';
import { GloebitScopeError } from './gloebit.errors.js';
import { mustSucceed, type Refusal } from './gloebit-answers.js';

/** One call in a user's name. */
export interface GloebitCall<Answer> extends Pick<RemoteRequest, 'operation' | 'method' | 'path'> {
  readonly json?: unknown;
  readonly repeatable?: boolean;
  readonly answer: ClassConstructor<Answer>;
  readonly refusal: Refusal;
}

/** Calls Gloebit with a user's credential. */
export class GloebitCalls {
  /** @param scope what a credential allows that does not say so itself */
  constructor(
    private readonly transport: HttpTransport,
    private readonly scope: string,
  ) {}

  /** What a credential allows, as words. */
  scopesOf({ scope = this.scope }: Credential): readonly string[] {
    return scope.split(/\s+/).filter(Boolean);
  }

  /**
   * Makes sure that a call is allowed, before any is made.
   *
   * @param needed the scopes of which one is needed
   * @returns the first of them that the user allowed
   * @throws GloebitScopeError
   */
  allowed(operation: string, credential: Credential, ...needed: readonly string[]): string {
    const scopes = this.scopesOf(credential);
    const found = needed.find((scope) => scopes.includes(scope));
    if (found === undefined) throw new GloebitScopeError(operation, needed, scopes.join(' '));
    return found;
  }

  /** @throws GloebitAccessTokenError, GloebitBadRequestError, InvalidRemoteResponseError, RemoteUnavailableError, the call's refusal */
  async send<Answer extends object>({ accessToken }: Credential, call: GloebitCall<Answer>): Promise<Answer> {
    const { operation, method, path, json, repeatable = method === 'GET' } = call;
    const response = await this.transport.send({
      operation,
      method,
      path,
      headers: { Authorization: `Bearer ${accessToken}` },
      ...(json === undefined ? {} : { body: { json } }),
      repeatable,
      secrets: [accessToken],
      // What may pass is tried again, and opens the circuit breaker; all else is judged here.
      isAnswer: ({ status }) => !isOutage(status),
    });
    mustSucceed(response, call.refusal);
    return decode(call.answer, response);
  }
}
