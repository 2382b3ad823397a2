import { fieldErrors, ProblemError, type FieldError } from '#libs/contracts';
import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import { illFormedTexts } from './ill-formed-texts';

const shownErrors = 50;

/**
 * Validates the parameters that a hand-written route declares by `{ schema }`. Replaces Nest's own pipe,
 * which deletes members such as `constructor` before the schema can report them as unknown.
 */
@Injectable()
export class ValidationPipe implements PipeTransform<unknown, unknown> {
  transform(value: unknown, { schema }: ArgumentMetadata): unknown {
    return schema instanceof z.ZodType ? validInput(schema, value) : value;
  }
}

/**
 * Validates a part of a request. A missing body counts as an empty object.
 * @throws ProblemError validation_failed, which names each invalid field, including unknown ones
 */
export function validInput(schema: z.ZodType, value: unknown): unknown {
  const illFormed = illFormedTexts(value, shownErrors);
  if (illFormed.length > 0) throw new ProblemError('validation_failed', { errors: illFormed.map(surrogateError) });
  const parsed = schema.safeParse(value ?? {});
  if (!parsed.success) throw new ProblemError('validation_failed', { errors: fieldErrors(parsed.error.issues) });
  return parsed.data;
}

function surrogateError(path: string[]): FieldError {
  const message = String.raw`The text has half a surrogate pair, such as \ud800 alone. Send well-formed Unicode.`;
  return { path: path.join('.').slice(0, 200).toWellFormed(), code: 'invalid_unicode', message };
}
