import { type ArgumentsHost, Catch, HttpException } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { GamificationError, httpStatusOf } from 'nestjs-gamification';

/** The library's errors as the bodies of the protocol: `{ result: false, message }` ([sdk]). */
@Catch(GamificationError)
export class InteraktExceptionFilter extends BaseExceptionFilter<Error> {
  override catch(error: GamificationError, host: ArgumentsHost): void {
    const status = httpStatusOf(error) ?? 500;
    const message = status < 500 ? error.message : 'the service cannot do that at the moment';
    super.catch(new HttpException({ result: false, message }, status, { cause: error }), host);
  }
}
