import { z } from 'zod';

/** An id in lower case. Input may have capitals (RFC 9562 section 4); text comparisons and object names need one spelling. */
export const uuid = z.uuid().toLowerCase();
