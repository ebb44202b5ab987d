import { ApiProperty } from '@nestjs/swagger';

/** That friends were asked. */
export class AskedGiftDto {
  @ApiProperty({ description: 'The request, by which friends reply to it.' })
  readonly id!: string;
}
