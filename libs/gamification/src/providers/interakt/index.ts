export { InteraktError, InteraktFlushTimeoutError } from './interakt.errors.js';
export { InteraktOptions } from './interakt.options.js';
export { type InteraktReceipt, InteraktService } from './interakt.service.js';
export { InteraktAnswer } from './interakt-answers.js';
export { NewInteraktEvent, NewInteraktUser } from './interakt-inputs.js';
export type { InteraktBody, InteraktMessage } from './interakt-message.js';
export type { InteraktScalar, InteraktTraits, InteraktTraitValue } from './interakt-traits.js';
