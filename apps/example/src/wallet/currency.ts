/** The shop's only currency, which is also the library's default. */
export const POINTS = 'points';
