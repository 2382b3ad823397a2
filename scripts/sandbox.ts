import { runProgram } from '#libs/command';
import { sandbox } from '../tools/stripe-sandbox/command';

void runProgram(sandbox);
