import { ApiProperty } from '@nestjs/swagger';

/** News for a customer. */
export class NotificationDto {
  @ApiProperty({ example: 'You have earned a badge: Regular' })
  readonly message!: string;
}
