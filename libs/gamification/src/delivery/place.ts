/**
 * Where an event stands in the order in which the log shows its events: the number of the transaction that wrote it,
 * then its position. On SQLite, where one transaction follows the other, the first is always 0.
 */
export type Place = readonly [transaction: number, position: number];

/** Before the first event of a log. */
export const START: Place = [0, 0];

/** Whether a place is behind another one. */
export function isAfter(a: Place, b: Place): boolean {
  return a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]);
}

/** The place that is behind none of the others. @param places one at least */
export function earliest(places: readonly Place[]): Place {
  return places.reduce((first, place) => (isAfter(first, place) ? place : first));
}

/** The text was made by JSON.stringify of places. */
export function toPlaces(text: string): readonly Place[] {
  return JSON.parse(text) as readonly Place[];
}
