import { ApiPropertyOptional } from '@nestjs/swagger';

/** What stands on a customer's phone. */
export class PhoneDto {
  @ApiPropertyOptional({ example: '123456 is your code for 10 points' })
  readonly message?: string | undefined;
}
