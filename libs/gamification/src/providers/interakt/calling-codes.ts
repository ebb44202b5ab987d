import { validatePhoneNumberLength } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/min/metadata';

/**
 * Whether digits are a country calling code, as libphonenumber knows them. Those that belong to no country count, such
 * as 800 of international freephone numbers.
 */
export function isCallingCode(digits: string): boolean {
  const { country_calling_codes: countries, nonGeographic } = metadata;
  return Object.hasOwn(countries, digits) || Object.hasOwn(nonGeographic, digits);
}

/** Whether digits, which begin with a country calling code, are as many as some number of that country has. */
export function isPossibleNumber(digits: string): boolean {
  return validatePhoneNumberLength(`+${digits}`, metadata) === undefined;
}
