import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  HttpCode,
  HttpStatus,
  Inject,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { mergeMap, type Observable } from 'rxjs';
import { cookiesOf, mustBeLoggedIn } from '../../accounts/logged-in-user.js';
import type { TrackedRequest } from '../../events/track-options.js';
import { GamificationOptions } from '../../gamification.options.js';
import { isPlainObject } from '../../validation.js';
import { GloebitService } from './gloebit.service.js';
import type { GloebitAuthorizationRequest } from './gloebit-inputs.js';

/** What a handler with `@LinkAccountRedirect()` may return. */
export type LinkAccountOptions = Pick<GloebitAuthorizationRequest, 'redirectUri' | 'scope'>;

/** Turns what a handler returns into the redirect to Gloebit, and gives the browser its cookie. */
@Injectable()
export class LinkAccountInterceptor implements NestInterceptor<unknown, undefined> {
  constructor(
    @Inject(GloebitService) private readonly gloebit: GloebitService,
    @Inject(GamificationOptions) private readonly options: GamificationOptions,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<undefined> {
    return next.handle().pipe(mergeMap((result: unknown) => this.redirect(context, result)));
  }

  private async redirect(context: ExecutionContext, result: unknown): Promise<undefined> {
    const user = await mustBeLoggedIn(this.options, context, 'LinkAccountRedirect');
    const http = context.switchToHttp();
    const cookies = cookiesOf(http.getRequest<TrackedRequest>());
    // A handler may return nothing; whatever else it returns is checked with the rest.
    const wanted: LinkAccountOptions = isPlainObject(result) ? result : {};
    const { url, setCookie } = await this.gloebit.authorizationUrl({ ...wanted, user, cookies });
    const response: unknown = http.getResponse();
    if (setCookie !== undefined) this.host.httpAdapter.appendHeader(response, 'Set-Cookie', setCookie);
    // One that was kept by a cache would have a state of the past.
    this.host.httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
    // In the header, as interceptors of the application may wrap what is returned.
    this.host.httpAdapter.setHeader(response, 'Location', url);
    return undefined;
  }
}

/**
 * Sends the user who is logged in to Gloebit, to allow the application to use the account. The handler may return a
 * `redirectUri` and a `scope` in place of the options', unless the option `state` is `hmac`.
 *
 * ```ts
 * @Get('link')
 * @LinkAccountRedirect()
 * link() {}
 * ```
 *
 * Answers HTTP 401 where nobody is logged in.
 */
export function LinkAccountRedirect(): MethodDecorator {
  return applyDecorators(HttpCode(HttpStatus.FOUND), UseInterceptors(LinkAccountInterceptor));
}
