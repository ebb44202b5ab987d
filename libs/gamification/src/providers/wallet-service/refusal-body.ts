import { propertyOf } from '../../validation.js';
import type { WalletServiceProblem } from './wallet-service.errors.js';

/** Most problems that are read of one refusal, and most parts of the path of one. The original service tells one. */
const MAX_PROBLEMS = 20;
const MAX_PATH = 20;

/**
 * What a refusal says for people. The service's errors are texts (`{"error":"forbidden"}`), or, where it checked a body,
 * objects with `details`; what is no JSON, such as the HTML of a missing route, says nothing worth repeating.
 */
export function refusalTextOf(body: unknown): string | undefined {
  const error = propertyOf(body, 'error');
  return typeof error === 'string' ? error : refusalProblemsOf(body)[0]?.message;
}

/** What a refusal finds wrong with a request's body. */
export function refusalProblemsOf(body: unknown): readonly WalletServiceProblem[] {
  const details = propertyOf(propertyOf(body, 'error'), 'details');
  if (!Array.isArray(details)) return [];
  return details.slice(0, MAX_PROBLEMS).map((detail: unknown) => {
    const path = propertyOf(detail, 'path');
    return {
      path: Array.isArray(path) ? path.slice(0, MAX_PATH).map(nameOf).join('.') : '',
      type: textOf(propertyOf(detail, 'type')) ?? 'unknown',
      message: textOf(propertyOf(detail, 'message')) ?? '',
    };
  });
}

function nameOf(part: unknown): string {
  return typeof part === 'number' ? String(part) : (textOf(part) ?? '');
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/**
 * How much a wallet holds, out of the message of an HTTP 402: "user alice does not have enough money to pay -5 as their
 * wallet only has 3 in value".
 */
export function availableIn(body: unknown): number | undefined {
  const [, available] = /wallet only has (-?\d+) in value$/.exec(refusalTextOf(body) ?? '') ?? [];
  return available !== undefined && Number.isSafeInteger(Number(available)) ? Number(available) : undefined;
}
