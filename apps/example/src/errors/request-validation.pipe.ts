import { BadRequestException, Injectable, ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import type { ErrorDto } from './error.dto.js';

/** Checks every request against its DTO, and refuses it with the same body as every other refusal. */
@Injectable()
export class RequestValidationPipe extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      exceptionFactory: (errors) => new BadRequestException(toBody(errors)),
    });
  }
}

function toBody(errors: readonly ValidationError[]): ErrorDto {
  const messages = errors.flatMap(({ constraints }) => Object.values(constraints ?? {}));
  return { code: 'INVALID_REQUEST', message: messages.join('; ') };
}
