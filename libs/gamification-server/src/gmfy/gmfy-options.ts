/** The injection token of `GmfyServerOptions`. */
export const GMFY_OPTIONS = Symbol('gmfy options');
