import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';

/** Whether a friend gets the drink. */
export class ReplyGiftDto {
  @ApiProperty({ enum: ['accept', 'deny'], example: 'accept' })
  @IsIn(['accept', 'deny'])
  readonly response!: 'accept' | 'deny';
}
