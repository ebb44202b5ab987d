import { inShort, isPlainObject, problemsOf } from '../validation.js';
import { NewEntry, NewItem, NewTransfer } from './wallet-inputs.js';
import { InvalidEntryError } from './wallets.errors.js';

/** An entry to be written, as it is given. @throws InvalidEntryError naming everything that is wrong with it */
export function checkedEntry(given: NewEntry): NewEntry {
  return checked(NewEntry, withItem(given));
}

/** A transfer to be written, as it is given. @throws InvalidEntryError naming everything that is wrong with it */
export function checkedTransfer(given: NewTransfer): NewTransfer {
  return checked(NewTransfer, given);
}

/**
 * Checks an input as it is. Nothing of it has to be converted, so class-transformer, which would copy an item's data in
 * its own way, is not asked.
 *
 * @throws InvalidEntryError
 */
function checked<T extends object>(type: new () => T, given: unknown): T {
  if (!isPlainObject(given) && !(given instanceof type)) {
    throw new InvalidEntryError([{ path: 'it', got: inShort(given), allowed: 'an object' }]);
  }
  const value = Object.assign(new type(), given);
  const problems = problemsOf(value);
  if (problems.length > 0) throw new InvalidEntryError(problems);
  return value;
}

/** Class-validator finds the rules for an item by its class. */
function withItem(given: NewEntry): NewEntry {
  return isPlainObject(given?.item) ? { ...given, item: Object.assign(new NewItem(), given.item) } : given;
}
