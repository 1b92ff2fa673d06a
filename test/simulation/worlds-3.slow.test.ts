import { testWorlds } from './many-worlds.js';

testWorlds(2);
