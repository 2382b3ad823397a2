import { runProgram } from '#libs/command';
import { staff } from '../apps/auth/src/commands';

void runProgram(staff);
