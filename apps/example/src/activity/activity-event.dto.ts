import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** One thing that a customer did. */
export class ActivityEventDto {
  @ApiProperty({ example: 'order.placed' })
  readonly type!: string;

  @ApiPropertyOptional({ description: 'Of events that can be taken back.', example: 'create' })
  readonly action?: string;

  @ApiProperty({ type: Object, example: { drink: 'latte', quantity: 2, total: 840 } })
  readonly traits!: Readonly<Record<string, unknown>>;

  @ApiProperty()
  readonly occurredAt!: Date;
}
