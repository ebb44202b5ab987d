import { type ArgumentsHost, Catch, HttpException, HttpStatus, Logger } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { GamificationError } from '../gamification.errors.js';
import { httpStatusOf } from './http-status.js';

/** What users are told of what is not their doing. */
const PUBLIC_MESSAGES: ReadonlyMap<HttpStatus, string> = new Map([
  [HttpStatus.SERVICE_UNAVAILABLE, 'that cannot be done at the moment, try again later'],
  [HttpStatus.BAD_GATEWAY, 'another system does not do its part'],
]);

/**
 * Answers the library's errors over HTTP as `{ code, message }`, with the status that they mean: handlers call the library
 * and let its errors pass. What is a fault of the application stays a 500, and what is wrong with the storage or another
 * system is logged, not told.
 *
 * ```ts
 * providers: [{ provide: APP_FILTER, useClass: GamificationExceptionFilter }]
 * ```
 */
@Catch(GamificationError)
export class GamificationExceptionFilter extends BaseExceptionFilter<Error> {
  private readonly logger = new Logger(GamificationExceptionFilter.name);

  override catch(error: GamificationError, host: ArgumentsHost): void {
    const status = httpStatusOf(error);
    if (status === undefined) {
      super.catch(error, host);
      return;
    }
    const body = { code: error.code, message: error.message };
    const told = PUBLIC_MESSAGES.get(status);
    if (told !== undefined) {
      // What is wrong with the storage or another system, and where it stands, is for those who run the application.
      this.logger.warn(error.message);
      body.message = told;
    }
    super.catch(new HttpException(body, status, { cause: error }), host);
  }
}
