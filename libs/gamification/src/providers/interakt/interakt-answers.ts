import { IsBoolean, IsOptional, IsString } from 'class-validator';

/** What Interakt answers. */
export class InteraktAnswer {
  /** Whether it took the message. */
  @IsBoolean()
  result!: boolean;

  /** For people. */
  @IsOptional()
  @IsString()
  message?: string;

  /** Its id of what it took, where it gives one. */
  @IsOptional()
  @IsString()
  id?: string;
}
