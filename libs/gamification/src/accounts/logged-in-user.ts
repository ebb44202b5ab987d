import { type ExecutionContext, UnauthorizedException } from '@nestjs/common';
import { currentUser } from '../current-user.js';
import type { TrackedRequest } from '../events/track-options.js';
import type { GamificationOptions } from '../gamification.options.js';

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
