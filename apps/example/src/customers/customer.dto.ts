import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsNotEmpty, IsOptional, IsPhoneNumber, IsString, Matches, MaxLength } from 'class-validator';

/** A customer, as one registers and as the shop answers. */
export class CustomerDto {
  @ApiProperty({ example: 'ann', pattern: '^[\\w.-]{1,64}$' })
  @Matches(/^[\w.-]{1,64}$/, { message: 'id must be 1 to 64 letters, digits, dots, hyphens or underscores' })
  readonly id!: string;

  @ApiProperty({ example: 'Ann', minLength: 1, maxLength: 100 })
  @IsString()
  @IsNotEmpty()
  @MaxLength(100)
  readonly name!: string;

  @ApiPropertyOptional({ description: 'With its country code.', example: '+919876543210' })
  @IsOptional()
  @IsPhoneNumber(undefined, { message: 'phone must be a phone number with its country code' })
  readonly phone?: string;
}
