import { GamificationError, InvalidInputError, type Problem } from '../gamification.errors.js';

/** A request or a reply that cannot be made as it is. */
export class InvalidGiftError extends InvalidInputError {
  readonly code = 'GIFT_INVALID';

  constructor(problems: readonly Problem[]) {
    super('gift', problems);
  }
}

/** The user is not known to the system that serves gifts. */
export class GiftProfileNotFoundError extends GamificationError {
  readonly code = 'GIFT_PROFILE_NOT_FOUND';

  constructor(
    readonly userId: string,
    options?: ErrorOptions,
  ) {
    super(`there is no profile of user ${JSON.stringify(userId)}`, options);
  }
}

/** There is no such request. */
export class GiftRequestNotFoundError extends GamificationError {
  readonly code = 'GIFT_REQUEST_NOT_FOUND';

  constructor(
    readonly requestId: string,
    options?: ErrorOptions,
  ) {
    super(`there is no gift request ${JSON.stringify(requestId)}`, options);
  }
}

/** The request's time is over. */
export class GiftRequestExpiredError extends GamificationError {
  readonly code = 'GIFT_REQUEST_EXPIRED';

  constructor(
    readonly requestId: string,
    options?: ErrorOptions,
  ) {
    super(`the gift request ${JSON.stringify(requestId)} has expired`, options);
  }
}

/** The user has accepted the request, and what was given stays given. */
export class GiftAlreadyAcceptedError extends GamificationError {
  readonly code = 'GIFT_ALREADY_ACCEPTED';

  constructor(readonly requestId: string) {
    super(`the gift request ${JSON.stringify(requestId)} was accepted already`);
  }
}

/** The user has no such item that is not used. */
export class ItemNotOwnedError extends GamificationError {
  readonly code = 'ITEM_NOT_OWNED';

  constructor(
    readonly userId: string,
    readonly item: string,
  ) {
    super(`user ${JSON.stringify(userId)} has no item ${JSON.stringify(item)} to give`);
  }
}

/**
 * A rule of the application, or of the system that serves gifts, speaks against it. Thrown by a before-hook to keep a
 * request or a reply from being made.
 */
export class GiftRefusedError extends GamificationError {
  /** @param code the application's own, such as `E_GIFT_QUOTA_EXCEEDED` */
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * A hook of gifts stands on a method of a provider of which there is not exactly one, made at the start: one that is
 * request-scoped or transient. The application does not start.
 */
export class GiftHookScopeError extends GamificationError {
  readonly code = 'GIFT_HOOK_SCOPE';

  /** @param hook the class and its method */
  constructor(readonly hook: string) {
    super(
      `${hook} is a hook of gifts, but its class (or what is injected into it) is request-scoped or transient: ` +
        'put the hook into a provider with the default scope',
    );
  }
}
