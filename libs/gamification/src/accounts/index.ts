export { type AccountLink, AccountLinks, type AccountProvider } from './account-links.js';
export {
  AccountNotLinkedError,
  AccountUnlinkedError,
  CredentialRefreshTimeoutError,
  CredentialUnreadableError,
  EncryptionKeyMissingError,
  InvalidAccountLinkError,
} from './accounts.errors.js';
export { AccountsOptions, EncryptionKey } from './accounts.options.js';
export { Credential } from './credential.js';
export type { RefreshCredential } from './credential-refresh.js';
