import { isPlainObject } from '../../validation.js';
import type { WalletServiceProblem } from './wallet-service.errors.js';

/** Most characters of what the service says that a message repeats. */
const MAX_TEXT = 300;

/**
 * What a refusal says for people. The service's errors are texts (`{"error":"forbidden"}`), or, where it checked a body,
 * objects with `details`; what is no JSON, such as the HTML of a missing route, says nothing worth repeating.
 */
export function refusalTextOf(body: unknown): string | undefined {
  const text = textOf(body);
  return text === undefined || text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}

/** What a refusal finds wrong with a request's body. */
export function refusalProblemsOf(body: unknown): readonly WalletServiceProblem[] {
  const details = propertyOf(propertyOf(body, 'error'), 'details');
  if (!Array.isArray(details)) return [];
  return details.map((detail: unknown) => {
    const path = propertyOf(detail, 'path');
    return {
      path: Array.isArray(path) ? path.join('.') : '',
      type: String(propertyOf(detail, 'type') ?? 'unknown'),
      message: String(propertyOf(detail, 'message') ?? ''),
    };
  });
}

/**
 * How much a wallet holds, out of the message of an HTTP 402: "user alice does not have enough money to pay -5 as their
 * wallet only has 3 in value".
 */
export function availableIn(body: unknown): number | undefined {
  const [, available] = /wallet only has (-?\d+) in value$/.exec(textOf(body) ?? '') ?? [];
  return available !== undefined && Number.isSafeInteger(Number(available)) ? Number(available) : undefined;
}

function textOf(body: unknown): string | undefined {
  const error = propertyOf(body, 'error');
  return typeof error === 'string' ? error : refusalProblemsOf(body)[0]?.message;
}

/** A property of what may be an object of JSON. */
export function propertyOf(value: unknown, name: string): unknown {
  if (!isPlainObject(value)) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}
