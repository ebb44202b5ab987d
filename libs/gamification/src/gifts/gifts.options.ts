import { IsOptional, IsString, MaxLength } from 'class-validator';

/** What users are told about gifts, where the engine keeps them. Values in braces are filled in. */
export class GiftsOptions {
  /** To friends: `{from}` is the user id of the asker, and each attribute of the request stands under its name. */
  @IsOptional()
  @IsString()
  @MaxLength(1_000)
  requestedMessage: string = 'A friend asks you for a gift';

  /** To the asker: `{from}` is the user id of the friend who accepted. */
  @IsOptional()
  @IsString()
  @MaxLength(1_000)
  acceptedMessage: string = 'A friend has given you a gift';
}
