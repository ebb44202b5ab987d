import metadata from 'libphonenumber-js/min/metadata';

/**
 * Whether digits are a country calling code, as libphonenumber knows them. Those that belong to no country count, such
 * as 800 of international freephone numbers.
 */
export function isCallingCode(digits: string): boolean {
  const { country_calling_codes: countries, nonGeographic } = metadata;
  return Object.hasOwn(countries, digits) || Object.hasOwn(nonGeographic, digits);
}

/** Whether digits begin with a country calling code and go on behind it. */
export function beginsWithCallingCode(digits: string): boolean {
  return [1, 2, 3].some((length) => digits.length > length && isCallingCode(digits.slice(0, length)));
}
