import { InvalidQueryError } from '../../gamification.errors.js';
import { InvalidRequestError, RemoteRefusalError } from '../../http/remote.errors.js';

/**
 * The result of a read, or what stands for it where GMFY does not know what was asked for (HTTP 404).
 *
 * @throws InvalidQueryError when the query was not sent, because it cannot be
 */
export async function known<T, Missing>(
  read: () => Promise<T>,
  missing: () => Missing,
): Promise<T | Missing> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof RemoteRefusalError && error.status === 404) return missing();
    if (error instanceof InvalidRequestError) throw new InvalidQueryError(error.message, { cause: error });
    throw error;
  }
}
