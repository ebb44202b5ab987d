/** A drink that the shop sells. */
export interface Drink {
  /** Its name in URLs and requests. */
  readonly id: string;
  /** Its name for people. */
  readonly name: string;
  /** In cents. */
  readonly price: number;
}

/** What the shop sells. */
export const MENU: readonly Drink[] = [
  { id: 'espresso', name: 'Espresso', price: 250 },
  { id: 'cappuccino', name: 'Cappuccino', price: 380 },
  { id: 'latte', name: 'Latte', price: 420 },
];

/** What is not on the menu. */
export const SECRET_MENU: readonly Drink[] = [{ id: 'affogato', name: 'Affogato', price: 590 }];
