import { type ArgumentsHost, Catch, HttpException } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import {
  BalanceOutOfRangeError,
  EntryNotFoundError,
  GamificationError,
  InvalidEntryError,
  InvalidQueryError,
  NotEnoughFundsError,
  StorageUnavailableError,
} from 'nestjs-gamification';

/** The library's errors as the bodies of the protocol: `{ error }`. */
@Catch(GamificationError)
export class WalletExceptionFilter extends BaseExceptionFilter<Error> {
  override catch(error: GamificationError, host: ArgumentsHost): void {
    super.catch(toHttp(error), host);
  }
}

function toHttp(error: GamificationError): Error {
  const options = { cause: error };
  if (error instanceof NotEnoughFundsError) {
    const { userId, needed, available } = error;
    const words = `user ${userId} does not have enough money to pay -${needed} as their wallet only has ${available} in value`;
    return new HttpException({ error: words }, 402, options);
  }
  if (error instanceof EntryNotFoundError) return new HttpException({ error: 'no such entry' }, 404, options);
  if (
    error instanceof InvalidEntryError ||
    error instanceof InvalidQueryError ||
    error instanceof BalanceOutOfRangeError
  ) {
    return new HttpException({ error: error.message }, 400, options);
  }
  if (error instanceof StorageUnavailableError) {
    return new HttpException({ error: 'the service cannot do that at the moment' }, 503, options);
  }
  return new HttpException({ error: 'an internal error has occurred' }, 500, options);
}
