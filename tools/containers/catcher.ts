// The container `catcher` of the drills: an SMTP server with its API, and a collector of spans.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from '#libs/local';
import { startReceiver } from '#libs/testing';

const maildev = join(root, 'node_modules', 'maildev', 'dist', 'bin', 'maildev.js');

spawn(process.execPath, [maildev, '--smtp', '25', '--web', '1080', '--max-emails', '5000', '--silent'], {
  stdio: 'inherit',
}).once('exit', () => process.exit(1));
void startReceiver({ host: '0.0.0.0', port: 4318 });
