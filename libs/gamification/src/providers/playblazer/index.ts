export {
  PlayblazerError,
  PlayblazerGiftRequestExpiredError,
  PlayblazerGiftRequestFailedError,
  PlayblazerInvalidGiftRequestError,
  PlayblazerInvalidRequestError,
  PlayblazerNoProfileError,
} from './playblazer.errors.js';
export { type PlayblazerMode, PlayblazerOptions } from './playblazer.options.js';
export {
  type PlayblazerGiftList,
  type PlayblazerGiftRequest,
  type PlayblazerProfile,
  PlayblazerService,
} from './playblazer.service.js';
export { NewPlayblazerGiftRequest, PlayblazerGiftQuery, PlayblazerGiftReply } from './playblazer-inputs.js';
