import { QueryFailedError } from 'typeorm';
import { z } from 'zod';

/** The detail that PostgreSQL, Node, or the driver gives: a code, or for the driver's own errors only a message. */
const described = z.object({ code: z.string().optional().catch(undefined), message: z.string().catch('') });

/**
 * Class 08: connection exceptions. 53300: too many connections. 57P01 to 57P03: the server stops, crashed, or
 * starts (appendix A of PostgreSQL's manual).
 */
const serverCodes = /^(08\w{3}|53300|57P0[123])$/;
const networkCodes = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
/** The driver, pg, has no codes for these. */
const driverMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error)/;

/**
 * Returns true if a statement failed because the database could not be reached, went away, or has no connection
 * left. Whether it committed is not known, so only an idempotent request may be repeated as it is. Node's network
 * errors count whatever server they name: a handler that expects those of another server catches them itself.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  if (!(cause instanceof Error)) return false;
  const { code, message } = described.parse(cause);
  if (code !== undefined) return serverCodes.test(code) || networkCodes.test(code);
  return driverMessages.test(message);
}
