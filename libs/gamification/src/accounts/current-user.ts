import { type ExecutionContext, UnauthorizedException } from '@nestjs/common';
import type { TrackedRequest } from '../events/track-options.js';
import type { GamificationOptions } from '../gamification.options.js';
import { NotConfiguredError } from '../unserved.js';

/**
 * Who the user of a request is, as the module's option `user` says.
 *
 * @param wanted what needs to know, for the message
 * @throws NotConfiguredError without that option
 */
export async function currentUser(
  { user }: GamificationOptions,
  context: ExecutionContext,
  wanted: string,
): Promise<string | undefined> {
  if (user === undefined) throw new NotConfiguredError(wanted, '`user`');
  if (typeof user === 'string') return user;
  return user({ context, request: context.switchToHttp().getRequest(), result: undefined });
}

/** The `Cookie` header of a request; empty where it has none. */
export function cookiesOf({ headers }: TrackedRequest): string {
  return [headers.cookie].flat().join('; ');
}

/** As {@link currentUser}. @throws UnauthorizedException when nobody is logged in */
export async function mustBeLoggedIn(
  options: GamificationOptions,
  context: ExecutionContext,
  wanted: string,
): Promise<string> {
  const userId = await currentUser(options, context, wanted);
  if (!userId) throw new UnauthorizedException('an account can be linked by a user who is logged in');
  return userId;
}
