import { ValidateBy } from 'class-validator';
import { isIdentifier } from '../validation.js';

/** class-validator decorator for which events a destination gets: all, none, or those of the named types. */
export function IsEventSelection(): PropertyDecorator {
  return ValidateBy({
    name: 'isEventSelection',
    validator: {
      validate: (value) => typeof value === 'boolean' || (Array.isArray(value) && value.every(isIdentifier)),
      defaultMessage: () => 'true, false or a list of event types',
    },
  });
}

/** Whether events of a type are among the selected ones. */
export function selects(selection: boolean | readonly string[], type: string): boolean {
  return typeof selection === 'boolean' ? selection : selection.includes(type);
}
