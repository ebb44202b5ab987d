import { ConflictException } from '@nestjs/common';
import type { ErrorDto } from '../errors/error.dto.js';

/** What was sent was sent before. Whether its entry arrived, the wallet shows. */
export class AlreadyBookedException extends ConflictException {
  constructor(key: string) {
    const message = `${JSON.stringify(key)} was sent before and is not booked again; see the wallet`;
    super({ code: 'ALREADY_BOOKED', message } satisfies ErrorDto);
  }
}
