export { WalletServiceClient } from './wallet-service.client.js';
export {
  NotSupportedByWalletServiceError,
  WalletServiceConfigError,
  WalletServiceError,
  WalletServiceForbiddenError,
  WalletServiceFundsError,
  type WalletServiceProblem,
  WalletServiceRequestError,
} from './wallet-service.errors.js';
export { WalletServiceOptions } from './wallet-service.options.js';
export { NewWalletServiceEntry, NewWalletServiceItem } from './wallet-service-inputs.js';
export type {
  UseWalletServiceItemOptions,
  WalletServiceEntry,
  WalletServiceInventoryQuery,
  WalletServiceTotal,
  WalletServiceWalletQuery,
} from './wallet-service-types.js';
