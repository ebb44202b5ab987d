/** The injection token of whether browsers find the server by https, so that cookies go no other way. */
export const SECURE_COOKIES = Symbol('secure cookies');
