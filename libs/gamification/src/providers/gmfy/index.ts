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
} from './gmfy-answers.dto.js';
export type { GmfyEvent } from './gmfy-events.js';
export {
  GmfyAmount,
  GmfyConfirmation,
  type GmfyLocale,
  GmfyPayment,
  type GmfyPaymentData,
} from './gmfy-payment.dto.js';
export {
  GmfyChallengeTopQuery,
  GmfyNewTransfer,
  GmfyRatingTopQuery,
  type GmfySort,
} from './gmfy-requests.dto.js';
