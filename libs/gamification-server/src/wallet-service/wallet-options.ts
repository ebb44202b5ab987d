/** The injection token of `WalletServerOptions`. */
export const WALLET_OPTIONS = Symbol('wallet options');
