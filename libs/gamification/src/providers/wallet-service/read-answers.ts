import type { ClassConstructor } from 'class-transformer';
import { decode, decodeList } from '../../http/decode.js';
import type { RemoteResponse } from '../../http/http-transport.js';
import { InvalidRemoteResponseError } from '../../http/remote.errors.js';
import { inShort, propertyOf } from '../../validation.js';
import type { EntryItem, Item } from '../../wallets/wallets.js';
import {
  WalletServiceError,
  WalletServiceForbiddenError,
  WalletServiceRequestError,
} from './wallet-service.errors.js';
import { EntryAnswer, type InventoryAnswer, type ItemAnswer } from './wallet-service-answers.js';
import type { WalletServiceEntry } from './wallet-service-types.js';

/** @throws WalletServiceError when an answer says that something is not done */
export function refuseRefusal(answer: RemoteResponse): void {
  const { status } = answer;
  if (status >= 200 && status < 300) return;
  if (status === 400) throw new WalletServiceRequestError(answer);
  if (status === 401 || status === 403) throw new WalletServiceForbiddenError(answer);
  throw new WalletServiceError(answer);
}

/** The entry that an answer holds. */
export function entryIn(answer: RemoteResponse): WalletServiceEntry {
  refuseRefusal(answer);
  return toEntry(decode(EntryAnswer, { ...answer, body: propertyOf(answer.body, 'entry') }));
}

/** The list that an answer holds. */
export function listIn<T extends object>(
  type: ClassConstructor<T>,
  answer: RemoteResponse,
  name: string,
): T[] {
  refuseRefusal(answer);
  const list = propertyOf(answer.body, name);
  if (!Array.isArray(list)) {
    const detail = `in the answer, ${name} is ${inShort(list)}, expected: a list`;
    throw new InvalidRemoteResponseError(answer, detail);
  }
  return decodeList(type, { ...answer, body: list });
}

function toEntry(answer: EntryAnswer): WalletServiceEntry {
  return {
    entryId: answer.entry_id,
    authorityId: answer.authority_id,
    userId: answer.user_id,
    // To the millisecond; as a fraction of a second it is not exact.
    createdOn: new Date(Math.round(answer.created_on * 1_000)),
    amount: answer.amount,
    reason: answer.reason,
    ...(answer.item ? { item: toItem(answer.item) } : {}),
  };
}

/** An owned item out of the inventory. */
export function toEntryItem(answer: InventoryAnswer): EntryItem {
  return {
    entryId: answer.entry_id,
    authorityId: answer.authority_id,
    userId: answer.user_id,
    item: toItem(answer.item),
  };
}

function toItem({ name, used, data }: ItemAnswer): Item {
  return data === undefined || data === null ? { name, used } : { name, used, data };
}
