import { ProblemError, type FieldError } from '#libs/contracts';
import { Injectable, StandardSchemaValidationPipe, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import { illFormedTexts } from './ill-formed-texts';

const shownErrors = 50;
const shownPathCharacters = 200;

/** What zod tells of an invalid field beyond the Standard Schema. The value itself is never among it. */
const issueDetails = z.object({ code: z.string().optional(), keys: z.array(z.string()).optional() });

interface Issue {
  readonly message: string;
  readonly path?: readonly unknown[] | undefined;
}

/** Nest's own pipe deletes members such as `constructor` before the schema can name them as unknown. */
class UnstrippedPipe extends StandardSchemaValidationPipe {
  protected override stripProtoKeys(): void {}
}

/** Validates what a parameter declares by `{ schema }`, and answers 422 naming each field, unknown ones included. */
@Injectable()
export class ValidationPipe implements PipeTransform<unknown, Promise<unknown>> {
  private readonly pipe = new UnstrippedPipe({
    exceptionFactory: (issues) => new ProblemError('validation_failed', { errors: fieldErrors(issues) }),
  });

  async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const illFormed = metadata.type === 'custom' ? [] : illFormedTexts(value, shownErrors);
    if (illFormed.length > 0) throw new ProblemError('validation_failed', { errors: illFormed.map(surrogateError) });
    // A request without a body is one with none of the fields.
    return this.pipe.transform(metadata.schema === undefined ? value : (value ?? {}), metadata);
  }
}

function surrogateError(path: string[]): FieldError {
  const message = String.raw`The text has half a surrogate pair, such as \ud800 alone. Send well-formed Unicode.`;
  return { path: join(path).toWellFormed(), code: 'invalid_unicode', message };
}

function fieldErrors(issues: readonly Issue[]): FieldError[] {
  return issues.flatMap(errorsOf).slice(0, shownErrors);
}

function errorsOf(issue: Issue): FieldError[] {
  const { code = 'invalid', keys } = issueDetails.parse(issue);
  const path = (issue.path ?? []).map(String);
  if (keys === undefined) return [{ path: join(path), code, message: issue.message }];
  return keys.map((key) => ({
    path: join([...path, key]),
    code: 'unknown_field',
    message: 'This field is not known here.',
  }));
}

function join(path: string[]): string {
  return path.join('.').slice(0, shownPathCharacters);
}
