import 'reflect-metadata';

export { GamificationServerModule } from './gamification-server.module.js';
export { type LinkedApplication, LinkedApplications } from './gloebit/linked-applications.js';
export { keyText } from './keys/key-text.js';
export { type Permission, PROTOCOLS, type Protocol, type ServerKey } from './keys/server-key.js';
export { type CreatedKey, InvalidKeyError, type NewKey, ServerKeys } from './keys/server-keys.js';
export type {
  GamificationServerOptions,
  GloebitServerOptions,
  GmfyServerOptions,
  InteraktServerOptions,
  ProtocolOptions,
  SignIn,
  WalletServerOptions,
} from './server.options.js';
