import { connect } from 'node:net';

export interface RawResponse {
  readonly status: number;
  /** By lowercase name. For a repeated header, the last value. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends bytes that no HTTP client would send and returns the response. The server must close the connection. */
export function say(port: number, text: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let heard = '';
    socket
      .on('data', (data) => (heard += data.toString()))
      .on('close', () => resolve(heard))
      .on('error', reject);
  });
}

export async function sayAndParse(port: number, text: string | Buffer): Promise<RawResponse> {
  const [head = '', ...rest] = (await say(port, text)).split('\r\n\r\n');
  const [line = '', ...fields] = head.split('\r\n');
  const headers = fields.map((field): [string, string] => {
    const [name = '', ...value] = field.split(':');
    return [name.toLowerCase(), value.join(':').trim()];
  });
  return { status: Number(line.split(' ')[1]), headers: Object.fromEntries(headers), body: rest.join('\r\n\r\n') };
}
