import { z } from 'zod';

/**
 * An id in lowercase. Input can have uppercase letters (RFC 9562 section 4), but text comparisons and
 * object names need one spelling.
 */
export const uuid = z.uuid().toLowerCase();
