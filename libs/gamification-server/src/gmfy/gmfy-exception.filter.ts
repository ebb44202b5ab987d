import { type ArgumentsHost, Catch, HttpException } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { GamificationError, httpStatusOf, NotConfiguredError } from 'nestjs-gamification';

/** GMFY documents no error bodies; these are `{ message }` ([inferred]). What is wrong inside is logged, not told. */
@Catch(GamificationError)
export class GmfyExceptionFilter extends BaseExceptionFilter<Error> {
  override catch(error: GamificationError, host: ArgumentsHost): void {
    const status = error instanceof NotConfiguredError ? 501 : httpStatusOf(error);
    if (status === undefined || status === 503 || status === 502) {
      super.catch(
        status === undefined ? error : new HttpException({ message: 'try again later' }, status),
        host,
      );
      return;
    }
    const message = status === 501 ? 'this server does not offer that' : error.message;
    super.catch(new HttpException({ code: error.code, message }, status, { cause: error }), host);
  }
}
