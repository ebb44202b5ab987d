/** Something that points can buy. */
export interface Good {
  /** Its name in requests. */
  readonly id: string;
  /** Its name for people. */
  readonly name: string;
  /** In points. */
  readonly price: number;
}

/** What points can buy. */
export const GOODS: readonly Good[] = [
  { id: 'cookie', name: 'Cookie', price: 50 },
  { id: 'free-drink', name: 'Free drink', price: 120 },
  { id: 'mug', name: 'Mug', price: 300 },
];
