/** The injection token of the address at which browsers find the shop. */
export const PUBLIC_URL = Symbol('public url');
