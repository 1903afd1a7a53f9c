// what `npm ci` does, without a network: the packages of vendor/ become node_modules/
'use strict';

const fs = require('node:fs');

fs.cpSync('vendor', 'node_modules', { recursive: true });
console.log(`installed ${fs.readdirSync('node_modules').join(', ')}`);
