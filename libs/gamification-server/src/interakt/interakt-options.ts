/** The injection token of `InteraktServerOptions`. */
export const INTERAKT_OPTIONS = Symbol('interakt options');
