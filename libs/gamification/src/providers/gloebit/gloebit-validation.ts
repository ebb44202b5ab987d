import { applyDecorators } from '@nestjs/common';
import { ValidateBy } from 'class-validator';
import { IsSecret } from '../../http/remote-options.js';
import { isHttpsOrLocal, strictUrl } from '../../http/secure-url.js';

/** Whether a text is an absolute http or https URL without a user, a password and a fragment. */
function isAbsoluteUrl(value: unknown): boolean {
  const url = strictUrl(value);
  return url !== undefined && url.username + url.password === '' && !String(value).includes('#');
}

/** class-validator decorator for {@link isAbsoluteUrl}. */
export function IsAbsoluteUrl(): PropertyDecorator {
  return ValidateBy({
    name: 'isAbsoluteUrl',
    validator: {
      validate: isAbsoluteUrl,
      defaultMessage: () => 'an absolute http:// or https:// URL without a user, a password and a fragment',
    },
  });
}

/** class-validator decorator for a scope: words of printable ASCII with one space between them, 1,000 characters at most. */
export function IsScope(): PropertyDecorator {
  return ValidateBy({
    name: 'isScope',
    validator: {
      validate: (value) =>
        typeof value === 'string' && value.length <= 1_000 && /^[\x21-\x7e]+( [\x21-\x7e]+)*$/.test(value),
      defaultMessage: () => 'words with one space between them',
    },
  });
}

/** class-validator decorator for a client key or secret. What a file has in place of a value that was not filled in begins with `[[`. */
export function IsClient(): PropertyDecorator {
  const isFilledIn = ValidateBy({
    name: 'isFilledIn',
    validator: {
      validate: (value) => typeof value !== 'string' || !value.startsWith('[['),
      defaultMessage: () => 'filled in: "[[…" is only a placeholder',
    },
  });
  return applyDecorators(IsSecret(), isFilledIn);
}

/** class-validator decorator for a URL that {@link isHttpsOrLocal}. */
export function IsHttpsUnlessLocal(): PropertyDecorator {
  return ValidateBy({
    name: 'isHttpsUnlessLocal',
    validator: {
      validate: (value) => typeof value === 'string' && URL.canParse(value) && isHttpsOrLocal(value),
      defaultMessage: () => 'an https:// URL, unless the server is on this machine',
    },
  });
}
