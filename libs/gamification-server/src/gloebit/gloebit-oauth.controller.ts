import { Body, Controller, Get, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import OAuth2Server from '@node-oauth/oauth2-server';
import { ServerKeys } from '../keys/server-keys.js';
import type { GloebitServerOptions } from '../server.options.js';
import { type Consent, ConsentTickets, type ResponseType } from './consent-ticket.js';
import { GloebitGrants } from './gloebit-grants.js';
import { GLOEBIT_OPTIONS } from './gloebit-options.js';
import { consentPage, pageHeaders } from './gloebit-page.js';
import { type PageResponse, redirect, show, type Texts, texts } from './page-response.js';
import { areSameScopes, scopesOf } from './scopes.js';

const CODE_LIFETIME = 600;
/** Gloebit's tokens do not expire; the library wants a number all the same, and it is told to nobody. */
const NO_EXPIRY = 10 * 365 * 24 * 60 * 60;

/** What `state` may consist of (RFC 6749, appendix A.5). */
const STATE = /^[\x20-\x7e]+$/;

interface PageRequest {
  readonly originalUrl?: string;
  readonly url: string;
  readonly headers: Record<string, string>;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Gloebit's OAuth 2.0. `@node-oauth/oauth2-server` does the standard part of it, which a token without a code is not.
 * What it says is changed in three places:
 *
 * - the answer with the token has no `token_type` and no `expires_in`, and repeats the scope as a text, as Gloebit's does;
 * - a user who refuses, or an address to return to that is not the application's, leads to a page and not back;
 * - errors of the token call have `reason` beside `error`, which some clients read.
 */
@Controller('oauth2')
export class GloebitOAuthController {
  private readonly oauth: OAuth2Server;
  private readonly codeLifetime: number;

  constructor(
    @Inject(GloebitGrants) private readonly grants: GloebitGrants,
    @Inject(ConsentTickets) private readonly tickets: ConsentTickets,
    @Inject(ServerKeys) private readonly keys: ServerKeys,
    @Inject(GLOEBIT_OPTIONS) private readonly options: GloebitServerOptions,
  ) {
    this.oauth = new OAuth2Server({ model: grants });
    this.codeLifetime = options.codeLifetime ?? CODE_LIFETIME;
  }

  /** Asks the user, once it is known who that is. */
  @Get('authorize')
  async ask(
    @Query() query: Fields,
    @Req() request: PageRequest,
    @Res({ passthrough: true }) response: PageResponse,
  ): Promise<string> {
    const { client_id, redirect_uri, response_type, scope, state, approval_prompt } = texts(query);
    const application = client_id === undefined ? undefined : await this.keys.application(client_id);
    if (!application || redirect_uri === undefined || !application.redirectUris.includes(redirect_uri)) {
      return show(
        response,
        400,
        'The application that sent you here is not known, or may not send you back there.',
      );
    }
    const responseType = response_type === 'token' ? 'token' : 'code';
    if (responseType === 'token' && new URL(redirect_uri).protocol !== 'https:')
      return show(response, 400, 'The application may only send you back there with HTTPS.');
    const isStateSound = state === undefined || STATE.test(state);
    const refuse = (error: string) =>
      back(response, redirect_uri, responseType, { error, state: isStateSound ? state : undefined });
    if (!isStateSound) return refuse('invalid_request');
    if (response_type !== responseType) return refuse('unsupported_response_type');
    if (!(await this.isAllowedType(application.id, responseType))) return refuse('unauthorized_client');
    const scopes = scopesOf(scope ?? '');
    if (!scopes) return refuse('invalid_scope');
    const user = await this.options.signIn.userOf(request);
    if (!user) return redirect(response, this.options.signIn.url(request.originalUrl ?? request.url));
    const consent: Consent = {
      userId: user.id,
      clientId: application.id,
      redirectUri: redirect_uri,
      scope: scopes.join(' '),
      responseType,
      state,
    };
    // Of the token that there is only a hash is kept, so a new one takes its place where Gloebit's stays. Without a code it
    // would do so at once, for whoever leads the user here: then the user is asked.
    if (approval_prompt === 'auto' && responseType === 'code' && (await this.isAllowed(consent)))
      return this.allow(consent, response);
    for (const header of pageHeaders(redirect_uri)) response.header(...header);
    const ticket = await this.tickets.issue(consent);
    return consentPage(application.name || application.id, user.name ?? user.id, scopes, ticket);
  }

  /** What the user has decided. */
  @Post('authorize')
  @HttpCode(200)
  async decide(
    @Body() body: Fields,
    @Req() request: PageRequest,
    @Res({ passthrough: true }) response: PageResponse,
  ): Promise<string> {
    const { ticket = '', decision } = texts(body ?? {});
    const user = await this.options.signIn.userOf(request);
    const consent = user && (await this.tickets.redeem(ticket, user.id));
    if (!consent)
      return show(response, 403, 'This page is too old. Please go back to the application and try again.');
    // Both may have changed while the user was thinking.
    const application = await this.keys.application(consent.clientId);
    if (!application || !(await this.isAllowedType(application.id, consent.responseType)))
      return show(response, 403, 'The application may no longer ask for this.');
    if (decision !== 'allow') return show(response, 200, 'You have not allowed it. You can close this page.');
    return this.allow(consent, response);
  }

  /** Gives a token for a code. */
  @Post('access-token')
  async token(
    @Body() body: Fields,
    @Req() { headers }: PageRequest,
    @Res({ passthrough: true }) response: PageResponse,
  ): Promise<object> {
    response.header('Cache-Control', 'no-store');
    const given = new OAuth2Server.Request({ method: 'POST', headers, query: {}, body: texts(body ?? {}) });
    try {
      const token = await this.oauth.token(given, new OAuth2Server.Response(), {
        accessTokenLifetime: NO_EXPIRY,
        refreshTokenLifetime: NO_EXPIRY,
      });
      response.status(200);
      return {
        access_token: token.accessToken,
        refresh_token: token.refreshToken,
        scope: (token.scope ?? []).join(' '),
        app_user_id: token.user.id,
      };
    } catch (error) {
      if (!(error instanceof OAuth2Server.OAuthError) || error.code >= 500) throw error;
      response.status(400);
      return { error: error.name, error_description: error.message, reason: error.message };
    }
  }

  private async isAllowedType(applicationId: string, type: ResponseType): Promise<boolean> {
    return type === 'code' || (await this.options.allowsImplicit?.(applicationId)) === true;
  }

  private async isAllowed({ userId, clientId, scope }: Consent): Promise<boolean> {
    const grants = await this.grants.grantsOf(userId);
    return grants.some(
      (grant) => grant.clientId === clientId && areSameScopes(grant.scopes, scope.split(' ')),
    );
  }

  private async allow(consent: Consent, response: PageResponse): Promise<string> {
    const { userId, clientId, redirectUri, scope, responseType, state } = consent;
    if (responseType === 'token') {
      const token = await this.grants.issueToken({ userId, clientId, scopes: scope.split(' ') });
      return back(response, redirectUri, responseType, { token, state });
    }
    const query = {
      client_id: clientId,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope,
      ...(state === undefined ? {} : { state }),
    };
    const answer = new OAuth2Server.Response();
    await this.oauth.authorize(
      new OAuth2Server.Request({ method: 'GET', headers: {}, query, body: {} }),
      answer,
      {
        authenticateHandler: { handle: () => ({ id: userId }) },
        allowEmptyState: true,
        authorizationCodeLifetime: this.codeLifetime,
      },
    );
    return redirect(response, String(answer.get('location')));
  }
}

/**
 * Sends a user back. Beside a code the parameters are the query; beside a token the fragment, which stays in the browser
 * ([doc]; of errors [inferred], from RFC 6749, section 4.2.2.1).
 */
function back(response: PageResponse, uri: string, type: ResponseType, parameters: Texts): string {
  const location = new URL(uri);
  const search = type === 'token' ? new URLSearchParams() : location.searchParams;
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) search.set(name, value);
  if (type === 'token') location.hash = search.toString();
  return redirect(response, location.href);
}
