import {
  BadRequestException,
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Inject,
  Injectable,
} from '@nestjs/common';
import { cookiesOf, mustBeLoggedIn } from '../../accounts/logged-in-user.js';
import type { TrackedRequest } from '../../events/track-options.js';
import { GamificationOptions } from '../../gamification.options.js';
import { InvalidRequestError } from '../../http/remote.errors.js';
import { GloebitAuthorizationError, GloebitCrossSiteError } from './gloebit.errors.js';
import { GloebitService } from './gloebit.service.js';
import { keepCallback } from './verified-callback.js';

/**
 * Stands before the route that Gloebit sends the browser back to. Lets in the user who began, in the same browser, once,
 * and leaves the code with the request, for `@VerifiedCallback()`:
 *
 * ```ts
 * @Get('callback')
 * @UseGuards(OAuthStateGuard)
 * async linked(@VerifiedCallback() callback: GloebitCallback) {
 *   await this.gloebit.link(callback);
 * }
 * ```
 *
 * Answers HTTP 401 where nobody is logged in, 403 for an answer that is not this user's, and 400 for one with an error in
 * place of a code; the exception's `cause` is the error of `GloebitService.verifyCallback`.
 */
@Injectable()
export class OAuthStateGuard implements CanActivate {
  constructor(
    @Inject(GloebitService) private readonly gloebit: GloebitService,
    @Inject(GamificationOptions) private readonly options: GamificationOptions,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const user = await mustBeLoggedIn(this.options, context, 'OAuthStateGuard');
    const request = context.switchToHttp().getRequest<TrackedRequest>();
    const cookies = cookiesOf(request);
    try {
      keepCallback(context, await this.gloebit.verifyCallback(request.query, { user, cookies }));
      return true;
    } catch (cause) {
      if (cause instanceof GloebitCrossSiteError) throw new ForbiddenException(cause.message, { cause });
      if (cause instanceof GloebitAuthorizationError || cause instanceof InvalidRequestError) {
        throw new BadRequestException(cause.message, { cause });
      }
      throw cause;
    }
  }
}
