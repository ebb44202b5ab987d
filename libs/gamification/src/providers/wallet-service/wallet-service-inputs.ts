import { IsInt, IsNotEmpty, IsObject, IsOptional, IsString, Max, Min, ValidateNested } from 'class-validator';
import { InvalidRequestError } from '../../http/remote.errors.js';
import { inShort, isPlainObject, problemsOf } from '../../validation.js';

/** An item to be given. */
export class NewWalletServiceItem {
  /** For people; not empty. */
  @IsString()
  @IsNotEmpty()
  name!: string;

  /**
   * An object of what JSON can hold. The original service takes no lists and no `null` in it: it keeps a list as an
   * object with the keys "0", "1" and so on, and leaves out what is `null`.
   */
  @IsOptional()
  @IsObject()
  data?: object | null | undefined;
}

/** An entry to be written, as the wallet service takes it. */
export class NewWalletServiceEntry {
  /** Not empty. */
  @IsString()
  @IsNotEmpty()
  userId!: string;

  /** To be added to the wallet, or, when negative, taken from it: a safe integer. 0 is allowed. */
  @IsInt()
  @Min(Number.MIN_SAFE_INTEGER)
  @Max(Number.MAX_SAFE_INTEGER)
  amount!: number;

  /** For people: why; not empty. */
  @IsString()
  @IsNotEmpty()
  reason!: string;

  /** To be given with it. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  item?: NewWalletServiceItem | null | undefined;
}

/**
 * An entry to be written, checked, and with the data of its item as JSON has it: what is checked is what is sent.
 * Class-transformer is not asked: it would copy the data in its own way, and fails at a property named `constructor`.
 *
 * @throws InvalidRequestError naming everything that is wrong with it
 */
export function checkedNewEntry(given: unknown, operation: string): NewWalletServiceEntry {
  const invalid = (path: string, got: unknown, allowed: string) =>
    new InvalidRequestError('wallet', operation, [{ path, got: inShort(got), allowed }]);
  if (!isPlainObject(given) && !(given instanceof NewWalletServiceEntry)) {
    throw invalid('it', given, 'an object');
  }
  const entry = Object.assign(new NewWalletServiceEntry(), given);
  const item: unknown = entry.item;
  if (isPlainObject(item) || item instanceof NewWalletServiceItem) {
    entry.item = Object.assign(new NewWalletServiceItem(), item);
    const { data } = entry.item;
    try {
      if (data !== undefined) entry.item.data = JSON.parse(JSON.stringify(data));
    } catch {
      throw invalid('item.data', data, 'an object of what JSON can hold');
    }
  }
  const problems = problemsOf(entry);
  if (problems.length > 0) throw new InvalidRequestError('wallet', operation, problems);
  return entry;
}
