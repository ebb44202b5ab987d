/** Something that gloebits can buy. */
export interface Souvenir {
  /** Its name in requests. */
  readonly id: string;
  /** Its name for people. */
  readonly name: string;
  /** In gloebits. */
  readonly price: number;
}

/** What gloebits can buy. */
export const SOUVENIRS: readonly Souvenir[] = [
  { id: 'sticker', name: 'Sticker', price: 5 },
  { id: 'beans', name: 'Bag of beans', price: 40 },
];
