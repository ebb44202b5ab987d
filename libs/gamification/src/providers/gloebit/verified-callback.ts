import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { GloebitCallback } from './gloebit-authorization.js';

/** Where the guard leaves what it found for the handler. */
const CALLBACK = Symbol('nestjs-gamification:gloebit-callback');

interface VerifiedRequest {
  [CALLBACK]?: GloebitCallback;
}

/** Leaves what is verified with the request. */
export function keepCallback(context: ExecutionContext, callback: GloebitCallback): void {
  context.switchToHttp().getRequest<VerifiedRequest>()[CALLBACK] = callback;
}

/** A handler's parameter behind `OAuthStateGuard`: what the guard verified, to be given to `GloebitService.link`. */
export const VerifiedCallback = createParamDecorator(
  (_: unknown, context: ExecutionContext): GloebitCallback => {
    const callback = context.switchToHttp().getRequest<VerifiedRequest>()[CALLBACK];
    if (!callback)
      throw new TypeError('@VerifiedCallback() needs @UseGuards(OAuthStateGuard) on its handler');
    return callback;
  },
);
