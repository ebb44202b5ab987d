export { NotSupportedByGmfyError } from './gmfy.errors.js';
export { GmfyOptions } from './gmfy.options.js';
export { GmfyService } from './gmfy.service.js';
export {
  GmfyNotification,
  GmfyPassedStep,
  GmfyPaymentCreated,
  GmfyPaymentDetail,
  GmfyTransfer,
  GmfyUserAccountBalance,
  GmfyUserBadge,
  GmfyUserChallenge,
  GmfyUserContext,
  GmfyUserFeature,
  GmfyUserRating,
  GmfyVersion,
} from './gmfy-answers.js';
export type { GmfyEvent } from './gmfy-events.js';
export {
  GmfyChallengeTopQuery,
  GmfyNewTransfer,
  GmfyRatingTopQuery,
  type GmfySort,
} from './gmfy-inputs.js';
export {
  GmfyAmount,
  GmfyConfirmation,
  type GmfyLocale,
  GmfyPayment,
  type GmfyPaymentData,
} from './gmfy-payment.js';
