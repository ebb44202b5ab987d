export {
  GloebitAccessTokenError,
  GloebitAuthorizationError,
  GloebitBadRequestError,
  GloebitBalanceAccessError,
  GloebitCharacterAccessError,
  GloebitCrossSiteError,
  GloebitFlowExchangeError,
  GloebitFlowMissingError,
  GloebitProductsAccessError,
  GloebitScopeError,
  GloebitTransactError,
  GloebitTransactFailureError,
  GloebitTransactPendingError,
  GloebitUserInfoError,
  GloebitUserNameRequiredError,
  NotSupportedByGloebitError,
} from './gloebit.errors.js';
export { GloebitOptions } from './gloebit.options.js';
export {
  type GloebitAccount,
  type GloebitCharacter,
  type GloebitPurchase,
  GloebitService,
  type GloebitUser,
} from './gloebit.service.js';
export { GloebitAccountStatus, GloebitAccountsController } from './gloebit-accounts.controller.js';
export type {
  GloebitAuthorizationUrl,
  GloebitCallback,
  GloebitCallbackQuery,
} from './gloebit-authorization.js';
export {
  GloebitAuthorizationRequest,
  type GloebitCallbackRequest,
  GloebitCharacterChange,
  GloebitCharacterId,
  GloebitConsumption,
  GloebitItem,
  GloebitProduct,
  NewGloebitCharacter,
} from './gloebit-inputs.js';
export { type LinkAccountOptions, LinkAccountRedirect } from './link-account-redirect.js';
export { LinkedAccount } from './linked-account.js';
export { OAuthStateGuard } from './oauth-state.guard.js';
export { VerifiedCallback } from './verified-callback.js';
