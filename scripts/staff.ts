import { runProgram } from '#libs/command';
import { staff } from './operator/staff';

void runProgram(staff);
