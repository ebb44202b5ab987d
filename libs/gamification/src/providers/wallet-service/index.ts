export { WalletServiceOptions } from './wallet-service.options.js';
