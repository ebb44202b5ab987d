/** The injection token of `GloebitServerOptions`. */
export const GLOEBIT_OPTIONS = Symbol('gloebit options');
