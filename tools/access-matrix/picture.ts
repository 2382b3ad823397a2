import sharp from 'sharp';

let form: Promise<FormData> | undefined;

/** The form that a browser sends to upload a picture. */
export function picture(): Promise<FormData> {
  return (form ??= make());
}

async function make(): Promise<FormData> {
  const photo = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'teal' } })
    .jpeg()
    .toBuffer();
  const data = new FormData();
  data.append('file', new Blob([new Uint8Array(photo)], { type: 'image/jpeg' }), 'me.jpg');
  return data;
}
