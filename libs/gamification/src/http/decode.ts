import { type ClassConstructor, plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { Problem } from '../gamification.errors.js';
import { checked, inShort, isPlainObject, problemsIn, unreadable } from '../validation.js';
import type { RemoteResponse } from './http-transport.js';
import { InvalidRemoteResponseError, InvalidRequestError, type RemoteSystem } from './remote.errors.js';

/**
 * The body of an answer as an instance of its class. Properties that the class does not declare are left out: a system
 * may say more than it did when the class was written.
 *
 * @throws InvalidRemoteResponseError naming what is not as the class says
 */
export function decode<T extends object>(type: ClassConstructor<T>, response: RemoteResponse): T {
  const { value, problems } = decoded(type, response.body);
  mustBeFlawless(response, problems);
  return value;
}

/** The body of an answer as a list. @throws InvalidRemoteResponseError as {@link decode} */
export function decodeList<T extends object>(type: ClassConstructor<T>, response: RemoteResponse): T[] {
  const { body } = response;
  if (!Array.isArray(body)) {
    throw new InvalidRemoteResponseError(response, `the answer is ${inShort(body)}, expected: a list`);
  }
  return body.map((element: unknown, index) => {
    const { value, problems } = decoded(type, element);
    mustBeFlawless(response, problems, `${index}.`);
    return value;
  });
}

/**
 * What is to be sent, checked against its class.
 *
 * @throws InvalidRequestError naming every field that is wrong; nothing was sent
 */
export function encode<T extends object>(
  type: ClassConstructor<T>,
  given: object,
  system: RemoteSystem,
  operation: string,
): T {
  const { value, problems } = checked(type, given);
  if (problems.length > 0) throw new InvalidRequestError(system, operation, problems);
  return value;
}

function decoded<T extends object>(
  type: ClassConstructor<T>,
  body: unknown,
): { readonly value: T; readonly problems: readonly Problem[] } {
  if (!isPlainObject(body)) {
    return { value: new type(), problems: [{ path: 'it', got: inShort(body), allowed: 'an object' }] };
  }
  try {
    const value = plainToInstance(type, body);
    const errors = validateSync(value, { whitelist: true, forbidUnknownValues: false });
    return { value, problems: problemsIn(errors) };
  } catch (error) {
    return { value: new type(), problems: [unreadable(error)] };
  }
}

/** @throws InvalidRemoteResponseError naming the first of the problems, behind `prefix`, which is where they are */
function mustBeFlawless(response: RemoteResponse, problems: readonly Problem[], prefix = ''): void {
  const [first, ...others] = problems;
  if (!first) return;
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  throw new InvalidRemoteResponseError(
    response,
    `in the answer, ${prefix}${first.path} is ${first.got}, expected: ${first.allowed}${more}`,
  );
}
